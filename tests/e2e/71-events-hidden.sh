# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --pmu amd --pmu-options pmu-hidden=on --timeout 300
#
# Counters that CPUID promises and that do not count, as under many hypervisors.
source /usr/lib/xprof-tests/lib.sh

list_says_why()
{
	assert_status "list" 0 xprof list
	assert_in "reason" "they do not count" "$output"
	assert_in "remedy" "fix: enable them there" "$output"
	assert_in "what is left" "timer" "$output"
	assert_eq "available" "$(xprof list --json | jq .pmu.available)" false
	nothing_is_left
}
t "hidden counters: list says so, and what to do" list_says_why

time_instead()
{
	xprof record -d 2 -o /tmp/d.xprof
	assert_eq "event" "$(xprof report -i /tmp/d.xprof --json | jq -r '.events | map(.name) | join(",")')" timer
}
t "hidden counters: without -e time is sampled" time_instead

asked_for()
{
	assert_status "record -e cycles" 3 xprof record -e cycles -- true
	assert_in "text" "performance counters cannot be had" "$output"
	assert_in "text" "or sample by time (xprof record -e timer)" "$output"
	assert_status "stat" 3 xprof stat -- true
	assert_in "stat" "hides them; enable them there" "$output"
	assert_in "stat" "or sample by time (xprof record -e timer)" "$output"
	xprof attach
	assert_in "check" "they do not count" "$(xprof check)"
	xprof detach
	nothing_is_left
}
t "hidden counters: who asks for them is told why not, status 3" asked_for
