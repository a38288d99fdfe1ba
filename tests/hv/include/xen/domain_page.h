/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name: the test counts what is mapped. */
#pragma once
struct page_info;
void *__map_domain_page(struct page_info *page);
void unmap_domain_page(const void *va);
