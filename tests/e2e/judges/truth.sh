# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For *-truth-*.host: argument DIR, what the scenario left there.
set -uo pipefail
judges=$(dirname "${BASH_SOURCE[0]}")
out=$1
build=$out/../..
eval "$("$judges/../../../tools/testbed/xenhost" paths)"
gcc -O2 -Wall -Wextra -D_GNU_SOURCE -o "$out/judge" "$judges/truth.c" -lm || exit 1
"$build/xprof" dump -i "$out/truth.xprof" >"$out/truth.dump" || exit 1
if lost=$(grep '^lost ' "$out/truth.dump"); then
	printf 'not ok - no sample was lost # 0 s\n    | %s\n' "$(head -n 1 <<<"$lost")"
else
	echo "ok - no sample was lost # 0 s"
fi
nm "$build/workloads/sysio" >"$out/sysio.nm"
nm "$XEN_SYMS" >"$out/xen.nm"
mapfile -t programs < <(while read -r _ domid; do printf '%s\n' "$out/sysio.nm" "$domid"; done <"$out/domains"; printf '%s\n' "$out/sysio.nm" 0)

# judge_event EVENT COLUMN
judge_event()
{
	local sentence="$1: symbols have the shares that the emulator counted"
	if "$out/judge" "$1" "$2" "$out/truth.csv" "$out/truth-overflows.csv" "$out/truth.dump" "$out/kallsyms" "${programs[@]}" <"$out/xen.nm" >"$out/judge.$1" 2>&1; then
		echo "ok - $sentence # 0 s"
	else
		echo "not ok - $sentence # 0 s"
		grep -v '^figure' "$out/judge.$1" | head -n 12 | sed 's/^/    | /'
	fi
	grep '^figure' "$out/judge.$1"
}

# Where counters overflowed, and where the NMI of it was taken.
skid()
{
	awk -F, 'NR > 1 {
			all++
			if ($6 == "") shared++
			else if ($8 == 0) none++
			else {late++; sum += $8}
		}
		END {
			printf "figure: skid: of %d overflows %.2f%% were taken at the next instruction, %.2f%% later (by %.0f instructions on average: NMIs were blocked), %.2f%% shared the NMI of another\n",
				all, 100 * none / all, 100 * late / all, late ? sum / late : 0, 100 * shared / all
		}' "$out/truth-overflows.csv"
}
