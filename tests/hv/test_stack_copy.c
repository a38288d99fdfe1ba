// SPDX-License-Identifier: GPL-2.0-or-later
/* How a guest's stack is read: the hypervisor's own stack-copy.c, between page tables that the test makes up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <asm/hvm/nestedhvm.h>
#include <asm/p2m.h>
#include <asm/uaccess.h>
#include <xen/domain_page.h>
#include <xen/sched.h>

#include <stack.h>

#define PAGES 8u
#define FIRST 0xffffc90000000000ul /* gfn n lies at page n from here on */

struct page_info {
	unsigned int held;
	p2m_type_t type;
	bool there, mapped_for_user, no_page;
	unsigned char data[PAGE_SIZE];
};

static struct page_info pages[PAGES];
static struct domain domain;
static struct vcpu vcpu;
static unsigned int mapped;
static unsigned char *pv_memory;
static unsigned int pv_len;

struct vcpu *hv_current(void)
{
	return &vcpu;
}

unsigned long paging_gva_to_gfn(struct vcpu *v, unsigned long va, uint32_t *pfec)
{
	unsigned long gfn = (va - FIRST) / PAGE_SIZE;

	assert_ptr_equal(v, &vcpu);
	assert_true(*pfec & PFEC_page_present);
	assert_false(*pfec & ~(PFEC_page_present | PFEC_user_mode));
	if (gfn >= PAGES || !pages[gfn].there || ((*pfec & PFEC_user_mode) && !pages[gfn].mapped_for_user))
		return INVALID_GFN;
	return gfn;
}

struct page_info *get_page_from_gfn(struct domain *d, unsigned long gfn, p2m_type_t *type, unsigned int query)
{
	assert_ptr_equal(d, &domain);
	assert_int_equal(query, 0); /* allocates and unshares nothing */
	*type = pages[gfn].type;
	if (pages[gfn].no_page)
		return NULL;
	pages[gfn].held++;
	return &pages[gfn];
}

void put_page(struct page_info *page)
{
	page->held--;
}

void *__map_domain_page(struct page_info *page)
{
	assert_int_equal(page->held, 1);
	mapped++;
	return page->data;
}

void unmap_domain_page(const void *va)
{
	(void)va;
	mapped--;
}

unsigned int copy_from_guest_pv(void *to, const void *from, unsigned int len)
{
	unsigned int left = len > pv_len ? len - pv_len : 0;

	(void)from;
	memcpy(to, pv_memory, len - left);
	return left;
}

static int begin(void **state)
{
	(void)state;
	domain = (struct domain){ .domain_id = 1, .options = XEN_DOMCTL_CDF_hvm };
	vcpu = (struct vcpu){ .domain = &domain };
	mapped = 0;
	for (unsigned int i = 0; i < PAGES; i++) {
		pages[i] = (struct page_info){ .there = true, .mapped_for_user = true };
		memset(pages[i].data, (int)(i + 1), PAGE_SIZE);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PAGES; i++)
		if (pages[i].held)
			return -1;
	return mapped ? -1 : 0;
}

static void test_hvm__goes_over_pages(void **state)
{
	unsigned char to[3 * PAGE_SIZE];

	(void)state;
	assert_int_equal(xprof_copy_guest(to, FIRST + 4000, 8192, false), 8192);
	for (unsigned int i = 0; i < 8192; i++)
		assert_int_equal(to[i], 1 + (4000 + i) / PAGE_SIZE);
	assert_int_equal(xprof_copy_guest(to, FIRST + PAGE_SIZE, 1, false), 1);
	assert_int_equal(to[0], 2);
}

static void stops_at_page(unsigned int page, bool user)
{
	unsigned char to[3 * PAGE_SIZE];

	assert_int_equal(xprof_copy_guest(to, FIRST + 96, sizeof(to), user), page * PAGE_SIZE - 96);
}

static void test_hvm__stops_where_a_page_cannot_be_read(void **state)
{
	static const p2m_type_t bad[] = { p2m_mmio_direct, p2m_ram_paged, p2m_ram_shared, p2m_grant_map_rw, p2m_invalid };
	unsigned char to[8];

	(void)state;
	pages[2].there = false;
	stops_at_page(2, false);
	pages[1].mapped_for_user = false;
	stops_at_page(1, true);
	stops_at_page(2, false);
	pages[1].no_page = true;
	stops_at_page(1, false);
	pages[1].no_page = false;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		pages[1].type = bad[i];
		stops_at_page(1, false);
	}
	pages[1].type = p2m_ram_logdirty;
	stops_at_page(2, false);
	pages[1].type = p2m_ram_ro;
	stops_at_page(2, false);
	assert_int_equal(xprof_copy_guest(to, FIRST - 8, 8, false), 0);
	assert_int_equal(xprof_copy_guest(to, UINT64_MAX - 3, 8, false), 0);
}

static void test_hvm__not_where_there_are_two_sets_of_tables(void **state)
{
	(void)state;
	assert_true(xprof_can_copy_guest());
	domain.arch.altp2m_active = true;
	assert_false(xprof_can_copy_guest());
	domain.arch.altp2m_active = false;
	vcpu.arch.hvm.nested_guest_mode = true;
	assert_false(xprof_can_copy_guest());
}

static void test_pv__by_its_own_addresses(void **state)
{
	static unsigned char memory[100] = { 7, 8, 9 };
	unsigned char to[64];

	(void)state;
	domain.options = 0;
	assert_true(xprof_can_copy_guest());
	pv_memory = memory;
	pv_len = 20;
	assert_int_equal(xprof_copy_guest(to, 0x7ffe0000, 64, true), 20);
	assert_memory_equal(to, memory, 20);
	pv_len = 100;
	assert_int_equal(xprof_copy_guest(to, HYPERVISOR_VIRT_END, 64, false), 64);
	/* Xen's own addresses are not a guest's. */
	assert_int_equal(xprof_copy_guest(to, HYPERVISOR_VIRT_END - 8, 64, false), 0);
	assert_int_equal(xprof_copy_guest(to, 0xffff830000000000ul, 64, false), 0);
	assert_int_equal(xprof_copy_guest(to, (1ul << 47) - 32, 64, false), 0);
	domain.arch.pv.is_32bit = true;
	assert_false(xprof_can_copy_guest());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hvm__goes_over_pages, begin, end),
		cmocka_unit_test_setup_teardown(test_hvm__stops_where_a_page_cannot_be_read, begin, end),
		cmocka_unit_test_setup_teardown(test_hvm__not_where_there_are_two_sets_of_tables, begin, end),
		cmocka_unit_test_setup_teardown(test_pv__by_its_own_addresses, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
