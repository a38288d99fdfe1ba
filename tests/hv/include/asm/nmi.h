/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name, as of 4.18 and later. */
#pragma once
#include <asm/apic.h>
#include <asm/processor.h>

typedef bool nmi_callback_t(const struct cpu_user_regs *regs, int cpu);

extern unsigned int nmi_cpu;
void self_nmi(void);
