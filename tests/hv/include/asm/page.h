/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <xen/types.h>

#define PAGE_SIZE 4096ul
#define PAGE_MASK (~(PAGE_SIZE - 1))

typedef struct {
	uint64_t pfn;
} pagetable_t;

#define pagetable_get_paddr(table) ((table).pfn << 12)
