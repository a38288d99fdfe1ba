# SPDX-License-Identifier: GPL-2.0-or-later
#
# make bench        every figure, into $(O)/bench.json and onto the terminal (about 25 min: eleven boots, nothing else should run)
# make bench-peers  only the group "peers": xprof beside perf and in-tree xenoprof, on the emulator's counters (two or three boots)
# make bench-lines  only the group "lines": source lines, beside llvm-addr2line, addr2line and perf script; no emulator (builds Xen with debug data)
# make bench-html   only the group "html": a page of a million samples, opened and zoomed in a headless Chromium; no emulator

.PHONY: bench bench-peers bench-lines bench-html
bench: dom0-root $(O)/mkprofile $(O)/bench-lines $(O)/mkperf $(O)/bench-chains $(O)/xen-debug/xen-syms $(O)/bench-collect $(O)/bench-guest $(O)/bench-guest-replay $(O)/guest-frames $(O)/bench/measure $(O)/bench/nmi-cost.so $(O)/bench/peers/.made
	$(Q)tools/bench/run $(abspath $(O))

bench-peers: dom0-root $(O)/bench/nmi-cost.so $(O)/bench/peers/.made
	$(Q)tools/bench/run $(abspath $(O)) peers

bench-lines: $(O)/bench-lines $(O)/mkperf $(O)/mkprofile $(O)/xen-debug/xen-syms $(O)/bench/measure
	$(Q)tools/bench/run $(abspath $(O)) lines

bench-html: $(O)/xprof $(O)/mkprofile $(O)/bench/measure
	$(Q)tools/bench/run $(abspath $(O)) html

$(O)/bench/measure: tools/bench/measure.c
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O2 -Wall -Wextra -o $@ $<

$(O)/bench/nmi-cost.so: tools/testbed/plugins/nmi-cost.c tools/testbed/plugins/qemu-plugin-api.h
	$(say) PLUGIN $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O2 -Wall -Wextra -shared -fPIC -o $@ $<

# What the group "peers" puts onto dom0's root, and onto that of Linux on the bare machine: $(O)/bench/peers.
PEERS_FLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes

$(O)/bench/peers/usr/bin/xenoprof-drive: $(wildcard tools/peers/*.[ch])
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(PEERS_FLAGS) -o $@ tools/peers/xenoprof-drive.c tools/peers/xenoprof.c tools/peers/histogram.c \
		-lxencall -lxenforeignmemory

$(O)/bench/peers/usr/bin/mark: tools/peers/mark.c
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(PEERS_FLAGS) -static -o $@ $<

$(O)/bench/peers/.made: $(O)/bench/peers/usr/bin/xenoprof-drive $(O)/bench/peers/usr/bin/mark $(O)/e2e/payloads/.made
	$(Q)mkdir -p $(@D)/opt/peers
	$(Q)cp $(O)/e2e/payloads/empty.livepatch $(@D)/opt/peers/
	$(Q)touch $@
