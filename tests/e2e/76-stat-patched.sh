# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --xen patched --cpus 2 --pmu intel --timeout 600
#
# Exact counts with the profiler built into Xen, on Intel's counters (PV guests only: the emulator has no VMX).
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/stat.sh

status_and_form
known_loop

guest_create one pv compute 1:1 --mem 160 &
guest_create two pv compute 1:1 --mem 160 --vcpus 2 &
wait
guest_wait_up one
guest_wait_up two

times_are_xens
all_adds_up
intervals
guest_stop one >/dev/null
guest_stop two >/dev/null
