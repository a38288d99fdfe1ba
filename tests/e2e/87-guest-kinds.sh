# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 1500 --guest-kinds
#
# Guests of other kinds than 86-guest-kernels.sh has: HVM, KASLR, a kernel of another version, no Linux, 32-bit; and guests
# to which something happens while they are read. The truth is each guest's own /proc/kallsyms, and nm of kernels of our own.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/guests.sh

KERNELS=/usr/lib/xprof-kernels

guests_come_up()
{
	local name
	guest_create other pvh sysio --mem 160 --cap 40 --kernel other --kallsyms tell &
	guest_create other-pv pv sysio --mem 160 --cap 40 --kernel other --kallsyms tell &
	wait
	for name in other other-pv; do
		guest_wait_up $name
		echo "figure: $name: its kernel is at $(text_of $name)"
	done
}
t "a PVH and a PV guest with another kernel come up" guests_come_up

t "PVH, another kernel: the symbols read from outside are the guest's own, each" the_same_table other /tmp/other.table
t "PV, another kernel: the symbols read from outside are the guest's own, each" the_same_table other-pv /tmp/other-pv.table

their_kernels_have_names()
{
	local name
	xprof record --source hpet -F 2000 -o /tmp/k.xprof -- sleep 8
	for name in other other-pv; do xl pause $name; done # what follows is dom0's
	xprof report -i /tmp/k.xprof --json >/tmp/k.json
	for name in other other-pv; do
		kernel_is_named /tmp/k.xprof /tmp/k.json $name "$(xl domid $name)" /tmp/$name.table 200
		xl unpause $name
	done
	nothing_is_left
}
t "functions of their kernels are named, 99% of their samples and more, none wrong" their_kernels_have_names

# read_on NAME: reads it again and again until /tmp/enough is there. Each time it gets the guest's own table, or a reason.
read_on()
{
	local own status
	own=$(told "$1")
	until [[ -e /tmp/enough ]]; do
		status=0
		guest-symbols "$(xl domid "$1" 2>/dev/null || echo 4000)" >"/tmp/on.$1" 2>"/tmp/on.$1.why" || status=$?
		case $status in
		0) [[ $(md5sum <"/tmp/on.$1" | cut -d' ' -f1) == "${own#* }" ]] && echo same || echo "differs: $(wc -l <"/tmp/on.$1")" ;;
		1) tail -n 1 "/tmp/on.$1.why" ;;
		*) echo "status $status: $(tail -n 1 "/tmp/on.$1.why")" ;;
		esac
	done >"/tmp/said.$1"
}

# only_same_or_why NAME: what read_on has said.
only_same_or_why()
{
	echo "figure: $1: read $(grep -c . "/tmp/said.$1") times, $(grep -c '^same' "/tmp/said.$1") times whole"
	sort "/tmp/said.$1" | uniq -c
	assert_ge "whole readings of $1" "$(grep -c '^same' "/tmp/said.$1")" 2
	assert_eq "readings of $1 that ended otherwise" "$(grep -vc '^same$\|^guest-symbols: ' "/tmp/said.$1")" 0
}

in_motion()
{
	local pvh pv name
	pvh=$(xl domid other) pv=$(xl domid other-pv)
	rm -f /tmp/enough
	read_on other & read_on other-pv &
	xprof start --source hpet -F 997 -o /tmp/m.xprof
	sleep 2
	xl pause other-pv
	sleep 1
	xl unpause other-pv
	xl mem-set other 136
	sleep 2
	xl mem-set other 160
	for name in other other-pv; do xl sched-credit2 -d $name -c 0; done # xl waits a minute for their suspending, no longer
	xl migrate -s '' other 'xl migrate-receive'
	xl save other-pv /run/saved # (/tmp, where dom0's programs lie too, has no room for all of a guest)
	xl restore /run/saved
	rm /run/saved
	sleep 4
	touch /tmp/enough
	wait
	assert_status "stop" 0 xprof stop
	for name in other other-pv; do xl pause $name; done
	for name in other other-pv; do only_same_or_why $name; done
	xprof report -i /tmp/m.xprof --json >/tmp/m.json
	for name in other other-pv; do
		kernel_is_named /tmp/m.xprof /tmp/m.json "$name, before" "$([[ $name == other ]] && echo "$pvh" || echo "$pv")" /tmp/$name.table 50
		kernel_is_named /tmp/m.xprof /tmp/m.json "$name, moved" "$(xl domid $name)" /tmp/$name.table 50
		xl unpause $name
	done
	no_domain_lingers
	nothing_is_left
}
t "guests that pause, balloon, migrate, are saved and restored are read and named" in_motion

they_die_while_they_are_read()
{
	local name status
	xprof start --source hpet -F 997 -o /tmp/d.xprof
	for name in other other-pv; do
		guest-symbols "$(xl domid $name)" >/tmp/d.$name 2>&1 &
		sleep 0.2
		guest_destroy $name
		status=0
		wait $! || status=$?
		echo "figure: $name died while it was read: status $status, $(tail -n 1 /tmp/d.$name)"
		assert_le "exit status" $status 1
		wait_for 10 no_domain_lingers
	done
	assert_status "stop" 0 xprof stop
	xprof report -i /tmp/d.xprof
	nothing_is_left
}
t "guests that die while they are read do not linger" they_die_while_they_are_read

