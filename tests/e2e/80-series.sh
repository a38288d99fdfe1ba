# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 900
#
# Readings over time, against what others say: CPU and run-state times against the workloads and libxenctrl, packets and
# ACKs of a stream between two guests that Domain-0 bridges, against both guests' kernels.
source /usr/lib/xprof-tests/lib.sh

# series FILE KIND KEY=VALUE…: the dump's lines of a kind that have all these fields.
series()
{
	local file=$1 kind=$2 f
	shift 2
	local lines
	lines=$(grep "^series-$kind " "$file")
	for f; do lines=$(grep -F -- " $f " <<<"$lines " || :); done
	echo "$lines"
}

# field KEY: of the line on stdin.
field() { sed -n "s/.* $1=\([^ ]*\).*/\1/p"; }

# What a guest's console has as its report.
report_of() { guest_console "$1" | grep '^{' | tail -n 1; }

prepare()
{
	network_up
	guest_create sink pvh net --vif dom0 -- --address 10.0.0.2
	guest_create source pv net --vif dom0 -- --address 10.0.0.1 --to 10.0.0.2 --seconds 4 --wait 2000
	xl vcpu-pin source 0 1
	xprof start -o /tmp/net.xprof
	guest_wait source 120 '^{"workload":"net"'
	guest_wait sink 30 '^{"workload":"net"'
	sleep 2
	xl vcpu-list >/tmp/vcpus
	xprof stop
	xprof dump -i /tmp/net.xprof | grep '^series-\|^host tsc' >/tmp/net.dump
	xprof report -i /tmp/net.xprof >/tmp/net.txt
	xprof report -i /tmp/net.xprof --json >/tmp/net.json
	cp /tmp/net.* /out/
	guest_console source; guest_console sink
	report_of source >/tmp/source.json
	report_of sink >/tmp/sink.json
}
t "two guests talk over Domain-0's bridge while it is recorded" prepare

# A vif's last reading.
last_traffic()
{
	local id
	id=$(series /tmp/net.dump vif "domid=$(xl domid "$1")" | field id)
	series /tmp/net.dump traffic "vif=$id" | tail -n 1
}

# Each guest's kernel counts the packets of its interface. What was still on its way, and ARP between the two reports, may differ.
packets_are_the_guests()
{
	local g line
	for g in source sink; do
		line=$(last_traffic $g)
		echo "$g: $line; $(cat /tmp/$g.json)"
		assert_ge "packets that $g sent" "$(field sent_packets <<<"$line")" "$(json /tmp/$g.json .eth_sent)"
		assert_le "packets that $g sent" "$(field sent_packets <<<"$line")" "$(($(json /tmp/$g.json .eth_sent) + 4))"
		assert_ge "packets that $g received" "$(field received_packets <<<"$line")" "$(json /tmp/$g.json .eth_received)"
		assert_le "packets that $g received" "$(field received_packets <<<"$line")" "$(($(json /tmp/$g.json .eth_received) + 4))"
		echo "figure: $g sent $(field sent_packets <<<"$line") packets by its vif, $(json /tmp/$g.json .eth_sent) by its own kernel, $(json /tmp/$g.json .segments_sent) segments by TCP"
	done
}
t "packets of each vif are those that the guest's kernel counted" packets_are_the_guests

# TCP counts what it sends without data. The kernel may answer a stray segment without a socket: 2 at most.
acks_are_the_guests()
{
	local g line expected
	for g in source sink; do
		line=$(last_traffic $g)
		expected=$(json /tmp/$g.json .acks_sent)
		echo "figure: $g sent $(field sent_acks <<<"$line") pure ACKs by its vif, $expected by TCP"
		assert_ge "ACKs that $g sent" "$(field sent_acks <<<"$line")" "$expected"
		assert_le "ACKs that $g sent" "$(field sent_acks <<<"$line")" $((expected + 2))
	done
	assert_ge "ACKs there were" "$(json /tmp/sink.json .acks_sent)" 50
	assert_eq "received by source" "$(last_traffic source | field received_acks)" "$(last_traffic sink | field sent_acks)"
}
t "pure ACKs of each vif are those that TCP counted in the guest" acks_are_the_guests

