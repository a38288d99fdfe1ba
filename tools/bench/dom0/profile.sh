# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A minute of the demo: a guest computes, another one makes system calls and I/O, dom0 computes a little.
set -e
guest_create web1 pv compute 3:1
guest_create db1 pvh sysio
guest_wait_up web1
guest_wait_up db1
xprof attach
before=$(xen-free-pages)
xprof start -F 997 -o /out/minute.xprof
after=$(xen-free-pages)
compute 2:1 --seconds 60
xprof stop
echo "$before $after" >/out/pages
xprof detach
