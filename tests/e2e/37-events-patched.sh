# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --xen patched --cpus 2 --pmu amd --timeout 600
#
# Counters with the profiler built into Xen: record, --domain and stat work as by live patch.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh

four_events()
{
	local before after file=/tmp/f.xprof event
	xprof attach
	dmesg -c >/dev/null
	before=$(xen_nmis)
	xprof start -e cycles:500000,instructions:500000,dtlb-misses:1000,llc-misses:1000 -o $file
	sysio --seconds 5 >/dev/null
	assert_status "stop" 0 xprof stop
	after=$(xen_nmis)
	read_profile $file
	for event in cycles instructions dtlb-misses llc-misses; do
		assert_ge "samples of $event" "$(jq ".samples[\"$event\"]" $file.json)" 20
	done
	echo "figure: patched Xen, four events: Xen counted $((after - before)) NMIs, xprof produced $(produced $file.json) samples"
	assert_eq "lost" "$(jq '[.lost[]] | add' $file.json)" 0
	assert_eq "NMIs handed on" "$(stat_of passed $file.dump)" 0
	assert_eq "unknown NMIs in dom0's log" "$(dmesg | grep -c 'NMI received' || :)" 0
	xprof detach
	nothing_is_left
}
t "patched Xen: four events are sampled, no NMI is nobody's" four_events

cycles_only()
{
	local before after file=/tmp/c.xprof
	xprof attach
	before=$(xen_nmis)
	xprof start -e cycles:1000000 -o $file
	compute 1:1 --seconds 4 >/dev/null
	assert_status "stop" 0 xprof stop
	after=$(xen_nmis)
	read_profile $file
	assert_ge "samples" "$(produced $file.json)" 500
	no_stray "patched Xen, cycles" "$before" "$after" $file
	xprof detach
}
t "patched Xen: samples of cycles are Xen's NMIs, to the sample" cycles_only

of_one_guest()
{
	guest_create one pv compute 1:1 --mem 160
	guest_create two pvh compute 1:1 --mem 160
	guest_wait_up one
	guest_wait_up two
	assert_status "record" 0 xprof record -D two -e cycles,instructions -d 3 -o /tmp/g.xprof
	assert_eq "domains with samples" "$(xprof report -i /tmp/g.xprof --json |
		jq -r '[.domains[] | select(.samples.cycles > 0) | .name] | join(",")')" two
	xprof stat -j -d 3 -o /tmp/s.json
	assert_eq "exact" "$(jq -r 'select(.type == "head") | .exact' /tmp/s.json)" true
	for name in one two; do
		assert_ge "instructions of $name" "$(jq -r "select(.type == \"counts\" and .domain == \"$name\") | .events.instructions.value" /tmp/s.json)" 10000000
	done
	guest_destroy one
	guest_destroy two
	nothing_is_left
}
t "patched Xen: --domain samples that guest only; stat counts both guests exactly" of_one_guest
