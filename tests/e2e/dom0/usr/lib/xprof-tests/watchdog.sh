# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Cases beside Xen's NMI watchdog, which has counter 0 of each CPU and LVTPC; for two CPUs, with two cycles for an
# instruction, so that the watchdog's NMIs come about as often on a busy CPU as on a real machine.

# busy SECONDS: both CPUs.
busy()
{
	compute 1:1 --cpu 0 --seconds "$1" >/dev/null &
	compute 1:1 --cpu 1 --seconds "$1" >/dev/null
	wait
}

# profiler_in: it stays loaded. While Xen patches itself it drops NMIs (arch_livepatch_mask()); on Intel a watchdog whose NMI was
# dropped has LVTPC masked from then on, and is silent.
profiler_in()
{
	tamper_in
	xprof attach
}

# What the register of its select is, is the caller's: $1.
the_watchdog_works()
{
	local before
	xl dmesg | grep -i 'testing nmi watchdog'
	assert_eq "CPUs that the watchdog cannot watch" "$(xl dmesg | grep -c 'NMI watchdog.*stuck' || :)" 0
	profiler_in
	before=$(xen_nmis)
	busy 10
	local ticks=$(($(xen_nmis) - before))
	echo "figure: the watchdog's NMIs in 10 s on two busy CPUs: $ticks"
	assert_ge "the watchdog's NMIs" $ticks 2
	registers | tee /tmp/found
	assert_eq "CPUs whose counter 0 is on" "$(grep -c "$1" /tmp/found)" 2
}

# The report comes after the count: it takes its time, and the watchdog counts on.
beside_it()
{
	local hz=$1 before after more file=/tmp/w-$1.xprof
	profiler_in
	before=$(xen_nmis)
	xprof start -e cycles -F "$hz" -o "$file"
	busy 12
	assert_status "stop" 0 xprof stop
	assert_eq "what Xen says of it" "$(xl dmesg | grep -ci 'stuck\|unknown' || :)" 0
	after=$(xen_nmis)
	read_profile "$file"
	more=$((after - before - $(produced "$file.json")))
	echo "figure: $hz Hz beside the watchdog for 12 s: $(produced "$file.json") samples, $(jq '[.lost[]] | add' "$file.json") lost;" \
		"$more more NMIs by Xen, $(stat_of passed "$file.dump") of them handed on"
	assert_ge "samples" "$(produced "$file.json")" $((hz * 8))
	assert_eq "lost" "$(jq '[.lost[]] | add' "$file.json")" 0
	assert_ge "the watchdog's NMIs meanwhile" "$(stat_of passed "$file.dump")" 4
	# the watchdog's before the start and after the stop
	assert_ge "NMIs that are neither samples nor handed on" $((more - $(stat_of passed "$file.dump"))) 0
	assert_le "NMIs that are neither samples nor handed on" $((more - $(stat_of passed "$file.dump"))) 16
	assert_eq "re-armed counters" "$(awk '$1 == "counters" {split($4, f, "="); n += f[2]} END {print n + 0}' "$file.dump")" 0
	as_found
}

stat_beside_it()
{
	local before
	profiler_in
	xprof stat -j -d 8 -o /tmp/s.json &
	busy 8
	wait
	assert_ge "cycles of dom0" "$(jq -r 'select(.type == "counts" and .domain == "Domain-0") | .events.cycles.value' /tmp/s.json)" 100000000
	as_found
	before=$(xen_nmis)
	busy 8
	assert_ge "the watchdog's NMIs afterwards" $(($(xen_nmis) - before)) 3
}
