/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. [Exit codes: APM vol. 2, appendix C.] */
#pragma once
#include <xen/types.h>

enum {
	VMEXIT_INTR = 0x60,
	VMEXIT_NMI = 0x61,
	VMEXIT_HLT = 0x78,
	VMEXIT_NPF = 0x400,
};

struct vmcb_struct {
	uint64_t exitcode, rip, rsp, cr3;
	uint8_t cpl;
	struct {
		unsigned int l : 1;
	} cs;
};

#define vmcb_get_cpl(vmcb) ((vmcb)->cpl)
#define vmcb_get_cr3(vmcb) ((vmcb)->cr3)
