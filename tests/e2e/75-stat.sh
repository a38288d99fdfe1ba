# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --pmu amd --timeout 900
#
# Exact counts per domain, and the live view: judged by a loop of known length, by Xen's own accounting, and by what must add up.
source /usr/lib/xprof-tests/lib.sh
source /usr/lib/xprof-tests/stat.sh
source /usr/lib/xprof-tests/top.sh

status_and_form
command_is_counted
known_loop
errors
estimates
sessions_exclude_each_other

guest_create one pv compute 1:1 --mem 160 &
guest_create two pvh compute 1:1 --mem 160 --vcpus 2 &
wait
guest_wait_up one
guest_wait_up two

times_are_xens
all_adds_up
intervals
multiplexed
per_vcpu

t "top: domains are xl's, CPU time is Xen's, functions are the workload's" top_is_true
t "top: instructions per cycle are those that stat counts" ipc_is_that_of_stat
t "top: ends in order whatever ends it, and says who samples" top_leaves_nothing

guest_comes_and_goes
guest_stop one >/dev/null
guest_stop two >/dev/null
