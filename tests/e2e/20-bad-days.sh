# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 1500
#
# What can go wrong, on the stock hypervisor: each case breaks one thing and looks at what is left.
source /usr/lib/xprof-tests/lib.sh

collector() { xprof status --json | jq -r .pid; }
stop_ok() { assert_status "stop" 0 xprof stop; }

# ---- overflow and accounting

forced_overflow_is_accounted()
{
	local pid produced delivered lost before after
	xprof attach
	before=$(xen_nmis)
	xprof start -F 997 --ring 4K -o /tmp/o.xprof
	pid=$(collector)
	kill -STOP "$pid"
	compute 1:1 --seconds 10 >/dev/null
	kill -CONT "$pid"
	sleep 1
	stop_ok
	after=$(xen_nmis)
	xprof report -i /tmp/o.xprof --json >/tmp/o.json
	lost=$(json /tmp/o.json .lost.timer)
	delivered=$(json /tmp/o.json .samples.timer)
	produced=$((lost + delivered))
	echo "figure: collector stopped for 10 s, rings of 4 KiB: $delivered delivered, $lost lost, Xen counted $((after - before)) NMIs"
	assert_ge "lost samples" "$lost" 1000
	assert_ge "NMIs that are not samples" $((after - before - produced)) 0
	assert_le "NMIs that are not samples" $((after - before - produced)) 4
	xprof detach
}
t "a forced overflow loses samples and accounts for each" forced_overflow_is_accounted

nothing_lost_at_10_khz_with_the_collector_stopped_for_1_s()
{
	xprof start --source hpet -F 10000 -o /tmp/k.xprof
	sleep 1
	kill -STOP "$(collector)"
	compute 1:1 --seconds 1 >/dev/null
	kill -CONT "$(pidof xprof | tr ' ' '\n' | head -n 1)"
	sleep 1
	stop_ok
	xprof report -i /tmp/k.xprof --json >/tmp/k.json
	echo "figure: 10 kHz, collector stopped for 1 s, default rings: $(json /tmp/k.json .samples.timer) samples, $(json /tmp/k.json .lost.timer) lost"
	assert_eq "lost samples" "$(json /tmp/k.json .lost.timer)" 0
	assert_ge "samples" "$(json /tmp/k.json .samples.timer)" 10000
}
t "nothing is lost at 10 kHz with the collector stopped for 1 s" nothing_lost_at_10_khz_with_the_collector_stopped_for_1_s

# ---- death of the collector

killed_collector_leaves_a_readable_profile()
{
	local pid
	xprof start -F 997 -o /tmp/d.xprof
	pid=$(collector)
	compute 1:1 --seconds 4 >/dev/null
	kill -KILL "$pid"
	wait_for 10 sh -c "! kill -0 $pid"
	assert_status "report of what was written (4: not all is there)" 4 xprof report -i /tmp/d.xprof
	assert_in "text" "did not end properly" "$output"
	json <(xprof report -i /tmp/d.xprof --json 2>/dev/null) .samples.timer >/tmp/d.n
	assert_ge "samples in the profile of the killed collector" "$(cat /tmp/d.n)" 100
	assert_status "next start" 0 xprof start -o /tmp/d2.xprof
	stop_ok
	nothing_is_left
}
t "a collector killed with SIGKILL: profile readable, next start works, nothing stays" killed_collector_leaves_a_readable_profile

kill_rounds()
{
	local i pid
	for ((i = 0; i < $1; i++)); do
		xprof start -o /tmp/r.xprof >/dev/null 2>&1
		pid=$(collector)
		kill -KILL "$pid"
		wait_for 10 sh -c "! kill -0 $pid"
	done
	xprof check >/dev/null || :   # sweeps what is left
}

hundred_deaths_leak_no_page()
{
	local before after
	xprof attach
	kill_rounds 3
	before=$(xen-free-pages)
	kill_rounds 100
	after=$(xen-free-pages)
	echo "figure: free pages of Xen before and after 100 killed collectors: $before, $after"
	assert_eq "free pages" "$after" "$before"
	xprof detach
	nothing_is_left
}
t "a collector killed 100 times leaks no page in Xen" hundred_deaths_leak_no_page

