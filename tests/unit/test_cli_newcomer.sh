#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What whoever is new here meets, for every verb that there is: help on one screen, a manual that begins with examples and
# leaves out no option, a pager, a closed pipe, a narrow terminal. And 'xprof' alone.
. tests/unit/cli.sh
export LC_ALL=C.UTF-8 TERM=xterm XPROF_RUNDIR="$dir/run"
golden=$PWD/tests/data/profile/format-1.0.xprof
verbs=$("$xprof" __complete '' | grep -v '^help$')

fits() { [ "$(wc -l <"$1")" -le 24 ] && [ "$(wc -L <"$1")" -le 80 ]; }

# page_of VERB: its manual page, through the ".so" of one that shares another's
page_of() {
	page=userspace/doc/xprof-$1.1
	sed -n 's,^\.so man1/,userspace/doc/,p' "$page" | grep . || echo "$page"
}

# page_has_all OPTION...
page_has_all() {
	sed 's/\\-/-/g' "$page" >"$dir/page"
	for option; do
		grep -qF -- "$option" "$dir/page" || { echo "$page has no $option" >>"$dir/err"; return 1; }
	done
}

run "$xprof" --help
cp "$dir/out" "$dir/all"
check help__of_all_is_80_columns_wide '[ $status = 0 ] && [ ! -s "$dir/err" ] && [ "$(wc -L <"$dir/out")" -le 80 ]'
for verb in $verbs; do
	run "$xprof" "$verb" --help
	check "help__of_${verb}_fits_a_screen" '[ $status = 0 ] && [ ! -s "$dir/err" ] && fits "$dir/out" && grep -q "^usage: xprof $verb" "$dir/out"'
	cp "$dir/out" "$dir/help"
	run "$xprof" help "$verb"
	check "help__behind_help_is_the_same_for_$verb" '[ $status = 0 ] && cmp "$dir/out" "$dir/help"'
	check "help__of_all_names_$verb" 'grep -q "^  $verb " "$dir/all"'
	[ "$verb" = version ] && continue
	page=$(page_of "$verb")
	options=$(grep -o '^ *-[^ ,=[]*\(, -[^ ,=[]*\)*' "$dir/help" | tr -s ' ,' '\n\n' | grep '^-' | sort -u)
	check "manual__of_${verb}_begins_with_examples" '[ "$(grep "^\.SH" "$page" | sed -n 2p)" = ".SH EXAMPLES" ]'
	check "manual__of_${verb}_tells_exit_statuses" 'grep -q "^\.SH EXIT STATUS" "$page"'
	check "manual__of_${verb}_has_every_option" 'page_has_all $options'
	check "manual__of_${verb}_is_good_troff" '[ -z "$(groff -man -ww -z -Tutf8 -k "$page" 2>&1)" ]'
	check "manual__of_xprof_names_$verb" 'grep -q "^\.BR.* $verb\( \|$\|.*(1)\)" userspace/doc/xprof.1'
done

# ---- verbs that read a profile: arguments that make a long output of a small profile
arguments() {
	case $1 in
	diff) echo "$golden $golden" ;;
	annotate) echo "gnttab_map_grant_ref $golden" ;;
	export) echo "-f folded $golden" ;;
	archive) echo "-o - $golden" ;;
	*) echo "$golden" ;;
	esac
}

# closed COMMAND...: with nobody at the other end of its stdout; $status, 128 + n for a signal
closed() {
	python3 -c 'import os, subprocess, sys
r, w = os.pipe()
os.close(r)
p = subprocess.run(sys.argv[2:], stdout=w, stderr=open(sys.argv[1], "w"))
sys.exit(p.returncode if p.returncode >= 0 else 128 - p.returncode)' "$dir/err" "$@" >"$dir/out"
	status=$?
}

for verb in report diff dump export; do
	# shellcheck disable=SC2046
	closed "$xprof" "$verb" $(arguments "$verb")
	check "pipe__closed_is_no_error_of_$verb" '[ ! -s "$dir/err" ] && [ $status = 141 ]'
	# shellcheck disable=SC2046
	run sh -c '"$@" >/dev/full' sh "$xprof" "$verb" $(arguments "$verb")
	check "disk__full_is_an_error_of_$verb" '[ $status = 1 ] && grep -q "No space left" "$dir/err"'
done
closed "$xprof" --help
check pipe__closed_is_no_error_of_help '[ ! -s "$dir/err" ] && [ $status = 141 ]'

