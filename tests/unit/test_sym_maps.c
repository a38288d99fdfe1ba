// SPDX-License-Identifier: GPL-2.0-or-later
/* Mappings over time: /proc/PID/maps, perf's records, their order, and what a space makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/perf_event.h>

#include "lib/profile/profile.h"
#include "lib/sym/clock.h"
#include "lib/sym/mmqueue.h"
#include "lib/sym/procmaps.h"
#include "lib/sym/seen.h"
#include "lib/sym/space.h"
#include "xprof.h"

/* ---- /proc/PID/maps ---- */

static void test_procmaps__executable_ones_with_their_names(void **state)
{
	struct xp_span text = xp_span_of(
		"55e0a0000000-55e0a0001000 r--p 00000000 fe:01 100                /usr/bin/a b\n"
		"55e0a0001000-55e0a0002000 r-xp 00001000 fe:01 100                /usr/bin/a b (deleted)\n"
		"7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
		"7ffc00000000-7ffc00002000 r-xp 00000000 00:00 0                  [vdso]\n"
		"garbage\n"
		"7f10-7f00 r-xp 00000000 00:00 0 inverted\n");
	char name[XP_MAP_NAME_MAX];
	struct xp_procmap m;

	(void)state;
	assert_true(xp_procmaps_next(&text, &m));
	assert_int_equal(m.start, 0x55e0a0001000);
	assert_int_equal(m.offset, 0x1000);
	assert_int_equal(m.major, 0xfe);
	assert_int_equal(m.inode, 100);
	assert_int_equal(xp_map_kind(m.name), XP_IMAGE_FILE);
	xp_map_name(m.name, name);
	assert_string_equal(name, "/usr/bin/a b");
	assert_true(xp_procmaps_next(&text, &m));
	assert_int_equal(xp_map_kind(m.name), XP_IMAGE_ANON);
	xp_map_name(m.name, name);
	assert_string_equal(name, "//anon");
	assert_true(xp_procmaps_next(&text, &m));
	assert_int_equal(xp_map_kind(m.name), XP_IMAGE_VDSO);
	assert_false(xp_procmaps_next(&text, &m));
}

/* ---- perf's records ---- */

struct mmap2_record {
	struct perf_event_header h;
	uint32_t pid, tid;
	uint64_t addr, len, pgoff;
	uint8_t id_size, reserved[3], id[20];
	uint32_t prot, flags;
	char name[16];
	uint64_t time;
} __attribute__((packed));

static void test_perf__mmap_with_build_id(void **state)
{
	struct mmap2_record r = {
		.h = { PERF_RECORD_MMAP2, PERF_RECORD_MISC_MMAP_BUILD_ID, sizeof(r) },
		.pid = 10, .tid = 11, .addr = 0x7000, .len = 0x2000, .pgoff = 0x1000,
		.id_size = 20, .id = { 0xab }, .name = "/lib/x.so", .time = 12345,
	};
	struct xp_mm_event event;
	uint64_t lost = 0;
	size_t len;

	(void)state;
	assert_int_equal(xp_perf_decode(&r, sizeof(r), &event, &lost), 1);
	assert_int_equal(event.type, XP_MM_MAP);
	assert_int_equal(event.tgid, 10);
	assert_int_equal(event.end, 0x9000);
	assert_int_equal(event.offset, 0x1000);
	assert_int_equal(event.ns, 12345);
	assert_int_equal(event.build_id.len, 20);
	assert_int_equal(event.build_id.bytes[0], 0xab);
	assert_int_equal(event.inode, 0);
	assert_true(xp_span_is(&event.name, "/lib/x.so"));
	for (len = 0; len < sizeof(r); len++)
		xp_perf_decode(&r, len, &event, &lost);
	r.len = UINT64_MAX;
	assert_int_equal(xp_perf_decode(&r, sizeof(r), &event, &lost), 0);
}

