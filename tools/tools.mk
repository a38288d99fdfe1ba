# SPDX-License-Identifier: GPL-2.0-or-later
#
# Developer tools: each tools/dev/<name>.c is one program, $(O)/<name>, that
# may use libxprof.

DEV_TOOLS := $(patsubst tools/dev/%.c,$(O)/%,$(sort $(wildcard tools/dev/*.c)))

all: $(DEV_TOOLS)

$(DEV_TOOLS): $(O)/%: $(O)/obj/tools/dev/%.o $(XP_LIB)
	$(say) LD $@
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS) -lm

-include $(wildcard $(O)/obj/tools/dev/*.d)
