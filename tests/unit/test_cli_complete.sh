#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What shells are told to offer: by the verb that they ask, and in a real bash.
. tests/unit/cli.sh
p=tests/data/profile/testbed-1.0.xprof

complete() { run "$xprof" __complete "$@"; }
complete re
check verbs__by_their_beginning '[ "$(sort "$dir/out" | tr "\n" " ")" = "record report " ]'
complete help sta
check verbs__behind_help '[ "$(sort "$dir/out" | tr "\n" " ")" = "start stat status " ]'
complete ''
"$xprof" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | grep -v '^xprof$' | sort >"$dir/verbs"
echo help | sort - "$dir/verbs" -o "$dir/verbs"
check verbs__are_those_of_help 'sort "$dir/out" | cmp - "$dir/verbs"'

# Whatever --help names is offered, and what is offered is named there.
while read -r verb; do
	[ "$verb" = help ] && continue
	"$xprof" "$verb" --help | grep '^  *-' | grep -o '^ *-[^ ,=\[]*\(, -[^ ,=\[]*\)*' | tr -s ' ,' '\n\n' | grep '^-' | sort -u >"$dir/wanted"
	complete "$verb" -
	grep -v '^--help$' "$dir/out" | sort -u >"$dir/seen"
	check "options__of_$verb" 'cmp "$dir/wanted" "$dir/seen"'
done <"$dir/verbs"

complete report -D w "$p"
check domains__the_last_word_is_completed '[ ! -s "$dir/out" ]'
complete report -i "$p" -D we
check domains__of_the_profile '[ "$(cat "$dir/out")" = web1 ]'
complete report "$p" -D Domain-0,d
check domains__in_a_list '[ "$(cat "$dir/out")" = Domain-0,db1 ]'
complete report -i "$p" --sort-event t
check events__of_the_profile '[ "$(cat "$dir/out")" = timer ]'
complete record -e cycles,@t
check events__and_presets '[ "$(cat "$dir/out")" = "cycles,@tlb" ]'
complete report -s domain,sy
check keys__in_a_list '[ "$(cat "$dir/out")" = domain,symbol ]'
complete top -s S
check columns__of_top '[ "$(tr "\n" " " <"$dir/out")" = "STATE STEAL " ]'
complete export -f p
check formats '[ "$(tr "\n" " " <"$dir/out")" = "pprof perf-script " ]'
complete report -i x
check files__are_the_shells_business '[ $status = 0 ] && [ ! -s "$dir/out" ] && [ ! -s "$dir/err" ]'
complete frobnicate -
check unknown_verb__no_message '[ $status = 0 ] && [ ! -s "$dir/err" ]'

# in_bash WORD...: what bash would offer for the last one
in_bash() {
	PATH=${xprof%/*}:$PATH bash -c '. userspace/completion/xprof.bash; COMP_WORDS=(xprof "$@"); COMP_CWORD=$#; _xprof; printf "%s\n" "${COMPREPLY[@]}"' bash "$@" >"$dir/out" 2>"$dir/err"
	status=$?
}
in_bash ann
check bash__a_verb '[ "$(cat "$dir/out")" = annotate ]'
in_bash report --color = al
check bash__a_value_behind_an_equals_sign '[ "$(cat "$dir/out")" = always ]'
in_bash report -i "$p" -D Dom
check bash__a_domain '[ "$(cat "$dir/out")" = Domain-0 ]'
exit $failed
