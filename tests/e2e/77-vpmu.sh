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
