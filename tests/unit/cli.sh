# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # used by those who source this
# For scripts that look at xprof as a user does: source it, then run, check, …, `exit $failed`. It prints as cmocka does.
# $xprof the program, $dir a folder that goes away.
case $O in /*) xprof=$O/xprof ;; *) xprof=$PWD/$O/xprof ;; esac
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
unset NO_COLOR XPROF_PAGER PAGER COLUMNS
failed=0

# check NAME CONDITION: one test
check() {
	echo "[ RUN      ] $1"
	if eval "$2"; then
		echo "[       OK ] $1"
	else
		echo "[  FAILED  ] $1"
		echo "status $status"
		head -20 "$dir/out" "$dir/err"
		failed=1
	fi
}

# run COMMAND...: its status in $status, its output in $dir/out and $dir/err
run() {
	"$@" >"$dir/out" 2>"$dir/err"
	status=$?
}
