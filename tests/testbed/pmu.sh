# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Sourced by run: the counter models (or those in MODELS), judged by the drivers of Linux and by a program whose counts are known.

# stat NAME EVENT: what perf stat counted.
stat() { awk -F, -v e="$2" '$3 == e || $3 == e ":u" { print $1 }' "$pmu/stat-$1"; }
near() { awk -v a="$1" -v b="$2" -v p="$3" 'BEGIN { d = a - b; exit !(b > 0 && (d < 0 ? -d : d) <= b * p / 100) }'; } # percent
# in_symbol SYMBOL COLUMN FILE: sum of a column of "hex address, number" lines whose address is the symbol's.
in_symbol()
{
	nm -S "$out/pmu-overlay/usr/bin/known" | awk -v s="$1" '$4 == s { print $1, $2 }' | while read -r start size; do
		awk -v a="$((16#$start))" -v n="$((16#$size))" -v c="$2" '
			function hex(t,  i, v) { for (i = 1; i <= length(t); i++) v = v * 16 + index("0123456789abcdef", substr(t, i, 1)) - 1; return v }
			length($1) < 12 && hex($1) >= a && hex($1) < a + n { sum += $c } END { printf "%d\n", sum }' "$3"
	done
}
all_samples() { awk '{ sum += $2 } END { print sum + 0 }' "$1"; }
# truth FILE COLUMN: "address count" of user mode.
truth_column() { awk -F, -v c="$2" '$2 == "pv" && $c { print $3, $c }' "$1/truth.csv" >"$1/truth-$2"; }

judge_native() # model driver
{
	local n
	check "$1: Linux's driver likes it: $2" grep -q "$2" "$pmu/driver"
	check '  … perf worked' test ! -s "$pmu/stdout"
	n=$(($(stat long instructions) - $(stat short instructions)))
	# (10 and 30 million: strtol takes as long for one as for the other.)
	check '  … 20 million turns of a loop more are 40 million instructions more, exactly' is "$n" 40000000
	check '  … and the same again, to the instruction' is "$(stat long instructions)" "$(stat again instructions)"
	check '  … cycles are the instructions, and stalls' near "$(stat long cycles)" "$(stat long instructions)" 0.1
	n=$(($(stat walk8 cache-misses) - $(stat walk4 cache-misses)))
	check '  … four walks over 32 MiB miss the last level on every line' near "$n" $((4 * 32 * 1024 * 1024 / 64)) 0.2
	n=$(($(stat walk8 dTLB-load-misses) - $(stat walk4 dTLB-load-misses)))
	check '  … and the TLB on every page' near "$n" $((4 * 32 * 256)) 1
	for name in split cycles; do
		n=$(all_samples "$pmu/samples-$name")
		check "  … perf record ($name) has its 2,000 samples" near "$n" 2000 1
		check '  … three quarters of them where three quarters of the work is' near "$(in_symbol three 2 "$pmu/samples-$name")" $((n * 3 / 4)) 5
	done
	check '  … cache misses are sampled in the loop that misses' near "$(in_symbol walk 2 "$pmu/samples-cache")" $((4 * 524288 / 1009)) 0.2
	check '  … on one instruction of it' is "$(sort -rnk2 "$pmu/samples-cache" | awk 'NR == 1 { print ($2 >= 2070) }')" 1
}

judge_swap()
{
	check 'accesses of CMPXCHG16B are sampled, some of them between its two stores' test "$(in_symbol swap 2 "$pmu/samples-swap")" -ge 10000
	check '  … and it is not repeated when it has stored' is "$(cat "$pmu/swap")" 0
}

judge_native_truth()
{
	local walk
	truth_column "$pmu" 4
	truth_column "$pmu" 8
	truth_column "$pmu" 9
	check 'the truth knows each turn of the loops' is "$(in_symbol three 2 "$pmu/truth-4") $(in_symbol one 2 "$pmu/truth-4")" \
		"$((2 * (2 * 75000000 + 100000))) $((2 * (2 * 25000000 + 100000)))"
	walk=$(in_symbol walk 2 "$pmu/truth-8")
	check '  … and each line of the walks that was missed' near "$walk" $((24 * 524288)) 0.2
	check '  … and each page' near "$(in_symbol walk 2 "$pmu/truth-9")" $((24 * 8192)) 1
	check 'no NMI in user mode came late' test -z "$(awk -F, '$4 == "pv" && $6 == "pv" && $8 > 0' "$pmu/truth-overflows.csv")"
}

mkdir -p "$out/pmu-overlay/usr/bin"
# At an address of its own: the truth does not tell processes apart.
gcc -O1 -static -Wl,-Ttext-segment=0x10000000 -o "$out/pmu-overlay/usr/bin/known" "$here/known.c"

models=(${MODELS:-amd-core amd-v2 intel-v2 intel-v4})

# Has one busy CPU, and counts what runs, not time: so two of them run side by side.
machine() # model
{
	local truth=()
	[[ $1 != amd-core ]] || truth=(--truth auto)
	"$xenhost" run --xen none --pmu "${1%-*}" --pmu-model "${1#*-}" "${truth[@]}" --out "$out/pmu-$1" --overlay "$out/pmu-overlay" \
		--timeout 400 "$here/native.sh" >"$out/pmu-$1/stdout" 2>"$out/pmu-$1/stderr"
	echo $? >"$out/pmu-$1/status"
}

for model in "${models[@]}"; do
	mkdir -p "$out/pmu-$model"
	machine "$model" &
	while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
done
wait
for model in "${models[@]}"; do
	pmu=$out/pmu-$model
	check "$model: the machine comes up and counts" is "$(cat "$pmu/status")" 0
	case $model in
	amd-core)
		judge_native $model 'core perfctr, AMD PMU driver'
		judge_swap
		judge_native_truth
		;;
	amd-v2)
		judge_native $model 'AMD PMU driver'
		judge_swap
		;;
	intel-*) judge_native $model 'Intel PMU driver' ;;
	esac
done
