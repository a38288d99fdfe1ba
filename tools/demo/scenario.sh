# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a user does, in dom0 of the emulated host: two guests work, one of them computes (PV), the other one makes
# system calls and I/O (PVH); dom0 computes a little, too.
set -e

say() { echo; echo "$*"; }

say "== two guests: web1 (PV) computes, db1 (PVH) makes system calls and I/O"
guest_create web1 pv compute 3:1 --mem 128
guest_create db1 pvh sysio --mem 128
guest_wait_up web1
guest_wait_up db1
xl list

say "== what can be done on this host?"
xprof check

say "== xprof start"
xprof start -o /out/demo.xprof

compute 2:1 --seconds "${DEMO_SECONDS:-10}" >/out/dom0-compute.json
xprof status

say "== xprof stop"
xprof stop

say "== xprof report"
xprof report -i /out/demo.xprof >/out/report.txt
xprof report -i /out/demo.xprof --json >/out/report.json

guest_stop web1 >/out/web1-compute.json
guest_stop db1 >/out/db1-sysio.json
