/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * void xprof_test_spin(uint64_t ticks): interrupts off until the TSC is that
 * much further.  A sample of a spin lies in here and nowhere else.
 */
        .section .text.xprof_test_spin, "ax", @progbits
        .globl xprof_test_spin, xprof_test_spin_size
        .type xprof_test_spin, @function
xprof_test_spin:
        endbr64
        pushfq
        cli
        rdtsc
        shl $32, %rdx
        lea (%rax, %rdx), %rcx
1:      rdtsc
        shl $32, %rdx
        add %rdx, %rax
        sub %rcx, %rax
        cmp %rdi, %rax
        jb 1b
        popfq
        ret
2:
        .size xprof_test_spin, . - xprof_test_spin

        .section .rodata.xprof_test_spin_size, "a", @progbits
        .type xprof_test_spin_size, @object
xprof_test_spin_size:
        .quad 2b - xprof_test_spin
        .size xprof_test_spin_size, 8
