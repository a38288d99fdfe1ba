/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Call chains in the profile file: to the byte, there and back, damaged, hostile. */
#include "unit/build.h"

#include <zlib.h>

#include "lib/base/file.h"
#include "lib/profile/format.h"
#include "lib/report/report.h"

/* Two chains: user 0x100 called the kernel at 0x140 (where it was interrupted), and another kernel function at 0x120. */
static const uint8_t nodes_payload[] = {
	8, 3, 1,                /* first node, nodes, contexts */
	0x04, 5, 0x80, 0x40,    /* HVM, domain 5, cr3 0x1000 */
	1, 8, 9,                /* complete; the one before (8); two before (8) */
	0,                      /* the outermost one is of context 0 */
	2, 5, 1,                /* user; kernel, exact; kernel */
	0x80, 0x04, 0x80, 0x01, 0x3f, /* 0x100, + 0x40, - 0x20 */
};
static const struct xp_chain_context context = { 0x1000, 5, XPROF_MODE_HVM };
static const struct xp_call_frame one[] = { { 0x140, XPROF_MODE_KERNEL, true }, { 0x100, XPROF_MODE_USER, false } };
static const struct xp_call_frame two[] = { { 0x120, XPROF_MODE_KERNEL, false }, { 0x100, XPROF_MODE_USER, false } };

static uint32_t add(struct build *b, const struct xp_call_frame *frames, size_t nr, enum xp_chain_end end)
{
	uint32_t chain;
	size_t known;

	if (xp_write_chain(b->w, &context, frames, nr, end, &chain, &known, &b->err))
		fail_msg("%s", b->err.text);
	return chain;
}

static void add_sample(struct build *b, uint64_t tsc, uint64_t ip, uint32_t chain)
{
	const struct xprof_sample s = {
		.rec = { .type = XPROF_REC_SAMPLE, .size = 4, .mode = XPROF_MODE_KERNEL | XPROF_MODE_HVM, .domid = 5 },
		.tsc = tsc, .ip = ip, .cr3 = 0x1000,
	};

	assert_int_equal(xp_write_chained_samples(b->w, 0, &s, &chain, 1, &b->err), 0);
}

/* ---- the bytes ---- */

static void assert_two_chains(const struct xp_profile *p)
{
	assert_int_equal(p->nr_nodes, 11);
	assert_int_equal(p->nodes[8].ip, 0x100);
	assert_int_equal(p->nodes[8].parent, XP_CHAIN_COMPLETE);
	assert_int_equal(p->nodes[8].code, XPROF_MODE_USER);
	assert_int_equal(p->nodes[8].depth, 1);
	assert_int_equal(p->nodes[9].ip, 0x140);
	assert_int_equal(p->nodes[9].parent, 8);
	assert_int_equal(p->nodes[9].code, XPROF_MODE_KERNEL);
	assert_true(p->nodes[9].exact);
	assert_int_equal(p->nodes[10].ip, 0x120);
	assert_int_equal(p->nodes[10].parent, 8);
	assert_int_equal(p->nodes[10].depth, 2);
	assert_int_equal(p->nodes[10].end, XP_CHAIN_COMPLETE);
	assert_false(p->nodes[10].exact);
	assert_int_equal(p->chain_contexts[p->nodes[10].context].cr3, 0x1000);
	assert_int_equal(p->chain_contexts[p->nodes[10].context].domid, 5);
	assert_int_equal(p->chain_contexts[p->nodes[10].context].mode, XPROF_MODE_HVM);
}

static void test_chunk__is_as_the_specification_says(void **state)
{
	struct xp_buf file = XP_BUF_INIT;
	struct build b;

	(void)state;
	build_begin_chains(&b);
	assert_int_equal(add(&b, one, 2, XP_CHAIN_COMPLETE), 9);
	assert_int_equal(add(&b, two, 2, XP_CHAIN_COMPLETE), 10);
	build_file(&b, &file);
	assert_memory_equal(file.data + 8, "\1\0\2\0", 4); /* version 1.2 */
	assert_memory_equal(file.data + XP_FILE_HEADER_BYTES, "CHNS", 4);
	assert_memory_equal(file.data + XP_FILE_HEADER_BYTES + XP_CHUNK_HEADER_BYTES, nodes_payload, sizeof(nodes_payload));
	assert_memory_equal(file.data + XP_FILE_HEADER_BYTES + XP_CHUNK_HEADER_BYTES + sizeof(nodes_payload), "END ", 4);
	xp_buf_release(&file);
	build_clear(&b);
}

