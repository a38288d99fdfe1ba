# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --xen patched --cpus 2 --timeout 400
#
# The same sources built into Xen: no live patch, everything else as on a stock host.
source /usr/lib/xprof-tests/lib.sh

attach_loads_the_module_only()
{
	assert_status "attach" 0 xprof attach
	[[ -c /dev/xprof ]] || fail "/dev/xprof is missing after attach"
	assert_eq "live patches" "$(xen-livepatch list 2>/dev/null | grep -c APPLIED || :)" 0
	assert_status "detach" 0 xprof detach
	nothing_is_left
}
t "patched Xen: attach loads the module only, detach leaves nothing" attach_loads_the_module_only

produced_is_what_xen_counted()
{
	local before after produced
	xprof attach
	before=$(xen_nmis)
	xprof record --source "$1" -F "$2" -o /tmp/n.xprof -- compute 3:1 --seconds 3
	after=$(xen_nmis)
	xprof report -i /tmp/n.xprof --json >/tmp/n.json
	produced=$(($(json /tmp/n.json .samples.timer) + $(json /tmp/n.json .lost.timer)))
	echo "figure: patched Xen, $1: Xen counted $((after - before)) NMIs, xprof produced $produced"
	assert_ge "samples" "$produced" 1000
	assert_ge "NMIs that are not samples" $((after - before - produced)) 0
	assert_le "NMIs that are not samples" $((after - before - produced)) 4
	xprof detach
}
t "patched Xen, ipi: samples are Xen's NMIs, to the sample" produced_is_what_xen_counted ipi 997
t "patched Xen, hpet: samples are Xen's NMIs, to the sample" produced_is_what_xen_counted hpet 2003

guests_are_told_apart()
{
	guest_create one pv compute 1:1 --mem 128
	guest_create two pvh compute 1:1 --mem 128
	guest_wait_up one
	guest_wait_up two
	xprof record -o /tmp/g.xprof -- sleep 3
	guest_destroy one
	guest_destroy two
	xprof report -i /tmp/g.xprof --json >/tmp/g.json
	assert_ge "samples of the PV guest" "$(jq '.domains[] | select(.name == "one") | .samples.timer' /tmp/g.json)" 200
	assert_ge "samples of the PVH guest" "$(jq '.domains[] | select(.name == "two") | .samples.timer' /tmp/g.json)" 200
	assert_ge "samples in Xen with a name" "$(jq '[.symbols[] | select(.mode == "xen" and .symbol != null) | .samples.timer] | add' /tmp/g.json)" 50
	nothing_is_left
}
t "patched Xen: a PV and a PVH guest are told apart, Xen's functions have names" guests_are_told_apart