# ns of CPU N's TSC… per vCPU and state, the four times add up to the time that passed.
run_states_add_up()
{
	local d khz
	khz=$(xprof dump -i /tmp/net.xprof | sed -n 's/^host tsc.khz=//p')
	assert_eq "why run states cannot be had" "[$(series /tmp/net.dump source what=run-states | tail -n 1 | sed 's/.*why=//; s/ *$//')]" "[]"
	for d in Domain-0 source sink; do
		series /tmp/net.dump vcpu "domain=$(grep "^series-domain .* name=$d$" /tmp/net.dump | tail -n 1 | field id)" "vcpu=0" |
			awk -v khz="$khz" -v d="$d" '
				function f(k) { match($0, " " k "=[0-9]+"); return substr($0, RSTART + length(k) + 2, RLENGTH - length(k) - 2) }
				{ t = f("tsc"); s = f("running_ns") + f("runnable_ns") + f("blocked_ns") + f("offline_ns")
				  if (NR == 1) { t0 = t; s0 = s } }
				END { ns = (t - t0) * 1e6 / khz
				      printf "figure: %s vCPU 0: %d readings, %.3f s passed, its states make %.3f s\n", d, NR, ns / 1e9, (s - s0) / 1e9
				      exit !(NR >= 4 && s - s0 > ns * 0.999 && s - s0 < ns * 1.001) }' || fail "$d: its states do not add up"
	done
}
t "a vCPU's four states add up to the time that passed" run_states_add_up

where_they_may_run()
{
	assert_eq "affinity of source" "$(series /tmp/net.dump pin "domain=$(grep '^series-domain .* name=source$' /tmp/net.dump | tail -n 1 | field id)" | tail -n 1 | field cpus)" 1
	assert_eq "place of source" "$(series /tmp/net.dump vcpu "domain=$(grep '^series-domain .* name=source$' /tmp/net.dump | tail -n 1 | field id)" | tail -n 1 | field cpu)" 1
	assert_eq "affinity of Domain-0" "$(series /tmp/net.dump pin "domain=$(grep '^series-domain .* name=Domain-0$' /tmp/net.dump | tail -n 1 | field id)" | tail -n 1 | field cpus)" 0-1
}
t "pinning is what xl set" where_they_may_run

