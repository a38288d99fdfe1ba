/* SPDX-License-Identifier: GPL-2.0-only */
/* What the live patch's jump covers, then the rest of Xen's own function. */
#include "original.h"

        .section .text.xprof_test_switcher, "ax", @progbits
        .globl xprof_test_switcher
        .type xprof_test_switcher, @function
xprof_test_switcher:
        .byte SWITCHER_BYTES
        jmp context_switch + SWITCHER_LENGTH
        .size xprof_test_switcher, . - xprof_test_switcher
