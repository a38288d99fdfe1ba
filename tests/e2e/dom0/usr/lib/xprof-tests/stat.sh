# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Cases of 'xprof stat', for stock and patched Xen.

# counts FILE FILTER: of the lines of a stat -j that are groups.
counts() { jq -r "select(.type == \"counts\") | $2" "$1"; }

# of DOMAIN EVENT FILE: what the event counted there.
of() { counts "$3" "select(.domain == \"$1\") | .events[\"$2\"].value"; }

# near NAME SEEN EXPECTED PERCENT
near()
{
	awk -v seen="$2" -v want="$3" -v percent="$4" 'BEGIN {exit !(want > 0 && 100 * (seen - want) / want <= percent && 100 * (want - seen) / want <= percent)}' ||
		fail "$1: $2 is not within $4% of $3"
}

stat_returns_its_commands_status()
{
	xprof attach
	assert_status "stat -- exit 7" 7 xprof stat -- sh -c 'exit 7'
	xprof detach
	assert_in "head" "exact: read at each vCPU switch" "$output"
	assert_in "domain" "Domain-0 (0): " "$output"
	assert_in "idle" "[idle]: " "$output"
	assert_in "ratio" "insn per cycle" "$output"
	assert_eq "lines above 80 columns" "$(awk 'length > 80' <<<"$output" | wc -l)" 0
	assert_status "stat -- no such command" 127 xprof stat -- /no/such/command
	nothing_is_left
}
status_and_form() { t "stat prints perf's form in 80 columns, and returns its command's status" stat_returns_its_commands_status; }

data_on_stdout_or_in_a_file()
{
	xprof stat -o /tmp/s.txt -- echo hello >/tmp/s.out
	assert_eq "the command's output" "$(cat /tmp/s.out)" hello
	assert_in "counts in the file" "# counts of 'echo hello'" "$(cat /tmp/s.txt)"
	xprof stat -r 3 -o /tmp/r.txt -- sh -c 'echo run >>/tmp/runs'
	assert_eq "runs" "$(wc -l </tmp/runs)" 3
	assert_in "mean" "mean of 3 runs" "$(cat /tmp/r.txt)"
	assert_in "deviation" "( +- " "$(cat /tmp/r.txt)"
}
command_is_counted() { t "stat -o keeps counts and the command's output apart; -r runs it so often" data_on_stdout_or_in_a_file; }

# Twice the iterations: two instructions more for each. What dom0 does besides is in both, and small.
a_known_loop_is_counted()
{
	local n=300000000 one two
	xprof attach
	xprof stat -j -e instructions -o /tmp/l1 -- count-loop $n
	xprof stat -j -e instructions -o /tmp/l2 -- count-loop $((2 * n))
	xprof detach
	one=$(of Domain-0 instructions /tmp/l1)
	two=$(of Domain-0 instructions /tmp/l2)
	echo "figure: $n more iterations of two instructions counted $((two - one)) instructions (runs: $one, $two)"
	near "instructions" $((two - one)) $((2 * n)) 2 # dom0's ticks go on for as long, too
	near "instructions" "$one" $((2 * n)) 5
}
known_loop() { t "stat counts the instructions of a loop of known length" a_known_loop_is_counted; }

what_cannot_be_counted()
{
	assert_status "misspelt event" 2 xprof stat -e cycels -- true
	assert_in "nearest" "cycles" "$output"
	assert_status "period" 2 xprof stat -e cycles:1000 -- true
	assert_status "modifier" 2 xprof stat -e cycles:u -- true
	assert_status "timer" 2 xprof stat -e timer -- true
	assert_status "-r and -I" 2 xprof stat -r 2 -I 100 -- true
	assert_status "-x and -j" 2 xprof stat -j -x , -- true
	assert_status "misspelt domain" 3 xprof stat -D Domian-0 -- true
	assert_in "nearest" "Domain-0" "$output"
	nothing_is_left
}
errors() { t "stat: what cannot be counted is refused with what is near" what_cannot_be_counted; }

