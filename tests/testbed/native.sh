# SPDX-License-Identifier: GPL-2.0-or-later
# Runs on the bare machine (--xen none) with counters: Linux's drivers and perf, who know nothing of us, judge the model.
# Leaves CSV of perf stat in /out/stat-NAME and the addresses of perf record's samples in /out/samples-NAME.
# Programs lie where they lay before: with the stack at another place, 6 of 400 runs take 16 instructions more to start.

sysctl -qw kernel.randomize_va_space=0 kernel.nmi_watchdog=0 kernel.perf_event_paranoid=-1 kernel.perf_event_max_sample_rate=4000000 kernel.perf_cpu_time_max_percent=0
dmesg | grep -i 'performance events' >/out/driver

count() { # name events command…
	perf stat -x, -e "$2" -o "/out/stat-$1" "${@:3}" || echo "perf stat failed for $1"
}

sample() { # name event period command…
	perf record -q -e "$2" -c "$3" -o /tmp/data "${@:4}" || echo "perf record failed for $1"
	perf script -i /tmp/data -F event,ip 2>/dev/null | awk '{ print $NF }' | sort | uniq -c | awk '{ print $2, $1 }' >"/out/samples-$1"
}

count short instructions:u,cycles:u known loop 10000000
count long instructions:u,cycles:u known loop 30000000
count again instructions:u,cycles:u known loop 30000000
count walk4 cache-misses:u,dTLB-load-misses:u known walk 32 4
count walk8 cache-misses:u,dTLB-load-misses:u known walk 32 8
sample split instructions:u 100003 known split 100000000
sample cycles cycles:u 100003 known split 100000000
sample cache cache-misses:u 1009 known walk 32 4
# Data cache accesses (AMD: event 40 of K8, 29 of Zen), of which CMPXCHG16B makes four: overflows come amid it.
accesses=r0329:u
! grep -q 'family.*: 15$' /proc/cpuinfo || accesses=r40:u
sample swap "$accesses" 101 known swap 300000 >/out/swap
sample dtlb dTLB-load-misses:u 101 known walk 32 8
