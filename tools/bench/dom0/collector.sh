# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the collector itself costs: run time of all of its threads over 15 s in which dom0 works, without and with call chains.
set -e

run_time() { cat "/proc/$pid"/task/*/schedstat | awk '{n += $1} END {printf "%.0f\n", n}'; }
samples() { xprof status --json | sed -n 's/.*"samples": *\([0-9]*\).*/\1/p'; }

# measure NAME [OPTION…]: "NANOSECONDS SAMPLES" in /out/NAME, the profile beside it
measure()
{
	local name=$1 pid begin end first last
	shift
	xprof start --source hpet -F 997 -o "/out/$name.xprof" "$@"
	pid=$(xprof status --json | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p')
	compute 3:1 --seconds 20 >/dev/null &
	sleep 3
	begin=$(run_time) first=$(samples)
	sleep 15
	end=$(run_time) last=$(samples)
	wait
	xprof stop
	echo $((end - begin)) $((last - first)) >"/out/$name"
}
measure collector
measure chains -g