static void test_perf__threads_are_no_forks_and_names_no_execs(void **state)
{
	struct { struct perf_event_header h; uint32_t pid, ppid, tid, ptid; uint64_t at, time; } fork = {
		{ PERF_RECORD_FORK, 0, sizeof(fork) }, 10, 9, 10, 9, 5, 5 };
	struct { struct perf_event_header h; uint32_t pid, tid; char comm[8]; uint64_t time; } comm = {
		{ PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, sizeof(comm) }, 10, 10, "x", 6 };
	struct { struct perf_event_header h; uint64_t id, lost, time; } gone = {
		{ PERF_RECORD_LOST, 0, sizeof(gone) }, 1, 42, 7 };
	struct xp_mm_event event;
	uint64_t lost = 0;

	(void)state;
	assert_int_equal(xp_perf_decode(&fork, sizeof(fork), &event, &lost), 1);
	assert_int_equal(event.type, XP_MM_FORK);
	assert_int_equal(event.parent, 9);
	fork.ppid = 10;
	assert_int_equal(xp_perf_decode(&fork, sizeof(fork), &event, &lost), 0);
	assert_int_equal(xp_perf_decode(&comm, sizeof(comm), &event, &lost), 1);
	assert_int_equal(event.type, XP_MM_EXEC);
	comm.h.misc = 0;
	assert_int_equal(xp_perf_decode(&comm, sizeof(comm), &event, &lost), 0);
	assert_int_equal(xp_perf_decode(&gone, sizeof(gone), &event, &lost), 0);
	assert_int_equal(lost, 42);
}

static void collect(const struct xp_mm_event *event, void *arg)
{
	char *order = arg;
	size_t len = strlen(order);

	snprintf(order + len, 32 - len, "%u ", event->tgid);
}

static void test_mmqueue__order_is_that_of_time(void **state)
{
	struct xp_mm_queue q = { .v = NULL };
	char order[32] = "";
	static const uint64_t times[] = { 30, 10, 20, 10, 40 };
	size_t i;

	(void)state;
	for (i = 0; i < 5; i++) {
		struct xp_mm_event event = { .ns = times[i], .tgid = (uint32_t)i, .name = { "n", 1 } };

		xp_mm_queue_add(&q, &event);
	}
	xp_mm_queue_take(&q, 20, collect, order);
	assert_string_equal(order, "1 3 2 ");
	xp_mm_queue_take(&q, UINT64_MAX, collect, order);
	assert_string_equal(order, "1 3 2 0 4 ");
	xp_mm_queue_release(&q);
}

static void test_clock__a_line_through_two_pairs(void **state)
{
	struct xp_clock_pair a = { 1000, 100 }, b = { 3000, 200 };

	(void)state;
	assert_int_equal(xp_clock_tsc(&a, &b, 150), 2000);
	assert_int_equal(xp_clock_tsc(&a, &b, 50), 0);
	assert_int_equal(xp_clock_tsc(&a, &b, 300), 5000);
	assert_int_equal(xp_clock_tsc(&a, &a, 300), 1000);
}

/* ---- spaces ---- */

static struct xp_mapping mapping(uint64_t tsc, uint64_t start, uint64_t end, uint32_t image)
{
	return (struct xp_mapping){ .tsc = tsc, .start = start, .end = end, .image = image };
}

static void map(struct xp_spaces *s, struct xp_space *space, uint64_t tsc, uint64_t start, uint64_t end, uint32_t image)
{
	struct xp_mapping m = mapping(tsc, start, end, image);

	xp_space_map(s, space, &m);
}

static void assert_image(const struct xp_space *space, uint64_t addr, int image)
{
	const struct xp_mapping *m = xp_space_find(space, addr);

	assert_int_equal(m ? (int)m->image : -1, image);
}

