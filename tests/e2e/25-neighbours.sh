# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 600
#
# Other live patches, another user of NMIs: before, beside and after xprof's own.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh

another_patch_mid_session_leaves_a_gap()
{
	local before
	xprof start --source hpet -F 997 -o /tmp/m.xprof
	sleep 1
	patch_in unrelated-after-xprof
	sleep 1
	patch_out unrelated-after-xprof
	before=$(xprof status --json | jq .samples)
	sleep 2
	assert_ge "samples after the other patch has gone" "$(xprof status --json | jq .samples)" $((before + 100))
	assert_status "stop" 0 xprof stop
	xprof dump -i /tmp/m.xprof | grep -i gap >/tmp/gaps || fail "no gap record in the profile"
	cat /tmp/gaps
	# XPROF_GAP_LIVEPATCH is 1; both CPUs, for the apply and for the revert.
	assert_eq "gap records with reason 1" "$(grep -c 'reason=1$' /tmp/gaps)" 4
	nothing_is_left
}
t "another live patch applied and reverted mid-session leaves gap records, and sampling goes on" another_patch_mid_session_leaves_a_gap

another_patch_is_there_before()
{
	patch_in unrelated
	assert_status "record" 0 xprof record -o /tmp/b.xprof -- sleep 1
	xprof check >/tmp/check.txt
	assert_in "check" unrelated "$(cat /tmp/check.txt)"
	patch_out unrelated
	nothing_is_left
}
t "another live patch is there already: xprof comes beside it, check lists it" another_patch_is_there_before

a_patch_of_the_same_function_is_there_before()
{
	patch_in rival
	assert_status "attach" 3 xprof attach
	assert_in "text" rival "$output"
	patch_out rival
	nothing_is_left
}
t "another live patch has replaced our function: attach is refused and names it" a_patch_of_the_same_function_is_there_before

another_patch_lies_on_top()
{
	xprof attach
	patch_in unrelated-after-xprof
	assert_status "detach" 3 xprof detach
	assert_in "text" unrelated-after-xprof "$output"
	patch_out unrelated-after-xprof
	assert_status "detach" 0 xprof detach
	nothing_is_left
}
t "another live patch lies on top of ours: detach says which must go first" another_patch_lies_on_top

a_vendors_patch_is_wanted_meanwhile()
{
	xprof attach
	assert_in "status" "detach" "$(xprof status)"
	xen-livepatch upload unrelated "$PAYLOADS/unrelated.livepatch"
	! xen-livepatch apply unrelated || fail "Xen took a patch that depends on the hypervisor while ours is loaded"
	xen-livepatch unload unrelated
	xprof detach
	patch_in unrelated
	patch_out unrelated
}
t "a vendor's patch with plain depends is refused by Xen meanwhile; status says: detach first" a_vendors_patch_is_wanted_meanwhile

another_user_of_nmis()
{
	patch_in holder
	assert_status "record" 3 xprof record -o /tmp/h.xprof -- true
	assert_in "text" NMI "$output"
	assert_in "text" holder "$output"
	patch_out holder
	nothing_is_left
	assert_status "record, once it has gone" 0 xprof record -o /tmp/h.xprof -- true
}
t "another user holds Xen's NMI callback: says who, status 3, nothing half-started" another_user_of_nmis

another_version_of_xprof_is_there()
{
	xen-livepatch upload xprof $PAYLOADS/other-abi.livepatch
	livepatch apply xprof
	assert_status "record" 3 xprof record -o /tmp/v.xprof -- true
	assert_in "text" "version" "$output"
	[[ ! -e /tmp/v.xprof ]] || fail "a profile was left"
	patch_out xprof
	nothing_is_left
}
t "xprof of another ABI version is in the hypervisor: says so, status 3, nothing half-started" another_version_of_xprof_is_there
