# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --memory 2048 --timeout 900
#
# Two guests talk through a third one, a driver domain: one packet stream costs time in four places, and all are seen.
source /usr/lib/xprof-tests/lib.sh

report_of() { guest_console "$1" | grep '^{' | tail -n 1; }

prepare()
{
	guest_create idd pv bridge --driver-domain
	guest_wait_up idd
	guest_create sink pv net --vif idd -- --address 10.0.0.2
	guest_create source pv net --vif idd -- --address 10.0.0.1 --to 10.0.0.2 --seconds 8
	guest_wait source 120 'stream begins'
	xprof record -d 6 -o /tmp/idd.xprof
	xprof start -o /tmp/series.xprof
	guest_wait source 60 '^{"workload":"net"'
	guest_wait sink 30 '^{"workload":"net"'
	sleep 3
	xprof stop
	xprof report -i /tmp/idd.xprof >/tmp/idd.txt
	xprof report -i /tmp/idd.xprof --json >/tmp/idd.json
	xprof dump -i /tmp/series.xprof | grep '^series-' >/tmp/series.dump
	cat /tmp/idd.txt
	cp /tmp/idd.* /tmp/series.* /out/
	report_of source >/tmp/source.json
	report_of sink >/tmp/sink.json
	cat /tmp/source.json /tmp/sink.json
}
t "two guests talk through a driver domain while it is recorded" prepare

share() # DOMAIN MODE: percent of busy samples
{
	json /tmp/idd.json "def n(f): [.symbols[] | select(.mode != \"idle\") | select(f) | .samples.timer] | add // 0;
		100 * n(.domain == \"$1\" and .mode == \"$2\") / n(true)"
}

# The stream is all that happens: the driver domain's kernel carries packets, Xen copies grants for it, the guests' kernels send.
shares_are_seen()
{
	local d
	for d in idd source sink; do
		echo "figure: $d: $(share $d xen)% Xen, $(share $d kernel)% kernel, $(share $d user)% processes"
	done
	assert_ge "the driver domain's kernel, percent" "$(share idd kernel)" 3
	assert_ge "Xen for the driver domain, percent" "$(share idd xen)" 1
	assert_ge "source's kernel, percent" "$(share source kernel)" 3
	assert_ge "sink's kernel, percent" "$(share sink kernel)" 2
	assert_le "the driver domain's processes, percent" "$(share idd user)" 5
}
t "the driver domain's, Xen's and both guests' shares of one packet stream are seen" shares_are_seen

field() { sed -n "s/.* $1=\([^ ]*\).*/\1/p"; }

# Domain-0 does not see these interfaces; the driver domain tells it. Both guests' kernels are the judges.
packets_are_told()
{
	local g id line
	for g in source sink; do
		line=$(grep "^series-vif .* domid=$(xl domid $g) " /tmp/series.dump | tail -n 1)
		assert_eq "backend of $g" "$(field backend <<<"$line")" "$(xl domid idd)"
		id=$(field id <<<"$line")
		line=$(grep "^series-traffic .* vif=$id " /tmp/series.dump | tail -n 1)
		echo "figure: $g sent $(field sent_packets <<<"$line") packets by the driver domain, $(json /tmp/$g.json .eth_sent) by its own kernel; pure ACKs $(field sent_acks <<<"$line"), $(json /tmp/$g.json .acks_sent)"
		assert_ge "packets that $g sent" "$(field sent_packets <<<"$line")" "$(json /tmp/$g.json .eth_sent)"
		assert_le "packets that $g sent" "$(field sent_packets <<<"$line")" $(($(json /tmp/$g.json .eth_sent) + 4))
		assert_ge "ACKs that $g sent" "$(field sent_acks <<<"$line")" "$(json /tmp/$g.json .acks_sent)"
		assert_le "ACKs that $g sent" "$(field sent_acks <<<"$line")" $(($(json /tmp/$g.json .acks_sent) + 2))
	done
}
t "packets and ACKs that the driver domain tells are those of the guests' kernels" packets_are_told