static void put_chunk(struct xp_buf *b, const char *type, const void *payload, size_t len)
{
	size_t at = b->len;

	xp_buf_add(b, type, 4);
	xp_buf_u32(b, (uint32_t)len);
	xp_buf_u32(b, (uint32_t)len);
	xp_buf_u32(b, (uint32_t)crc32_z(0, payload, len));
	xp_buf_u32(b, (uint32_t)crc32_z(0, b->data + at, 16));
	xp_buf_add(b, payload, len);
}

static void begin_file(struct xp_buf *b)
{
	xp_buf_reset(b);
	xp_buf_add(b, "\x89XPROF\r\n\1\0\2\0", 12);
	xp_buf_u32(b, (uint32_t)crc32_z(0, b->data, 12));
}

static int open_with(struct xp_profile **p, const void *payload, size_t len, struct xp_err *err)
{
	static struct xp_buf b = XP_BUF_INIT;

	begin_file(&b);
	put_chunk(&b, "CHNS", payload, len);
	put_chunk(&b, "END ", "", 0);
	err->text[0] = '\0';
	return xp_profile_open_memory(p, b.data, b.len, err);
}

static void test_chunk__is_read_as_the_specification_says(void **state)
{
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	assert_int_equal(open_with(&p, nodes_payload, sizeof(nodes_payload), &err), 0);
	assert_two_chains(p);
	xp_profile_free(p);
}

static void test_plain__a_profile_without_chains_is_what_it_was(void **state)
{
	struct xp_buf plain = XP_BUF_INIT, chained = XP_BUF_INIT;
	struct build b;

	(void)state;
	build_begin(&b);
	build_sample(&b, 0, 10, 5, XPROF_MODE_KERNEL, 0x1234, 0x1000);
	build_file(&b, &plain);
	assert_memory_equal(plain.data + 8, "\1\0\1\0", 4); /* version 1.1 */
	build_clear(&b);
	build_begin_chains(&b);
	build_sample(&b, 0, 10, 5, XPROF_MODE_KERNEL, 0x1234, 0x1000);
	build_file(&b, &chained);
	/* Of a profile that could have had chains only the version differs. */
	assert_int_equal(plain.len, chained.len);
	assert_memory_equal(plain.data + XP_FILE_HEADER_BYTES, chained.data + XP_FILE_HEADER_BYTES, plain.len - XP_FILE_HEADER_BYTES);
	build_clear(&b);
	xp_buf_release(&plain);
	xp_buf_release(&chained);
}

/* ---- numbers ---- */

static void test_tree__the_same_chain_has_the_same_number(void **state)
{
	static const struct xp_chain_context other = { 0x2000, 5, XPROF_MODE_HVM };
	uint32_t chain, again;
	struct build b;
	size_t known;

	(void)state;
	build_begin_chains(&b);
	chain = add(&b, one, 2, XP_CHAIN_COMPLETE);
	assert_int_equal(xp_write_chain(b.w, &context, one, 2, XP_CHAIN_COMPLETE, &again, &known, &b.err), 0);
	assert_int_equal(again, chain);
	assert_int_equal(known, 2);
	assert_int_equal(xp_write_chain(b.w, &context, two, 2, XP_CHAIN_COMPLETE, &again, &known, &b.err), 0);
	assert_int_not_equal(again, chain);
	assert_int_equal(known, 1); /* the caller */
	assert_int_not_equal(add(&b, one, 2, XP_CHAIN_TRUNCATED), chain);
	assert_int_equal(xp_write_chain(b.w, &other, one, 2, XP_CHAIN_COMPLETE, &again, &known, &b.err), 0);
	assert_int_not_equal(again, chain);
	assert_int_equal(known, 0);
	assert_int_equal(add(&b, NULL, 0, XP_CHAIN_MOVED), XP_CHAIN_MOVED); /* nobody called it, and why */
	build_clear(&b);
}