static void test_space__child_has_its_parents_maps_until_it_execs(void **state)
{
	struct xp_space *parent, *child;
	struct xp_spaces s;

	(void)state;
	assert_true(xp_spaces_init(&s, 100));
	parent = xp_spaces_get(&s, 1);
	child = xp_spaces_get(&s, 2);
	map(&s, parent, 0, 0x1000, 0x2000, 7);
	xp_space_fork(&s, child, parent, 50);
	map(&s, parent, 60, 0x1000, 0x2000, 8); /* after the fork: the parent's alone */
	assert_image(parent, 0x1800, 8);
	assert_image(child, 0x1800, 7);
	assert_int_equal(child->maps[0].tsc, 50);
	xp_space_exec(&s, child, 70, "x");
	assert_image(child, 0x1800, -1);
	assert_int_equal(child->nr_maps, 1); /* its past is kept */
	xp_spaces_release(&s);
}

static void test_space__repeated_mapping_is_one(void **state)
{
	struct xp_space *space;
	struct xp_spaces s;

	(void)state;
	assert_true(xp_spaces_init(&s, 100));
	space = xp_spaces_get(&s, 1);
	map(&s, space, 1, 0x1000, 0x2000, 7);
	map(&s, space, 2, 0x1000, 0x2000, 7);
	assert_int_equal(space->nr_maps, 1);
	map(&s, space, 3, 0x1800, 0x1900, 8);
	map(&s, space, 4, 0x1000, 0x2000, 7); /* covers the one between */
	assert_int_equal(space->nr_maps, 3);
	assert_image(space, 0x1880, 7);
	xp_spaces_release(&s);
}

static void test_space__maps_read_after_an_exec_that_is_told_later(void **state)
{
	struct xp_space *space;
	struct xp_spaces s;

	(void)state;
	assert_true(xp_spaces_init(&s, 100));
	space = xp_spaces_get(&s, 1);
	map(&s, space, 0, 0x1000, 0x2000, 7); /* the new program's, as if it were the old one's */
	space->read_tsc = 100;
	xp_space_exec(&s, space, 90, "x");
	assert_int_equal(space->nr_maps, 0);
	map(&s, space, 91, 0x1000, 0x2000, 7);
	xp_space_exec(&s, space, 110, "x");
	assert_int_equal(space->nr_maps, 1);
	assert_image(space, 0x1000, -1);
	xp_spaces_release(&s);
}

static void record(struct xp_space *space, uint64_t tsc, bool exec, const char *comm)
{
	struct xp_root root = { .cr3 = 0x5000, .tsc = tsc, .exec = exec };

	snprintf(root.comm, sizeof(root.comm), "%s", comm);
	assert_true(xp_space_root(space, &root));
}

static uint64_t date_of(const struct xp_space *space, size_t map)
{
	return xp_space_map_tsc(space, &space->maps[map]);
}

/* The kernel's clock is converted; it may be early, or late by more than a program's start takes. */
static void test_space__a_programs_maps_begin_with_its_record(void **state)
{
	struct xp_space *space;
	struct xp_spaces s;

	(void)state;
	assert_true(xp_spaces_init(&s, 100));
	space = xp_spaces_get(&s, 1);
	record(space, 5, false, "");           /* a snapshot */
	record(space, 100, true, "one");
	record(space, 160, true, "two");
	map(&s, space, 0, 0x1000, 0x2000, 1);
	map(&s, space, 80, 0x3000, 0x4000, 2); /* by the old program; nothing else was there before */
	map(&s, space, 85, 0x3000, 0x4000, 9); /* covers what it had there */
	xp_space_exec(&s, space, 103, "one");      /* told late: true was 98 */
	map(&s, space, 104, 0x1000, 0x2000, 3);
	map(&s, space, 165, 0x1000, 0x1800, 4);/* covers one; true was before 160 */
	xp_space_exec(&s, space, 158, "two");      /* told early */
	map(&s, space, 159, 0x1000, 0x2000, 5);
	map(&s, space, 180, 0x1000, 0x2000, 6);
	xp_space_date(space, 50);
	assert_int_equal(date_of(space, 0), 0);
	assert_int_equal(date_of(space, 1), 0);
	assert_int_equal(date_of(space, 2), 85);
	assert_int_equal(date_of(space, 3), 100);
	assert_int_equal(date_of(space, 4), 159);
	assert_int_equal(date_of(space, 5), 160);
	assert_int_equal(date_of(space, 6), 180);
	xp_spaces_release(&s);
}

