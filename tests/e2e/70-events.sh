# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --pmu amd --timeout 900
#
# Performance counters by name: what there is, what is sampled, what is said when it cannot be.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/shares.sh

# report FILE: its report as JSON, in FILE.json.
report() { xprof report -i "$1" --json >"$1.json"; }

list_names_the_events()
{
	assert_status "list" 0 xprof list
	assert_in "CPU" "AMD family 0Fh (K8)" "$output"
	assert_in "vendor's name" "PMCx07E L2 Cache Misses" "$output"
	xprof list --json >/tmp/l.json
	assert_eq "available" "$(json /tmp/l.json .pmu.available)" true
	assert_eq "code of llc-misses" "$(json /tmp/l.json '.events[] | select(.name == "llc-misses") | .raw')" r077e
	assert_eq "preset" "$(json /tmp/l.json '.presets[] | select(.name == "@tlb") | .events')" \
		cycles,instructions,dtlb-misses,itlb-misses
	nothing_is_left
}
t "list shows the events of this CPU, and leaves nothing loaded" list_names_the_events

default_is_cycles()
{
	xprof record -d 2 -o /tmp/d.xprof
	report /tmp/d.xprof
	assert_eq "event" "$(json /tmp/d.xprof.json '.events | map(.name) | join(",")')" cycles
	assert_eq "source" "$(json /tmp/d.xprof.json '.events[0].source')" pmu
	assert_eq "code" "$(json /tmp/d.xprof.json '.events[0].select')" 0x76
	assert_ge "samples" "$(json /tmp/d.xprof.json .samples.cycles)" 100
}
t "without -e cycles are sampled" default_is_cycles