static void test_tree__too_many_frames_lose_the_outermost(void **state)
{
	struct xp_call_frame frames[XP_FRAMES_MAX + 5];
	struct xp_profile *p;
	struct build b;
	uint32_t chain;
	size_t i;

	(void)state;
	for (i = 0; i < XP_FRAMES_MAX + 5; i++)
		frames[i] = (struct xp_call_frame){ 0x1000 + i, XPROF_MODE_USER, false };
	build_begin_chains(&b);
	chain = add(&b, frames, XP_FRAMES_MAX + 5, XP_CHAIN_COMPLETE);
	p = build_read(&b);
	assert_int_equal(p->nodes[chain].ip, 0x1000);
	assert_int_equal(p->nodes[chain].depth, XP_FRAMES_MAX);
	assert_int_equal(p->nodes[chain].end, XP_CHAIN_TRUNCATED);
	xp_profile_free(p);
	build_clear(&b);
}

/* ---- with samples ---- */

#define NR_SAMPLES 40000u /* three blocks */

struct expected { uint32_t (*chains)[2]; size_t seen, frames; const struct xp_profile *p; };

/* The frames of a chain that add_random() has made: 0x1000 + depth * 16 + choice, by number of choices. */
static int compare_block(const struct xp_block *block, void *arg)
{
	struct expected *e = arg;
	size_t i;

	assert_non_null(block->chain);
	for (i = 0; i < block->nr; i++, e->seen++) {
		uint32_t node = block->chain[i], bits = e->chains[e->seen][0], nr = e->chains[e->seen][1];

		for (; nr; nr--, bits >>= 2, node = e->p->nodes[node].parent) {
			assert_in_range(node, XP_CALL_FIRST_NODE, e->p->nr_nodes - 1);
			assert_int_equal(e->p->nodes[node].ip, 0x1000 + nr * 16 + (bits & 3));
			e->frames++;
		}
		assert_int_equal(node, XP_CHAIN_COMPLETE);
	}
	return 0;
}

static void test_round_trip__random_chains(void **state)
{
	struct expected e = { calloc(NR_SAMPLES, sizeof(*e.chains)), 0, 0, NULL };
	struct xp_profile *p;
	struct build b;
	size_t i, k;

	(void)state;
	random_begin();
	build_begin_chains(&b);
	for (i = 0; i < NR_SAMPLES; i++) {
		struct xp_call_frame frames[16];
		uint32_t nr = (uint32_t)random_below(10), bits = (uint32_t)random_u64();

		for (k = 0; k < nr; k++)
			frames[k] = (struct xp_call_frame){ 0x1000 + (nr - k) * 16 + (bits >> 2 * k & 3), XPROF_MODE_KERNEL, false };
		e.chains[i][0] = bits;
		e.chains[i][1] = nr;
		add_sample(&b, 1000 + i, random_below(100), add(&b, frames, nr, XP_CHAIN_COMPLETE));
		if (!random_below(9000))
			assert_int_equal(xp_writer_flush(b.w, &b.err), 0);
	}
	p = build_read(&b);
	e.p = p;
	assert_int_equal(xp_profile_each_block(p, compare_block, &e, &b.err), 0);
	assert_int_equal(e.seen, NR_SAMPLES);
	assert_true(e.frames > NR_SAMPLES);
	xp_profile_free(p);
	build_clear(&b);
	free(e.chains);
}

/* ---- damage ---- */

static int count_ends(const struct xp_block *block, void *arg)
{
	size_t i, *ends = arg;

	for (i = 0; i < block->nr; i++)
		ends[block->chain ? block->chain[i] < XP_NR_CHAIN_ENDS ? block->chain[i] : XP_NR_CHAIN_ENDS : 0]++;
	return 0;
}