static void test_space__a_record_that_was_lost_shifts_no_other(void **state)
{
	struct xp_space *space;
	struct xp_spaces s;

	(void)state;
	assert_true(xp_spaces_init(&s, 100));
	space = xp_spaces_get(&s, 1);
	record(space, 100, false, "");
	record(space, 160, true, "two"); /* that of "one" was lost */
	xp_space_fork(&s, space, NULL, 98);
	map(&s, space, 99, 0x1000, 0x2000, 1);
	xp_space_exec(&s, space, 120, "one");
	map(&s, space, 121, 0x1000, 0x2000, 2);
	xp_space_exec(&s, space, 159, "two");
	map(&s, space, 161, 0x1000, 0x2000, 3);
	xp_space_date(space, 50);
	assert_int_equal(date_of(space, 0), 100);
	assert_int_equal(date_of(space, 1), 120);
	assert_int_equal(date_of(space, 2), 160);
	xp_spaces_release(&s);
}

static void test_space__what_is_forgotten_makes_room(void **state)
{
	struct xp_space *space;
	struct xp_spaces s;

	(void)state;
	assert_true(xp_spaces_init(&s, 2));
	space = xp_spaces_get(&s, 1);
	record(space, 10, false, "");
	map(&s, space, 10, 0x1000, 0x2000, 1);
	xp_space_fork(&s, space, NULL, 30); /* the number was given to another */
	map(&s, space, 30, 0x3000, 0x4000, 2);
	map(&s, space, 31, 0x5000, 0x6000, 3);
	assert_int_equal(s.lost_maps, 1);
	xp_spaces_forget(&s, space, 20);
	assert_int_equal(s.nr_maps, 1);
	assert_int_equal(space->nr_roots, 0);
	assert_image(space, 0x3000, 2);
	xp_spaces_forget(&s, space, 40);
	assert_null(xp_spaces_find(&s, 1));
	assert_int_equal(s.nr_maps, 0);
	xp_spaces_release(&s);
}

/* ---- samples ---- */

static void see(struct xp_seen *s, uint8_t mode, uint16_t domid, uint64_t cr3, uint64_t ip)
{
	struct xprof_sample sample = { .rec = { .mode = mode, .domid = domid }, .tsc = 1000, .ip = ip, .cr3 = cr3 };

	xp_seen_sample(s, &sample);
}

