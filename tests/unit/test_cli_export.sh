#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# xprof export as a user sees it: files, exit statuses, messages. What is in the files: test_export.c, tests/consumers/run.
. tests/unit/cli.sh
p=tests/data/profile/testbed-1.0.xprof

run "$xprof" export -f folded "$p"
check export__to_stdout '[ $status = 0 ] && [ -s "$dir/out" ] && [ ! -s "$dir/err" ]'
cp "$dir/out" "$dir/first"
run "$xprof" export --format folded -o "$dir/x" -i "$p"
check export__to_a_file '[ $status = 0 ] && [ ! -s "$dir/out" ] && cmp "$dir/x" "$dir/first"'
run "$xprof" export -f folded -D web1 --mode kernel "$p"
check export__only_what_was_asked_for '[ $status = 0 ] && [ -s "$dir/out" ] && ! grep -v "^web1;.*_\[k\] [0-9]*$" "$dir/out"'
for format in pprof speedscope firefox callgrind chrome perf-script csv json; do
	run "$xprof" export -f $format "$p"
	check "export__$format" '[ $status = 0 ] && [ -s "$dir/out" ]'
done
run "$xprof" export -f pprof --anonymize=pepper "$p"
check export__anonymous '[ $status = 0 ] && ! zcat "$dir/out" | grep -qa "web1\|xenstored"'
run "$xprof" export -f pprof "$p"
check export__pprof_has_names_else 'zcat "$dir/out" | grep -qa "web1"'

run "$xprof" export "$p"
check usage__no_format '[ $status = 2 ] && grep -q "which format? --format pprof, folded" "$dir/err"'
run "$xprof" export -f pprf "$p"
check usage__a_format_that_is_none '[ $status = 2 ] && grep -q "there is no format .pprf.: did you mean pprof?" "$dir/err"'
run "$xprof" export -f folded -e cycels "$p"
check usage__an_event_that_is_none '[ $status = 2 ] && grep -q "the profile has no event .cycels." "$dir/err"'
script -qec "$xprof export -f pprof $p" /dev/null >"$dir/out" </dev/null
check usage__binary_is_nothing_for_a_terminal 'grep -q "nothing for a terminal: write it to a file with -o FILE.pb.gz" "$dir/out"'
run "$xprof" export -f csv -o "$dir/no/such/file" "$p"
check file__cannot_be_written '[ $status = 1 ] && grep -q "No such file or directory" "$dir/err"'
run sh -c 'ulimit -f 1; trap "" XFSZ; exec "$@"' sh "$xprof" export -f json -o "$dir/full" "$p"
check file__that_does_not_fit_leaves_nothing '[ $status = 1 ] && ! ls "$dir"/full* 2>/dev/null'
run "$xprof" export -f csv /dev/null
check file__what_is_no_profile '[ $status = 1 ] && [ ! -s "$dir/out" ]'
run sh -c '"$1" export -f perf-script "$2" | head -1; true' sh "$xprof" "$p"
check pipe__closed_is_no_harm '[ $status = 0 ] && [ "$(wc -l <"$dir/out")" = 1 ]'
head -c 30000 "$p" >"$dir/cut"
run "$xprof" export -f csv "$dir/cut"
check damaged__what_is_whole_is_written '[ $status = 4 ] && [ "$(wc -l <"$dir/out")" -gt 1 ]'
exit $failed
