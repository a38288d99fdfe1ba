# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The empty callback, the xenoprof in Xen and xprof sample the same three domains one after the other: a PV guest computes,
# a PVH guest makes system calls and I/O, dom0 computes. "mark N" tells the emulator which of them is at work.
set -e
period=$1 seconds=$2

guest_create web1 pv compute 3:1
guest_create db1 pvh sysio
guest_wait_up web1
guest_wait_up db1
work=(compute 3:1 --seconds "$seconds")

xen-livepatch load /opt/peers/empty.livepatch
mark 1
"${work[@]}"
xen-livepatch revert empty
mark 0
xen-livepatch unload empty

mark 2
xenoprof-drive -e "0x76:0:$period" -p "$(xl domid web1)" -p "$(xl domid db1)" -- "${work[@]}" >/out/xenoprof.txt
mark 0

# record PHASE NAME EVENTS [OPTION…]
record() {
	local phase=$1 name=$2 events=$3
	shift 3
	mark "$phase"
	xprof record -e "$events" -o "/out/$name.xprof" "$@" -- "${work[@]}"
	mark 0
}
xprof attach
record 3 xprof "cycles:$period"
record 4 xprof-2 "cycles:$period,instructions:$((period * 13 / 10))"
record 5 xprof-4 "cycles:$period,instructions:$((period * 13 / 10)),llc-misses:1000,dtlb-misses:1000"
record 6 xprof-g "cycles:$period" -g
xprof detach
