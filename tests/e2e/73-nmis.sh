# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 3 --pmu amd --qemu-args -global --qemu-args isa-pcspk.error-port=245 --timeout 900
#
# NMIs that are not ours, and counters that somebody else touches, while counters are sampled.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh

LAST=2 # CPU that the payload touches

# One event with a period: no overflow comes together with another, no rate is followed.
start() { xprof start -e "${2:-cycles:2000000}" -o "$1"; }
busy() { compute 1:1 --cpu 0 --seconds "$1" >/dev/null & compute 1:1 --cpu $LAST --seconds "$1" >/dev/null; wait $!; }

# bus_error BITS: port 61h's SERR (80), IOCHK (40); 1 more: without an NMI, as when it had merged with one of ours.
bus_error()
{
	[[ -c /dev/port ]] || mknod /dev/port c 1 4
	printf "\\x$1" | dd of=/dev/port bs=1 seek=$((0xf5)) conv=notrunc 2>/dev/null
}

registers_are_as_found()
{
	local pid
	tamper_in
	registers | tee /tmp/found
	xprof attach
	dmesg -c >/dev/null
	xprof record -e cycles,instructions,llc-misses:10000,dtlb-misses -o /tmp/r.xprof -- compute 1:1 --seconds 2 >/dev/null
	none_is_nobodys /tmp/r.xprof
	as_found
	xprof record -e cycles:50000,instructions:50000,r040,r041,r0c2,r0c3,r046,r085 -o /tmp/r.xprof -- compute 1:1 --seconds 2 >/dev/null
	none_is_nobodys /tmp/r.xprof
	as_found
	start /tmp/r.xprof
	sleep 1
	pid=$(xprof status --json | jq -r .pid)
	kill -KILL "$pid"
	wait_for 10 sh -c "! kill -0 $pid"
	xprof check >/dev/null || :
	as_found
	xprof detach
}
t "registers are as found: after four events, after eight in turns, after SIGKILL" registers_are_as_found

stray() # KEY CPU
{
	local before after
	tamper_in
	xprof attach
	dmesg -c >/dev/null
	before=$(xen_nmis)
	start /tmp/x.xprof
	busy 6 &
	tamper "$1" 'sent 100 to'
	wait
	stop_and_read /tmp/x.xprof
	after=$(xen_nmis)
	xprof detach
	echo "figure: 100 NMIs without a cause on CPU $2: $(stat_of passed /tmp/x.xprof.dump) handed on there;" \
		"Xen counted $((after - before)), xprof produced $(produced /tmp/x.xprof.json)"
	assert_eq "NMIs that were handed on" "$(stat_of passed /tmp/x.xprof.dump "$2")" 100
	assert_eq "NMIs of other CPUs that were" "$(stat_of passed /tmp/x.xprof.dump)" 100
	assert_ge "Xen's NMIs, without samples" $((after - before - $(produced /tmp/x.xprof.json))) 100
	assert_le "Xen's NMIs, without samples" $((after - before - $(produced /tmp/x.xprof.json))) 106
	assert_ge "samples" "$(produced /tmp/x.xprof.json)" 500
}
dom0_is_told() { assert_ge "unknown NMIs in dom0's log" "$(dmesg | grep -c 'NMI received for unknown reason' || :)" 5; }
stray_on_0() { stray 4 0; dom0_is_told; }
t "NMIs without a cause on CPU 0 all go on to Xen, which tells dom0" stray_on_0
t "NMIs without a cause on another CPU all go on to Xen" stray 5 $LAST

# (Xen does not take back what it told dom0, and dom0's kernel looks at SERR first, so IOCHK has to come first here.)
errors_of_the_bus()
{
	local before after
	tamper_in
	xprof attach
	dmesg -c >/dev/null
	xl dmesg -c >/dev/null
	start /tmp/e.xprof
	busy 12 &
	sleep 1
	bus_error 40
	wait_for 20 sh -c 'dmesg | grep -q "IOCK error"'
	bus_error 80
	wait_for 20 sh -c 'dmesg | grep -q "PCI system error (SERR)"'
	assert_in "what Xen says" "NMI - PCI system error (SERR)" "$(xl dmesg)"
	wait
	stop_and_read /tmp/e.xprof
	xprof detach
	assert_eq "NMIs that were handed on" "$(stat_of passed /tmp/e.xprof.dump 0)" 2
	assert_ge "samples" "$(produced /tmp/e.xprof.json)" 500
}
t "SERR and IOCHK: Xen and dom0 are told while counters are sampled" errors_of_the_bus

an_error_that_merged()
{
	tamper_in
	xl dmesg -c >/dev/null
	dmesg -c >/dev/null
	bus_error 81
	sleep 1
	assert_eq "what Xen says without a session" "$(xl dmesg | grep -c 'SERR' || :)" 0
	xprof attach
	start /tmp/q.xprof
	wait_for 20 sh -c 'xl dmesg | grep -q "NMI - PCI system error (SERR)"'
	wait_for 20 sh -c 'dmesg | grep -q "PCI system error (SERR)"'
	stop_and_read /tmp/q.xprof
	xprof detach
	assert_eq "NMIs that were handed on" "$(stat_of passed /tmp/q.xprof.dump)" 1
}
t "SERR whose NMI merged with one of ours is seen by housekeeping and sent again" an_error_that_merged
