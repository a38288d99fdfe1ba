// SPDX-License-Identifier: GPL-2.0-or-later
/* Stacks and their samples, from a ring to chains in a profile: by CPU and time, in any order in which they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/collect/account.h"
#include "lib/collect/drain.h"
#include "unit/fakering.h"

#define SIZE 65536u

struct fixture {
	struct fakering fake;
	struct xp_ring ring;
	struct xp_drain drain;
	struct xp_collect_sink sink;
	struct xp_writer *w;
	char path[64];
	size_t walks, frames; /* told to the sink */
};

/*
 * Stands for unwinding: each word of the copy is a frame. A first word 0xbad ends it without a rule; the copy's first word is what
 * called ip. Words of a process' stack follow those of its kernel's.
 */
static void walk(void *arg, const struct xp_stack_copy *copy, bool xen, struct xp_stack_chain *chain)
{
	struct fixture *f = arg;
	uint8_t code = xen ? XPROF_MODE_XEN : copy->mode & XPROF_MODE_CODE;
	uint64_t word;

	f->walks++;
	chain->nr = 0;
	chain->end = XP_CHAIN_COMPLETE;
	chain->frames[chain->nr++] = (struct xp_call_frame){ copy->ip, code, true };
	for (size_t at = 0; at < copy->len && chain->nr < XP_STACK_FRAMES; at += 8) {
		memcpy(&word, copy->bytes + at, 8);
		if (word == 0xbad)
			chain->end = XP_CHAIN_NO_RULE;
		else
			chain->frames[chain->nr++] = (struct xp_call_frame){ word, code, false };
	}
	for (size_t at = 0; at < copy->process_len && chain->nr < XP_STACK_FRAMES; at += 8) {
		memcpy(&word, copy->process_bytes + at, 8);
		chain->frames[chain->nr++] = (struct xp_call_frame){ word, XPROF_MODE_USER, at == 0 };
	}
}

static void on_frames(void *arg, const struct xp_chain_context *context, const struct xp_call_frame *frames, size_t nr)
{
	struct fixture *f = arg;

	(void)context;
	(void)frames;
	f->frames += nr;
}

static void begin_with(struct fixture *f, const char *modifiers)
{
	const struct xp_collect_event collected = { "timer", modifiers, 0, 0 };
	const struct xp_collect_config config = { .events = &collected, .nr_events = 1 };
	struct xp_err err;

	memset(f, 0, sizeof(*f));
	fakering_init(&f->fake, 0, SIZE);
	f->ring = f->fake.ring;
	snprintf(f->path, sizeof(f->path), "/tmp/xprof-test-XXXXXX");
	close(mkstemp(f->path));
	unlink(f->path);
	assert_int_equal(xp_writer_open_chains(&f->w, f->path, &err), 0);
	f->sink = (struct xp_collect_sink){ .arg = f, .walk = walk, .frames = on_frames };
	assert_int_equal(xp_drain_init(&f->drain, &f->ring, 1, f->w, &f->sink, &config, &err), 0);
}

static void begin(struct fixture *f)
{
	begin_with(f, "");
}

static void put_sample(struct fixture *f, uint64_t tsc, uint16_t domid, uint8_t mode)
{
	struct xprof_sample s = { .rec = fakering_rec(XPROF_REC_SAMPLE, sizeof(s)), .tsc = tsc, .ip = 0x10, .cr3 = 0x1000 };

	s.rec.domid = domid;
	s.rec.mode = mode;
	assert_true(fakering_put(&f->fake, &s));
}

struct stack {
	struct xprof_stack h;
	uint64_t words[8];
};

static void put_stack_at(struct fixture *f, uint64_t tsc, uint8_t part, uint8_t mode, uint16_t flags, uint32_t offset, uint64_t ip,
			 const uint64_t *words, size_t nr)
{
	struct stack s = { .h = { .rec = fakering_rec(XPROF_REC_STACK, sizeof(s.h) + nr * 8), .tsc = tsc, .ip = ip, .sp = 0x7000,
				  .flags = flags, .offset = offset } };

	s.h.rec.event = part;
	s.h.rec.mode = mode;
	memcpy(s.words, words, nr * sizeof(*words));
	assert_true(fakering_put(&f->fake, &s));
}

#define WORDS(...) (const uint64_t[]){ __VA_ARGS__ }, sizeof((const uint64_t[]){ __VA_ARGS__ }) / 8
#define NO_WORDS (const uint64_t[]){ 0 }, 0
#define XEN(tsc, ...) put_stack_at(&f, tsc, XPROF_STACK_XEN, XPROF_MODE_XEN, 0, 0, 0x10, __VA_ARGS__)
#define GUEST(tsc, mode, flags, ip, ...) put_stack_at(&f, tsc, XPROF_STACK_GUEST, mode, flags, 0, ip, __VA_ARGS__)