four_events()
{
	local event
	xprof record -e cycles,instructions,llc-misses:10000,dtlb-misses -o /tmp/f.xprof -- compute 3:1 --cpu 1 --seconds 8 >/tmp/f.compute
	cat /tmp/f.compute
	report /tmp/f.xprof
	xprof report -i /tmp/f.xprof
	cp /tmp/f.xprof /tmp/f.xprof.json /tmp/f.compute /out/
	for event in cycles instructions llc-misses dtlb-misses; do
		assert_ge "samples of $event" "$(json /tmp/f.xprof.json ".samples[\"$event\"]")" 1
		assert_eq "sum of symbols' $event" "$(json /tmp/f.xprof.json "[.symbols[].counts[\"$event\"]] | add")" \
			"$(json /tmp/f.xprof.json ".counts[\"$event\"]")"
		assert_eq "lost $event" "$(json /tmp/f.xprof.json ".lost[\"$event\"]")" 0
	done
}
t "four events in one recording: each has samples, and all sums agree" four_events

# The loop of compute is four instructions: what samples stand for is compared with what was really done. A period
# of half a million is about one sample in 200 us.
counts_are_true()
{
	local function per
	xprof record -e instructions:500000 -o /tmp/f.xprof -- compute 3:1 --cpu 1 --seconds 5 >/tmp/f.compute
	cat /tmp/f.compute
	report /tmp/f.xprof
	for function in a b; do
		per=$(jq -r --slurpfile c /tmp/f.compute "([.symbols[] | select(.symbol == \"work_$function\") | .counts.instructions] | add) /
			\$c[0].iterations_$function" /tmp/f.xprof.json)
		echo "figure: instructions per iteration of work_$function: $per"
		assert_ge "instructions per iteration of work_$function" "$per" 3.88
		assert_le "instructions per iteration of work_$function" "$per" 4.12
	done
}
t "estimated counts are within 3% of the instructions that were executed" counts_are_true

by_instructions()
{
	share_of "work_a" "$(jq '[.symbols[] | select(.symbol == "work_a") | .samples.instructions] | add' /tmp/f.xprof.json)" \
		"$(jq '[.symbols[] | select(.symbol == "work_a" or .symbol == "work_b") | .samples.instructions] | add' /tmp/f.xprof.json)" \
		"$(jq '.iterations_a / (.iterations_a + .iterations_b)' /tmp/f.compute)" 3 0.5
}
t "shares agree with the work that was done" by_instructions

rates_and_periods()
{
	local fast slow
	xprof record -e cycles -F 2000 -o /tmp/fast.xprof -- compute 1:1 --cpu 1 --seconds 3 >/dev/null
	xprof record -e cycles -F 200 -o /tmp/slow.xprof -- compute 1:1 --cpu 1 --seconds 3 >/dev/null
	report /tmp/fast.xprof
	report /tmp/slow.xprof
	fast=$(json /tmp/fast.xprof.json .samples.cycles) slow=$(json /tmp/slow.xprof.json .samples.cycles)
	echo "figure: 2000 Hz: $fast samples, 200 Hz: $slow"
	assert_ge "samples at 2000 Hz" "$fast" $((slow * 3))
	assert_status "period too small" 2 xprof record -e cycles:5 -- true
	assert_in "text" "the least period is" "$output"
	assert_status "period 0" 2 xprof record -e cycles:0 -- true
	assert_in "text" "is not a period" "$output"
	nothing_is_left
}
t "a rate is followed; a period that is too small is refused, and the least named" rates_and_periods

names_that_are_not()
{
	assert_status "misspelt" 2 xprof record -e llc-miss -- true
	assert_in "text" "did you mean 'llc-misses'?" "$output"
	assert_status "perf's" 2 xprof record -e cache-misses -- true
	assert_in "text" "'llc-misses' here" "$output"
	assert_status "not on this CPU" 3 xprof record -e l2-misses -- true
	assert_in "text" "cannot count 'l2-misses'; it can: cycles, instructions" "$output"
	assert_status "with time" 2 xprof record -e cycles,timer -- true
	assert_in "text" "cannot be recorded together" "$output"
	assert_status "twice" 2 xprof record -e cycles,cycles -- true
	assert_in "text" "is there twice" "$output"
	assert_status "too many" 2 xprof record -e r1,r2,r3,r4,r5,r6,r7,r8,r9,ra,rb,rc,rd,re,rf,r10,r11 -- true
	assert_in "text" "more than 16 events" "$output"
	assert_status "bits of the profiler" 2 xprof record -e r430076 -- true
	assert_in "text" "sets bits 0x430000" "$output"
	nothing_is_left
}
t "unknown, absent, doubled and mixed events are refused, with the nearest that is right" names_that_are_not

modifiers()
{
	xprof record -e cycles:u,cycles:x -o /tmp/m.xprof -- compute 1:1 --cpu 1 --seconds 2 >/dev/null
	report /tmp/m.xprof
	assert_eq "names" "$(json /tmp/m.xprof.json '.events | map(.name) | join(" ")')" "cycles cycles:x"
	assert_eq "modes of the first" "$(json /tmp/m.xprof.json '[.symbols[] | select(.samples.cycles > 0) | .mode] | unique | join(",")')" user
	assert_eq "modes of the second" \
		"$(json /tmp/m.xprof.json '[.symbols[] | select(.samples["cycles:x"] > 0) | .mode | sub("idle"; "xen")] | unique | join(",")')" xen
}
t "one event twice with different modifiers: two columns, each with its own samples" modifiers

turns_on_a_counter()
{
	assert_status "record" 0 xprof record -e cycles:50000,instructions:50000,r040,r041,r0c2,r0c3,r046,r085 -o /tmp/t.xprof \
		-- compute 1:1 --cpu 1 --seconds 4
	assert_in "warning" "8 events had a counter for" "$output"
	report /tmp/t.xprof
	xprof report -i /tmp/t.xprof >/tmp/t.txt
	assert_ge "active ticks" "$(json /tmp/t.xprof.json '.events[0].active_ticks')" 1
	assert_le "share of the time with a counter" \
		"$(json /tmp/t.xprof.json '[.events[] | .running_ticks / .active_ticks] | min')" 0.95
	assert_in "report" "# Scale: events took turns on the counters" "$(cat /tmp/t.txt)"
}
t "more events than counters take turns, and the report says how they are scaled" turns_on_a_counter

only_a_guest()
{
	local samples
	guest_create loop pv compute 3:1 --mem 128
	guest_wait_up loop
	assert_status "no such domain" 3 xprof record -D lop -d 1 -o /tmp/g.xprof
	assert_in "text" "did you mean 'loop'?" "$output"
	assert_status "record" 0 xprof record -D loop -e cycles,instructions -d 4 -o /tmp/g.xprof
	report /tmp/g.xprof
	guest_stop loop
	xprof report -i /tmp/g.xprof
	assert_eq "domains with samples" "$(json /tmp/g.xprof.json '[.domains[] | select(.samples.cycles > 0) | .name] | join(",")')" loop
	samples=$(json /tmp/g.xprof.json .samples.cycles)
	echo "figure: $samples samples kept, $(xprof dump /tmp/g.xprof | sed -n 's/^host samples.filtered=//p') not"
	assert_ge "samples" "$samples" 500
	assert_le "samples of others that cost an NMI" "$(xprof dump /tmp/g.xprof | sed -n 's/^host samples.filtered=//p')" $((samples / 20))
}
t "--domain: only that guest is sampled, and the others cost no NMI" only_a_guest

in_the_background()
{
	xprof start -e @tlb -o /tmp/s.xprof
	assert_in "status" "cycles,instructions,dtlb-misses,itlb-misses" "$(xprof status)"
	assert_status "list meanwhile" 0 xprof list
	compute 1:1 --seconds 2 >/dev/null
	xprof stop
	report /tmp/s.xprof
	assert_ge "samples of dtlb-misses" "$(json /tmp/s.xprof.json '.samples["dtlb-misses"]')" 1
	nothing_is_left
}
t "a preset in the background; list works meanwhile" in_the_background
