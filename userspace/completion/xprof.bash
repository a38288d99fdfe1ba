# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion: xprof itself knows (userspace/cli/complete.c); where it says nothing, files.

_xprof()
{
	local candidate word=${COMP_WORDS[COMP_CWORD]}
	local -a words=("${COMP_WORDS[@]:1:COMP_CWORD}")

	COMPREPLY=()
	# An "=" is a word of its own here.
	[[ $word == = ]] && words[-1]='' word=''
	if (( COMP_CWORD > 1 )) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
		words=("${words[@]:0:${#words[@]} - 2}" "$word")
	fi
	while IFS= read -r candidate; do
		COMPREPLY+=("$(printf %q "$candidate")")
	done < <(xprof __complete "${words[@]}" 2>/dev/null)
	if (( ${#COMPREPLY[@]} == 0 )); then
		compopt -o default 2>/dev/null
	elif [[ $word == *,* ]]; then
		compopt -o nospace 2>/dev/null
	fi
}
complete -F _xprof xprof
