/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <asm/processor.h>

/* Where a guest's registers are pushed: an NMI frame that lies there interrupted the guest itself. */
const struct cpu_user_regs *hv_guest_regs(void);
#define guest_mode(regs) ((regs) == hv_guest_regs())
