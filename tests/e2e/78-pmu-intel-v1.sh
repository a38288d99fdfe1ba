# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 1 --pmu intel --pmu-model v1 --timeout 300
#
# The first of Intel's architectural counters: two, and no register that has them all.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh

four_events_on_two_counters()
{
	local before after event
	tamper_in
	registers >/tmp/found
	xprof attach
	before=$(xen_nmis)
	xprof start -e cycles:300000,instructions:300000,llc-references:1000,llc-misses:1000 -o /tmp/v.xprof
	compute 1:1 --seconds 5
	stop_and_read /tmp/v.xprof
	after=$(xen_nmis)
	for event in cycles instructions llc-references llc-misses; do
		assert_ge "samples of $event" "$(jq ".samples[\"$event\"]" /tmp/v.xprof.json)" 5
	done
	echo "figure: Intel v1, two counters, four events: Xen counted $((after - before)) NMIs, xprof produced $(produced /tmp/v.xprof.json)"
	assert_eq "NMIs handed on" "$(stat_of passed /tmp/v.xprof.dump)" 0
	registers >/tmp/left
	diff /tmp/found /tmp/left || fail "registers are not as found"
	xprof detach
	nothing_is_left
}
t "Intel v1: four events take turns on two counters; no stray NMI, registers as found" four_events_on_two_counters
