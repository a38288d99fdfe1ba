# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 3 --pmu amd --timeout 7200
#
# Rounds until the time in /etc/soak-seconds is over: a session of a kind drawn at random, a guest that comes and goes
# meanwhile, and beside it a CPU that goes and comes, another live patch, the collector's death, or nothing.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/owners.sh

soak_seconds=$(</etc/soak-seconds)
RANDOM=$(($(</etc/xprof-seed) % 32768))
echo "figure: seed $(</etc/xprof-seed) (XPROF_SEED=$(</etc/xprof-seed) repeats this run's draws)"

draw() { drawn=${*:1 + RANDOM % $#:1}; } # WORD…: one of them; outside of cases (bash seeds a subshell anew)

a_cpu_goes_and_comes()
{
	xen-hptool cpu-offline 2
	sleep 1
	xen-hptool cpu-online 2
}

another_patch_comes_and_goes()
{
	patch_in unrelated-after-xprof
	sleep 1
	patch_out unrelated-after-xprof
}

the_collector_dies()
{
	local pid
	pid=$(xprof status --json | jq -r .pid)
	kill -KILL "$pid"
	wait_for 10 sh -c "! kill -0 $pid"
}

nothing() { sleep 1; }

session() # KIND COMMAND…: the command within it
{
	local kind=$1
	shift
	case $kind in
	stat)
		xprof stat -I 1000 -j -o /tmp/soak.json &
		wait_for 30 sh -c 'xprof status | grep -q counting'
		"$@"
		kill -INT $!
		wait $! || fail "stat ended with status $?"
		assert_ge "cycles of all domains" "$(jq -s '[.[] | select(.type == "counts") | .events.cycles.value // 0] | add' /tmp/soak.json)" 1000000
		return
		;;
	counters) xprof start -e cycles,instructions,llc-misses,dtlb-misses -F 1000 -o /tmp/soak.xprof ;;
	periods) xprof start -e cycles:2000000,l1d-misses:10000 -o /tmp/soak.xprof ;;
	*) xprof start --source "$kind" -F 997 -o /tmp/soak.xprof ;;
	esac
	"$@"
}

a_guest_lives() # TYPE BESIDE END
{
	guest_create soaked "$1" compute 1:1 --mem 128
	"$2"
	guest_wait_up soaked 180
	sleep 1
	"guest_$3" soaked >/dev/null
}

# A session that lived: all accounted for, nothing handed on. One that was killed: readable.
read_session() # KIND BESIDE
{
	[[ $1 != stat ]] || return 0
	if [[ $2 == the_collector_dies ]]; then
		assert_status "report of a killed session" 4 xprof report -i /tmp/soak.xprof
	else
		stop_and_read /tmp/soak.xprof
		[[ $1 == ipi || $1 == hpet ]] || none_is_nobodys /tmp/soak.xprof
	fi
	assert_ge "samples" "$(xprof report -i /tmp/soak.xprof --json 2>/dev/null | jq '[.samples[]] | add')" 100
}

round() # KIND TYPE BESIDE END
{
	xprof attach
	session "$1" a_guest_lives "$2" "$3" "$4"
	read_session "$1" "$3"
	xprof check >/dev/null || : # sweeps what a killed collector left
	xprof detach
	nothing_is_left
	patch_in unrelated
	patch_out unrelated
	rm -f /tmp/soak.*
}

# Nobody's but Xen's and dom0's, once all is at rest.
free_pages() { sleep 3; xen-free-pages; }
free_kib() { echo 3 >/proc/sys/vm/drop_caches; awk '/^MemFree/ {print $2}' /proc/meminfo; }

drawn_round() # N
{
	local kind beside
	draw counters counters periods ipi hpet stat
	kind=$drawn
	draw a_cpu_goes_and_comes another_patch_comes_and_goes the_collector_dies nothing
	beside=$drawn
	[[ $kind$beside != statthe_collector_dies ]] || beside=nothing
	draw pv pvh
	local type=$drawn
	draw stop destroy
	t "round $1: $kind, ${beside//_/ }, a $type guest, $drawn" round "$kind" "$type" "$beside" "$drawn"
}

# The first rounds leave what stays for good: slabs, caches, what Xen allocates once.
for ((n = 1; n <= 3; n++)); do
	drawn_round $n
done
pages=$(free_pages) kib=$(free_kib)
for ((; SECONDS < soak_seconds; n++)); do
	drawn_round $n
done
pages_left=$(free_pages) kib_left=$(free_kib)
echo "figure: $((n - 1)) rounds in $SECONDS s; free in Xen after the third and at the end: $pages and $pages_left pages; in dom0: $kib and $kib_left KiB"

no_leak()
{
	assert_ge "free pages of Xen" "$pages_left" $((pages - 16))
	assert_ge "free KiB of dom0" "$kib_left" $((kib - 8192))
}
t "nothing leaks, in Xen and in dom0" no_leak

no_unknown_nmi()
{
	assert_eq "NMIs that dom0 did not know" "$(dmesg | grep -c 'NMI received' || :)" 0
	assert_eq "complaints of dom0's kernel" "$(dmesg | grep -Ec 'BUG|WARNING|Oops|Call Trace' || :)" 0
}
t "no unknown NMI, no complaint of dom0's kernel" no_unknown_nmi
