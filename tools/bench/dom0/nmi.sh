# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Some thousand NMIs of the profiler, while dom0 works.
set -e
xprof record --source hpet -F 997 -o /tmp/n.xprof -- compute 3:1 --seconds 6
