#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine without Xen, as a user sees it: what is said, which status, nothing left behind.
. tests/unit/cli.sh
export XPROF_RUNDIR="$dir/run"
if [ -e /sys/hypervisor/type ]; then
	check() {
		echo "[ RUN      ] $1"
		echo "[  SKIPPED ] $1"
	}
fi

no_xen='does not run under Xen'
run "$xprof" check
check check__says_so_and_what_to_do '[ $status = 3 ] && grep -q "$no_xen" "$dir/out" && grep -q "fix: .*Domain-0" "$dir/out"'
run "$xprof" check --json
check check__says_so_as_json '[ $status = 3 ] && jq -e . "$dir/out" >/dev/null'
for verb in "attach" "list" "stat -- true" "start -o $dir/p.xprof" "record -o $dir/p.xprof -- true"; do
	# shellcheck disable=SC2086
	run "$xprof" $verb
	check "${verb%% *}__is_refused" '[ $status = 3 ] && grep -q "$no_xen" "$dir/err"'
done
check nothing__is_left_behind '[ ! -e "$dir/p.xprof" ] && [ ! -e xprof.data ]'
exit $failed
