# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # $output is assert_status's
# xenhost: --cpus 3 --pmu amd --timeout 900
#
# Counters, or the host itself, are changed by others while counters are sampled.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh

LAST=2 # CPU that the payload touches

# One event with a period: no overflow comes together with another, no rate is followed.
start() { xprof start -e "${2:-cycles:2000000}" -o "$1"; }
busy() { compute 1:1 --cpu 0 --seconds "$1" >/dev/null & compute 1:1 --cpu $LAST --seconds "$1" >/dev/null; wait $!; }

tamper_in
registers >/tmp/found

touched() # KEY TEXT REASON SENTENCE EVENTS
{
	local before after at file=/tmp/t.xprof
	tamper_in
	xprof attach
	before=$(xen_nmis)
	start $file "$5"
	busy 6 &
	sleep 2
	tamper "$1" "$2"
	at=$(xprof status --json | jq .samples)
	wait
	stop_and_read $file
	after=$(xen_nmis)
	assert_eq "gaps of CPU $LAST with reason $3" "$(gaps $file.dump "$3" $LAST)" 1
	assert_eq "gaps of other CPUs" "$(gaps $file.dump "$3" '[01]')" 0
	assert_in "report" "CPU $LAST was not sampled" "$(cat $file.txt)"
	assert_in "report" "$4" "$(cat $file.txt)"
	assert_ge "samples afterwards" $(($(produced $file.json) - at)) 300
	awk -v cpu="cpu=$LAST" '$1 == "gap" && $0 ~ cpu {on = 1; n = 0} $1 == "sample" && $3 == cpu {n++} END {print "figure: samples of that CPU after the gap:", n; exit n < 100}' $file.dump
	no_stray "$2" "$before" "$after" $file 3
	as_found
	xprof detach
}
changed="its counters were changed by another, and set up anew"
t "counters cleared and LVTPC masked, as by S3: set up anew, a gap is said" touched 2 wiped 5 "$changed" cycles:2000000
t "counters past their overflow without an NMI: armed anew, a gap is said" touched 3 stuck 6 \
	"a counter had overflowed without an NMI, and was armed anew" cycles:2000000

another_patch()
{
	local before after file=/tmp/m.xprof
	tamper_in
	xprof attach
	before=$(xen_nmis)
	start $file
	busy 6 &
	sleep 1
	patch_in unrelated-after-xprof
	sleep 1
	patch_out unrelated-after-xprof
	wait
	stop_and_read $file
	after=$(xen_nmis)
	assert_eq "gap records with reason 1" "$(gaps $file.dump 1 '[0-9]*')" 6
	assert_ge "samples" "$(produced $file.json)" 500
	# NMIs of the counters that live patching's own callback saw are in no record but the gap's
	echo "figure: live patch meanwhile: Xen counted $((after - before)) NMIs, xprof produced $(produced $file.json)"
	assert_ge "Xen's NMIs, without samples" $((after - before - $(produced $file.json))) 0
	assert_eq "NMIs that were handed on" "$(stat_of passed $file.dump)" 0
	as_found
	xprof detach
}
t "another live patch meanwhile: gaps are said, sampling goes on" another_patch

a_cpu_goes_and_comes()
{
	local before after others file=/tmp/c.xprof
	tamper_in
	xprof attach
	before=$(xen_nmis 2)
	start $file
	busy 3
	xen-hptool cpu-offline $LAST
	busy 2
	xen-hptool cpu-online $LAST
	busy 4
	stop_and_read $file
	after=$(xen_nmis 2)
	assert_in "report" "CPU $LAST was not sampled" "$(cat $file.txt)"
	assert_ge "gaps with reason 3" "$(gaps $file.dump 3 $LAST)" 1
	awk -v cpu="cpu=$LAST" '$1 == "gap" && $0 ~ cpu {on = 1; n = 0} $1 == "sample" && $3 == cpu {n++} END {print "figure: samples of that CPU when it was back:", n; exit n < 100}' $file.dump
	# Xen forgets a CPU's count when it goes offline, so only the other two can be compared.
	others=$(xprof report -i $file --cpu 0-1 --json | jq '[.samples[]] | add')
	echo "figure: CPU $LAST went and came: on CPUs 0 and 1 Xen counted $((after - before)) NMIs, xprof produced $others"
	assert_ge "NMIs that are not samples" $((after - before - others)) 0
	assert_le "NMIs that are not samples" $((after - before - others)) 6
	assert_eq "lost" "$(jq '[.lost[]] | add' $file.json)" 0
	assert_eq "NMIs handed on" "$(stat_of passed $file.dump)" 0
	as_found
	xprof detach
	nothing_is_left
}
t "a CPU goes offline and comes back: gap, samples again, no stray NMI, registers as found" a_cpu_goes_and_comes

a_storm()
{
	local file=/tmp/s.xprof begin=$SECONDS
	tamper_in
	dmesg -c >/dev/null
	xprof attach
	assert_status "record" 0 xprof record -e cycles:1000,instructions:1000,cycles:1000:u,instructions:1000:u -o $file \
		-- compute 1:1 --cpu $LAST --seconds 5
	assert_in "warning" "NMIs came too densely, so its period was raised" "$output"
	assert_le "seconds for 5" $((SECONDS - begin)) 40
	xprof report -i $file >/tmp/s.txt
	grep '^#' /tmp/s.txt
	none_is_nobodys $file
	assert_eq "errors of the bus in dom0's log" "$(dmesg | grep -c 'NMI:' || :)" 0
	assert_in "report" "was throttled: NMIs came too densely, so its period was raised" "$(cat /tmp/s.txt)"
	xprof detach
	as_found
}
t "four events with a period of 1,000 are throttled, said so, and the host lives" a_storm
