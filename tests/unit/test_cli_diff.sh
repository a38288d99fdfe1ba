#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# xprof diff as a user sees it. Profiles of one synthetic host, drawn anew for each run (mkprofile --run); in one of them a
# known symbol is half as hot again. The statistics are tested in test_diff.c.
. tests/unit/cli.sh
case $O in /*) make=$O/mkprofile ;; *) make=$PWD/$O/mkprofile ;; esac
hot=linux_free_vcpu_413

profile() { # FILE RUN [options]
	file=$dir/$1 nr=$2
	shift 2
	"$make" --samples 60000 --symbols 1000 --run "$nr" "$@" -o "$file" >/dev/null
}
for i in 1 2 3 4 5 6; do profile r$i $i; done
profile hot 9 --change $hot=1.5
profile hot2 10 --change $hot=1.5
profile hot3 11 --change $hot=1.5
profile gone 12 --change $hot=0
profile counters 13 --events 3
profile counters2 14 --events 3

run "$xprof" diff "$dir/r1" "$dir/r2"
check equal__nothing_has_changed '[ $status = 0 ] && [ ! -s "$dir/err" ] && grep -q "^# 0 of [0-9,]* rows have changed" "$dir/out"'
check equal__one_run_says_what_it_does_not_cover 'grep -q "one run a side: what changes from run to run is not covered" "$dir/out"'
check equal__nothing_differs 'grep -q "^# configured alike" "$dir/out"'

run "$xprof" diff "$dir/r1" "$dir/hot"
check changed__it_is_found_first_and_alone \
	'[ $status = 0 ] && [ "$(grep -c " \* .*kernel" "$dir/out")" = 1 ] && grep " \* .*kernel" "$dir/out" | grep -q "$hot\$"'
run "$xprof" diff --json "$dir/r1" "$dir/hot"
check changed__by_as_much_as_was_made \
	'jq -e --arg s $hot ".events[0].rows[0] | .symbol == \$s and .significant and .ratio_low < 1.44 and .ratio_high > 1.44" "$dir/out" >/dev/null'
run "$xprof" diff "$dir/r1" "$dir/gone"
check gone__is_gone 'grep " \* " "$dir/out" | grep "$hot\$" | grep -q " gone  "'
run "$xprof" diff "$dir/gone" "$dir/r1"
check new__is_new 'grep " \* " "$dir/out" | grep "$hot\$" | grep -q " new  "'

run "$xprof" diff --base "$dir/r1,$dir/r2,$dir/r3" --new "$dir/r4,$dir/r5,$dir/r6"
check runs__equal_ones '[ $status = 0 ] && grep -q "^# 0 of " "$dir/out" && ! grep -q "not covered" "$dir/out" && grep -q "^# old .*: 3 runs, " "$dir/out"'
run "$xprof" diff --base "$dir/r1,$dir/r2,$dir/r3" --new "$dir/hot,$dir/hot2,$dir/hot3" --json
check runs__changed_ones 'jq -e --arg s $hot ".covers_runs and ([.events[0].rows[] | select(.significant) | .symbol] | index(\$s))" "$dir/out" >/dev/null'

run "$xprof" diff --normalize total "$dir/r1" "$dir/hot"
check total__are_shares '[ $status = 0 ] && grep -q "^# timer, share" "$dir/out" && ! grep -q "all that is not idle$" "$dir/out" && grep -q " \* .*$hot\$" "$dir/out"'
run "$xprof" diff --per 1000:2000 "$dir/r1" "$dir/r2"
check per__twice_the_work_halves_all '[ $status = 0 ] && grep "all that is not idle" "$dir/out" | grep -q " -[45][0-9]\.[0-9]% .* \* "'
run "$xprof" diff --per packets "$dir/r1" "$dir/r2"
check per__what_was_not_counted_is_said '[ $status = 2 ] && grep -q "counts no packets: it was recorded without --series, or nothing passed; .--per OLD:NEW. takes numbers" "$dir/err"'
run "$xprof" diff --per walks "$dir/r1" "$dir/r2"
check per__unknown '[ $status = 2 ] && grep -q "there are packets, bytes, acks, and numbers" "$dir/err"'
run "$xprof" diff --per 0 "$dir/r1" "$dir/r2"
check per__no_work '[ $status = 2 ]'

run "$xprof" diff --fail-above 20% "$dir/r1" "$dir/hot"
check gate__closed '[ $status = 5 ] && grep -q "^xprof: --fail-above 20%: $hot of Domain-0 has grown by [0-9.]*% (timer)" "$dir/err"'
run "$xprof" diff --fail-above 70% "$dir/r1" "$dir/hot"
check gate__open '[ $status = 0 ] && [ ! -s "$dir/err" ]'
run "$xprof" diff --fail-above 0 "$dir/r1" "$dir/r2"
check gate__chance_does_not_close_it '[ $status = 0 ]'

run "$xprof" diff "$dir/counters" "$dir/counters2"
check events__a_table_each '[ $status = 0 ] && grep -q "^# cycles, a second" "$dir/out" && grep -q "^# llc-misses, a second" "$dir/out"'
run "$xprof" diff -e cycles "$dir/counters" "$dir/counters2"
check events__only_one 'grep -q "^# cycles, a second" "$dir/out" && ! grep -q "^# llc" "$dir/out"'
run "$xprof" diff -e cyles "$dir/counters" "$dir/counters2"
check events__unknown '[ $status = 2 ] && grep -q "there is no event .cyles. on both sides (old: cycles, …, new: cycles, …)" "$dir/err"'
run "$xprof" diff "$dir/r1" "$dir/counters"
check events__nothing_in_common '[ $status = 2 ] && grep -q "the sides have no event in common: old has timer, new has cycles and others" "$dir/err"'

# Another host, which has other domains, and was recorded by a version that is not this one.
run "$xprof" diff --normalize total "$dir/r1" tests/data/profile/testbed-1.0.xprof
check hosts__what_differs_is_said '[ $status = 0 ] && grep -q "^# differs: host.name: synthetic → " "$dir/out" && grep -q "^# differs: domain guest1: PVH, 2 vCPUs → not there" "$dir/out" && grep -q "^# differs: domain web1: not there → " "$dir/out"'
run "$xprof" diff --normalize total --anonymize=pepper "$dir/r1" tests/data/profile/testbed-1.0.xprof
check hosts__anonymous '[ $status = 0 ] && ! grep -qw "web1\|guest1\|synthetic\|xenstored" "$dir/out"'

"$make" --samples 0 -o "$dir/empty" >/dev/null
run "$xprof" diff "$dir/empty" "$dir/empty"
check empty__is_said '[ $status = 0 ] && grep -q "^# the old side has no samples of it: nothing can be compared" "$dir/out" && grep -q "^# the new side has no" "$dir/out"'
run "$xprof" diff "$dir/empty" "$dir/r1"
check empty__one_side '[ $status = 0 ] && grep -q "^# the old side has no samples" "$dir/out" && ! grep -q "nan\|^# the new side" "$dir/out"'
head -c 100000 "$dir/r1" >"$dir/cut"
run "$xprof" diff "$dir/cut" "$dir/r2"
check damaged__is_partial '[ $status = 4 ] && grep -q "^# warning: .*cut is damaged: " "$dir/out"'
run "$xprof" diff Makefile "$dir/r1"
check no_profile '[ $status = 1 ] && [ ! -s "$dir/out" ]'

cp "$dir/r1" "$dir/xprof.data.old"
cp "$dir/hot" "$dir/xprof.data"
run sh -c 'cd "$1" && "$2" diff' sh "$dir" "$xprof"
check default__the_last_two '[ $status = 0 ] && grep -q "^# old xprof.data.old: 1 run" "$dir/out"'
rm "$dir/xprof.data.old"
run sh -c 'cd "$1" && "$2" diff' sh "$dir" "$xprof"
check default__there_is_one_only '[ $status = 1 ] && grep -q "keeps the profile before as FILE.old" "$dir/err"'
for wrong in "--base $dir/r1" "--confidence 101" "--fail-above x" "--normalize weight" "--sort vcpu" "a b c" "--frobnicate" "--normalize total --per 5"; do
	run "$xprof" diff $wrong
	check "usage__$(echo "$wrong" | tr -cs 'a-z0-9\n' _)" '[ $status = 2 ] && [ -s "$dir/err" ] && [ ! -s "$dir/out" ]'
done
exit $failed
