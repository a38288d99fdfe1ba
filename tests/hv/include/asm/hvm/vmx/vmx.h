/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: the test says what a VMREAD finds, or that it is a bug. [Fields: SDM vol. 3, appendix B.] */
#pragma once
#define GUEST_CS_AR_BYTES 0x4816u
#define GUEST_SS_AR_BYTES 0x4818u
#define GUEST_CR3 0x6802u
#define X86_SEG_AR_CS_LM_ACTIVE (1u << 13)

void __vmread(unsigned long field, unsigned long *value);
