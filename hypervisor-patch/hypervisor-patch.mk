# SPDX-License-Identifier: GPL-2.0-or-later
#
# make payload      the live patch for the testbed's stock hypervisor: $(O)/payload/<build-id>.livepatch
# make xen-patched  a hypervisor with the profiler built in: $(O)/xen-patched/xen
#
# Both from Xen's source in the testbed's cache; for any other hypervisor call
# hypervisor-patch/livepatch/build yourself.

XENHOST := tools/testbed/xenhost
HV_SOURCES := $(shell find hypervisor-patch/xen hypervisor-patch/livepatch -type f)
HV_PATCHES := $(shell find hypervisor-patch/patches -type f)

.PHONY: payload xen-patched
payload: $(O)/payload/.bookworm
xen-patched: $(O)/xen-patched/xen

# Only when the cache is not there: xenhost checks it cheaply itself.
.PHONY: prepare
prepare:
	$(Q)$(XENHOST) prepare

$(O)/payload/.%: $(HV_SOURCES) | prepare
	$(say) PAYLOAD "for Xen of $* (about 30 s the first time; log: $(O)/payload/work-$*/log)"
	$(Q)mkdir -p $(@D)
	$(Q)eval "$$($(XENHOST) paths --release $*)" && hypervisor-patch/livepatch/build \
		--tree "$$XEN_SRC" --config "$$XEN_CONFIG" --syms "$$XEN_SYMS" \
		--work $(abspath $(O))/payload/work-$* --out "$(O)/payload/$$XEN_BUILD_ID.livepatch"
	$(Q)touch $@

$(O)/xen-patched/xen: $(HV_SOURCES) $(HV_PATCHES) | prepare
	$(say) XEN "4.17 with the profiler built in (about 2 min; log: $(O)/xen-patched/log)"
	$(Q)mkdir -p $(@D)
	$(Q)eval "$$($(XENHOST) paths)" && hypervisor-patch/patches/build \
		--tree "$$XEN_SRC" --config "$$XEN_CONFIG" --version 4.17 --out $(abspath $(O))/xen-patched
