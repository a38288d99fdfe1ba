# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scenarios in dom0: cases and what they assert. A case is a function; it fails at its first failing command
# or assertion, and the next case runs. One line each goes to the runner: "ok - …", "not ok - …", "skip - …".

E2E_LOG=/tmp/case.log

# t SENTENCE FUNCTION [ARG…]: lines "figure: …" that the case prints are shown, the rest only if it fails.
t()
{
	local name=$1 begin=$EPOCHREALTIME status
	shift
	( set -euo pipefail; "$@" ) >"$E2E_LOG" 2>&1
	status=$?
	case $status in
	0) echo "ok - $name # $(seconds_since "$begin")"; grep '^figure: ' "$E2E_LOG" || : ;;
	77) echo "skip - $name # $(tail -n 1 "$E2E_LOG")" ;;
	*)
		echo "not ok - $name # $(seconds_since "$begin")"
		tail -n 40 "$E2E_LOG" | sed 's/^/    | /'
		clean_up >/dev/null 2>&1
		;;
	esac
}

# After a case that failed, so that the next one fails for its own reasons only.
clean_up()
{
	local patch
	xprof stop
	for patch in $(xen-livepatch list | awk -F'|' '/APPLIED|CHECKED/ {gsub(/ /, "", $1); print $1}' | tac); do
		[[ $patch == xprof ]] && { xprof detach; continue; }
		( wait_for 10 xen-livepatch revert "$patch" )
		xen-livepatch unload "$patch"
	done
	xprof detach
}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f s", b - a}'; }

# Ends the case. Its sentence says what was expected and what was seen.
fail() { echo "$*"; exit 1; }
skip() { echo "$*"; exit 77; }

# An empty value is what a failed command leaves: it equals nothing.
assert_eq() { [[ -n $2 ]] || fail "$1: nothing was seen"; [[ $2 == "$3" ]] || fail "$1: expected '$3', seen '$2'"; }
assert_ne() { [[ $2 != "$3" ]] || fail "$1: '$2' was not expected"; }
assert_ge() { awk -v a="$2" -v b="$3" 'BEGIN {exit !(a >= b)}' || fail "$1: expected at least $3, seen $2"; }
assert_le() { awk -v a="$2" -v b="$3" 'BEGIN {exit !(a <= b)}' || fail "$1: expected at most $3, seen $2"; }
assert_in() { grep -qF -- "$2" <<<"$3" || fail "$1: '$2' is not in: $3"; }

# assert_status NAME EXPECTED COMMAND…: runs it; what it printed is in $output.
assert_status()
{
	local name=$1 expected=$2 status=0
	shift 2
	output=$("$@" 2>&1) || status=$?
	echo "$output"
	[[ $status == "$expected" ]] || fail "$name: expected exit status $expected, seen $status from: $*"
}

# json FILE EXPRESSION: one value of a JSON document, by jq.
json() { jq -r "$2" "$1"; }

# xen_nmis [N]: Xen's own count of NMIs (of CPUs below N), from its console.
xen_nmis()
{
	xl dmesg -c >/dev/null
	xl debug-keys n
	xl dmesg | awk '/CPU[ \t]+NMI/ {on = 1; next}
		on && $(NF-1) ~ /^[0-9]+$/ && $NF ~ /^[0-9]+$/ && $(NF-1) < below {n += $NF} END {print n + 0}' below="${1:-4096}" -
}

# wait_for SECONDS COMMAND…: until it succeeds.
wait_for()
{
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		(( SECONDS < end )) || fail "still not true after the time given: $*"
		sleep 0.2
	done
}

nothing_is_left()
{
	assert_eq "live patches" "$(xen-livepatch list 2>/dev/null | grep -c xprof || :)" 0
	assert_eq "modules" "$(grep -c '^xprof ' /proc/modules || :)" 0
}
