# SPDX-License-Identifier: GPL-2.0-or-later
#
# libxprof.a from lib/*/*.c and xprof from cli/*.c. A new source file joins by
# being there.

# Every file is compiled with _GNU_SOURCE and base/banned.h (unsafe calls are
# errors); neither needs to be named in a source.
XP_CPPFLAGS := -D_GNU_SOURCE= -include userspace/lib/base/banned.h \
	-I userspace -I hypervisor-patch/xen/include/public \
	-idirafter kernel-helper/include/uapi
XP_CFLAGS := -std=gnu11 $(CFLAGS) -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes \
	-fstack-protector-strong $(SANFLAGS)
ifeq ($(DEV),1)
XP_CFLAGS += -Werror -Wshadow -Wvla -Wundef -Wpointer-arith -Wwrite-strings \
	-Wold-style-definition -Wformat=2 -Wnull-dereference -Wimplicit-fallthrough
endif
XP_LDFLAGS := $(SANFLAGS) -Wl,--as-needed $(LDFLAGS)
XP_LDLIBS := -lncursesw -ltinfo -ldw -lelf -liberty -lZydis -lZycore -lnettle -lz -ldeflate -lxenctrl -lxenstore -lxenforeignmemory -lxencall \
	-lxenevtchn -lxentoollog -lgsl -lgslcblas -lm $(LDLIBS)

# $(1) source, below the top: $(O)/obj/<same path>.o
xp_objs = $(patsubst %.c,$(O)/obj/%.o,$(1))

XP_LIB_SRCS := $(sort $(wildcard userspace/lib/*/*.c))
XP_CLI_SRCS := $(sort $(wildcard userspace/cli/*.c))
XP_LIB := $(O)/libxprof.a

all: $(XP_LIB)
# Until cli/main.c is there, there is no command to link.
ifneq ($(wildcard userspace/cli/main.c),)
all: $(O)/xprof
endif

$(O)/obj/%.o: %.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XP_CPPFLAGS) $(CPPFLAGS) $(XP_CFLAGS) -MMD -MP -c -o $@ $<

# What the page is made of is embedded by the assembler.
$(O)/obj/userspace/lib/html/assets.o: $(wildcard userspace/html/*.html userspace/html/*/*)

$(XP_LIB): $(call xp_objs,$(XP_LIB_SRCS))
	$(say) AR $@
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(O)/xprof: $(call xp_objs,$(XP_CLI_SRCS)) $(XP_LIB)
	$(say) LD $@
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS)

-include $(wildcard $(O)/obj/userspace/lib/*/*.d $(O)/obj/userspace/cli/*.d)

# Sections come from the names: xprof-format.5 goes to man5.
XP_MAN := $(sort $(wildcard userspace/doc/*.[1-9]))

# Units for systemd; @BINDIR@ is where xprof is installed.
XP_UNITS := $(sort $(wildcard userspace/systemd/*.service))