# by_address PROFILE JSON NAME HIGH REASON: its samples are there, by address, all in spin() of 8 bytes, HIGH above where nm has it,
# and the report says why they have no name.
by_address()
{
	local domid all address spin
	domid=$(xl domid "$3")
	spin=$((16#$(awk '$3 == "spin" {print $1}' "$KERNELS/$3.map") + $4))
	all=$(of "$2" "$domid" true)
	echo "figure: $3: $all samples by address"
	assert_ge "samples in the kernel of $3" "$all" 100
	assert_eq "of them with a name" "$(of "$2" "$domid" '.symbol != null')" 0
	for address in $(addresses_in_kernel "$1" "$domid" | sort -u); do
		(( 16#$address >= spin && 16#$address < spin + 8 )) || fail "$3: a sample at $address, outside of spin()"
	done
	assert_in "report" "$3: functions of its kernel have no names: $5" "$(xprof report -i "$1")"
}

others_stay_by_address()
{
	guest_create spin32 pvh none --mem 16 --kernel $KERNELS/spin32 --cap 30
	guest_create spin64 pvh none --mem 16 --kernel $KERNELS/spin64 --cap 30
	xprof record --source hpet -F 2000 -o /tmp/s.xprof -- sleep 8
	xprof report -i /tmp/s.xprof --json >/tmp/s.json
	xprof report -i /tmp/s.xprof | sed -n 1,60p
	by_address /tmp/s.xprof /tmp/s.json spin32 0 \
		"domain $(xl domid spin32) is a 32-bit guest"
	by_address /tmp/s.xprof /tmp/s.json spin64 $((16#ffffffff80000000)) \
		"no table of symbols of a Linux kernel was found in its memory"
	guest_destroy spin32
	guest_destroy spin64
	no_domain_lingers
	nothing_is_left
}
t "a 32-bit guest's and another system's samples stay by address, and the report says why" others_stay_by_address

MOVING=(kaslr hvm)

guests_under_kaslr_come_up()
{
	local name
	guest_create kaslr pvh sysio --mem 192 --kaslr --kallsyms tell --restarts &
	guest_create hvm hvm sysio --mem 192 --kallsyms tell --restarts &
	wait
	for name in "${MOVING[@]}"; do
		guest_wait_up $name
		echo "figure: $name: its kernel is at $(text_of $name)"
		xl sched-credit2 -d $name -c 40 # until its next boot
	done
}
t "a PVH guest under KASLR (GRUB) and an HVM guest come up" guests_under_kaslr_come_up

t "PVH, KASLR: the symbols read from outside are the guest's own, each" the_same_table kaslr /tmp/kaslr.table
t "HVM, KASLR: the symbols read from outside are the guest's own, each" the_same_table hvm /tmp/hvm.table

runs() { [[ $(guest_console "$1" | grep -c '^workload .* runs') -ge $2 ]]; }

# has_moved NAME WAS: a boot has some 480 places, 2 MiB apart, for a kernel. One that comes up where it was is rebooted once more.
has_moved()
{
	if [[ $(text_of "$1") == "$2" ]]; then
		echo "figure: $1 came up where it was: once more"
		xl unpause "$1"
		xl reboot "$1"
		wait_for 120 runs "$1" 3
	fi
	assert_ne "_text of $1 after a reboot" "$(text_of "$1")" "$2"
}

a_reboot_moves_the_kernel()
{
	local name
	declare -A first was
	xprof record --source hpet -F 499 -d 1 -o /tmp/r.xprof # they are known, so what follows depends on no reader's haste
	for name in "${MOVING[@]}"; do first[$name]=$(xl domid $name) was[$name]=$(text_of $name); done
	xprof start --source hpet -F 499 -o /tmp/r.xprof
	sleep 3
	for name in "${MOVING[@]}"; do xl reboot $name; done
	for name in "${MOVING[@]}"; do wait_for 120 runs $name 2; done
	sleep 4
	assert_status "stop" 0 xprof stop
	for name in "${MOVING[@]}"; do
		echo "figure: $name: _text was at ${was[$name]}, is at $(text_of $name)"
		assert_ne "domain id of the second boot of $name" "$(xl domid $name)" "${first[$name]}"
		the_same_table $name /tmp/$name.again
		xl pause $name
	done
	xprof report -i /tmp/r.xprof --json >/tmp/r.json
	for name in "${MOVING[@]}"; do
		kernel_is_named /tmp/r.xprof /tmp/r.json "$name, before it" "${first[$name]}" /tmp/$name.table 200
		kernel_is_named /tmp/r.xprof /tmp/r.json "$name, again" "$(xl domid $name)" /tmp/$name.again 200
	done
	for name in "${MOVING[@]}"; do has_moved $name "${was[$name]}"; done
	no_domain_lingers
}
t "KASLR: a reboot moves the kernels, which are read and named anew" a_reboot_moves_the_kernel
for name in "${MOVING[@]}"; do guest_destroy $name; done
