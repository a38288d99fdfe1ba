# SPDX-License-Identifier: GPL-2.0-or-later
#
# make unit    libxprof, the command and the hypervisor's ring, on this machine
#              each tests/unit/test_*.c is one cmocka program (the other files
#              there are linked into all of them), each test_*.sh a script that
#              finds the build in $O and prints as cmocka does; tests/unit/run sums up
# make fuzz    each tests/fuzz/fuzz_*.c under libFuzzer, FUZZ_SECONDS=60 each
#
# The same fuzz targets are built with gcc and a small main that runs a corpus,
# and `make unit` runs them over tests/data/fuzz/<target>/.

UNIT_SRCS := $(sort $(wildcard tests/unit/test_*.c))
UNIT_HELPERS := $(filter-out $(UNIT_SRCS),$(sort $(wildcard tests/unit/*.c)))
UNIT_SCRIPTS := $(sort $(wildcard tests/unit/test_*.sh))
UNIT_PROGS := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(UNIT_SRCS))

FUZZ_SRCS := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_CORPUS_PROGS := $(patsubst tests/fuzz/%.c,$(O)/tests/fuzz/%,$(FUZZ_SRCS))
FUZZ_PROGS := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(FUZZ_SRCS))
FUZZ_SECONDS ?= 60

include tests/hv/hv.mk
include tests/payloads/payloads.mk
include tests/unwind/unwind.mk

.PHONY: unit-build
unit-build: $(UNIT_PROGS) $(FUZZ_CORPUS_PROGS) $(HV_PROGS)

$(O)/obj/tests/%.o: XP_CPPFLAGS += -I tests
$(O)/obj/tests/%.o: XP_CFLAGS += -Wno-null-dereference

$(UNIT_PROGS): $(O)/tests/unit/%: $(O)/obj/tests/unit/%.o $(call xp_objs,$(UNIT_HELPERS)) $(XP_LIB)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XP_LDFLAGS) $(UNIT_LDFLAGS) -o $@ $^ -lcmocka $(XP_LDLIBS) -lm

$(FUZZ_CORPUS_PROGS): $(O)/tests/fuzz/%: $(O)/obj/tests/fuzz/%.o $(O)/obj/tests/fuzz/main.o $(XP_LIB)
	$(say) LD $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XP_LDFLAGS) -o $@ $^ $(XP_LDLIBS)

# Each allocation of the library can be refused.
$(O)/tests/unit/test_allocfail: UNIT_LDFLAGS += $(foreach f,malloc calloc realloc strdup,-Wl,--wrap=$(f))

unit: unit-build all
	$(Q)O=$(O) tests/unit/run $(O) $(HV_PROGS) $(FUZZ_CORPUS_PROGS) $(UNIT_SCRIPTS) $(UNIT_PROGS) # the longest first

# clang compiles the library once more, with coverage for the fuzzer.
FUZZ_FLAGS := -std=gnu11 -O1 -g -fno-omit-frame-pointer
$(FUZZ_PROGS): $(O)/fuzz/%: tests/fuzz/%.c $(XP_LIB_SRCS)
	$(say) FUZZ $@
	$(Q)mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined $(XP_CPPFLAGS) -I tests \
		-o $@ $^ $(XP_LDLIBS)

fuzz: $(FUZZ_PROGS) $(O)/fuzz/fuzz_ring
	$(Q)for f in $(FUZZ_PROGS) $(O)/fuzz/fuzz_ring; do \
		n=$${f##*/}; mkdir -p $(O)/fuzz/corpus/$$n $(O)/fuzz/found; \
		echo "fuzz: $$n for $(FUZZ_SECONDS) s"; \
		$$f -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=1024 -timeout=20 -print_final_stats=1 \
			-artifact_prefix=$(O)/fuzz/found/$$n- \
			$(O)/fuzz/corpus/$$n $$(ls -d tests/data/fuzz/$$n 2>/dev/null) || exit 1; \
	done

-include $(wildcard $(O)/obj/tests/*/*.d)

# make check   every test: unit, fuzz corpora, and the emulated Xen hosts
# make e2e     the emulated Xen hosts only (SCENARIOS="tests/e2e/10-basics.sh …" for some)
.PHONY: check e2e e2e-build
check: deps
	$(Q)$(MAKE) --no-print-directory all unit-build e2e-build
	$(Q)tests/check $(abspath $(O))

e2e: deps
	$(Q)$(MAKE) --no-print-directory e2e-build
	$(Q)tests/e2e/run $(abspath $(O)) $(SCENARIOS)

# make soak    half an hour (SOAK_SECONDS=) of sessions, guests, CPUs and live patches that come and go
.PHONY: soak
soak: deps
	$(Q)$(MAKE) --no-print-directory e2e-build
	$(Q)SOAK_SECONDS=$(SOAK_SECONDS) tests/e2e/run $(abspath $(O)) tests/soak/soak.sh

e2e-build: all dom0-root xen-patched test-payloads $(O)/bench/peers/.made
