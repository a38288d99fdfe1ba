# SPDX-License-Identifier: GPL-2.0-or-later
#
# make module  xprof.ko for the testbed's dom0 kernel: $(O)/module/xprof.ko
#              KDIR=DIR: for another kernel's headers
#
# The sources are copied beside each other, as in a DKMS tree: kernel builds
# litter the folder they run in.

MODULE_SOURCES := $(shell find kernel-helper -type f) hypervisor-patch/xen/include/public/xprof.h

.PHONY: module
module: $(O)/module/xprof.ko

# Our O is not Linux's.
$(O)/module/xprof.ko: $(MODULE_SOURCES) | prepare
	$(say) MODULE $@
	$(Q)kernel-helper/dkms-tree $(O)/module/tree
	$(Q)eval "$$($(XENHOST) paths)" && env -u MAKEFLAGS -u O $(MAKE) -s -C "$${KDIR:-$$KERNEL_HEADERS}" \
		M=$(abspath $(O))/module/tree modules >$(O)/module/log 2>&1 || \
		{ tail -n 30 $(O)/module/log >&2; echo "the whole log: $(O)/module/log" >&2; exit 1; }
	$(Q)cp $(O)/module/tree/xprof.ko $@