static void pass(struct fixture *f)
{
	struct xp_err err = { "" };

	if (xp_drain_pass(&f->drain, &err))
		fail_msg("%s", err.text);
}

/* Chains of all samples in the order of the file: "tsc: address code exact, … end; …", innermost first. */
struct text { char s[4096]; size_t at; const struct xp_profile *p; };

static void add(struct text *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	t->at += (size_t)vsnprintf(t->s + t->at, sizeof(t->s) - t->at, format, ap);
	va_end(ap);
	assert_true(t->at < sizeof(t->s));
}

static int print_block(const struct xp_block *b, void *arg)
{
	static const char *const codes[] = { "x", "k", "u" };
	struct text *t = arg;

	for (size_t i = 0; i < b->nr; i++) {
		uint32_t node = b->chain ? b->chain[i] : XP_CHAIN_NONE;

		add(t, "%s%llu:", t->at ? "; " : "", (unsigned long long)b->tsc[i]);
		for (; node >= XP_CALL_FIRST_NODE; node = t->p->nodes[node].parent)
			add(t, " %s%llx%s", codes[t->p->nodes[node].code], (unsigned long long)t->p->nodes[node].ip,
			    t->p->nodes[node].exact ? "!" : "");
		add(t, " %s", xp_chain_ends[node]);
	}
	return 0;
}

static void assert_chains(struct fixture *f, const char *expected)
{
	struct text t = { .at = 0 };
	struct xp_profile *p;
	struct xp_err err;

	assert_int_equal(xp_drain_finish(&f->drain, &err), 0);
	assert_int_equal(xp_writer_close(f->w, &err), 0);
	assert_int_equal(xp_profile_open(&p, f->path, &err), 0);
	unlink(f->path);
	t.p = p;
	assert_int_equal(xp_profile_each_block(p, print_block, &t, &err), 0);
	assert_string_equal(t.s, expected);
	xp_profile_free(p);
	xp_drain_release(&f->drain);
	fakering_release(&f->fake);
}

#define KERNEL XPROF_MODE_KERNEL
#define USER XPROF_MODE_USER

static void test_guest__the_sample_is_its_first_frame(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, USER);
	GUEST(1, USER, 0, 0x10, WORDS(0xa, 0xb));
	pass(&f);
	assert_int_equal(f.frames, 2);
	assert_chains(&f, "1: ua ub complete");
}

static void test_xen__its_part_comes_first_then_the_guests(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, XPROF_MODE_XEN);
	XEN(1, WORDS(0x100, 0x200));
	GUEST(1, KERNEL, 0, 0x50, WORDS(0x60));
	pass(&f);
	assert_chains(&f, "1: x100 x200 k50! k60 complete");
}

static void test_guest__comes_later_and_samples_stay_in_order(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, XPROF_MODE_XEN);
	XEN(1, WORDS(0x100));
	put_sample(&f, 2, 5, XPROF_MODE_XEN);
	XEN(2, WORDS(0x200));
	pass(&f);
	put_sample(&f, 3, 5, USER);
	GUEST(2, KERNEL, 0, 0x51, NO_WORDS);
	GUEST(3, USER, 0, 0x10, WORDS(0xa));
	pass(&f);
	GUEST(1, KERNEL, 0, 0x50, NO_WORDS);
	pass(&f);
	assert_chains(&f, "1: x100 k50! complete; 2: x200 k51! complete; 3: ua complete");
}

static void test_same__is_the_last_one_that_was_one(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, XPROF_MODE_XEN);
	XEN(1, WORDS(0x100));
	put_sample(&f, 2, 5, XPROF_MODE_XEN);
	XEN(2, WORDS(0x200));
	GUEST(1, KERNEL, 0, 0x50, WORDS(0x60));
	GUEST(2, KERNEL, XPROF_STACK_F_SAME, 0x50, NO_WORDS);
	pass(&f);
	assert_int_equal(f.walks, 3);
	assert_chains(&f, "1: x100 k50! k60 complete; 2: x200 k50! k60 complete");
}

static void test_moved__has_xens_part_alone(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, XPROF_MODE_XEN);
	XEN(1, WORDS(0x100));
	GUEST(1, KERNEL, XPROF_STACK_F_MOVED, 0, NO_WORDS);
	put_sample(&f, 2, 5, USER);
	GUEST(2, USER, XPROF_STACK_F_MOVED, 0x10, NO_WORDS);
	pass(&f);
	assert_chains(&f, "1: x100 moved; 2: moved");
}

