# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every part of the testbed uses: messages, failures, progress, locks, stamps.

# xh_say TEXT: progress, on stderr (stdout belongs to the scenario).
xh_say()
{
	[[ -n ${XH_QUIET:-} ]] || printf 'xenhost: %s\n' "$*" >&2
}

# xh_die STATUS WHAT [REMEDY]: says what failed (why and the value seen belong to it) and what to do.
xh_die()
{
	local status=$1 what=$2 remedy=${3:-}

	printf 'xenhost: error: %s\n' "$what" >&2
	[[ -z $remedy ]] || printf 'xenhost: remedy: %s\n' "$remedy" >&2
	exit "$status"
}

# Exit statuses of our own: a scenario's status is passed through, ours stay out of its usual range.
# shellcheck disable=SC2034
XH_EX_USAGE=2 XH_EX_HANG=124 XH_EX_PREPARE=120 XH_EX_EMULATOR=121 XH_EX_DIED=122

# xh_need COMMAND PACKAGE: a build tool must be installed.
xh_need()
{
	command -v "$1" >/dev/null ||
		xh_die "$XH_EX_PREPARE" "the command '$1' is not installed" \
			"run tools/testbed/install-tools (as root; it installs '$2' and the other tools with apt)"
}

# xh_step LOG TEXT COMMAND…: one long step: says what runs, keeps its output in LOG, shows the tail on failure.
# A function of ours runs in a process of its own: bash would not stop at a failing line of it inside this "if".
xh_step()
{
	local log=$1 text=$2 start=$SECONDS
	shift 2
	! declare -F "$1" >/dev/null || set -- "$XH_TESTBED/xenhost" internal "$@"
	xh_say "$text"
	if ! "$@" >>"$log" 2>&1; then
		tail -n 15 "$log" | sed 's/^/    /' >&2
		xh_die "$XH_EX_PREPARE" "this step failed: $text" "the full log is $log"
	fi
	(( SECONDS - start < 3 )) || xh_say "  done in $((SECONDS - start)) s"
}

# xh_lock FILE: waits (bounded) until no other process prepares the same cache; held until this shell ends.
xh_lock()
{
	exec {XH_LOCK_FD}>"$1"
	flock -n "$XH_LOCK_FD" && return
	xh_say "waiting for another xenhost that holds $1 (at most 20 minutes)"
	flock -w 1200 "$XH_LOCK_FD" ||
		xh_die "$XH_EX_PREPARE" "another process has held $1 for 20 minutes" "see who: fuser $1"
}

xh_unlock()
{
	exec {XH_LOCK_FD}>&-
}

# xh_fingerprint FILE…: one hash over the names and contents given (a stamp's value).
xh_fingerprint()
{
	sha256sum -- "$@" | sha256sum | cut -c1-32
}
