# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 900
#
# Snapshots of stacks, in the hypervisor: of Xen itself, dom0, a PV and a PVH guest. The truth is what the workload `frames` says
# lies on its own stack, word by word.
source /usr/lib/xprof-tests/lib.sh
SEED=$(</etc/xprof-seed)

# field ROW-PATTERN NAME [N]: of stack-check's rows that match, the sum of the Nth value behind a word.
field() { awk -v p="$1" -v f="$2" -v n="${3:-1}" '$0 ~ p {for (i = 1; i <= NF; i++) if ($i == f) s += $(i + n)} END {print s + 0}' /tmp/s; }
share() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.2f%%", b ? 100 * a / b : 0}'; }

guests_come_up()
{
	guest_create one pv frames --seed "$SEED" --mem 160 &
	guest_create two pvh frames --seed "$SEED" --mem 160 &
	wait
	guest_wait_up one
	guest_wait_up two
	frames --seed "$SEED" >/tmp/truth-0 &
	wait_for 10 grep -q 'truth: word' /tmp/truth-0
	guest_console one >/tmp/truth-1
	guest_console two >/tmp/truth-2
	xprof attach
}
t "dom0, a PV and a PVH guest run a program whose stack is known" guests_come_up
ROWS=("0 pv" "$(xl domid one) pv" "$(xl domid two) hvm") # both are made at once: either may be domain 1

every_sample_has_its_stacks()
{
	local samples lost none
	xprof attach
	stack-check hpet "$1" 12 "$2" "0:/tmp/truth-0" "$(xl domid one):/tmp/truth-1" "$(xl domid two):/tmp/truth-2" >/tmp/s
	cat /tmp/s
	cp /tmp/s "/out/stacks-$1-$2"
	samples=$(field '^row' samples)
	lost=$(field '^cpu' lost)
	none=$(($(field '^row' no-xen) + $(field '^row' no-guest)))
	echo "figure: $samples samples at $1 Hz with $2 bytes, $lost lost; $none stacks missing"
	echo "figure: moved: $(share "$(field '^row' moved)" "$(field '^cpu' guest)") of guests' stacks, the same as another: $(share "$(field '^row' same)" "$(field '^cpu' guest)")"
	for row in "${ROWS[@]}"; do
		for mode in xen kernel user; do
			echo "figure: domain $row $mode: $(field "^row $row $mode" samples) samples, moved $(field "^row $row $mode" moved), same" \
				"$(field "^row $row $mode" same), without words $(field "^row $row $mode" bare)"
		done
	done
	assert_ge "samples" "$samples" 3000
	assert_eq "corrupt records" "$(field '^cpu' corrupt)" 0
	assert_eq "stacks of no sample" "$(field '^own' strays)" 0
	assert_eq "snapshots whose records do not fit together" "$(field '^own' broken)" 0
	assert_le "samples without a stack that they should have" "$none" "$(($(field '^cpu' xen 2) + $(field '^cpu' guest 2) + 4))"
	assert_eq "Xen's stacks that end elsewhere than at the guest's registers" "$(field '^own' bad-end)" 0
	assert_ge "Xen's stacks" "$(field '^own' own)" 100
	# A vCPU that is descheduled moves; one that computes does not.
	for row in "${ROWS[@]}"; do
		assert_le "moved of user samples ($row)" "$(field "^row $row user" moved)" "$(($(field "^row $row user" samples) / 20))"
	done
}
words_are_what_lies_there()
{
	local row leaf right kernel kernel_right
	for row in "${ROWS[@]}"; do
		leaf=$(field "^row $row" leaf) right=$(field "^row $row" leaf 2)
		kernel=$(field "^row $row" entered) kernel_right=$(field "^row $row" entered 2)
		echo "figure: domain $row: $right of $leaf stacks of its loop hold each word that lies there, $kernel_right of $kernel of its" \
			"kernel stack the registers that it entered with ($(field "^row $row" elsewhere) of other kernel stacks)"
		assert_ge "stacks of the loop ($row)" "$leaf" 100
		assert_eq "of these with each word ($row)" "$right" "$leaf"
		assert_ge "its kernel stacks ($row)" "$kernel" 100
		assert_ge "of these with the registers that it entered with, per mille ($row)" $((1000 * kernel_right / kernel)) 990
	done
}
t "each sample has its stacks, once" every_sample_has_its_stacks 1000 4096
t "words of the loop and of the system call are what lies there" words_are_what_lies_there
t "with 32 KiB of stack, and at 4000 Hz" every_sample_has_its_stacks 4000 32768
t "those words, too" words_are_what_lies_there

times_are_told()
{
	local khz ticks
	khz=$(field '^own' khz)
	ticks=$(field '^cpu' stack-ticks)
	echo "figure: (emulated) on guests' stacks $((1000000 * ticks / khz / $(field '^cpu' guest))) ns each, longest $((1000 * $(field '^cpu' longest) / khz)) us;" \
		"in the NMI $((1000000 * $(field '^cpu' nmi-ticks) / khz / $(field '^cpu' produced))) ns a sample"
}
t "what it took is told" times_are_told

ordinary_sessions_have_none()
{
	xprof attach
	xprof record --source hpet -F 1000 -o /tmp/n.xprof -- sleep 2
	assert_ge "samples" "$(xprof report -i /tmp/n.xprof --json | jq .samples.timer)" 1000
}
t "a session without stacks, after those" ordinary_sessions_have_none

start_is_killed()
{
	xprof attach
	stack-check hpet 1000 60 4096 >/dev/null &
	sleep 3
	kill -9 $!
	wait $! || :
	stack-check ipi 500 2 4096 >/tmp/s
	assert_ge "samples of the next session" "$(field '^row' samples)" 200
	for _ in 1 2 3 4 5; do stack-check hpet 4000 1 4096 >/tmp/s; done
}
t "sessions that are killed, and that follow each other" start_is_killed

guests_are_well()
{
	local name
	for name in one two; do
		assert_in "report of guest $name" '"workload":"frames"' "$(guest_stop "$name")"
	done
	kill %1 2>/dev/null || :
	xprof detach
	nothing_is_left
	xl dmesg | grep -iE 'xprof.*(fail|BUG)|Assertion|WARN' && fail "Xen complained" || :
}
t "guests end well, and detach leaves nothing" guests_are_well