static void test_xen__a_part_that_does_not_reach_the_guest_ends_the_chain(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, XPROF_MODE_XEN);
	XEN(1, WORDS(0x100, 0xbad));
	GUEST(1, KERNEL, 0, 0x50, WORDS(0x60));
	pass(&f);
	assert_chains(&f, "1: x100 no-rule");
}

static void test_nmi__all_samples_of_one_have_its_stacks(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, USER);
	put_sample(&f, 1, 5, USER);
	put_sample(&f, 2, 5, USER);
	GUEST(1, USER, 0, 0x10, WORDS(0xa));
	GUEST(2, USER, 0, 0x10, WORDS(0xb));
	pass(&f);
	assert_chains(&f, "1: ua complete; 1: ua complete; 2: ub complete");
}

static void test_more__records_make_one_snapshot(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, USER);
	put_stack_at(&f, 1, XPROF_STACK_GUEST, USER, XPROF_STACK_F_MORE, 0, 0x10, WORDS(1, 2, 3));
	put_stack_at(&f, 1, XPROF_STACK_GUEST, USER, 0, 24, 0x10, WORDS(4));
	/* Of this one the middle is missing: what is behind it is of no use. */
	put_sample(&f, 2, 5, USER);
	put_stack_at(&f, 2, XPROF_STACK_GUEST, USER, XPROF_STACK_F_MORE, 0, 0x10, WORDS(1));
	put_stack_at(&f, 2, XPROF_STACK_GUEST, USER, 0, 16, 0x10, WORDS(3));
	pass(&f);
	assert_chains(&f, "1: u1 u2 u3 u4 complete; 2: u1 complete");
}

static void test_process__comes_before_its_kernels_and_belongs_to_it(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, KERNEL);
	put_stack_at(&f, 1, XPROF_STACK_GUEST, USER, XPROF_STACK_F_PROCESS | XPROF_STACK_F_MORE, 0, 0x70, WORDS(0x71));
	put_stack_at(&f, 1, XPROF_STACK_GUEST, USER, XPROF_STACK_F_PROCESS | XPROF_STACK_F_MORE, 8, 0x70, WORDS(0x72));
	GUEST(1, KERNEL, 0, 0x10, WORDS(0x61));
	/* A kernel thread's has none, and gets no other's. */
	put_sample(&f, 2, 5, KERNEL);
	GUEST(2, KERNEL, 0, 0x10, WORDS(0x62));
	/* One without its kernel's is of no use. */
	put_sample(&f, 3, 5, KERNEL);
	put_stack_at(&f, 3, XPROF_STACK_GUEST, USER, XPROF_STACK_F_PROCESS | XPROF_STACK_F_MORE, 0, 0x70, WORDS(0x71));
	put_sample(&f, 4, 5, KERNEL);
	GUEST(4, KERNEL, 0, 0x10, WORDS(0x64));
	pass(&f);
	assert_chains(&f, "1: k61 u71! u72 complete; 2: k62 complete; 3: dropped; 4: k64 complete");
}

static void test_idle__has_xens_part_and_waits_for_no_guest(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	put_sample(&f, 1, XPROF_DOMID_IDLE, XPROF_MODE_XEN);
	XEN(1, WORDS(0x100));
	put_sample(&f, 2, XPROF_DOMID_IDLE, XPROF_MODE_XEN); /* its stack was lost */
	put_sample(&f, 3, 5, USER);
	GUEST(3, USER, 0, 0x10, WORDS(0xa));
	pass(&f);
	assert_int_equal(f.drain.stacks.cpus[0].nr, 0);
	assert_chains(&f, "1: x100 complete; 2: dropped; 3: ua complete");
}

static void test_lost__samples_do_not_wait_for_ever(void **state)
{
	struct fixture f;
	struct xp_err err;

	(void)state;
	begin(&f);
	put_sample(&f, 1, 5, USER);
	put_sample(&f, 2, 5, USER);
	GUEST(2, USER, 0, 0x10, WORDS(0xb));
	pass(&f);
	assert_int_equal(f.drain.stacks.cpus[0].nr, 2);
	f.drain.stacks.now_ns += XP_JOIN_WAIT_NS + 1;
	assert_int_equal(xp_join_flush(&f.drain.stacks, false, &err), 0);
	assert_int_equal(f.drain.stacks.cpus[0].nr, 0);
	assert_int_equal(f.drain.stacks.ends[XP_CHAIN_DROPPED], 1);
	assert_chains(&f, "1: dropped; 2: ub complete");
}

