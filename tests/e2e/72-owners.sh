# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --pmu amd --pmu-options pmu-cycles-insn=2 --xen-args watchdog --timeout 900
#
# Counters beside Xen's NMI watchdog, which has counter 0 of each CPU and LVTPC.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh
source /usr/lib/xprof-tests/watchdog.sh

t "Xen's NMI watchdog is on and has counter 0 of both CPUs" the_watchdog_works c0010200=530076
t "1 kHz beside the watchdog: its NMIs go on to it, ours do not; registers as found" beside_it 1000
t "4 kHz beside the watchdog: its NMIs go on to it, ours do not; registers as found" beside_it 4000
t "stat beside the watchdog; the watchdog goes on afterwards" stat_beside_it

only_its_counter_is_taken()
{
	xprof list --json >/tmp/l.json
	jq .pmu /tmp/l.json
	xprof record -e cycles:3000000,instructions:3000000,r0c2,r0c3,r040,r041 -o /tmp/six.xprof -- compute 1:1 --cpu 1 --seconds 3
	xprof report -i /tmp/six.xprof --json >/tmp/six.json
	# five counters for six events: they take turns, counter 0 takes no part
	assert_le "least share of the time with a counter" "$(jq '[.events[] | .running_ticks / .active_ticks] | min' /tmp/six.json)" 0.95
	as_found
}
t "six events beside the watchdog share the five counters that it leaves" only_its_counter_is_taken
