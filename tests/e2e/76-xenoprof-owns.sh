# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 1 --pmu amd --overlay @BUILD@/bench/peers --timeout 300
#
# In-tree xenoprof wants the same counters: whoever is first has them, the other one is told.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh

xenoprof_is_first()
{
	local pid
	xprof attach
	xenoprof-drive -e 0x76:0:1000000 -s 8 >/tmp/x.txt 2>&1 &
	pid=$!
	compute 1:1 --seconds 6 >/dev/null &
	sleep 3
	assert_status "record" 3 xprof record -e cycles -o /tmp/x.xprof -- true
	assert_in "owner" "xenoprof has reserved the performance counters" "$output"
	assert_status "stat" 3 xprof stat -- true
	assert_in "owner" "xenoprof" "$output"
	[[ ! -e /tmp/x.xprof ]] || fail "a profile was left"
	wait $pid || fail "xenoprof ended with status $?"
	cat /tmp/x.txt
	assert_ge "xenoprof's samples" "$(awk '/^samples / {print $2}' /tmp/x.txt)" 200
	assert_status "record, once it has gone" 0 xprof record -e cycles -o /tmp/x.xprof -- compute 1:1 --seconds 1
	xprof detach
	nothing_is_left
}
t "xenoprof has the counters: record and stat are refused and name it, status 3; its samples go on" xenoprof_is_first

xprof_is_first()
{
	local before after
	tamper_in
	registers >/tmp/found
	xprof attach
	before=$(xen_nmis)
	xprof start -e cycles:1000000 -o /tmp/y.xprof
	compute 1:1 --seconds 6 >/dev/null &
	sleep 1
	output=$(xenoprof-drive -e 0x76:0:1000000 -s 1 2>&1) && fail "xenoprof got the counters, too"
	echo "$output"
	assert_in "what xenoprof is told" "busy" "$output"
	wait
	stop_and_read /tmp/y.xprof
	after=$(xen_nmis)
	assert_eq "gaps" "$(grep -c '^gap ' /tmp/y.xprof.dump || :)" 0
	assert_ge "samples" "$(produced /tmp/y.xprof.json)" 300
	no_stray "xenoprof refused meanwhile" "$before" "$after" /tmp/y.xprof 1
	as_found
	xprof detach
}
t "xprof has the counters: xenoprof is refused, sampling goes on undisturbed" xprof_is_first
