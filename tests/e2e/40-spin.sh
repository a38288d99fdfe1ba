# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 900
#
# What only an NMI can see: the hypervisor with interrupts off, on every pCPU; and what must not be taken for it:
# a PVH guest, whose samples Xen gets right behind STGI. The guest's are judged by 40-spin.host, which has nm.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/spin.sh

# Ten times a spin are enough to see it, and an emulator whose threads wait for a core, some ms at a time, still
# delivers them. (On a machine with nothing else to do, 997 Hz gave 97% by hpet and 91 to 95% by ipi.)
# shellcheck disable=SC2034 # for spin.sh
HZ=199

# An emulator that got no core drops ticks wherever they fall: such a session tells nothing, and there is another one,
# twice. 41-spin-exact.sh does without that.
spin_is_seen()
{
	local try cpu share figure bad
	for try in 1 2 3; do
		spin_session "$1"
		bad=0
		for cpu in 0 1; do
			read -r share figure < <(spin_share "$1" "$cpu")
			echo "$figure ($share%, session $try)"
			(( share >= 80 )) || bad=1
		done
		(( bad )) || return 0
	done
	fail "in none of three sessions at least 80% of the expected samples lie in the spin, on every pCPU (above)"
}
t "hpet: 100 ms with interrupts off are seen, on every pCPU" spin_is_seen hpet
t "ipi: 100 ms with interrupts off are seen while the neighbour is free, on every pCPU" spin_is_seen ipi

# Long slices: each one ends with RDTSC, which Xen emulates for this guest, and what comes up between CLGI and the
# guest's first instruction (long, in an emulator's VMRUN) cannot be told from the instruction behind RDTSC.
guest_create loop pvh compute 3:1 --seed 5 --slice 20000 && guest_wait_up loop
for source in hpet ipi; do
	xprof record --source "$source" -F 997 -d 8s -o "/tmp/pvh-$source.xprof"
	xprof dump -i "/tmp/pvh-$source.xprof" | grep -E '^(sample|domain) ' >"/out/pvh-$source.dump"
done
xl domid loop >/out/pvh.domid
grep -w svm_stgi_label /proc/xen/xensyms >/out/stgi
guest_stop loop >/out/loop.json
