# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What is recorded to be compared with the emulator's truth (*-truth-*.host).

TRUTH_SECONDS=60
TRUTH_SAMPLES=62000 # of each event: the count before is of less than what is recorded

# busy SECONDS: dom0 works, too.
busy() { sysio --seconds "$1" >/dev/null 2>&1; }

# periods EVENT…: "EVENT:PERIOD,…", from exact counts of two seconds.
periods()
{
	local names event total list=''
	names=$(IFS=,; echo "$*")
	xprof stat -e "$names" --json -o /tmp/stat.json -- sysio --seconds 2 >/dev/null || return
	for event in "$@"; do
		total=$(jq -s "[.[] | select(.type == \"counts\") | .events[\"$event\"].value] | add | floor" /tmp/stat.json)
		list+=,$event:$((total / 2 * TRUTH_SECONDS / TRUTH_SAMPLES > 100 ? total / 2 * TRUTH_SECONDS / TRUTH_SAMPLES : 100))
	done
	echo "${list#,}"
}

# Large rings: with one CPU for three busy domains the collector may have to wait for seconds. Guests' memory is not read: the
# judge makes all names itself, and has none for the code of xprof, which would be the busiest of all in dom0.
record_for_truth() # EVENT…
{
	local events event
	events=$(periods "$@")
	echo "figure: periods: $events (varied at random, seed of the session in the profile)"
	xprof record --no-guest-memory --ring 4M -e "$events" -o /out/truth.xprof -- sysio --seconds $TRUTH_SECONDS
	xprof dump -i /out/truth.xprof >/out/truth.dump
	cp /proc/kallsyms /out/kallsyms
	for event in "$@"; do
		assert_ge "samples of $event" "$(grep -c "^sample.* event=$event\$" /out/truth.dump)" 20000
	done
	assert_eq "lost samples" "$(grep -c '^lost ' /out/truth.dump)" 0
}
