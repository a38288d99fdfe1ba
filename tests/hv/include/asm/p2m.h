/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: the p2m is the test's. */
#pragma once
#include <xen/sched.h>

typedef enum {
	p2m_ram_rw,
	p2m_invalid,
	p2m_ram_logdirty,
	p2m_ram_ro,
	p2m_mmio_direct,
	p2m_ram_paged,
	p2m_ram_shared,
	p2m_grant_map_rw,
} p2m_type_t;

#define INVALID_GFN (~0ul)
#define gfn_x(gfn) (gfn)

struct page_info;
struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn, p2m_type_t *type, unsigned int query);
void put_page(struct page_info *page);
