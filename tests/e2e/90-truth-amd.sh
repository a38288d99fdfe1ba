# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 1 --pmu amd --pmu-options pmu-l2=64,pmu-llc=256 --truth auto --timeout 1200 --xen-args dom0_max_vcpus=1
#
# Every event of the AMD model at once, in Xen, dom0, a PV and a PVH guest; 90-truth-amd.host compares the profile with
# what the emulator counted. Small caches, so that there is enough to miss in many places. Each event has some 30,000 to 42,000 samples
# on an idle machine.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/truth.sh

guest_create pv pv sysio & guest_create pvh pvh sysio & wait
guest_wait_up pv
guest_wait_up pvh
t "every event at once, in dom0, a PV and a PVH guest" record_for_truth 42000 \
	cycles instructions llc-misses l1d-misses dtlb-misses itlb-misses
echo "pv $(xl domid pv)" >>/out/domains
echo "pvh $(xl domid pvh)" >>/out/domains
