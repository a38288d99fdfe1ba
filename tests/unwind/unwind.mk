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

# make cfi-truth     rules of programs and libraries against readelf's rows (CFI_FILES=)
CFI_FILES ?= $(wildcard /lib/x86_64-linux-gnu/libc.so.6 /lib64/ld-linux-x86-64.so.2 /usr/lib/x86_64-linux-gnu/libstdc++.so.6 \
	/usr/bin/bash /usr/bin/gdb /usr/lib/x86_64-linux-gnu/libLLVM-14.so.1) $(O)/xprof
.PHONY: cfi-truth
cfi-truth: $(O)/tests/unwind/judge-cfi $(O)/xprof
	$(Q)for f in $(CFI_FILES); do readelf -W --debug-dump=frames-interp $$f 2>/dev/null | $(O)/tests/unwind/judge-cfi $$f || exit 1; done

$(O)/tests/unwind/judge-cfi: $(O)/obj/tests/unwind/judge-cfi.o $(XP_LIB)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS) -ldw

# make orc-truth     rules of the testbed's Linux kernel against its objtool's reading of its ORC
.PHONY: orc-truth
orc-truth: $(O)/tests/unwind/judge-orc | prepare
	$(Q)eval "$$($(XENHOST) paths)" && tests/unwind/orc-truth $(O)/tests/unwind/judge-orc "$$KERNEL_ELF" "$$(echo "$$DEBROOT"/usr/lib/linux-kbuild-*/tools/objtool/objtool)"

$(O)/tests/unwind/judge-orc: $(O)/obj/tests/unwind/judge-orc.o $(XP_LIB)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS)

# What judges chains of running programs; tests/unit/test_unwind_live.sh runs it.
unit-build: $(O)/tests/unwind/judge-chains
$(O)/tests/unwind/judge-chains: $(O)/obj/tests/unwind/judge-chains.o $(XP_LIB)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS) -ldw
