# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The same kernel on the bare machine, the same programs as in peers-xen.sh, sampled by perf: without and with call chains.
# perf lowers its rate when its handler seems slow, as every handler does in an emulator: not here.
set -e
period=$1 seconds=$2
echo 0 >/proc/sys/kernel/perf_cpu_time_max_percent

# record PHASE NAME [OPTION…]
record() {
	local phase=$1 name=$2
	shift 2
	mark "$phase"
	sysio --seconds "$seconds" &
	perf record -a -e cycles -c "$period" -o "/tmp/$name.data" "$@" -- compute 3:1 --seconds "$seconds"
	wait
	mark 0
	stat -c %s "/tmp/$name.data" >"/out/$name.bytes"
	perf report -i "/tmp/$name.data" --stats >"/out/$name.stats" 2>/dev/null
	perf report -i "/tmp/$name.data" --stdio -g none --no-children >"/out/$name.report" 2>/dev/null
}
record 1 perf
record 2 perf-g -g
