# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 4 --pmu amd --timeout 500
#
# 4 kHz on each of four CPUs, all busy, default rings and collector: nothing is lost, and every NMI is accounted for.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh

all_busy() { for cpu in 0 1 2 3; do compute 3:1 --cpu $cpu --seconds "$1" >/dev/null & done; wait; }

at_4_khz()
{
	local before after file=/tmp/r.xprof cpu
	xprof attach
	before=$(xen_nmis)
	xprof start -e cycles -F 4000 -o $file
	all_busy 20
	stop_and_read $file
	after=$(xen_nmis)
	xprof detach
	for cpu in 0 1 2 3; do
		echo "figure: CPU $cpu: $(xprof report -i $file --cpu $cpu --json | jq '.samples.cycles / .duration_ns * 1e9 | floor') samples a second"
	done
	cp $file /out/
	assert_eq "lost" "$(jq .lost.cycles $file.json)" 0
	assert_ge "samples" "$(jq .samples.cycles $file.json)" $((4 * 4000 * 14))
	no_stray "4 kHz on 4 CPUs" "$before" "$after" $file 4
}
t "4 kHz on four busy CPUs for 20 s: none lost, samples are Xen's NMIs to the sample" at_4_khz
