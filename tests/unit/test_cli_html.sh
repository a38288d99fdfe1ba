#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# xprof html as a user runs it: files, exit statuses, messages. The page itself: test_html.c, tests/html/run.
. tests/unit/cli.sh
p=tests/data/profile/testbed-1.0.xprof

cp "$p" "$dir/run.1.xprof"
run "$xprof" html "$dir/run.1.xprof"
check html__beside_the_profile_by_default '[ $status = 0 ] && [ ! -s "$dir/out" ] && grep -q "^<!DOCTYPE html>" "$dir/run.1.html" && grep -q "wrote .*run.1.html" "$dir/err"'
run "$xprof" html -i "$p" -o -
check html__to_stdout '[ $status = 0 ] && grep -q "^<!DOCTYPE html>" "$dir/out"'
run "$xprof" html --base "$p" -i "$p" -o "$dir/d.html"
check html__of_two '[ $status = 0 ] && [ "$(stat -c %s "$dir/d.html")" -gt "$(stat -c %s "$dir/run.1.html")" ]'
run "$xprof" html -D web1 "$p" -o "$dir/w.html"
check html__only_what_was_asked_for '[ $status = 0 ] && [ "$(stat -c %s "$dir/w.html")" -lt "$(stat -c %s "$dir/run.1.html")" ]'
run "$xprof" html --anonymize=pepper "$p" -o "$dir/a.html"
check html__anonymous '[ $status = 0 ] && [ -s "$dir/a.html" ]'
(cd "$dir" && run "$xprof" html; echo "$status" >status)
status=$(cat "$dir/status")
check usage__no_profile '[ $status = 1 ] && grep -q "there is no xprof.data here" "$dir/err"'
run "$xprof" html "$p" "$p"
check usage__two_profiles '[ $status = 2 ] && grep -q "one profile at a time; --base FILE" "$dir/err"'
run "$xprof" html --annotate many "$p"
check usage__annotate_is_a_number '[ $status = 2 ] && grep -q -- "--annotate many: how many functions: 0 to 64" "$dir/err"'
run "$xprof" html --base "$dir/none" "$p" -o "$dir/n.html"
check base__that_is_not_there '[ $status = 1 ] && [ ! -e "$dir/n.html" ] && grep -q "$dir/none" "$dir/err"'
script -qec "$xprof html -o - $p" /dev/null >"$dir/out" </dev/null
check usage__a_page_is_nothing_for_a_terminal 'grep -q "nothing for a terminal" "$dir/out"'
head -c 30000 "$p" >"$dir/cut"
run "$xprof" html "$dir/cut"
check damaged__what_is_whole_is_shown '[ $status = 4 ] && [ -s "$dir/cut.html" ]'
run "$xprof" html /dev/null -o "$dir/null.html"
check file__what_is_no_profile '[ $status = 1 ] && [ ! -e "$dir/null.html" ]'
exit $failed
