# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 1 --pmu intel --pmu-options pmu-l1d=8,pmu-l2=32,pmu-llc=256 --truth auto --timeout 1200 --xen-args dom0_max_vcpus=1
#
# Every event of the Intel model at once (three on fixed counters or general ones, the rest takes what is left), in Xen,
# dom0 and a PV guest: TCG has no VMX. 91-truth-intel.host compares the profile with what the emulator counted.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/truth.sh

guest_create pv pv sysio
guest_wait_up pv
t "every event, $TRUTH_SECONDS s, in dom0 and a PV guest" record_for_truth \
	cycles instructions llc-misses l1d-misses dtlb-misses itlb-misses
echo "pv $(xl domid pv)" >>/out/domains
