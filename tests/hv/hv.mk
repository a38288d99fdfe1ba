# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/hv/test_*.c: the hypervisor's own sources, compiled in userspace under ASan and UBSan.
# tests/hv/fuzz_*.c: the same under libFuzzer (make fuzz), or over a corpus (make unit).

HV_TEST_SRCS := hypervisor-patch/xen/common/xprof/record.c tests/hv/harness.c
HV_TEST_DEPS := $(HV_TEST_SRCS) tests/hv/harness.h $(shell find hypervisor-patch/xen/include tests/hv/include -name '*.h')
HV_HOST_PROGS := $(addprefix $(O)/tests/hv/,test_pmu_amd test_pmu_intel test_vmx test_stack test_stack_guest test_stack_notes)
HV_TEST_FLAGS := -std=gnu11 -g -O1 -D_GNU_SOURCE -Wall -Wextra -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
	-Itests/hv/include -Ihypervisor-patch/xen/include -include xen/xprof/kernel.h
HV_PROGS := $(O)/tests/hv/test_ring $(O)/tests/hv/test_insert $(O)/tests/hv/test_stack_copy $(O)/tests/hv/test_evidence $(O)/tests/hv/fuzz_ring $(HV_HOST_PROGS)

$(O)/tests/hv/test_%: tests/hv/test_%.c $(HV_TEST_DEPS)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_TEST_FLAGS) -fsanitize=address,undefined -o $@ $< $(HV_TEST_SRCS) -lcmocka -lpthread

$(O)/tests/hv/fuzz_%: tests/hv/fuzz_%.c tests/fuzz/main.c $(HV_TEST_DEPS)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_TEST_FLAGS) -fsanitize=address,undefined -o $@ $< tests/fuzz/main.c $(HV_TEST_SRCS)

$(O)/fuzz/fuzz_ring: tests/hv/fuzz_ring.c $(HV_TEST_DEPS)
	$(say) FUZZ $@
	$(Q)mkdir -p $(@D)
	$(Q)clang $(HV_TEST_FLAGS) -fsanitize=fuzzer,address,undefined -o $@ $< $(HV_TEST_SRCS)

# The part that reads guests has page tables and a p2m of the test's.
$(O)/tests/hv/test_stack_copy: HV_TEST_SRCS := hypervisor-patch/xen/arch/x86/xprof/stack-copy.c
$(O)/tests/hv/test_stack_copy: HV_TEST_FLAGS += -Ihypervisor-patch/xen/arch/x86/xprof
$(O)/tests/hv/test_stack_copy: hypervisor-patch/xen/arch/x86/xprof/stack-copy.c

# Those that need counters, vCPUs and NMIs link the hypervisor's objects with a host (host.h) around them.
# As in Xen no vector register is used there: what an NMI handler calls saves the general ones only.
HV_HOST_XEN := $(addprefix $(O)/tests/hv/xen/, \
	$(patsubst %,arch/x86/xprof/%.o,pmu pmu-cpu pmu-assign pmu-session pmu-amd pmu-intel switch context callback nmi nmi-pmu \
		stack stack-guest stack-process) \
	$(patsubst %,common/xprof/%.o,record event session housekeeping))
HV_HOST_OBJS := $(addprefix $(O)/tests/hv/host/,$(addsuffix .o,harness host host-session host-stack stack-case pmu-model pmu-cases pmu-limits pmu-watch pmu-watchdog pmu-rows))
HV_HOST_FLAGS := $(HV_TEST_FLAGS) -fsanitize=address,undefined -Ihypervisor-patch/xen/arch/x86/xprof -Itests/hv
HV_HOST_DEPS := $(HV_TEST_DEPS) $(wildcard tests/hv/*.h hypervisor-patch/xen/arch/x86/xprof/*.h)

$(O)/tests/hv/xen/%.o: hypervisor-patch/xen/%.c $(HV_HOST_DEPS)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_HOST_FLAGS) -mgeneral-regs-only -Wno-unused-parameter -c -o $@ $<

# The host's domains are Xen's, so context.c describes them, not harness.c.
$(O)/tests/hv/host/harness.o: HV_HOST_FLAGS += -Dxprof_describe=hv_describe
$(O)/tests/hv/host/%.o: tests/hv/%.c $(HV_HOST_DEPS)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_HOST_FLAGS) -c -o $@ $<

$(HV_HOST_PROGS): $(O)/tests/hv/%: tests/hv/%.c $(HV_HOST_XEN) $(HV_HOST_OBJS)
	$(say) CC $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HV_HOST_FLAGS) -o $@ $< $(HV_HOST_OBJS) $(HV_HOST_XEN) -lcmocka -lm
