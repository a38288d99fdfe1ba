# SPDX-License-Identifier: GPL-2.0-or-later
#
# make bench      every figure, into $(O)/bench.json and onto the terminal (about 15 min: eight boots, nothing else should run)

.PHONY: bench
bench: dom0-root $(O)/mkprofile $(O)/bench-collect $(O)/bench/measure $(O)/bench/nmi-cost.so
	$(Q)tools/bench/run $(abspath $(O))

$(O)/bench/measure: tools/bench/measure.c
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O2 -Wall -Wextra -o $@ $<

$(O)/bench/nmi-cost.so: tools/testbed/plugins/nmi-cost.c tools/testbed/plugins/qemu-plugin-api.h
	$(say) PLUGIN $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O2 -Wall -Wextra -shared -fPIC -o $@ $<
