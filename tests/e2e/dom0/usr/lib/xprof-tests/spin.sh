# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sessions in which the hypervisor spins with interrupts off, by the test payload spin. $HZ is the caller's.

# Live patching waits at most 30 ms for all CPUs, which an emulator does not always manage.
livepatch()
{
	local try
	for (( try = 0; try < 20; try++ )); do
		xen-livepatch "$@" && return
		sleep 0.3
	done
	fail "xen-livepatch $* did not work in 20 tries"
}

spin_is_over() { xl dmesg | grep '^(XEN).*xprof-test: spin done' >/dev/null; }

# samples_in DUMP CPU FIRST LAST: of a CPU, at addresses FIRST <= ip < LAST, all hexadecimal of 16 digits.
samples_in()
{
	awk -v cpu="cpu=$2" -v first="ip=0x$3" -v last="ip=0x$4" \
		'$1 == "sample" && $3 == cpu {for (i = 4; i <= NF; i++) if ($i ~ /^ip=/ && $i >= first && $i < last) n++} END {print n + 0}' "$1"
}

# One session with five spins on each CPU, 3.5 s in all, in which dom0 sleeps. A dom0 that works (looks for the spins'
# end, for instance) changes page tables, and Xen on the neighbour then waits in flush_area_mask() for the CPU that
# spins: it does not reach its softirqs, so there is no tick by IPI (seen: 6 to 23% of the expected samples).
spin_session()
{
	xl dmesg -c >/dev/null
	xprof start --source "$1" -F "$HZ" -o /tmp/spin.xprof
	xen-livepatch upload spin /usr/lib/xprof-payloads/spin.livepatch
	livepatch apply spin --nodeps
	sleep 5
	wait_for 60 spin_is_over
	livepatch revert spin
	xen-livepatch unload spin
	xprof stop
	nothing_is_left
	xprof dump -i /tmp/spin.xprof >/tmp/spin.dump
	grep -E '^(gap|lost|stats|counts) ' /tmp/spin.dump
}

# spin_share SOURCE CPU: samples in the spin, in percent of what that time is worth. The truth is what the payload
# measured: how many ticks it spun on that CPU.
spin_share()
{
	local khz address size end spins ticks seen
	khz=$(sed -n 's/^host tsc.khz=//p' /tmp/spin.dump)
	read -r address size < <(xl dmesg | sed -n 's/.*xprof-test: spin \([0-9a-f]\{16\}\) \([0-9]*\)$/\1 \2/p')
	[[ -n $khz && -n $size ]] || fail "no TSC frequency ('$khz') or no address of the spin ('$address $size')"
	printf -v end %016x $((0x$address + size))
	read -r spins ticks < <(xl dmesg | awk -v cpu="$2" '$(NF-2) == "spun" && $(NF-1) == cpu {n++; t += $NF} END {print n + 0, t + 0}')
	assert_eq "spins on pCPU $2" "$spins" 5
	seen=$(samples_in /tmp/spin.dump "$2" "$address" "$end")
	awk -v a="$seen" -v ticks="$ticks" -v khz="$khz" -v hz="$HZ" -v source="$1" -v cpu="$2" 'BEGIN {
		expected = ticks / khz / 1000 * hz
		printf "%.0f figure: %s, pCPU %s: %d samples in the spins, %.0f expected\n", 100 * a / expected, source, cpu, a, expected
	}'
}
