# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What is recorded to be compared with the emulator's truth (*-truth-*.host).

TRUTH_SECONDS=90

# periods SAMPLES EVENT…: "EVENT:PERIOD,…", from exact counts of some seconds of the same work.
periods()
{
	local samples=$1 names
	shift
	names=$(IFS=,; echo "$*")
	xprof stat -e "$names" --json -o /tmp/stat.json -- sleep 4 >/dev/null || return
	jq -sr --argjson seconds $TRUTH_SECONDS --argjson samples "$samples" '
		(.[] | select(.type == "block") | .seconds) as $counted |
		[.[] | select(.type == "counts") | .events] as $of |
		$of[0] | keys_unsorted | map(. as $event | "\(.):\([100, ([$of[][$event].value] | add) / $counted * $seconds / $samples | floor] | max)") | join(",")' /tmp/stat.json
}

# Leaves the profile, and the kernel's symbols. The ring holds all samples: with one CPU for three busy domains, and a small
# modelled cache, the collector may fall behind for as long as it takes. Guests' memory is not read: the judge makes all names
# itself, and has none for the code of xprof, which would be the busiest of all in dom0.
#
# SAMPLES: of each event, if the emulator stayed as fast as it is while counting. It does not: keeping the truth takes from a
# third to half of its time. The judge wants 20,000; many more, and what the next instruction's symbol gets (see judges/truth.c)
# stands out from chance.
record_for_truth() # SAMPLES EVENT…
{
	local events
	# dom0 works, too, when the collector does not: at 20 million instructions a second for three domains, who waits for its
	# turn with sysio sees half a minute late that the time is over. How it begins has other misses than how it goes on.
	nice -n 19 sysio --seconds 1000 >/dev/null 2>&1 &
	sleep 2
	events=$(periods "$@")
	echo "figure: periods: $events (varied at random, seed of the session in the profile)"
	xprof record --no-guest-memory --ring 8M -e "$events" -o /out/truth.xprof -- sleep $TRUTH_SECONDS
	kill %1
	cp /proc/kallsyms /out/kallsyms
}