static void test_damage__chains_of_a_lost_chunk_are_damaged_and_others_stay(void **state)
{
	static const struct xp_call_frame longer[] = {
		{ 0x150, XPROF_MODE_KERNEL, false }, { 0x140, XPROF_MODE_KERNEL, true }, { 0x100, XPROF_MODE_USER, false },
	};
	static const struct xp_call_frame apart[] = { { 0x900, XPROF_MODE_KERNEL, false } };
	size_t ends[XP_NR_CHAIN_ENDS + 1] = { 0 };
	struct xp_buf file = XP_BUF_INIT;
	struct xp_err err;
	struct xp_profile *p;
	struct build b;

	(void)state;
	build_begin_chains(&b);
	add_sample(&b, 1, 0x10, add(&b, one, 2, XP_CHAIN_COMPLETE));
	assert_int_equal(xp_writer_flush(b.w, &b.err), 0);
	add_sample(&b, 2, 0x10, add(&b, longer, 3, XP_CHAIN_COMPLETE)); /* its callers are in the first chunk */
	add_sample(&b, 3, 0x10, add(&b, apart, 1, XP_CHAIN_COMPLETE));
	build_file(&b, &file);
	assert_memory_equal(file.data + XP_FILE_HEADER_BYTES, "CHNS", 4);
	file.data[XP_FILE_HEADER_BYTES + XP_CHUNK_HEADER_BYTES] ^= 1;
	assert_int_equal(xp_profile_open_memory(&p, file.data, file.len, &err), XP_E_TRUNCATED);
	assert_int_equal(xp_profile_each_block(p, count_ends, ends, &err), 0);
	assert_int_equal(ends[XP_CHAIN_DAMAGED], 2);
	assert_int_equal(ends[XP_NR_CHAIN_ENDS], 1); /* a frame */
	xp_profile_free(p);
	xp_buf_release(&file);
	build_clear(&b);
}

static void assert_refused(const void *payload, size_t len, const char *text)
{
	struct xp_profile *p;
	struct xp_err err;

	assert_int_equal(open_with(&p, payload, len, &err), XP_E_TRUNCATED);
	if (!strstr(p->damage, text))
		fail_msg("'%s' is not in '%s'", text, p->damage);
	xp_profile_free(p);
}
#define REFUSED(bytes, text) assert_refused(bytes, sizeof(bytes) - 1, text)

static void test_hostile__nodes_that_cannot_be(void **state)
{
	uint8_t deep[16 + 3 * 600 + 600] = { 8, 0xd8, 4, 1, 0, 0, 0 }; /* 600 nodes, each called by the one before */
	size_t i;

	(void)state;
	REFUSED("\x07\x01\x01\0\0\0\x01\0\0\0", "frames 7 and on");
	REFUSED("\x08\x01\x00\x01\0\0\0", "a context of chains"); /* there is none */
	REFUSED("\x08\xff\xff\xff\xff\x0f\x01", "a number of frames");
	REFUSED("\x08\x01\x01\0\0\0\x08\0\0\0", "called by a later one"); /* by itself */
	REFUSED("\x08\x02\x01\0\0\0\x01\x09\0\0\0\0\0\0", "called by a later one"); /* by what is before the first */
	REFUSED("\x08\x01\x01\0\0\0\x01\x01\0\0\0", "a context of chains");
	REFUSED("\x08\x02\x01\0\0\0\x01\x08\0\0", ""); /* cut off */
	for (i = 7; i < 607; i++)
		deep[i] = i == 7 ? 1 : 8;
	assert_refused(deep, sizeof(deep), "more than 512 frames");
}

static void test_hostile__numbers_do_not_take_memory(void **state)
{
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	/* Node 4,000,000,000 would have 24 bytes for each before it. */
	assert_int_equal(open_with(&p, "\x80\xd0\xac\xf3\x0e\x01\x01\0\0\0\x01\0\0\0", 14, &err), XP_E_NOMEM);
	assert_null(p);
}

