# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Some thousand NMIs of the profiler, while dom0 works: without stacks (phase 0), with (phase 1). "mark N" tells the emulator.
set -e
xprof attach
xprof record --source hpet -F 997 -o /tmp/n.xprof -- compute 3:1 --seconds 6
mark 1
xprof record -g --source hpet -F 997 -o /tmp/g.xprof -- compute 3:1 --seconds 6
mark 2
xprof detach
