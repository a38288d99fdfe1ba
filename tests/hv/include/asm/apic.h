/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/types.h>
#include <asm/msr.h>

#define APIC_LVTPC 0x340u
#define APIC_DM_NMI 0x400u
#define APIC_MODE_MASK 0x700u
#define APIC_LVT_MASKED 0x10000u

uint32_t apic_read(uint32_t reg);
void apic_write(uint32_t reg, uint32_t value);

#define NMI_NONE 0u
#define NMI_IO_APIC 1u
#define NMI_LOCAL_APIC 2u
extern unsigned int nmi_watchdog;
