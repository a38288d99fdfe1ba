# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --pmu intel --pmu-model v4 --pmu-options pmu-cycles-insn=2 --xen-args watchdog --timeout 600
#
# Intel's counters beside Xen's NMI watchdog, which has general counter 0. PV guests only: the emulator has no VMX.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh
source /usr/lib/xprof-tests/watchdog.sh

t "Intel: Xen's NMI watchdog is on and has counter 0 of both CPUs" the_watchdog_works 186=53003c
t "Intel: 1 kHz beside the watchdog: its NMIs go on to it, ours do not; registers as found" beside_it 1000
t "Intel: stat beside the watchdog; the watchdog goes on afterwards" stat_beside_it

four_events()
{
	local event
	profiler_in
	guest_create one pv compute 3:1 --mem 160
	guest_wait_up one
	xprof record -e cycles:3000000,instructions:400000,llc-misses:1000,dtlb-misses:1000 -d 5 -o /tmp/f.xprof
	guest_stop one
	xprof report -i /tmp/f.xprof --json >/tmp/f.json
	xprof report -i /tmp/f.xprof
	for event in cycles instructions llc-misses dtlb-misses; do
		assert_ge "samples of $event" "$(json /tmp/f.json ".samples[\"$event\"]")" 5
		assert_eq "lost $event" "$(json /tmp/f.json ".lost[\"$event\"]")" 0
	done
	assert_ge "the guest's cycles" "$(json /tmp/f.json '.domains[] | select(.name == "one") | .samples.cycles')" 200
	as_found
	xprof detach
	nothing_is_left
}
t "Intel: four events of a host with a PV guest; registers as found" four_events
