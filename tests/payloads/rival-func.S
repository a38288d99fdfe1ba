/* SPDX-License-Identifier: GPL-2.0-only */
/* What the live patch's jump covers, then the rest of Xen's own function. */
#include "original.h"

        .section .text.xprof_test_rival_sysctl, "ax", @progbits
        .globl xprof_test_rival_sysctl
        .type xprof_test_rival_sysctl, @function
xprof_test_rival_sysctl:
        .byte ORIGINAL_BYTES
        jmp arch_do_sysctl + ORIGINAL_LENGTH
        .size xprof_test_rival_sysctl, . - xprof_test_rival_sysctl