one_session_at_a_time()
{
	xprof stat -d 30 >/tmp/b.txt &
	local pid=$!
	wait_for 10 sh -c 'xprof status | grep -q counting'
	assert_status "record beside stat" 3 xprof record -o /tmp/no.xprof -- true
	assert_in "who" "process $pid is counting already" "$output"
	assert_status "stat beside stat" 3 xprof stat -- true
	assert_in "status" "'xprof stat' is counting" "$(xprof status)"
	kill -INT $pid
	wait $pid || fail "after Ctrl-C the status is $?"
	assert_in "what there was is printed" "Domain-0 (0)" "$(cat /tmp/b.txt)"
	xprof start -d 30 -o /tmp/no.xprof
	assert_status "stat beside record" 3 xprof stat -- true
	assert_in "who" "is recording already" "$output"
	xprof stop
	nothing_is_left
}
sessions_exclude_each_other() { t "stat and record exclude each other and say who; Ctrl-C prints what there is" one_session_at_a_time; }

# CPUs that DOMID had between two moments, by Xen's accounting: xen-run-times at both.
xens_cpus()
{
	awk -v d="$1" -v khz="$2" '
		FNR == 1 {file++}
		$1 == "tsc" && !tsc[file] {tsc[file] = $2}
		$1 == "vcpu" && $2 == d {ns[file] += $4}
		END {printf "%.4f\n", (ns[2] - ns[1]) / ((tsc[2] - tsc[1]) / khz * 1e6)}' /tmp/before /tmp/after
}

# Xen's window lies in xprof's; guests that compute go on alike at its ends.
cpu_time_is_xens()
{
	local name seen xens
	xprof attach
	xprof stat -j -o /tmp/t.json -- sh -c 'xen-run-times >/tmp/before; sleep 6; xen-run-times >/tmp/after'
	xprof detach
	for name in one two; do
		xens=$(xens_cpus "$(xl domid $name)" "$(jq -r 'select(.type == "head") | .tsc_khz' /tmp/t.json)")
		seen=$(counts /tmp/t.json "select(.domain == \"$name\") | .cpu_time_ns / .seconds / 1e9")
		echo "figure: $name: $seen CPUs by xprof, $xens by Xen"
		awk -v a="$seen" -v b="$xens" 'BEGIN {exit !(b > 0.1 && a - b < 0.08 && b - a < 0.08)}' || fail "$name: CPU time is not Xen's"
	done
}
times_are_xens() { t "stat: CPU time is Xen's own, of every guest" cpu_time_is_xens; }

sums_are_whole()
{
	local cycles instructions domain
	cat /tmp/t.json
	near "sum of shares" "$(counts /tmp/t.json .cpu_percent | awk '{n += $1} END {print n}')" 100 0.01
	assert_le "missed" "$(jq -r 'select(.type == "block") | .missed_percent' /tmp/t.json)" 0
	for domain in Domain-0 one two; do
		cycles=$(of $domain cycles /tmp/t.json)
		instructions=$(of $domain instructions /tmp/t.json)
		assert_ge "$domain's instructions" "$instructions" 1000000
		# The emulator's cycle is an instruction, and more where something is waited for.
		assert_ge "$domain's cycles" "$cycles" "$instructions"
	done
}
all_adds_up() { t "stat: shares are 100% together, and no domain has fewer cycles than instructions" sums_are_whole; }

every_half_second()
{
	xprof stat -I 500 -d 2.2 -x , -e instructions -o /tmp/i.csv
	cat /tmp/i.csv
	assert_eq "blocks" "$(cut -d, -f1 /tmp/i.csv | sort -u | wc -l)" 5
	awk -F, '$6 == "cpu-time" {share[$1] += $9} END {for (t in share) if (share[t] < 99.9 || share[t] > 100.1) exit 1}' /tmp/i.csv ||
		fail "shares of an interval are not 100% together"
	awk -F, '{print $1}' /tmp/i.csv | sort -c -n || fail "times do not go up"
}
intervals() { t "stat -I -x: a block every interval, each whole" every_half_second; }

