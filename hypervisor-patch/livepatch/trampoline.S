/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch_do_sysctl() as Xen has it, beside our jump.
 *
 * Live patching overwrites the first bytes of the function with a jump to our
 * replacement.  The build copies the instructions that are lost (whole ones,
 * found to be position independent) into ORIGINAL_BYTES; here they run, and
 * then the rest of Xen's own function.  So nothing of Xen's is compiled anew,
 * and no fix that a vendor made to the rest of it is undone.
 */
#include "original.h"

        .section .text.xprof_original_do_sysctl, "ax", @progbits
        .globl xprof_original_do_sysctl
        .type xprof_original_do_sysctl, @function
xprof_original_do_sysctl:
        .byte ORIGINAL_BYTES
        jmp arch_do_sysctl + ORIGINAL_LENGTH
        .size xprof_original_do_sysctl, . - xprof_original_do_sysctl
