# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --pmu amd --truth count --timeout 600
#
# Exact counts of three guests on two CPUs, PV and PVH, beside what the emulator counted while the counters were on.
# 77-stat-truth.host compares. One session in this boot, or the truth would be of more than one.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/stat.sh

guest_create calc pvh compute 1:1 --mem 160 --vcpus 2 &
guest_create thrash pv cache --mem 192 &
guest_create pages pvh tlb --mem 192 &
wait
guest_wait_up calc
guest_wait_up thrash
guest_wait_up pages

counted_beside_the_truth()
{
	assert_status "stat" 0 xprof stat -j -o /out/stat.json -d 12
	cat /out/stat.json
	assert_ge "guests with a second of CPU time" \
		"$(counts /out/stat.json 'select(.domid > 0 and (.idle | not) and .cpu_time_ns >= 1e9) | .domid' | wc -l)" 3
}
t "stat beside the emulator's truth, three guests on two CPUs" counted_beside_the_truth

for name in calc thrash pages; do guest_stop $name >/dev/null; done