# Seven events on four or six counters take turns; instructions are still about what they are alone.
events_take_turns()
{
	local alone together
	xprof attach
	xprof stat -j -d 4 -e instructions -D two -o /tmp/alone
	xprof stat -j -d 4 -D two -o /tmp/turns \
		-e cycles,instructions,llc-references,llc-misses,l1d-misses,dtlb-misses,itlb-misses,branches
	xprof detach
	cat /tmp/turns
	assert_le "share of the time" "$(counts /tmp/turns '.events.instructions.counted_percent')" 99
	assert_ge "share of the time" "$(counts /tmp/turns '.events.instructions.counted_percent')" 20
	alone=$(counts /tmp/alone '.events.instructions.value / .cpu_time_ns')
	together=$(counts /tmp/turns '.events.instructions.value / .cpu_time_ns')
	echo "figure: instructions a nanosecond: alone $alone, in turns $together"
	# the emulator is slower while it models caches
	assert_le "in turns" "$together" "$(awk "BEGIN {print 1.5 * $alone}")"
}
multiplexed() { t "stat: more events than counters take turns and say so" events_take_turns; }

rows_of_vcpus()
{
	xprof stat -j --per-vcpu --per-cpu -d 3 -e instructions -o /tmp/v.json
	cat /tmp/v.json
	assert_ge "rows of two" "$(counts /tmp/v.json 'select(.domain == "two") | .vcpu' | sort -u | wc -l)" 2
	near "sum of shares" "$(counts /tmp/v.json .cpu_percent | awk '{n += $1} END {print n}')" 100 0.01
}
per_vcpu() { t "stat --per-vcpu --per-cpu: a row for each, all of the time in them" rows_of_vcpus; }

estimates_where_switches_are_hidden()
{
	local events=instructions n=300000000 seen
	xen-livepatch upload switcher /usr/lib/xprof-payloads/switcher.livepatch
	xen-livepatch apply switcher
	xprof attach
	assert_status "rows per vCPU" 3 xprof stat --per-vcpu -- true
	xprof stat -o /tmp/e.txt -- sleep 1
	xprof stat -j -e $events -o /tmp/e.json -- count-loop $n
	xprof detach
	xen-livepatch revert switcher
	xen-livepatch unload switcher
	cat /tmp/e.txt /tmp/e.json
	assert_in "head" "estimated from samples" "$(cat /tmp/e.txt)"
	assert_eq "exact" "$(jq -r 'select(.type == "head") | .exact' /tmp/e.json)" false
	seen=$(of Domain-0 instructions /tmp/e.json)
	echo "figure: a loop of $((2 * n)) instructions was estimated at $seen ±$(counts /tmp/e.json 'select(.domid == 0) | .events.instructions.interval95_percent')%"
	# three standard errors (1.5 of the interval), and what dom0 does besides: 5%
	near "instructions" "$seen" $((2 * n)) "$(counts /tmp/e.json 'select(.domid == 0) | 5 + 1.5 * .events.instructions.interval95_percent')"
	nothing_is_left
}
estimates() { t "stat: where another live patch hides switches, counts are estimated and say so" estimates_where_switches_are_hidden; }

names_outlive_domains()
{
	xprof stat -j -e instructions -o /tmp/g.json -- bash -c '
		guest_create three pv compute 1:1 --mem 160
		guest_wait_up three
		sleep 2
		guest_stop three'
	assert_ge "instructions of a guest that has gone" "$(of three instructions /tmp/g.json)" 1000000
	nothing_is_left
}
guest_comes_and_goes() { t "stat: a guest that came and went is there with its name" names_outlive_domains; }
