# SPDX-License-Identifier: GPL-2.0-or-later
#
# Developer tools: each tools/dev/<name>.c is one program, $(O)/<name>, that
# may use libxprof.

include tools/bench/bench.mk

DEV_TOOLS := $(patsubst tools/dev/%.c,$(O)/%,$(sort $(wildcard tools/dev/*.c)))

all: $(DEV_TOOLS)

$(DEV_TOOLS): $(O)/%: $(O)/obj/tools/dev/%.o $(XP_LIB)
	$(say) LD $@
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS) -lm

# What one of them is too large for a file alone lies in a folder of its name.
$(O)/obj/tools/dev/%.o: XP_CPPFLAGS += -I tools/dev
$(O)/mktop: $(call xp_objs,userspace/cli/screen.c)
$(O)/mkprofile: $(call xp_objs,$(sort $(wildcard tools/dev/mkprofile/*.c)))

# bench-guest with recorded frames in place of Xen's.
all: $(O)/bench-guest-replay
$(O)/bench-guest-replay: $(O)/obj/tools/dev/bench-guest.o $(call xp_objs,tools/dev/bench-guest/replay.c) $(XP_LIB)
	$(say) LD $@
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS)

-include $(wildcard $(O)/obj/tools/dev/*.d $(O)/obj/tools/dev/*/*.d)

# make dom0-root  what dom0 of the testbed gets installed: $(O)/dom0-root
.PHONY: dom0-root
dom0-root: $(O)/dom0-root/.made

$(O)/dom0-root/.made: $(O)/xprof $(O)/payload/.bookworm $(O)/module/xprof.ko $(XP_MAN) tools/testbed/dom0-root
	$(say) ROOT $(O)/dom0-root
	$(Q)tools/testbed/dom0-root $(abspath $(O))
	$(Q)touch $@

# make demo       all of it, on a fresh Debian 12 machine: build tools, build, boot, profile, report
.PHONY: demo deps
demo: deps
	$(Q)$(MAKE) --no-print-directory dom0-root
	$(Q)tools/demo/run $(abspath $(O))

# make deps       build tools from Debian, with apt (as root)
deps:
	$(Q)tools/dev/install-deps
