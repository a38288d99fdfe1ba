# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/hv/test_*.c: the hypervisor's own sources, compiled in userspace under ASan and UBSan.
# tests/hv/fuzz_*.c: the same under libFuzzer (make fuzz), or over a corpus (make unit).

HV_TEST_SRCS := hypervisor-patch/xen/common/xprof/record.c tests/hv/harness.c
HV_TEST_DEPS := $(HV_TEST_SRCS) tests/hv/harness.h $(shell find hypervisor-patch/xen/include tests/hv/include -name '*.h')
HV_TEST_FLAGS := -std=gnu11 -g -O1 -D_GNU_SOURCE -Wall -Wextra -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
	-Itests/hv/include -Ihypervisor-patch/xen/include -include xen/xprof/kernel.h
HV_PROGS := $(O)/tests/hv/test_ring $(O)/tests/hv/test_evidence $(O)/tests/hv/fuzz_ring

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
