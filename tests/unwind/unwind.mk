# SPDX-License-Identifier: GPL-2.0-or-later
#
# make unwind-truth  Xen's unwind rules against its compiler's: builds Xen 4.17 with debug data (2 min)

.PHONY: unwind-truth
unwind-truth: deps
	$(Q)$(MAKE) --no-print-directory $(O)/tests/unwind/judge $(O)/xen-debug/xen-syms
	$(Q)$(O)/tests/unwind/judge $(O)/xen-debug/xen-syms

$(O)/tests/unwind/judge: $(O)/obj/tests/unwind/judge.o $(XP_LIB)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS) -ldw

$(O)/xen-debug/xen-syms: tests/unwind/xen-debug | prepare
	$(say) XEN "4.17 with debug data (log: $(O)/xen-debug/log)"
	$(Q)mkdir -p $(@D)
	$(Q)eval "$$($(XENHOST) paths)" && tests/unwind/xen-debug "$$XEN_SRC" "$$XEN_CONFIG" $(abspath $(O))/xen-debug
