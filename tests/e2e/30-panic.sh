# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# xenhost: --cpus 2 --timeout 400 --expect-reboot
#
# The hypervisor panics during a session. 30-panic.host compares what the console shows.
source /usr/lib/xprof-tests/lib.sh

xprof start --source hpet -F 5000 -o /tmp/c.xprof
sleep 1
echo "samples before the panic: $(xprof status --json | jq .samples)"
out_sync
xl debug-keys C
sleep 60
echo "not ok - the host lives on"
