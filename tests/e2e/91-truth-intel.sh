# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 1 --pmu intel --pmu-options pmu-l2=64,pmu-llc=256 --truth auto --timeout 1200 --xen-args dom0_max_vcpus=1 --xen-args xpti=no
#
# Every event of the Intel model at once (three on fixed counters or general ones, the rest takes what is left), in Xen,
# dom0 and a PV guest: TCG has no VMX. 91-truth-intel.host compares the profile with what the emulator counted.
#
# xpti=no: else Xen changes CR3 for each NMI, and at some thousand NMIs a second a fifth of all TLB misses are of the
# profiler's making, most of them right behind an NMI, where the next sample never is.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/truth.sh

guest_create pv pv sysio
guest_wait_up pv
t "every event at once, in dom0 and a PV guest" record_for_truth 48000 \
	cycles instructions llc-misses l1d-misses dtlb-misses itlb-misses
echo "pv $(xl domid pv)" >>/out/domains
