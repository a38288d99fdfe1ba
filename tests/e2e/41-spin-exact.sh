# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --icount 1 --timeout 600 --xen-args nmi=ignore
#
# The spins of 40-spin.sh in an emulator that counts instructions: it drops nothing, so nearly every tick of 997 Hz has
# to be there. Source hpet only: such an emulator executes one CPU at a time, and the neighbour of one that spins, which
# is idle, gets its turn too seldom to send anything (seen: 1 of 500 and 400 of 500).
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/spin.sh

# shellcheck disable=SC2034 # for spin.sh
HZ=997

spin_is_seen_exactly()
{
	local cpu share figure
	spin_session hpet
	for cpu in 0 1; do
		read -r share figure < <(spin_share hpet $cpu)
		echo "$figure ($share%)"
		assert_ge "percent of the expected samples" "$share" 98
	done
}
t "hpet, instructions counted: 100 ms with interrupts off are seen whole, on every pCPU" spin_is_seen_exactly
