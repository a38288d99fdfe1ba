# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What it costs to read a PV and a PVH guest's kernel, for the first time and again, without and with unwind rules; and the frames
# that takes, for the same where there is no Xen. The guests have a module, and stand still meanwhile.
set -e
export XPROF_CACHE=/tmp/cache

# measure NAME GUEST [chains]: into /out/GUEST-NAME
measure() {
	local name=$1 guest=$2 uuid
	shift 2
	uuid=$(xl vm-list | awk -v guest="$guest" '$NF == guest {gsub("-", "", $1); print $1}')
	bench-guest "$(xl domid "$guest")" "$uuid" "$@" >"/out/$guest-$name"
}

for type in pv pvh; do
	guest_create $type $type attack --mem 128 --kallsyms modules -- --module /workloads/xen-privcmd.ko --seed 1
	guest_wait_up $type 300
	guest_wait $type 120 '^module-kallsyms '
	xl pause $type
	measure first $type
	measure again $type
	rm -rf $XPROF_CACHE
	measure first-chains $type chains
	measure again-chains $type chains
	rm -rf $XPROF_CACHE
	guest-frames "$(xl domid $type)" /out/$type.frames
	guest_destroy $type
done
