# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a user does, in dom0 of the emulated host: three guests look equally busy; one computes, one misses in the cache, one in
# the TLB. dom0 computes a little, too.
set -e

say() { echo; echo "$*"; }

say "== three guests are busy: web1 and tlb1 (PV), cache1 (PVH)"
guest_create web1 pv compute 3:1 --mem 128 &
guest_create cache1 pvh cache --mem 128 &
guest_create tlb1 pv tlb --mem 128 &
wait
guest_wait_up web1
guest_wait_up cache1
guest_wait_up tlb1
xl list

say "== what can be done on this host?"
xprof check
xprof list

say "== xprof start"
xprof start -e cycles,instructions,llc-misses,dtlb-misses -o /out/demo.xprof

compute 2:1 --seconds "${DEMO_SECONDS:-10}" >/out/dom0-compute.json
xprof status

say "== xprof stop"
xprof stop

say "== xprof report"
xprof report -i /out/demo.xprof >/out/report.txt
xprof report -i /out/demo.xprof --json >/out/report.json
xprof html -i /out/demo.xprof -o /out/demo.html

guest_stop web1 >/out/web1-compute.json
guest_stop cache1 >/out/cache1-cache.json
guest_stop tlb1 >/out/tlb1-tlb.json
