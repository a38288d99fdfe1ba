# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # $drawn and $ratio come from shares.sh
# xenhost: --cpus 2 --timeout 1500
#
# Shares on two CPUs of an emulator that goes by the wall clock: within 2 points, on each pCPU, of 10,000 samples and
# more. Each vCPU is pinned, so that Xen's accounting of vCPUs is one of pCPUs.
#
# An emulator whose threads have to wait for a core drops ticks: one that lost more than a tenth of them and is off tells little,
# and there is another one, twice. All are printed.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/shares.sh

POINTS=2

# Worth another session?
dropped_too_many()
{
	awk '$1 == "stats" {
		for (i = 2; i <= NF; i++) {
			split($i, f, "=")
			v[f[1]] = f[2]
		}
		if (v["nmis"] < 0.9 * v["ticks"])
			bad = 1
	} END {exit !bad}' /tmp/s.dump
}

finish()
{
	xprof stop
	xprof dump -i /tmp/s.xprof >/tmp/s.dump
	ticks_dropped /tmp/s.dump
}

enough_samples()
{
	local cpu
	for cpu in 0 1; do
		assert_ge "samples of pCPU $cpu" "$(grep -c "^sample .* cpu=$cpu " /tmp/s.dump)" 10000
	done
}

# functions_once SOURCE HZ SECONDS RATIO-ON-0 RATIO-ON-1: a process of dom0 works on each pCPU.
functions_once()
{
	local cpu status=0 ratios=("$4" "$5")
	xprof start --source "$1" -F "$2" -o /tmp/s.xprof
	for cpu in 0 1; do
		compute "${ratios[cpu]}" --seed "$SEED" --seconds "$3" --cpu $cpu >/tmp/compute-$cpu.json &
	done
	wait
	finish
	for cpu in 0 1; do
		functions_agree /tmp/s.xprof $cpu /tmp/compute-$cpu.json 0 $POINTS tsc || status=1
	done
	return $status
}

# domains_once SOURCE HZ SECONDS: the same, beside a guest on each pCPU.
domains_once()
{
	local cpu status=0
	xprof start --source "$1" -F "$2" -o /tmp/s.xprof
	for cpu in 0 1; do
		compute 1:1 --seconds "$(($3 + 2))" --cpu $cpu >/dev/null &
	done
	sleep 1
	xen-run-times >/tmp/before
	sleep "$3"
	xen-run-times >/tmp/after
	wait
	finish
	for cpu in 0 1; do
		domains_agree /tmp/s.dump $cpu /tmp/before /tmp/after 0 $POINTS || status=1
	done
	return $status
}

# shares WHAT ARG…: up to three sessions.
shares()
{
	local try
	for try in 1 2 3; do
		if "$@"; then
			enough_samples
			return
		fi
		dropped_too_many || fail "a share is off by more than it may be (above)"
		echo "figure: session $try is not judged: the emulator dropped more than a tenth of the ticks"
	done
	fail "shares were off in three sessions in which the emulator dropped more than a tenth of the ticks (above)"
}

for i in 0 1; do xl vcpu-pin 0 $i $i; done
ratios=()
for i in 0 1; do draw_ratio; ratios+=("$ratio"); done
t "hpet, two CPUs: functions of a process have their shares on each pCPU" shares functions_once hpet 1999 7 "${ratios[@]}"
t "ipi, two CPUs: functions of a process have their shares on each pCPU" shares functions_once ipi 997 15 "${ratios[@]}"

draw 64 512; pv=$drawn
draw 64 512; pvh=$drawn
echo "figure: weights: dom0 256, PV guest (pCPU 0) $pv, PVH guest (pCPU 1) $pvh"
guest_create pv pv compute 1:1 --weight "$pv" --cpus 0 && guest_wait_up pv
guest_create pvh pvh compute 1:1 --slice 20000 --weight "$pvh" --cpus 1 && guest_wait_up pvh
xl vcpu-list
t "hpet, two CPUs: domains have their shares on each pCPU" shares domains_once hpet 1999 8
t "ipi, two CPUs: domains have their shares on each pCPU" shares domains_once ipi 997 15