detach_while_profiling_is_refused()
{
	xprof attach
	xprof start -o /tmp/p.xprof
	assert_status "detach" 3 xprof detach
	assert_in "text" "$(collector)" "$output"
	assert_status "a second start" 3 xprof start -o /tmp/p2.xprof
	stop_ok
	assert_status "detach" 0 xprof detach
}
t "detach and a second start are refused while profiling" detach_while_profiling_is_refused

disk_full()
{
	mkdir -p /tmp/small
	mount -t tmpfs -o size=64k small /tmp/small
	xprof start --source hpet -F 5000 -o /tmp/small/f.xprof
	compute 1:1 --seconds 20 >/dev/null
	xprof stop || :
	xprof report -i /tmp/small/f.xprof --json >/tmp/f.json || fail "what was written cannot be read"
	ls -l /tmp/small
	assert_ge "samples that were written" "$(json /tmp/f.json .samples.timer)" 100
	umount /tmp/small
	nothing_is_left
}
t "a full disk ends the recording; what was written is valid" disk_full

# ---- who may, and what is missing

no_privilege()
{
	echo 'nobody:x:65534:65534:nobody:/:/bin/sh' >>/etc/passwd
	assert_status "record as nobody" 3 su -s /bin/sh nobody -c 'xprof record -d 1 -o /tmp/x'
	assert_in "text" "root" "$output"
}
t "without privilege: says so, status 3" no_privilege

no_payload()
{
	assert_status "attach" 3 env XPROF_LIBDIR=/nowhere xprof attach
	assert_in "text" "/nowhere" "$output"
	nothing_is_left
}
t "no payload for this hypervisor: says which build-id and where it looked, status 3" no_payload

# ---- guests

domains_come_and_go()
{
	local name id samples
	xprof start --source hpet -F 997 -o /tmp/g.xprof
	guest_create first pv compute 1:1 --mem 128 --domid 77
	guest_wait_up first
	sleep 2
	guest_destroy first
	guest_create second pvh compute 1:1 --mem 128 --domid 77
	guest_wait_up second
	sleep 2
	guest_destroy second
	stop_ok
	xprof report -i /tmp/g.xprof --json >/tmp/g.json
	jq -c '.domains[]' /tmp/g.json
	for name in first second; do
		id=$(jq -r ".domains[] | select(.name == \"$name\") | .id" /tmp/g.json)
		samples=$(jq -r ".domains[] | select(.name == \"$name\") | .samples.timer" /tmp/g.json)
		assert_eq "domain id of $name" "$id" 77
		assert_ge "samples of $name" "$samples" 200
	done
	assert_eq "type of first" "$(jq -r '.domains[] | select(.name == "first") | .type' /tmp/g.json)" pv
	assert_eq "type of second" "$(jq -r '.domains[] | select(.name == "second") | .type' /tmp/g.json)" pvh
}
t "domains come and go, a domain id is reused: samples go to the right one" domains_come_and_go

guests_are_refused()
{
	local kind calls eperm before
	xprof start --source hpet -F 997 -o /tmp/h.xprof
	for kind in pv pvh; do
		guest_create "evil-$kind" "$kind" attack --mem 128 -- --module /workloads/xen-privcmd.ko --seed "$RANDOM"
		guest_wait_up "evil-$kind"
		before=$(xprof status --json | jq .samples)
		sleep 3
		[[ $(xprof status --json | jq .samples) -gt $before ]] || fail "the session stands still while the $kind guest attacks"
		guest_stop "evil-$kind" >/tmp/evil.json
		cat /tmp/evil.json
		calls=$(json /tmp/evil.json .calls)
		eperm=$(json /tmp/evil.json .eperm)
		assert_ge "calls of the $kind guest" "$calls" 100
		assert_eq "of them refused with EPERM" "$eperm" "$calls"
	done
	assert_eq "state after the attacks" "$(xprof status --json | jq -r .state)" recording
	stop_ok
	assert_eq "lost" "$(json <(xprof report -i /tmp/h.xprof --json) .lost.timer)" 0
}
t "a PV and a PVH guest that issue the sysctl get EPERM and disturb nothing" guests_are_refused