static void test_seen__whose_address_it_is(void **state)
{
	static struct xp_seen s;
	size_t nr;
	struct xp_addr *sorted;

	(void)state;
	assert_true(xp_seen_init(&s, 100));
	see(&s, XPROF_MODE_XEN, 9, 0x9000, 0x10);
	see(&s, XPROF_MODE_XEN, 4, 0x8000, 0x10);                    /* Xen is the same under every domain */
	see(&s, XPROF_MODE_KERNEL, 0, 0x9000, 0x20);
	see(&s, XPROF_MODE_KERNEL, 1, 0x9000, 0x21);
	see(&s, XPROF_MODE_KERNEL | XPROF_MODE_HVM, 3, 0x9000, 0x22);
	see(&s, XPROF_MODE_KERNEL | XPROF_MODE_32, 1, 0x9000, 0x23); /* a 32-bit guest's: to say why it has no name */
	see(&s, XPROF_MODE_USER, 1, 0x9000, 0x24);                   /* a guest's process */
	see(&s, XPROF_MODE_USER | XPROF_MODE_HVM, 0x7fe7, 0x9000, 0x25);
	see(&s, XPROF_MODE_USER, 0, 0x9000, 0x30);
	see(&s, XPROF_MODE_USER | XPROF_MODE_HVM, 0, 0x9000, 0x31);  /* KPTI: the user half of root 0x8000 */
	see(&s, XPROF_MODE_USER | XPROF_MODE_NESTED, 0, 0x9000, 0x32);
	sorted = xp_addrset_sorted(&s.addrs, &nr);
	assert_int_equal(nr, 9);
	assert_int_equal(sorted[0].space, XP_SPACE_XEN);
	assert_int_equal(sorted[1].space, XP_SPACE_KERNEL);
	assert_int_equal(sorted[2].space, XP_SPACE_GUEST_KERNEL(1));
	assert_int_equal(sorted[3].space, XP_SPACE_GUEST_KERNEL(1));
	assert_int_equal(sorted[4].space, XP_SPACE_GUEST_KERNEL(3));
	assert_int_equal(XP_SPACE_CR3(sorted[5].space), 0x8000);
	assert_int_equal(XP_SPACE_CR3(sorted[6].space), 0x9000);
	assert_int_equal(sorted[7].space, XP_SPACE_GUEST_USER(1, 0x9000));
	assert_int_equal(sorted[8].space, XP_SPACE_GUEST_USER(0x7fe7, 0x8000));
	assert_true(XP_SPACE_IS_GUEST_USER(sorted[8].space));
	assert_false(XP_SPACE_IS_USER(sorted[8].space));
	assert_int_equal(XP_SPACE_GUEST_DOMID(sorted[8].space), 0x7fe7);
	assert_int_equal(XP_SPACE_GUEST_CR3(sorted[8].space), 0x8000);
	assert_int_equal(s.nr_fresh, 2);
	assert_int_equal(s.nr_guests, 2);
	assert_true(xp_seen_since(&s, 0x9000, 1000));
	assert_false(xp_seen_since(&s, 0x9000, 1001));
	assert_false(xp_seen_since(&s, 0x7000, 0));
	free(sorted);
	xp_seen_release(&s);
}

static void test_seen__beyond_the_bound_is_counted(void **state)
{
	static struct xp_seen s;
	uint64_t i;

	(void)state;
	assert_true(xp_seen_init(&s, 10));
	for (i = 0; i < 15; i++)
		see(&s, XPROF_MODE_XEN, 0, 0, i);
	assert_int_equal(s.addrs.nr, 10);
	assert_int_equal(s.overflow, 5);
	for (i = 0; i < 5000; i++)
		see(&s, XPROF_MODE_USER, 0, i << 12, i); /* roots are found again after they grew */
	for (i = 0; i < 5000; i++)
		assert_true(xp_seen_since(&s, i << 12, 1000));
	xp_seen_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_procmaps__executable_ones_with_their_names),
		cmocka_unit_test(test_perf__mmap_with_build_id),
		cmocka_unit_test(test_perf__threads_are_no_forks_and_names_no_execs),
		cmocka_unit_test(test_mmqueue__order_is_that_of_time),
		cmocka_unit_test(test_clock__a_line_through_two_pairs),
		cmocka_unit_test(test_space__child_has_its_parents_maps_until_it_execs),
		cmocka_unit_test(test_space__repeated_mapping_is_one),
		cmocka_unit_test(test_space__maps_read_after_an_exec_that_is_told_later),
		cmocka_unit_test(test_space__a_programs_maps_begin_with_its_record),
		cmocka_unit_test(test_space__a_record_that_was_lost_shifts_no_other),
		cmocka_unit_test(test_space__what_is_forgotten_makes_room),
		cmocka_unit_test(test_seen__whose_address_it_is),
		cmocka_unit_test(test_seen__beyond_the_bound_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
