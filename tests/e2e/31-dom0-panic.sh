# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 200 --expect-reboot
#
# dom0's kernel panics during a session; 31-dom0-panic.host looks at the console.
source /usr/lib/xprof-tests/lib.sh

xprof start --source hpet -F 5000 -o /tmp/c.xprof
sleep 1
echo "samples before the panic: $(xprof status --json | jq .samples)"
echo 1 >/proc/sys/kernel/sysrq
echo c >/proc/sysrq-trigger
sleep 30
echo "not ok - the host lives on"
