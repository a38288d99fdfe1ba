# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 1 --pmu amd --overlay @BUILD@/bench/peers --timeout 600
#
# The emulator's counters as somebody else's driver sees them: the xenoprof that is in stock Xen, driven from dom0.
# 78-xenoprof.host compares what it sampled with what the workload says it did.
source /usr/lib/xprof-tests/lib.sh

INSTRUCTIONS=0xc0 PERIOD=400000

needs_an_event()
{
	assert_status "xenoprof-drive without an event" 2 xenoprof-drive -s 1
	assert_in "what it says" "usage: xenoprof-drive" "$output"
}
t "xenoprof-drive wants an event" needs_an_event

sampled()
{
	echo $PERIOD >/out/period
	xenoprof-drive -e $INSTRUCTIONS:0:$PERIOD -o /out/xenoprof.csv -- compute 3:1 --seconds 4 >/out/xenoprof.txt 2>/out/compute.log
	grep '^{' /out/compute.log >/out/compute.json
	assert_ge "samples" "$(awk '/^samples / {print $2}' /out/xenoprof.txt)" 2000
	assert_eq "lost" "$(awk '/^samples / {print $4}' /out/xenoprof.txt)" 0
}
t "in-tree xenoprof samples instructions on the emulator's counters, none is lost" sampled

passively()
{
	local pv pvh
	pv=$(xl domid pv)
	pvh=$(xl domid pvh)
	xenoprof-drive -e $INSTRUCTIONS:0:$PERIOD -p "$pv" -p "$pvh" -s 3 | tee /tmp/three.txt
	assert_ge "samples of the PV guest" "$(awk -v d="$pv:" '$2 == d {print $3}' /tmp/three.txt)" 300
	assert_ge "samples of the PVH guest" "$(awk -v d="$pvh:" '$2 == d {print $3}' /tmp/three.txt)" 300
}
guest_create pv pv compute 1:1 && guest_wait_up pv
guest_create pvh pvh compute 1:1 && guest_wait_up pvh
t "a second session samples a PV and a PVH guest, too" passively

xprof_next()
{
	xprof record --no-guest-memory -e instructions:$PERIOD -o /tmp/next.xprof -- compute 3:1 --seconds 2
	xprof report -i /tmp/next.xprof --json >/tmp/next.json
	assert_ge "samples" "$(json /tmp/next.json .samples.instructions)" 1000
	assert_eq "lost" "$(json /tmp/next.json .lost.instructions)" 0
}
t "the counters are given back: xprof records next" xprof_next
