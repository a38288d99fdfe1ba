# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # $drawn and $ratio come from shares.sh
# xenhost: --cpus 1 --icount 1 --timeout 1500 --xen-args nmi=ignore --xen-args sched_ratelimit_us=10000
#
# Shares on one CPU that executes one instruction every 2 ns: nothing is dropped, so that only the noise of sampling
# is left: 3 standard errors and 0.3 percentage points. 3,001 Hz falls in step with no 200 µs slice, no scheduler's
# or kernel's tick.
#
# QEMU's HPET sends every tick twice where time is exact (hpet_timer() asks whether the time of the tick is over, not
# whether it has come, and fires again at once). No tick explains the second NMI, so xprof hands it on; nmi=ignore
# keeps Xen from telling dom0 of each, which would print more than it works.
#
# Domains run for 10 ms at least (sched_ratelimit_us): Xen's accounting charges the work of a switch to the next vCPU,
# but `current` stays the one before while Xen writes that one's runstate area, which for a PVH guest is a walk through
# its page tables: some 23 µs. At 1,600 switches out of it in 5 s that was 0.7 points (seen: 0.72; without: 0.04).
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/shares.sh

HZ=3001 SIGMAS=3 POINTS=0.3

two_functions() # ratio
{
	xprof start --source hpet -F $HZ -o /tmp/functions.xprof
	compute "$1" --seed "$SEED" --seconds 4.5 >/tmp/compute.json
	xprof stop
	xprof dump -i /tmp/functions.xprof >/tmp/functions.dump
	ticks_dropped /tmp/functions.dump
	assert_ge "samples" "$(grep -c '^sample' /tmp/functions.dump)" 10000
	functions_agree /tmp/functions.xprof all /tmp/compute.json $SIGMAS $POINTS iterations
}
draw_ratio
t "hpet, one CPU: two functions of a process have the shares that it worked" two_functions "$ratio"

domains() # ratio
{
	local status=0
	xprof start --source hpet -F $HZ -o /tmp/domains.xprof
	compute "$1" --seed "$SEED" --seconds 6 >/tmp/compute.json &
	sleep 0.3
	xen-run-times >/tmp/before
	sleep 5
	xen-run-times >/tmp/after
	wait
	xprof stop
	xprof dump -i /tmp/domains.xprof >/tmp/domains.dump
	ticks_dropped /tmp/domains.dump
	domains_agree /tmp/domains.dump 0 /tmp/before /tmp/after $SIGMAS $POINTS || status=1
	functions_agree /tmp/domains.xprof all /tmp/compute.json $SIGMAS $POINTS iterations || status=1
	assert_ge "samples" "$(grep -c '^sample' /tmp/domains.dump)" 10000
	return $status
}

draw_ratio
draw 64 512; pv=$drawn
draw 64 512; pvh=$drawn
echo "figure: weights: dom0 256, PV guest $pv, PVH guest $pvh"
guest_create pv pv compute 1:1 --weight "$pv" && guest_wait_up pv 300
guest_create pvh pvh compute 1:1 --slice 20000 --weight "$pvh" && guest_wait_up pvh 300
xl list
t "hpet, one CPU: dom0, a PV and a PVH guest have the shares that Xen ran them" domains "$ratio"
gzip -c /tmp/domains.dump >/out/domains.dump.gz
cp /tmp/before /tmp/after /tmp/compute.json /tmp/domains.xprof /tmp/functions.xprof /out/
