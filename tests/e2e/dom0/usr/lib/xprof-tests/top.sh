# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# 'xprof top' of a host with counters and guests "one" and "two" that compute: against Xen's accounting (xens_cpus of
# stat.sh), xl, exact counts, and a workload whose functions take 3:1.

# (No reader of a pipe here ends before its writer: it might be told of the broken pipe, and its status is the pipe's.)

# last_screen: what was printed behind the last empty line of /tmp/top.txt.
last_screen() { awk 'NF == 0 {text = ""; next} {text = text $0 "\n"} END {printf "%s", text}' /tmp/top.txt; }

# cell DOMAIN COLUMN: of the last screen.
cell() { last_screen | awk -v d="$1" -v c="$2" '$1 == "NAME" {for (i = 1; i <= NF; i++) if ($i == c) n = i; next} $1 == d && n {print $n; n = 0}'; }

# share SYMBOL: of Domain-0's processes, in the last screen.
share() { last_screen | awk -v s="$1" '$NF == s && / Domain-0 / && !done++ {sub("%", "", $1); print $1}'; }

top_is_true()
{
	local name khz seen xens
	khz=$(xl info | awk '$1 == "cpu_mhz" {print $3 * 1000}')
	xprof attach
	compute 3:1 --cpu 1 --seconds 600 >/tmp/c.json 2>&1 &
	echo $! >/tmp/top.workload # (the next case ends it)
	xl list >/tmp/list-before.txt
	xen-run-times >/tmp/before
	xprof top -b -n 2 -d 6 -E 400 >/tmp/top.txt
	xen-run-times >/tmp/after
	xl list >/tmp/list.txt
	cp /tmp/top.txt /out/
	last_screen | sed -n 1,30p
	cat /tmp/list.txt
	assert_eq "domains" "$(last_screen | awk '$1 == "NAME" {on = 1; next} $1 ~ /%$/ {on = 0} on {print $1}' | sort | tr '\n' ' ')" \
		"$(awk 'NR > 1 {print $1}' /tmp/list.txt | sort | tr '\n' ' ')"
	for name in one two; do
		xens=$(xens_cpus "$(xl domid $name)" "$khz")
		seen=$(awk -v d=$name '$1 == "NAME" {for (i = 1; i <= NF; i++) if ($i == "CPU(%)") n = i} $1 == d && n {sum += $n; k++} END {print sum / k / 100}' /tmp/top.txt)
		echo "figure: $name: $seen CPUs by xprof top, $xens by Xen"
		awk -v a="$seen" -v b="$xens" 'BEGIN {exit !(b > 0.1 && a - b < 0.1 && b - a < 0.1)}' || fail "$name: CPU time is not Xen's"
		assert_le "CPU(sec) of $name" "$(cell $name 'CPU(sec)')" "$(awk -v d=$name '$1 == d {print $NF + 1}' /tmp/list.txt)"
		assert_ge "CPU(sec) of $name" "$(cell $name 'CPU(sec)')" "$(awk -v d=$name '$1 == d {print $NF - 1}' /tmp/list-before.txt)"
		assert_le "memory of $name" "$(( $(cell $name 'MEM(k)') / 1024 ))" "$(awk -v d=$name '$1 == d {print $3 + 1}' /tmp/list.txt)"
		assert_ge "memory of $name" "$(( $(cell $name 'MEM(k)') / 1024 ))" "$(awk -v d=$name '$1 == d {print $3 - 1}' /tmp/list.txt)"
	done
	echo "figure: work_a $(share work_a)% and work_b $(share work_b)% of what is not idle; 3:1 was asked for"
	awk -v a="$(share work_a)" -v b="$(share work_b)" 'BEGIN {exit !(b > 1 && a / b > 2 && a / b < 4.5)}' || fail "the workload's functions are not 3:1"
	echo "figure: $(last_screen | grep -o 'overhead.*') (emulated)"
	xprof detach
}

# Of a computing guest: what samples say against exact counts of another six seconds, with the same beside it. (Much of a guest's
# cycles are Xen's, waiting for locks of the scheduler: how many depends on what else runs.)
ipc_is_that_of_stat()
{
	local seen exact
	xprof stat -j -D one -d 6 -o /tmp/t.json
	kill "$(</tmp/top.workload)"
	exact=$(jq -r 'select(.type == "counts" and .domain == "one") | .events.instructions.ipc' /tmp/t.json)
	seen=$(cell one IPC)
	echo "figure: instructions per cycle of one: $seen sampled, $exact counted"
	awk -v a="$seen" -v b="$exact" 'BEGIN {exit !(b > 0 && a / b > 0.6 && a / b < 1.7)}' || fail "IPC is not what was counted"
}

top_leaves_nothing()
{
	local pid
	xprof top -b -d 1 >/tmp/b.txt 2>/tmp/b.err &
	pid=$!
	wait_for 20 sh -c 'xprof status | grep -q watching'
	assert_status "record beside top" 3 xprof record -o /tmp/no.xprof -- true
	assert_in "who" "process $pid is sampling already ('xprof top')" "$output"
	assert_status "xprof alone beside top" 2 xprof
	assert_in "what to do" "xprof stop" "$output"
	wait_for 20 grep -q '^Domain-0' /tmp/b.txt
	kill -INT $pid
	wait $pid || fail "after Ctrl-C the status is $?"
	nothing_is_left
	{ xprof top -b -d 0.5 2>/tmp/b.err || echo $? >/tmp/b.status; } | head -n 3 >/dev/null
	cat /tmp/b.err
	assert_eq "status when nobody reads any more" "$(cat /tmp/b.status)" 141
	assert_eq "what was said of a closed pipe" "$(grep -vc 'loaded the profiler' /tmp/b.err || :)" 0
	nothing_is_left
	assert_status "xprof alone" 2 xprof
	assert_in "what to do" "xprof record" "$output"
	assert_status "top of a file" 2 xprof top /tmp/no.xprof
	assert_status "a column that there is not" 2 xprof top -b -n 1 -d 0.5 -s nosuch
	assert_in "where the names are" "'xprof top -b' has their names" "$output"
	nothing_is_left
}