static void test_hostile__samples_with_chains_that_are_not_there(void **state)
{
	/* CPU 0, 2 samples, 1 context, 2 sites, 1 site plane; then chains 9 and 9,000 */
	static const uint8_t samples[] = { 0, 2, 1, 2, 1, 0, 1, 0, 0, 0, 5, 0, 0, 2, 4, 0, 0, 0, 1, 0x12, 0xbe, 0x8c, 0x01 };
	size_t ends[XP_NR_CHAIN_ENDS + 1] = { 0 };
	struct xp_buf b = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	begin_file(&b);
	put_chunk(&b, "CHNS", nodes_payload, sizeof(nodes_payload));
	put_chunk(&b, "SMPL", samples, sizeof(samples));
	put_chunk(&b, "END ", "", 0);
	assert_int_equal(xp_profile_open_memory(&p, b.data, b.len, &err), 0);
	if (xp_profile_each_block(p, count_ends, ends, &err))
		fail_msg("%s", err.text);
	assert_int_equal(ends[XP_NR_CHAIN_ENDS], 1);
	assert_int_equal(ends[XP_CHAIN_DAMAGED], 1);
	xp_profile_free(p);
	xp_buf_release(&b);
}

static void print_dump(FILE *out, void *arg)
{
	struct xp_err err;

	assert_int_equal(xp_report_dump(out, arg, false, &err), 0);
}

static void test_dump__frames_and_chains(void **state)
{
	struct xp_profile *p;
	struct build b;
	char *text;

	(void)state;
	build_begin_chains(&b);
	build_event(&b, "timer", 1000);
	add_sample(&b, 1, 0x10, add(&b, one, 2, XP_CHAIN_NO_RULE));
	add_sample(&b, 2, 0x20, add(&b, NULL, 0, XP_CHAIN_TRUNCATED));
	add_sample(&b, 3, 0x30, XP_CHAIN_NONE);
	p = build_read(&b);
	text = printed(print_dump, p);
	assert_string_equal(text,
"event id=0 period=1000 source=ipi modifiers= name=timer\n"
"frame id=8 caller=no-rule domid=5 code=user ip=0x100 cr3=0x1000 exact=0\n"
"frame id=9 caller=8 domid=5 code=kernel ip=0x140 cr3=0x1000 exact=1\n"
"sample tsc=1 cpu=0 domid=5 vcpu=0 mode=kernel ip=0x10 cr3=0x1000 flags=hvm chain=9 event=timer\n"
"sample tsc=2 cpu=0 domid=5 vcpu=0 mode=kernel ip=0x20 cr3=0x1000 flags=hvm chain=truncated event=timer\n"
"sample tsc=3 cpu=0 domid=5 vcpu=0 mode=kernel ip=0x30 cr3=0x1000 flags=hvm event=timer\n");
	free(text);
	xp_profile_free(p);
	build_clear(&b);
}

/* A file of this version can be read for ever. */
static void test_golden__format_1_2(void **state)
{
	struct xp_buf expected = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_err err;
	char *text;

	(void)state;
	assert_int_equal(xp_profile_open(&p, "tests/data/profile/chains-1.2.xprof", &err), 0);
	assert_int_equal(xp_file_read("tests/data/profile/chains-1.2.dump", &expected, 1u << 20, &err), 0);
	xp_buf_u8(&expected, 0);
	text = printed(print_dump, p);
	assert_string_equal(text, (const char *)expected.data);
	free(text);
	xp_buf_release(&expected);
	xp_profile_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunk__is_as_the_specification_says),
		cmocka_unit_test(test_chunk__is_read_as_the_specification_says),
		cmocka_unit_test(test_plain__a_profile_without_chains_is_what_it_was),
		cmocka_unit_test(test_tree__the_same_chain_has_the_same_number),
		cmocka_unit_test(test_tree__too_many_frames_lose_the_outermost),
		cmocka_unit_test(test_round_trip__random_chains),
		cmocka_unit_test(test_damage__chains_of_a_lost_chunk_are_damaged_and_others_stay),
		cmocka_unit_test(test_hostile__nodes_that_cannot_be),
		cmocka_unit_test(test_hostile__numbers_do_not_take_memory),
		cmocka_unit_test(test_hostile__samples_with_chains_that_are_not_there),
		cmocka_unit_test(test_dump__frames_and_chains),
		cmocka_unit_test(test_golden__format_1_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
