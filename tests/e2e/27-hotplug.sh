# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 3 --timeout 500
#
# CPUs go and come while sampling, and are divided into pools.
source /usr/lib/xprof-tests/lib.sh

# cpu_samples FILE CPUS: how many samples lie on them.
cpu_samples() { xprof report -i "$1" --cpu "$2" --json | jq .samples.timer; }

a_cpu_goes_and_comes()
{
	local source=$1 before after file=/tmp/c-$1.xprof
	xprof attach
	before=$(xen_nmis 2)
	xprof start --source "$source" -F 997 -o "$file"
	sleep 2
	xen-hptool cpu-offline 2
	sleep 2
	xen-hptool cpu-online 2
	sleep 3
	assert_status "stop" 0 xprof stop
	after=$(xen_nmis 2)
	xprof report -i "$file" --json >/tmp/c.json
	xprof report -i "$file" | grep '^#' >/tmp/head
	cat /tmp/head
	assert_in "report" "CPU 2 was not sampled" "$(cat /tmp/head)"
	assert_eq "lost" "$(json /tmp/c.json .lost.timer)" 0
	# Xen forgets a CPU's count when it goes offline, so only the other two can be compared.
	produced=$(cpu_samples "$file" 0-1)
	echo "figure: $source, CPU 2 went and came: on CPUs 0 and 1 Xen counted $((after - before)) NMIs, xprof produced $produced"
	assert_ge "samples on CPU 2" "$(cpu_samples "$file" 2)" 1000
	assert_ge "samples on CPU 0" "$(cpu_samples "$file" 0)" 2000
	assert_ge "NMIs that are not samples" $((after - before - produced)) 0
	assert_le "NMIs that are not samples" $((after - before - produced)) 4
	xprof detach
	nothing_is_left
}
t "ipi: a CPU goes offline and comes back; sampling goes on, the gap is said" a_cpu_goes_and_comes ipi
t "hpet: a CPU goes offline and comes back; the neighbours' IPIs take over" a_cpu_goes_and_comes hpet

pools_are_told()
{
	printf 'name = "side"\nsched = "credit"\ncpus = ["2"]\n' >/tmp/side.cfg
	xl cpupool-cpu-remove Pool-0 2
	xl cpupool-create /tmp/side.cfg
	xl cpupool-list
	xprof record -F 997 -o /tmp/p.xprof -- sleep 2
	xl cpupool-destroy side
	xl cpupool-cpu-add Pool-0 2
	assert_eq "pools" "$(xprof dump -i /tmp/p.xprof | sed -n 's/^host xen.pools=*//p')" "Pool-0: credit2, CPUs 0-1; side: credit, CPUs 2"
	assert_in "report" "CPU pools: Pool-0: credit2, CPUs 0-1; side: credit, CPUs 2" "$(xprof report -i /tmp/p.xprof)"
	assert_ge "samples on CPU 2" "$(cpu_samples /tmp/p.xprof 2)" 1000
	assert_eq "pools of one that has no other" "$(xprof dump -i /tmp/c-ipi.xprof | sed -n 's/^host xen.pools=*//p')" "Pool-0: credit2, CPUs 0-2"
}
t "CPU pools are told, and all of them sampled" pools_are_told
