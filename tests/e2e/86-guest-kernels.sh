# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 600
#
# Functions of guests' kernels, and names of their processes, read from outside. The truth is what each guest reads in its own
# /proc/kallsyms, and which workload it was told to run.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/guests.sh

guests_come_up()
{
	guest_create one pv sysio --mem 160 --kallsyms tell &
	guest_create two pvh sysio --mem 160 --kallsyms tell &
	wait
	guest_wait_up one
	guest_wait_up two
	told one
	told two
}
t "a PV and a PVH guest come up and say what their kernels' own symbols are" guests_come_up

t "PV: the symbols read from outside are the guest's own, each" the_same_table one
t "PVH: the symbols read from outside are the guest's own, each" the_same_table two

kernels_have_names()
{
	local name all named
	xprof record --source hpet -F 2000 -o /tmp/n.xprof -- sleep 10
	xl pause one
	xl pause two # what follows is dom0's: it has the CPUs, and guests that stand still can be read, too
	xprof report -i /tmp/n.xprof --json >/tmp/n.json
	xprof report -i /tmp/n.xprof | sed -n 1,60p
	for name in one two; do
		all=$(of /tmp/n.json $name true)
		named=$(of /tmp/n.json $name '.symbol != null')
		echo "figure: $name: $named of $all samples in its kernel have a name"
		assert_ge "samples in the kernel of $name" "$all" 500
		assert_ge "of them with a name (per mille)" $((1000 * named / all)) 990
		jq -r ".symbols[] | select(.domain == \"$name\" and .mode == \"kernel\" and .symbol != null and .image == \"vmlinux\") | .symbol" \
			/tmp/n.json | sort -u >/tmp/seen
		guest-symbols "$(xl domid $name)" | awk '{print $3}' | sort -u >/tmp/known
		assert_eq "names that the guest's kernel has not" "$(grep -cvxFf /tmp/known /tmp/seen)" 0
		# sysio writes one byte to /dev/null with each call.
		grep -qx 'ksys_write\|vfs_write\|write_null' /tmp/seen || fail "$name: no function of its write() is there: $(head /tmp/seen)"
	done
	nothing_is_left
}
t "functions of both guests' kernels are named, 99% of their samples and more" kernels_have_names

# Both run sysio, as a child of init, and sysio has a child of its own.
processes_have_names()
{
	local name
	for name in one two; do
		guest-symbols "$(xl domid $name)" processes | tee /tmp/processes
		assert_eq "children of init called sysio in $name" "$(awk '$2 == 1 && $4 == "sysio"' /tmp/processes | wc -l)" 1
		assert_eq "children of that" "$(awk '$4 == "sysio" {pid[NR] = $1; parent[NR] = $2}
			END {for (i in pid) for (k in pid) n += parent[i] == pid[k]; print n + 0}' /tmp/processes)" 1
		xprof report -i /tmp/n.xprof --domain $name --mode user --sort process --percent-limit 0 | tee /tmp/u.txt
		assert_ge "percent of its user mode that is sysio's" "$(awk '$1 ~ /%$/ && $NF == "sysio" {n += $1} END {print n + 0}' /tmp/u.txt)" 90
	done
	xl unpause one
	xl unpause two
}
t "processes of both guests are known by name and page tables" processes_have_names

off_by_option()
{
	xprof record --no-guest-memory --source hpet -F 2000 -o /tmp/o.xprof -- sleep 3
	xprof report -i /tmp/o.xprof --json >/tmp/o.json
	assert_ge "samples in the kernel of one" "$(of /tmp/o.json one true)" 100
	assert_eq "of them with a name" "$(of /tmp/o.json one '.symbol != null')" 0
	xprof report -i /tmp/o.xprof >/tmp/o.txt
	assert_in "report" "--no-guest-memory" "$(cat /tmp/o.txt)"
	nothing_is_left
}
t "--no-guest-memory: no guest is read, and the report says so" off_by_option

# Beginning when xl has built it, when there is no kernel yet.
a_guest_is_read_while_it_boots_and_dies()
{
	local i
	xprof start --source hpet -F 997 -o /tmp/b.xprof
	guest_create three pv sysio --mem 128
	for ((i = 0; i < 40; i++)); do
		guest-symbols "$(xl domid three)" >/tmp/s 2>/tmp/e || tail -n 1 /tmp/e
		guest_console three | grep -q runs && break
	done
	guest_wait_up three
	sleep 3
	guest_destroy three
	assert_status "of a domain that has gone" 1 guest-symbols 4000
	assert_in "text" "not there" "$output"
	assert_status "stop" 0 xprof stop
	xprof report -i /tmp/b.xprof --json >/tmp/b.json
	assert_ge "samples in its kernel that have names" "$(of /tmp/b.json three '.symbol != null')" 50
	nothing_is_left
}
t "a guest that boots and dies meanwhile is read when it can be" a_guest_is_read_while_it_boots_and_dies

guest_stop one >/dev/null
guest_stop two >/dev/null

the_modules_too()
{
	local name seen
	guest_create mod-pv pv attack --mem 128 --kallsyms modules -- --module /workloads/xen-privcmd.ko --seed 1 &
	guest_create mod-pvh pvh attack --mem 128 --kallsyms modules -- --module /workloads/xen-privcmd.ko --seed 1 &
	wait
	for name in mod-pv mod-pvh; do
		guest_wait_up "$name"
		guest_wait "$name" 60 '^module-kallsyms '
		guest-symbols "$(xl domid $name)" >/tmp/symbols
		seen=$(awk 'NF == 4' /tmp/symbols | tr A-Z a-z | tee /tmp/modules | wc -l)
		seen+=" $(md5sum </tmp/modules | cut -d' ' -f1)"
		echo "figure: $name: symbols of modules: $seen"
		assert_eq "number and MD5 of its modules' symbols" "$seen" "$(guest_console "$name" | awk '$1 == "module-kallsyms" {print $2, $3}')"
	done
	xprof record --source hpet -F 2000 -o /tmp/m.xprof -- sleep 5
	xprof report -i /tmp/m.xprof --json >/tmp/m.json
	for name in mod-pv mod-pvh; do
		assert_ge "samples in named functions of the module of $name" \
			"$(of /tmp/m.json $name '.image == "xen_privcmd" and .symbol != null')" 20
		guest_destroy "$name"
	done
	nothing_is_left
}
t "symbols of modules are the guests' own, each, and their functions are named" the_modules_too
