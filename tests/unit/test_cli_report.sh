#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The verbs that read a profile, as a user sees them: files, exit statuses,
# colour, damage. The texts themselves are tested in test_report.c.
. tests/unit/cli.sh
golden=tests/data/profile/format-1.0.xprof

run "$xprof" report "$golden"
check report__first_argument_is_the_file '[ $status = 0 ] && [ ! -s "$dir/err" ] && grep -q "^# 40 samples of timer" "$dir/out"'
cp "$dir/out" "$dir/first"
run "$xprof" report -i "$golden"
check report__input_option_is_the_same '[ $status = 0 ] && cmp -s "$dir/out" "$dir/first"'

cp "$golden" "$dir/xprof.data"
run sh -c 'cd "$1" && "$2" report' sh "$dir" "$xprof"
check report__default_file '[ $status = 0 ] && cmp -s "$dir/out" "$dir/first"'
rm "$dir/xprof.data"
run sh -c 'cd "$1" && "$2" report' sh "$dir" "$xprof"
check report__no_default_file_says_what_to_do \
	'[ $status = 1 ] && [ "$(cat "$dir/err")" = "xprof: there is no xprof.data here: record one with '"'xprof record'"' or name one with -i FILE" ]'

run "$xprof" report "$golden" another
check report__two_files_are_wrong_usage '[ $status = 2 ] && [ ! -s "$dir/out" ]'
run "$xprof" report --sort colour "$golden"
check report__unknown_key_is_wrong_usage '[ $status = 2 ] && grep -q "^xprof: .colour. is no sort key; there are: domain" "$dir/err"'
run "$xprof" report --frobnicate "$golden"
check report__unknown_option_is_wrong_usage '[ $status = 2 ]'
run "$xprof" report Makefile
check report__what_is_no_profile '[ $status = 1 ] && grep -q "no profile" "$dir/err"'

head -c 1800 "$golden" >"$dir/cut"
run "$xprof" report "$dir/cut"
check report__cut_off_is_partial_and_says_where \
	'[ $status = 4 ] && grep -q "at offset [0-9]*; [0-9]* whole chunks were read" "$dir/err" && grep -q "^# NOT WHOLE" "$dir/out"'
run "$xprof" report --json "$dir/cut"
check json__cut_off_is_valid_and_says_so '[ $status = 4 ] && grep -q "^  \"complete\": false,$" "$dir/out" && [ "$(tail -1 "$dir/out")" = "}" ]'
run "$xprof" dump "$dir/cut"
check dump__cut_off_is_partial '[ $status = 4 ] && grep -q "^domain " "$dir/out"'

run "$xprof" report "$golden"
check colour__not_in_a_pipe '! grep -q "$(printf "\033")" "$dir/out"'
run "$xprof" report --color=always "$golden"
check colour__always_means_always 'grep -q "$(printf "\033")" "$dir/out"'

tty_run() { # COMMAND: on a terminal of its own
	script -qec "$1" /dev/null >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
}
export TERM=xterm
tty_run "$xprof report --no-pager $golden"
check colour__on_a_terminal 'grep -q "$(printf "\033")\[1m" "$dir/out"'
NO_COLOR=1 tty_run "$xprof report --no-pager $golden"
check colour__no_color_is_respected '[ -s "$dir/out" ] && ! grep -q "$(printf "\033")" "$dir/out"'
NO_COLOR= tty_run "$xprof report --no-pager $golden"
check colour__an_empty_no_color_is_none 'grep -q "$(printf "\033")\[1m" "$dir/out"'
XPROF_PAGER="sed s/^/paged:/" tty_run "$xprof report $golden"
check pager__on_a_terminal 'grep -q "^paged:# 40 samples" "$dir/out"'
XPROF_PAGER="sed s/^/paged:/" run "$xprof" report "$golden"
check pager__not_in_a_pipe 'cmp -s "$dir/out" "$dir/first"'
COLUMNS=50 tty_run "$xprof report --no-pager --color=never --percent-limit 0 $golden"
check width__rows_fit_the_terminal '[ "$(grep -v "^#" "$dir/out" | tr -d "\r" | LC_ALL=C.UTF-8 wc -L)" -le 50 ]'

chains=tests/data/profile/chains-1.2.xprof
run "$xprof" report -g "$chains"
check calls__g_alone_is_children_and_callees '[ $status = 0 ] && grep -q "^# Children   *Self  *Samples  Domain" "$dir/out" && grep -q "^            ---main_" "$dir/out"'
cp "$dir/out" "$dir/first"
run "$xprof" report --call-graph "$chains"
check calls__long_option '[ $status = 0 ] && cmp -s "$dir/out" "$dir/first"'
run "$xprof" report -g --children "$chains"
check calls__children_is_the_default '[ $status = 0 ] && cmp -s "$dir/out" "$dir/first"'
run "$xprof" report -g caller "$chains"
check calls__caller_first_is_the_default_too '[ $status = 0 ] && cmp -s "$dir/out" "$dir/first"'
run "$xprof" report -g callee "$chains"
check calls__callee '[ $status = 0 ] && ! cmp -s "$dir/out" "$dir/first" && grep -q "^# Children: .*; below it who called it" "$dir/out"'
run "$xprof" report -g --no-children "$chains"
check calls__no_children_is_the_flat_view '[ $status = 0 ] && grep -q "^# Overhead  Samples" "$dir/out" && grep -q "; below it who called it" "$dir/out"'
cp "$dir/out" "$dir/flat"
run "$xprof" report --no-children -gcallee,graph,0.5 "$chains"
check calls__words_in_any_order '[ $status = 0 ] && cmp -s "$dir/out" "$dir/flat"'
run "$xprof" report -gupwards "$chains"
check calls__another_word_is_wrong_usage '[ $status = 2 ] && grep -q "^xprof: -g upwards: there are graph" "$dir/err"'
run "$xprof" report -g "$golden"
check calls__of_a_profile_without_says_what_to_do '[ $status = 1 ] && [ ! -s "$dir/out" ] && grep -q "recorded without -g" "$dir/err"'
run "$xprof" report "$chains"
check calls__without_g_the_report_is_flat_and_says_so '[ $status = 0 ] && grep -q "^# Overhead  Samples  Domain" "$dir/out" && grep -q "^# call chains were recorded: -g shows them" "$dir/out"'
run "$xprof" report -g --json "$chains"
check calls__json '[ $status = 0 ] && python3 -c "import json, sys; r = json.load(open(sys.argv[1])); assert r[\"calls\"] and r[\"chains\"][\"truncated\"] is not None" "$dir/out"'
run "$xprof" report -g --anonymize=salt "$chains"
check calls__anonymous '[ $status = 0 ] && ! grep -q "main_" "$dir/out" && grep -q "^            ---symbol-" "$dir/out"'
run "$xprof" report -g --sort symbol,line "$chains"
check calls__have_no_lines '[ $status = 2 ]'

run "$xprof" version
check version__names_the_formats '[ $status = 0 ] && grep -q "^profile format: 1.2$" "$dir/out"'
exit $failed