# ---- what was typed is named, and what may have been meant
testbed=$PWD/tests/data/profile/testbed-1.0.xprof
for verb in report diff annotate export archive dump; do
	run "$xprof" "$verb" --anonymise
	check "typo__in_an_option_of_$verb" '[ $status = 2 ] && [ ! -s "$dir/out" ] && grep -q "^xprof: there is no option .--anonymise." "$dir/err" && grep -q "xprof $verb --help" "$dir/err"'
	run "$xprof" "$verb" -Z
	check "typo__in_a_letter_of_$verb" '[ $status = 2 ] && grep -q "^xprof: there is no option .-Z." "$dir/err"'
done
run "$xprof" report --anonymise
check typo__in_an_option_names_the_nearest 'grep -q "did you mean .--anonymize.?" "$dir/err"'
run "$xprof" report --sort
check option__without_its_value '[ $status = 2 ] && grep -q "^xprof: option .--sort. needs a value" "$dir/err"'
run "$xprof" report --json=yes
check option__with_a_value_that_it_has_not '[ $status = 2 ] && grep -q "^xprof: option .--json=yes. takes no value" "$dir/err"'
for verb in report diff export annotate; do
	case $verb in
	diff) set -- "$testbed" "$testbed" ;;
	export) set -- -f folded "$testbed" ;;
	annotate) set -- do_softirq "$testbed" ;;
	*) set -- "$testbed" ;;
	esac
	run "$xprof" "$verb" -D wbe1 "$@"
	check "typo__in_a_domain_of_$verb" '[ $status = 2 ] && [ ! -s "$dir/out" ] && grep -q "no domain .wbe1.: did you mean .web1.?" "$dir/err"'
done
run "$xprof" report -D nothing-like-it "$testbed"
check domain__that_is_not_near_any 'grep -q "no domain .nothing-like-it.; there are Domain-0, " "$dir/err"'
run "$xprof" report -C 99 "$testbed"
check filter__that_leaves_nothing_says_so '[ $status = 0 ] && grep -q "none of the profile.s samples is left" "$dir/err"'

# ---- on a terminal
tty_run() { # COLUMNS COMMAND
	script -qec "stty cols $1; $2" /dev/null >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	tr -d '\r' <"$dir/out" >"$dir/text"
}
escape=$(printf '\033')
for verb in report diff; do
	args=$(arguments $verb)
	tty_run 40 "$xprof $verb --no-pager --color=never $args"
	check "terminal__of_40_columns_is_enough_for_$verb" '[ -s "$dir/text" ] && [ "$(grep -v "^#" "$dir/text" | wc -L)" -le 40 ]'
	NO_COLOR=1 tty_run 80 "$xprof $verb --no-pager $args"
	check "no_color__is_respected_by_$verb" '[ -s "$dir/text" ] && ! grep -q "$escape" "$dir/text"'
	XPROF_PAGER="sed s/^/ours:/" PAGER="sed s/^/theirs:/" tty_run 80 "$xprof $verb $args"
	check "pager__of_xprof_comes_first_with_$verb" 'grep -q "^ours:#" "$dir/text"'
	PAGER="sed s/^/theirs:/" tty_run 80 "$xprof $verb $args"
	check "pager__of_others_is_taken_by_$verb" 'grep -q "^theirs:#" "$dir/text"'
	PAGER="sed s/^/theirs:/" tty_run 80 "$xprof $verb --no-pager $args"
	check "pager__is_left_out_by_$verb" 'grep -q "^#" "$dir/text"'
	XPROF_PAGER=true tty_run 80 "$xprof $verb $args"
	check "pager__that_ends_early_is_no_error_of_$verb" '[ ! -s "$dir/text" ] && [ $status = 0 ]'
done

# ---- alone
cd "$dir" || exit 1
alone() { run "$xprof"; }
if [ ! -e /sys/hypervisor/type ]; then
	alone
	check alone__without_xen '[ $status = 2 ] && [ ! -s "$dir/out" ] && grep -q "does not run under Xen" "$dir/err" && grep -q "xprof report FILE" "$dir/err" && fits "$dir/err"'
fi
cp "$golden" xprof.data
alone
check alone__beside_a_profile '[ $status = 2 ] && grep -q "^  xprof report  " "$dir/err" && ! grep -q "xprof diff" "$dir/err" && fits "$dir/err"'
cp "$golden" xprof.data.old
alone
check alone__beside_two 'grep -q "^  xprof diff  " "$dir/err"'
run "$xprof" repotr
check typo__names_the_nearest '[ $status = 2 ] && grep -q "did you mean .xprof report.?" "$dir/err"'
exit $failed