static void test_lost__nor_more_than_so_many(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	for (uint64_t i = 0; i < 2 * XP_JOIN_WAITING; i++) {
		put_sample(&f, 1 + i, 5, USER);
		if (i % 512 == 0)
			pass(&f);
	}
	pass(&f);
	assert_int_equal(f.drain.stacks.cpus[0].nr, XP_JOIN_WAITING);
	assert_int_equal(f.drain.stacks.ends[XP_CHAIN_DROPPED], XP_JOIN_WAITING);
	f.drain.stacks.ends[XP_CHAIN_DROPPED] = 0;
	xp_drain_release(&f.drain);
	xp_writer_close(f.w, NULL);
	unlink(f.path);
	fakering_release(&f.fake);
}

static void test_filter__stacks_of_samples_that_are_not_kept(void **state)
{
	struct fixture f;

	(void)state;
	begin_with(&f, "u");
	put_sample(&f, 1, 5, XPROF_MODE_XEN);
	XEN(1, WORDS(0x100));
	GUEST(1, USER, 0, 0x50, WORDS(0xa));
	put_sample(&f, 2, 5, USER);
	GUEST(2, USER, XPROF_STACK_F_SAME, 0x50, NO_WORDS); /* as that one */
	pass(&f);
	assert_chains(&f, "2: ua complete");
}

static void test_busy__chains_are_dropped_and_no_sample(void **state)
{
	struct xp_collect_figures figures = { 0 };
	const struct xprof_op_info info = { .tsc_khz = 1000000 };
	struct fixture f;
	char warnings[512];

	(void)state;
	begin(&f);
	for (uint64_t i = 1; i <= 500; i++) { /* 48 KB: more than half of the ring is full */
		put_sample(&f, i, 5, USER);
		GUEST(i, USER, 0, 0x10, WORDS(0xa));
		f.fake.header->produced[0]++;
	}
	pass(&f);
	assert_int_equal(f.drain.nr_delivered, 500);
	assert_true(f.drain.stacks.ends[XP_CHAIN_DROPPED] > 100);
	assert_true(f.walks > 100); /* once there was room again */
	assert_int_equal(f.drain.stacks.ends[XP_CHAIN_DROPPED] + f.walks, 500);
	xp_account_figures(&f.drain, &info, &figures);
	assert_int_equal(figures.chains, 500);
	xp_account_check(&f.drain, &figures, warnings, sizeof(warnings));
	assert_non_null(strstr(warnings, " of 500 samples have no whole call chain because stacks found no room"));
	xp_drain_release(&f.drain);
	xp_writer_close(f.w, NULL);
	unlink(f.path);
	fakering_release(&f.fake);
}

static void test_hostile__records_in_any_order_and_of_any_size(void **state)
{
	struct fixture f;
	uint64_t seed = 88172645463325252u;

	(void)state;
	begin(&f);
	for (int i = 0; i < 20000; i++) {
		uint64_t words[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		if (seed % 3 == 0)
			put_sample(&f, seed >> 8 & 63, (seed >> 16 & 1) ? 5 : XPROF_DOMID_IDLE, seed >> 20 & 3);
		else
			put_stack_at(&f, seed >> 8 & 63, seed >> 14 & 3, seed >> 16 & 255, seed >> 24 & 15, seed >> 28 & 0x3f8,
				     0x10, words, seed >> 40 & 7);
		if (i % 300 == 0)
			pass(&f);
	}
	pass(&f);
	f.drain.stacks.now_ns += XP_JOIN_WAIT_NS + 1;
	xp_drain_release(&f.drain);
	xp_writer_close(f.w, NULL);
	unlink(f.path);
	fakering_release(&f.fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guest__the_sample_is_its_first_frame),
		cmocka_unit_test(test_xen__its_part_comes_first_then_the_guests),
		cmocka_unit_test(test_guest__comes_later_and_samples_stay_in_order),
		cmocka_unit_test(test_same__is_the_last_one_that_was_one),
		cmocka_unit_test(test_moved__has_xens_part_alone),
		cmocka_unit_test(test_xen__a_part_that_does_not_reach_the_guest_ends_the_chain),
		cmocka_unit_test(test_nmi__all_samples_of_one_have_its_stacks),
		cmocka_unit_test(test_more__records_make_one_snapshot),
		cmocka_unit_test(test_process__comes_before_its_kernels_and_belongs_to_it),
		cmocka_unit_test(test_idle__has_xens_part_and_waits_for_no_guest),
		cmocka_unit_test(test_lost__samples_do_not_wait_for_ever),
		cmocka_unit_test(test_lost__nor_more_than_so_many),
		cmocka_unit_test(test_filter__stacks_of_samples_that_are_not_kept),
		cmocka_unit_test(test_busy__chains_are_dropped_and_no_sample),
		cmocka_unit_test(test_hostile__records_in_any_order_and_of_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
