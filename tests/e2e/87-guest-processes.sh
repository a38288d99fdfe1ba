# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 900
#
# Functions of guests' processes, read from outside: programs and a library whose functions' names, places and shares of the time
# are drawn from the run's seed (make-seeded). The truth is what nm said of them, and how often each is called.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/chains.sh

SEEDED=/usr/lib/xprof-seeded

guests_come_up()
{
	echo "figure: XPROF_SEED=$(cat /etc/xprof-seed)"
	mkdir -p /tmp/guest
	ln -s "$GUEST_DIR/vmlinux" /tmp/guest/vmlinux
	cat "$GUEST_DIR/initramfs.cpio" $SEEDED/guest.cpio >/tmp/guest/initramfs.cpio
	GUEST_DIR=/tmp/guest
	guest_create one pv seeded --mem 192 &
	guest_create two pvh seeded --mem 192 &
	wait
	guest_wait_up one
	guest_wait_up two
	xl sched-credit2 -d Domain-0 -w 2048 # it reads them while they take all the time that they get
}
t "a PV and a PVH guest run programs of this run's own" guests_come_up

# in IMAGE EXPRESSION: samples of $domain in the image.
in_image() { jq "[.symbols[] | select(.domain == \"$domain\" and .mode == \"user\" and .image == \"$1\" and $2) | .samples.timer] | add // 0" /tmp/n.json; }

# names_are_right IMAGE NAME: all names are nm's, nearly all samples have one, and each function has its share.
names_are_right()
{
	local all named wrong off
	all=$(in_image "$1" true)
	named=$(in_image "$1" '.symbol != null')
	echo "figure: $domain: $1: $named of $all samples have a name"
	assert_ge "samples of $domain in $1" "$all" 100
	assert_ge "of them with a name (per mille)" $((1000 * named / all)) 950
	jq -r ".symbols[] | select(.domain == \"$domain\" and .image == \"$1\" and .symbol != null) | .symbol" /tmp/n.json | sort >/tmp/seen
	wrong=$(grep -vxFf $SEEDED/$2.nm /tmp/seen || true)
	assert_eq "names in $1 that nm does not know" "[$wrong]" "[]"
	jq -r ".symbols[] | select(.domain == \"$domain\" and .image == \"$1\" and .symbol != null) | \"\(.symbol) \(.samples.timer)\"" \
		/tmp/n.json >/tmp/shares
	off=$(awk 'NR == FNR {weight[$1] = $2; sum += $2; next}
		$1 in weight {n[$1] = $2; all += $2}
		END {
			for (f in weight) {
				p = weight[f] / sum; d = n[f] / all - p; d = d < 0 ? -d : d
				d -= 0.01 # (busybox awk may have no sqrt)
				if (d > 0 && d * d > 16 * p / all) print f ": " n[f] / all " of the time instead of " p
			}
		}' $SEEDED/$2.weights /tmp/shares)
	assert_eq "functions with another share than their own" "[$off]" "[]"
}

functions_have_names()
{
	local domain
	xprof record --source hpet -F 2000 -o /tmp/n.xprof -- sleep 15
	cp /tmp/n.xprof /out/
	xprof report -i /tmp/n.xprof --json >/tmp/n.json
	for domain in one two; do
		xprof report -i /tmp/n.xprof --domain $domain --mode user --percent-limit 0 >"/tmp/$domain.txt"
		head -n 60 "/tmp/$domain.txt"
		names_are_right /opt/seeded/whole whole
		names_are_right /opt/seeded/shared shared
		names_are_right /opt/seeded/libseeded.so library
	done
	nothing_is_left
}
t "functions of programs and libraries in both guests have their names" functions_have_names

files_of_this_host()
{
	local domain
	for domain in one two; do
		names_are_right /opt/seeded/stripped stripped
		assert_ge "samples in the one whose namesake is another build" "$(in_image /opt/seeded/impostor true)" 100
		assert_eq "of them with a name" "$(in_image /opt/seeded/impostor '.symbol != null')" 0
	done
}
t "a file of the same build on this host gives names to a stripped program, one of another build none" files_of_this_host

the_next_run_knows_them()
{
	local domain
	ls -l /var/cache/xprof/guests
	xprof record --source hpet -F 2000 -o /tmp/n.xprof -- sleep 8
	xprof report -i /tmp/n.xprof --json >/tmp/n.json
	for domain in one two; do
		names_are_right /opt/seeded/whole whole
		names_are_right /opt/seeded/libseeded.so library
	done
	nothing_is_left
}
t "the next run takes them from what was kept" the_next_run_knows_them

# Only the second half of the time: what a guest runs is not known at once.
chains_lead_to_main()
{
	local domain right wrong cut
	xprof record -g --source hpet -F 1000 -o /tmp/g.xprof -- sleep 14
	cp /tmp/g.xprof /out/
	xprof report -i /tmp/g.xprof --time 50%-100% -g | head -n 100 || true
	xprof report -i /tmp/g.xprof --time 50%-100% -g --json >/tmp/g.json
	for domain in one two; do
		user_chains /tmp/g.json $domain >/tmp/chains
		read -r right wrong cut < <(judge /tmp/chains user /usr/share/xprof-tests/chains)
		echo "figure: $domain: $right of $((right + wrong)) samples (ms) have exactly the chain that the program has"
		assert_ge "samples of the program (ms)" $((right + wrong)) 200
		assert_ge "exact chains (per mille)" $((1000 * right / (right + wrong))) 950
		read -r right wrong cut < <(judge /tmp/chains kernel /usr/share/xprof-tests/chains)
		echo "figure: $domain: of what its kernel does for it $right of $((right + wrong)) samples (ms); $cut others in the kernel reach no process"
		assert_ge "samples of what the kernel does for the program (ms)" $((right + wrong)) 50
		assert_ge "exact chains from the kernel into the program (per mille)" $((1000 * right / (right + wrong))) 950
		read -r right wrong cut < <(judge /tmp/chains xen /usr/share/xprof-tests/chains)
		echo "figure: $domain: of what Xen does for it $right of $((right + wrong)) samples (ms); $cut others in Xen reach no process"
	done
	nothing_is_left
}
mkdir -p /usr/lib/debug/boot
ln -s /usr/share/xprof-tests/xen-syms /usr/lib/debug/boot/xen-syms-running
t "call chains of both guests' processes, and of what their kernels do for them, lead to main()" chains_lead_to_main

guest_destroy one
guest_destroy two