the_report_has_them()
{
	local g
	cat /tmp/net.txt
	for g in source sink; do
		assert_ge "packets a second that $g sent" "$(json /tmp/net.json "[.series.domains[] | select(.name == \"$g\") | .vifs[].sent.packets] | add")" 10
		assert_ge "CPU time of $g" "$(json /tmp/net.json "[.series.domains[] | select(.name == \"$g\") | .cpu_ns] | add")" 10000000
	done
}
t "the report shows CPU share, steal, packets and ACKs" the_report_has_them

guest_stop source >/dev/null
guest_stop sink >/dev/null

# Two busy guests on one CPU: each runs half of the time and waits for the other half; domains that come and go are there.
steal_is_seen()
{
	guest_create one pv compute 1:1 --cpus 1
	guest_create two pv compute 1:1 --cpus 1
	guest_wait_up one
	guest_wait_up two
	xprof start -o /tmp/steal.xprof
	sleep 6
	guest_create brief pv idle --cpus 0
	guest_wait_up brief
	guest_destroy brief
	guest_stop two >/tmp/two.json
	sleep 1
	xprof stop
	guest_stop one >/dev/null
	xprof dump -i /tmp/steal.xprof | grep '^series-' >/tmp/steal.dump
	cp /tmp/steal.* /out/
	local d
	for d in one two; do
		series /tmp/steal.dump vcpu "domain=$(grep "^series-domain .* name=$d$" /tmp/steal.dump | tail -n 1 | field id)" |
			awk -v d="$d" '
				function f(k) { match($0, " " k "=[0-9]+"); return substr($0, RSTART + length(k) + 2, RLENGTH - length(k) - 2) }
				NR == 1 { r0 = f("running_ns"); w0 = f("runnable_ns") } NR == 6 { r = f("running_ns") - r0; w = f("runnable_ns") - w0 }
				END { printf "figure: %s ran %.2f s and waited %.2f s while both wanted one CPU\n", d, r / 1e9, w / 1e9
				      exit !(r > 0 && w / (r + w) > 0.35 && w / (r + w) < 0.65) }' || fail "$d: half of the time was expected"
	done
	assert_ge "domains that ended" "$(grep -c '^series-gone .* of=domain' /tmp/steal.dump)" 2
	assert_eq "the one that came and went" "$(grep -c '^series-domain .* name=brief$' /tmp/steal.dump)" 1
}
t "two guests on one CPU: each waits half of the time; domains come and go" steal_is_seen

off_is_off()
{
	xprof record --series off -o /tmp/off.xprof -- sleep 2
	assert_eq "records" "$(xprof dump -i /tmp/off.xprof | grep -c '^series-' || :)" 0
}
t "--series off reads nothing" off_is_off

# One session, a profile every three seconds. What is produced while one ends is the next one's, so the files add up to what
# the session itself says at its end; a process that runs through all of them has its name in each.
rotates()
{
	local f d said total produced sum=0 n=0 pid recorder status=0 early
	guest_create one pv idle --cpus 0
	guest_wait_up one
	compute 1:1 --seconds 120 >/dev/null &
	pid=$!
	xprof record --continuous -o /tmp/fleet --rotate 3s -d 15s 2>/tmp/fleet.err &
	recorder=$!
	# The exporter counts what is not whole yet.
	while [ ! -s "$(echo /tmp/fleet/.xprof-*.part)" ]; do sleep 0.2; done
	sleep 2
	xprof exporter --once /tmp/fleet >/tmp/early
	date +%s.%N >>/tmp/early
	wait $recorder || status=$?
	assert_eq "status" "$status" 0
	kill $pid
	wait $pid || :
	cat /tmp/fleet.err
	ls -la /tmp/fleet
	cp /tmp/fleet.err /out/; mkdir -p /out/fleet; cp /tmp/fleet/* /out/fleet/
	said=$(sed -n 's/^\[ xprof: [0-9.]* s, \([0-9,]*\) samples.*/\1/p' /tmp/fleet.err | tr -d ,)
	for f in /tmp/fleet/xprof-*.data; do
		n=$((n + 1))
		xprof dump -i "$f" >/tmp/one.dump
		total=$(grep -c '^sample ' /tmp/one.dump)
		produced=$(awk '/^counts / { sub(/.*produced=/, ""); p += $1; sub(/.*lost=/, ""); p -= $1 } END { print p + 0 }' /tmp/one.dump)
		echo "figure: ${f##*/}: $total samples"
		assert_eq "samples that $f says were produced and not lost" "$produced" "$total"
		sum=$((sum + total))
		xprof report -i "$f" >/tmp/one.txt || fail "$f is not whole"
		grep -q ' work_a' /tmp/one.txt || fail "$f has no name for the process that runs through all of them"
		for d in Domain-0 one; do grep -q " $d" /tmp/one.txt || fail "$f does not know $d"; done
	done
	assert_ge "files" "$n" 3
	assert_eq "samples of all files" "$sum" "$said"
	early=$(awk '/^xprof_samples_total/ { s += $NF } END { print s + 0 }' /tmp/early)
	assert_ge "samples that the exporter saw early" "$early" 1
	assert_le "samples that the exporter saw early" "$early" "$said"
	awk '/^xprof_profiles_total/ { n = $2 } /^xprof_counted_until/ { until = $2 }
	     END { printf "figure: %d s after its begin the exporter saw %d whole profiles, and samples of %.1f s ago\n", 2, n, $1 - until }' /tmp/early
	# Its metrics are those of the newest, when all are whole: $f.
	xprof exporter --once /tmp/fleet >/tmp/metrics
	xprof report -i "$f" --json >/tmp/newest.json
	cp /tmp/metrics /tmp/newest.json /out/
	for d in Domain-0 one; do
		assert_eq "nanoseconds of $d by the exporter" \
			"$(sed -n "s/^xprof_sampled_cpu_seconds_total{domain=\"$d\",.*} //p" /tmp/metrics | awk '{ s += $1 } END { printf "%.0f", s * 1e9 }')" \
			"$(json /tmp/newest.json "[.symbols[] | select(.domain == \"$d\" and .mode != \"idle\") | .counts.timer] | add // 0")"
		assert_eq "states of $d by the exporter" "$(grep -c "^xprof_domain_run_state_seconds_total{domain=\"$d\"," /tmp/metrics)" 4
	done
	sed -n 's/.*the longest change took \(.*\) \]/figure: the longest change from one file to the next took \1/p' /tmp/fleet.err
}
t "a continuous recording's files add up to the session" rotates
guest_stop one >/dev/null

# leaves KB: somebody else takes all of the small disk but that.
leaves()
{
	local have
	have=$(($(stat -f -c '%a * %S' /tmp/small) / 1024))
	head -c $(((have - $1) * 1024)) /dev/zero >>/tmp/small/of-somebody-else
}

# A disk of 4 MB with three profiles of 0.2 MB, so a quarter of 3.4 MB is kept for the end. Somebody takes the rest: one profile
# makes room enough, later a second one does not; the last of those that are whole stays, whatever happens.
full_disk()
{
	local status=0 old fleet
	fleet=(/tmp/fleet/xprof-*.data)
	mkdir /tmp/small
	mount -t tmpfs -o size=4m,mode=700 none /tmp/small
	for old in 000 001 002; do
		{ cat "${fleet[0]}"; head -c 180000 /dev/zero; } >"/tmp/small/xprof-20200101T000000.${old}Z.data"
	done
	(
		while [ ! -s "$(echo /tmp/small/.xprof-*.part)" ]; do sleep 0.2; done
		sleep 2
		leaves 750
		sleep 3
		ls -a /tmp/small >/tmp/small.then
		leaves 300
	) &
	xprof record --continuous -o /tmp/small --rotate 1m -d 60s 2>/tmp/small.err || status=$?
	wait
	cat /tmp/small.err /tmp/small.then
	ls -la /tmp/small
	assert_eq "status" "$status" 4
	assert_eq "said of the disk" "$(grep -c 'the disk is nearly full: profiles go before their time' /tmp/small.err)" 1
	assert_eq "old profiles after the first time" "$(grep -c '^xprof-2020' /tmp/small.then)" 2
	assert_eq "the recording went on then" "$(grep -c '^\.xprof-.*\.part$' /tmp/small.then)" 1
	assert_eq "old profiles at the end" "$(echo /tmp/small/xprof-2020*)" /tmp/small/xprof-20200101T000000.002Z.data
	assert_ge "bytes of somebody else" "$(stat -c %s /tmp/small/of-somebody-else)" 2000000
	rm /tmp/small/xprof-2020*
	xprof dump -i /tmp/small/xprof-*.data >/tmp/small.dump 2>/tmp/small.err || fail "the last profile is not whole: $(cat /tmp/small.err)"
	grep -q '^counts ' /tmp/small.dump || fail "the last profile has no end"
	umount /tmp/small
}
t "a disk that fills up: the oldest profiles go, then the recording ends with its file whole" full_disk
