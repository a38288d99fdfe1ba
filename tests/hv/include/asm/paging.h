/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/types.h>

#define PG_HAP_enable (1u << 20)
#define paging_mode_hap(d) (!!((d)->arch.paging.mode & PG_HAP_enable))

#define PFEC_page_present (1u << 0)
#define PFEC_user_mode (1u << 2)

struct vcpu;
unsigned long paging_gva_to_gfn(struct vcpu *v, unsigned long va, uint32_t *pfec);
