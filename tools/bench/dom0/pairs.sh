# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# 20 pairs of 3 short recordings a side, of a host that does the same all the time.
set -e
compute 3:1 >/dev/null &
sysio >/dev/null &
xprof attach
xprof record --source hpet -F 997 -d 3 -o /tmp/first.xprof # symbols of the kernel are known from here on
for (( pair = 1; pair <= 20; pair++ )); do
	for run in old1 old2 old3 new1 new2 new3; do
		xprof record --source hpet -F 997 -d 1 -o "/out/$pair.$run.xprof" 2>/dev/null
	done
done
xprof detach
kill %1 %2
