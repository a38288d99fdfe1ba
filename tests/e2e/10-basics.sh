# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 900
#
# What a user does and what must add up, on the stock hypervisor.
source /usr/lib/xprof-tests/lib.sh

SEED=${XPROF_SEED:-$RANDOM}
echo "seed $SEED (repeat with XPROF_SEED=)"

attach_and_detach_leave_nothing()
{
	assert_status "attach" 0 xprof attach
	assert_status "attach again" 0 xprof attach
	[[ -c /dev/xprof ]] || fail "/dev/xprof is missing after attach"
	assert_status "detach" 0 xprof detach
	nothing_is_left
}
t "attach loads, detach leaves nothing" attach_and_detach_leave_nothing

record_returns_the_commands_status()
{
	assert_status "record -- true" 0 xprof record -o /tmp/a.xprof -- true
	assert_status "record -- exit 7" 7 xprof record -o /tmp/a.xprof -- sh -c 'exit 7'
	[[ -f /tmp/a.xprof.old ]] || fail "the profile before is not kept as a.xprof.old"
	assert_eq "mode of the profile" "$(stat -c %a /tmp/a.xprof)" 600
	nothing_is_left
}
t "record returns its command's status and keeps the profile before" record_returns_the_commands_status

# What xprof says was produced, Xen counted as NMIs. One NMI per CPU may be cut at start and at stop.
produced_is_what_xen_counted()
{
	local source=$1 before after produced delivered lost
	xprof attach
	before=$(xen_nmis)
	xprof record --source "$source" -F "$2" -o /tmp/n.xprof -- compute 3:1 --seconds 4
	after=$(xen_nmis)
	xprof report -i /tmp/n.xprof --json >/tmp/n.json
	delivered=$(json /tmp/n.json '.samples.timer')
	lost=$(json /tmp/n.json '.lost.timer')
	produced=$((delivered + lost))
	echo "figure: $source: Xen counted $((after - before)) NMIs, xprof produced $produced = $delivered + $lost"
	assert_ge "samples" "$produced" 1000
	assert_le "NMIs that are not samples" $((after - before - produced)) 4
	assert_ge "NMIs that are not samples" $((after - before - produced)) 0
	xprof detach
}
t "ipi: samples are Xen's NMIs, to the sample" produced_is_what_xen_counted ipi 997
t "hpet: samples are Xen's NMIs, to the sample" produced_is_what_xen_counted hpet 2003

sums_are_equal()
{
	assert_eq "sum of symbols" "$(json /tmp/n.json '[.symbols[].samples.timer] | add')" "$(json /tmp/n.json .samples.timer)"
	assert_eq "sum of domains and idle" "$(json /tmp/n.json '[.domains[].samples.timer // 0] + [.symbols[] | select(.mode == "idle") | .samples.timer] | add')" \
		"$(json /tmp/n.json .samples.timer)"
}
t "report --json: symbols and domains add up to the samples" sums_are_equal
# Code is read from the kernel's memory: samples lie where instructions begin, or it is not the code that ran.
annotates_what_runs()
{
	local symbol n=0
	xprof record -F 1999 -o /tmp/k.xprof -- sysio --seconds 4 >/dev/null
	xprof report -i /tmp/k.xprof --json >/tmp/k.json
	for symbol in $(json /tmp/k.json '[.symbols[] | select(.mode == "kernel" and .image == "vmlinux" and .symbol != null)] |
			sort_by(-.samples.timer)[:3][].symbol'); do
		xprof annotate --json "$symbol" /tmp/k.xprof >/tmp/s.json || fail "annotate $symbol: exit status $?"
		assert_eq "code of $symbol" "$(json /tmp/s.json .code)" /proc/kcore
		assert_ge "samples of $symbol" "$(json /tmp/s.json .samples.timer)" 1
		assert_eq "samples of $symbol within instructions" "$(json /tmp/s.json .strays)" 0
		n=$((n + $(json /tmp/s.json .samples.timer)))
	done
	echo "figure: $n samples, all where instructions begin"
	assert_ge "samples" "$n" 20
}
t "annotate: dom0's kernel, from its memory" annotates_what_runs
cp /tmp/n.json /tmp/n.xprof /out/
