# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 1 --pmu amd --icount 0 --timeout 900 --xen-args nmi=ignore
#
# What sampling costs a guest: the virtual time that a fixed piece of work needs, which here is instructions (1 ns each),
# Xen's and the collector's included, on one CPU. The first session reads the guest's kernel, too (xprof-record(1), FILES); what
# that costs is told beside. nmi=ignore: as in 50-shares-one-cpu.sh.
source /usr/lib/xprof-tests/lib.sh

FOUR=cycles,instructions,cycles:u,instructions:u # in work without memory each of these comes with each instruction
SECONDS_EACH=5

# mean NAME: nanoseconds of a round, of those that begin and end within the next seconds. Dom0 sleeps meanwhile: a process
# more of its own is work for the collector, too.
mean()
{
	local have
	have=$(rounds "$1" | wc -l)
	sleep $SECONDS_EACH
	rounds "$1" | tail -n +$((have + 2)) | awk '{n += $2} END {if (NR < 4) exit 1; printf "%.0f\n", n / NR}'
}
rounds() { guest_console "$1" | grep -ao '^round [0-9]* ns'; }

# cost NAME HZ [SESSION]: percent by which rounds are longer while four events are sampled at HZ each.
cost()
{
	local without with
	without=$(mean "$1")
	xprof start -e $FOUR -F "$2" -o /tmp/o.xprof
	with=$(mean "$1")
	xprof stop
	xprof report -i /tmp/o.xprof --json >/tmp/o.json
	cp /tmp/o.xprof "/out/$1-$2${3:+-first}.xprof"
	awk -v name="$1" -v hz="$2" -v session="${3:-}" -v a="$without" -v b="$with" \
		-v n="$(jq '[.samples[]] | add' /tmp/o.json)" -v ns="$(jq .duration_ns /tmp/o.json)" 'BEGIN {
		printf "figure: %s guest, four events at %d Hz each (%.0f samples a second): %.0f µs instead of %.0f: %.2f%% slower%s\n",
			name, hz, n / ns * 1e9, b / 1000, a / 1000, 100 * (b / a - 1), session
	}'
	percent=$(awk -v a="$without" -v b="$with" 'BEGIN {print 100 * (b / a - 1)}')
}

slowed_down()
{
	guest_create "$1" "$1" compute --mem 160 -- --rounds 100000000
	guest_wait_up "$1" 300
	xprof attach
	cost "$1" 250 " in the first session of $SECONDS_EACH s, which reads its kernel"
	ls -l /var/cache/xprof/guests
	cost "$1" 1000
	cost "$1" 250
	xprof detach
	guest_destroy "$1"
	assert_le "percent at 250 Hz each" "$percent" 1
}
t "a PV guest is slowed down by less than 1% at 1 kHz" slowed_down pv
t "a PVH guest is slowed down by less than 1% at 1 kHz" slowed_down pvh
