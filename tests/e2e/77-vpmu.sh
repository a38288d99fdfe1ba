# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 1 --pmu amd --pmu-model v2 --xen-args vpmu=1 --timeout 300
#
# Xen lets guests have the counters: xprof takes none of them, and says so. (Xen's vPMU knows AMD's families from 10h on.)
source /usr/lib/xprof-tests/lib.sh

events_are_refused()
{
	assert_status "record" 3 xprof record -e cycles -o /tmp/v.xprof -- true
	assert_in "owner" "Xen lets guests have the performance counters (vpmu)" "$output"
	assert_in "remedy" "boot Xen without vpmu=, or sample by time (xprof record -e timer)" "$output"
	assert_status "stat" 3 xprof stat -- true
	assert_in "owner" "vpmu" "$output"
	[[ ! -e /tmp/v.xprof ]] || fail "a profile was left"
	nothing_is_left
}
t "with vpmu=1: events of counters are refused, owner and remedy named, status 3" events_are_refused

the_timer_works()
{
	assert_status "record" 0 xprof record -o /tmp/t.xprof -- compute 1:1 --seconds 3
	xprof report -i /tmp/t.xprof --json >/tmp/t.json
	assert_eq "event" "$(json /tmp/t.json '.events | map(.name) | join(",")')" timer
	assert_ge "samples" "$(json /tmp/t.json .samples.timer)" 500
	assert_status "check" 0 xprof check
	assert_in "check" "vPMU is on" "$output"
	assert_status "list" 0 xprof list
	assert_in "list" "vpmu" "$output"
	nothing_is_left
}
t "with vpmu=1: without -e time is sampled; check and list say why" the_timer_works

MODE=/sys/hypervisor/pmu/pmu_mode

# dom0 may change it at run time, if the host was booted with it.
switched_on_meanwhile()
{
	echo off >$MODE
	xprof start -e cycles -o /tmp/m.xprof
	compute 1:1 --seconds 6 >/dev/null &
	sleep 2
	echo self >$MODE
	wait
	assert_status "stop" 0 xprof stop
	assert_in "stop" "Xen's vPMU was switched on, and guests had the counters of 1 CPU" "$output"
	xprof report -i /tmp/m.xprof >/tmp/m.txt
	assert_in "report" "Xen's vPMU was switched on, and guests had its counters" "$(cat /tmp/m.txt)"
	xprof dump -i /tmp/m.xprof >/tmp/m.dump
	assert_eq "gaps with reason 7" "$(grep '^gap ' /tmp/m.dump | grep -c 'reason=7$')" 1
	xprof report -i /tmp/m.xprof --json >/tmp/m.json
	assert_ge "samples before" "$(json /tmp/m.json .samples.cycles)" 500
	nothing_is_left
}
t "vPMU is switched on while counters are sampled: they are given up, and stop and report say so" switched_on_meanwhile

counted_meanwhile()
{
	echo off >$MODE
	assert_status "stat" 0 xprof stat -e cycles -- sh -c "compute 1:1 --seconds 1 >/dev/null; echo self >$MODE; sleep 1"
	assert_in "stat" "warning: Xen's vPMU was switched on meanwhile" "$output"
	nothing_is_left
}
t "vPMU is switched on while events are counted: a warning says where counts end" counted_meanwhile
