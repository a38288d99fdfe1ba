/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The profile file: what is written is read; what is damaged is said, and the rest read. */
#include "unit/build.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/base/file.h"
#include "lib/profile/format.h"
#include "lib/report/report.h"

#define BASE_TSC 5000000000u

/* One or more of everything, into a writer that is open. */
static void write_small(struct build *b)
{
	static const struct xp_symbol symbols[] = { { 0x1000, 0x1100, "first" }, { 0x1100, 0x1180, "second" } };
	const struct xp_clock clock = { BASE_TSC, 1700000000000000000u, 77 };
	const struct xp_lost lost = { 1, 0, 10, 20, 30 };
	const struct xp_gap gap = { 1, XPROF_GAP_LIVEPATCH, 40, 50 };
	const struct xp_cpu_stats stats = {
		.cpu = 1, .nmis = 2, .passed = 3, .handler_ticks = 4, .handler_max = 5, .ticks = 6, .coalesced = 7,
		.produced = { 8 }, .lost = { 30 }, .active = 100, .rearmed = 2, .running = { 100, 50 },
		.period = { 1003009, 20000 }, .throttled = { 0, 3 },
	};
	const struct xp_event counter = {
		.name = "llc-misses", .period = 10000, .source = "pmu", .modifiers = "u", .select = 0x10000077e,
		.flags = XPROF_EVENT_USR | XPROF_EVENT_RATE, .hz = 1000, .fixed = 2,
	};
	const struct xp_period periods[] = {
		{ 1, 1, XPROF_PERIOD_RATE, 90, 12000 }, { 0, 1, XPROF_PERIOD_THROTTLE, 95, 20000 },
		{ 0, 1, XPROF_PERIOD_RATE, 60, 9000 },
	};
	uint32_t i;

	assert_int_equal(xp_write_host(b->w, "host.name", "xen01", &b->err), 0);
	assert_int_equal(xp_write_clock(b->w, &clock, &b->err), 0);
	build_event(b, "timer", 1003009);
	assert_int_equal(xp_write_event(b->w, &counter, &b->err), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(xp_write_period(b->w, &periods[i], &b->err), 0);
	build_domain(b, 0, "Domain-0", 0, 1);
	build_domain(b, 5, "web1", 5, 2);
	build_task(b, 1, 3, 100, 1, 0x7000, "bash");
	build_image(b, XP_IMAGE_XEN, "xen", symbols, 2);
	build_map(b, 0, XP_DOMID_XEN, 0, 0x1000, 0x2000, 0, 0x1000);
	assert_int_equal(xp_write_lost(b->w, &lost, &b->err), 0);
	assert_int_equal(xp_write_gap(b->w, &gap, &b->err), 0);
	assert_int_equal(xp_write_cpu_stats(b->w, &stats, &b->err), 0);
	for (i = 0; i < 8; i++)
		build_sample(b, i % 2, BASE_TSC + i * 1000, 5, XPROF_MODE_KERNEL | XPROF_MODE_HVM, 0x1000 + i, 0x9000);
}

/* A profile that has one or more of everything, and is small. */
static void build_small(struct build *b)
{
	build_begin(b);
	write_small(b);
}

static int count_samples(const struct xp_block *block, void *arg)
{
	*(size_t *)arg += block->nr;
	return 0;
}

static size_t samples_in(struct xp_profile *p)
{
	struct xp_err err = { "" };
	size_t n = 0;
	int rc = xp_profile_each_block(p, count_samples, &n, &err);

	if (rc)
		fail_msg("%s", err.text);
	return n;
}

static void test_round_trip__everything_comes_back(void **state)
{
	struct build b;
	struct xp_profile *p;

	(void)state;
	build_small(&b);
	p = build_read(&b);
	assert_true(p->complete);
	assert_null(p->damage);
	assert_string_equal(xp_profile_host(p, "host.name"), "xen01");
	assert_null(xp_profile_host(p, "xen.version"));
	assert_int_equal(p->nr_events, 2);
	assert_string_equal(p->events[0].name, "timer");
	assert_int_equal(p->events[0].period, 1003009);
	assert_int_equal(p->events[1].select, 0x10000077e);
	assert_int_equal(p->events[1].flags, XPROF_EVENT_USR | XPROF_EVENT_RATE);
	assert_int_equal(p->events[1].hz, 1000);
	assert_int_equal(p->events[1].fixed, 2);
	assert_int_equal(p->nr_periods, 3); /* by CPU, event and time */
	assert_int_equal(p->periods[0].period, 9000);
	assert_int_equal(p->periods[1].reason, XPROF_PERIOD_THROTTLE);
	assert_int_equal(p->periods[2].cpu, 1);
	assert_int_equal(p->nr_clocks, 1);
	assert_int_equal(p->clocks[0].monotonic_ns, 77);
	assert_int_equal(p->nr_domains, 2);
	assert_string_equal(p->domains[1].name, "web1");
	assert_int_equal(p->domains[1].uuid[15], 5);
	assert_int_equal(p->nr_tasks, 1);
	assert_string_equal(p->tasks[0].comm, "bash");
	assert_int_equal(p->tasks[0].cr3, 0x7000);
	assert_int_equal(p->nr_images, 1);
	assert_int_equal(p->images[0].nr_symbols, 2);
	assert_string_equal(p->images[0].symbols[1].name, "second");
	assert_int_equal(p->images[0].symbols[1].end, 0x1180);
	assert_int_equal(p->nr_maps, 1);
	assert_int_equal(p->maps[0].end, 0x2000);
	assert_int_equal(p->nr_lost, 1);
	assert_int_equal(p->lost[0].count, 30);
	assert_int_equal(p->nr_gaps, 1);
	assert_int_equal(p->gaps[0].reason, XPROF_GAP_LIVEPATCH);
	assert_int_equal(p->nr_stats, 1);
	assert_int_equal(p->stats[0].coalesced, 7);
	assert_int_equal(p->stats[0].produced[0], 8);
	assert_int_equal(p->stats[0].lost[0], 30);
	assert_int_equal(p->stats[0].active, 100);
	assert_int_equal(p->stats[0].rearmed, 2);
	assert_int_equal(p->stats[0].running[1], 50);
	assert_int_equal(p->stats[0].period[1], 20000);
	assert_int_equal(p->stats[0].throttled[1], 3);
	assert_int_equal(samples_in(p), 8);
	xp_profile_free(p);
	build_clear(&b);
}

/* ---- random samples ---- */

#define RANDOM_CPUS 3
#define RANDOM_SAMPLES 40000

struct expected {
	struct xprof_sample *samples[RANDOM_CPUS];
	size_t nr[RANDOM_CPUS], seen[RANDOM_CPUS];
};

static struct xprof_sample random_sample(uint64_t tsc)
{
	struct xprof_sample s = { .rec = { .type = XPROF_REC_SAMPLE, .size = 4 }, .tsc = tsc };

	s.rec.event = (uint8_t)random_below(XPROF_MAX_EVENTS);
	s.rec.mode = (uint8_t)random_below(128);
	s.rec.domid = (uint16_t)(random_below(10) ? random_below(3) : random_u64());
	s.rec.vcpu = (uint16_t)(random_below(10) ? random_below(3) : random_u64());
	s.ip = random_below(2) ? random_below(200) + 0xffffffff81000000u : random_u64();
	s.cr3 = random_below(5) ? random_below(3) << 12 : random_u64();
	return s;
}

static int compare_block(const struct xp_block *b, void *arg)
{
	struct expected *e = arg;
	size_t i;

	assert_in_range(b->cpu, 0, RANDOM_CPUS - 1);
	for (i = 0; i < b->nr; i++) {
		const struct xprof_sample *s = &e->samples[b->cpu][e->seen[b->cpu]++];

		if (b->tsc[i] != s->tsc || b->ip[i] != s->ip || b->cr3[i] != s->cr3 || b->event[i] != s->rec.event ||
		    b->mode[i] != s->rec.mode || b->domid[i] != s->rec.domid || b->vcpu[i] != s->rec.vcpu)
			fail_msg("CPU %u: sample %zu differs", b->cpu, e->seen[b->cpu] - 1);
	}
	return 0;
}

static void test_round_trip__random_samples_in_random_portions(void **state)
{
	struct expected e = { .nr = { 0 } };
	struct xp_profile *p;
	uint64_t tsc = random_u64();
	struct build b;
	size_t i, at;
	uint32_t cpu;

	(void)state;
	random_begin();
	for (cpu = 0; cpu < RANDOM_CPUS; cpu++) {
		e.nr[cpu] = random_below(RANDOM_SAMPLES) + 1;
		e.samples[cpu] = calloc(e.nr[cpu], sizeof(struct xprof_sample));
		for (i = 0; i < e.nr[cpu]; i++) {
			/* Mostly steady, at times anything: backwards, too. */
			tsc = random_below(1000) ? tsc + 2500000 + random_below(9000) : random_u64();
			e.samples[cpu][i] = random_sample(tsc);
		}
	}
	build_begin(&b);
	for (cpu = 0; cpu < RANDOM_CPUS; cpu++) {
		for (at = 0; at < e.nr[cpu];) {
			size_t n = random_below(3000) + 1;

			n = n < e.nr[cpu] - at ? n : e.nr[cpu] - at;
			assert_int_equal(xp_write_samples(b.w, cpu, e.samples[cpu] + at, n, &b.err), 0);
			if (random_below(4) == 0)
				assert_int_equal(xp_writer_flush(b.w, &b.err), 0);
			at += n;
		}
	}
	p = build_read(&b);
	assert_int_equal(xp_profile_each_block(p, compare_block, &e, &b.err), 0);
	for (cpu = 0; cpu < RANDOM_CPUS; cpu++) {
		assert_int_equal(e.seen[cpu], e.nr[cpu]);
		free(e.samples[cpu]);
	}
	xp_profile_free(p);
	build_clear(&b);
}

static void test_round_trip__many_symbols_take_several_chunks(void **state)
{
	enum { NR = 60000 };
	struct xp_symbol *symbols = calloc(NR, sizeof(*symbols));
	struct xp_profile *p;
	struct build b;
	size_t i;

	(void)state;
	for (i = 0; i < NR; i++)
		symbols[i] = (struct xp_symbol){ i * 64, i * 64 + 40, "a_symbol_with_a_name" };
	build_begin(&b);
	build_image(&b, XP_IMAGE_KERNEL, "vmlinux", symbols, NR);
	p = build_read(&b);
	assert_int_equal(p->images[0].nr_symbols, NR);
	assert_int_equal(p->images[0].symbols[NR - 1].start, (NR - 1) * 64);
	assert_string_equal(p->images[0].symbols[NR - 1].name, "a_symbol_with_a_name");
	xp_profile_free(p);
	build_clear(&b);
	free(symbols);
}

static void test_write__unsorted_symbols_are_refused(void **state)
{
	static const struct xp_symbol symbols[] = { { 0x1000, 0x1100, "a" }, { 0x10ff, 0x1180, "overlaps" } };
	const struct xp_image image = { .name = "x", .why = "" };
	struct build b;

	(void)state;
	build_begin(&b);
	assert_int_equal(xp_write_image(b.w, &image, &b.err), 0);
	assert_int_equal(xp_write_symbols(b.w, 0, symbols, 2, &b.err), XP_E_USAGE);
	assert_string_equal(b.err.text, "symbols of image 0 are not sorted, or overlap, at overlaps");
	assert_int_equal(xp_write_symbols(b.w, 1, symbols, 1, &b.err), XP_E_USAGE);
	build_clear(&b);
}

static void test_write__domain_written_again_replaces(void **state)
{
	struct xp_profile *p;
	struct build b;

	(void)state;
	build_begin(&b);
	build_domain(&b, 7, "", 1, 100);
	build_domain(&b, 3, "other", 2, 50);
	build_domain(&b, 7, "late-name", 1, 100);
	p = build_read(&b);
	assert_int_equal(p->nr_domains, 2);
	assert_string_equal(p->domains[0].name, "other");
	assert_string_equal(p->domains[1].name, "late-name");
	xp_profile_free(p);
	build_clear(&b);
}

static void test_write__a_string_that_is_too_long_is_cut(void **state)
{
	char *text = malloc(100001);
	struct xp_profile *p;
	struct build b;

	(void)state;
	memset(text, 'x', 100000);
	text[100000] = '\0';
	build_begin(&b);
	assert_int_equal(xp_write_host(b.w, "long", text, &b.err), 0);
	p = build_read(&b);
	assert_int_equal(strlen(xp_profile_host(p, "long")), 65535);
	xp_profile_free(p);
	build_clear(&b);
	free(text);
}

/* A file of this version can be read for ever; tests/data/profile has what it holds. */
static void print_dump(FILE *out, void *arg)
{
	struct xp_err err;

	assert_int_equal(xp_report_dump(out, arg, false, &err), 0);
}

static void assert_golden(const char *path, const char *dump)
{
	struct xp_buf expected = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_err err;
	char *text;

	assert_int_equal(xp_profile_open(&p, path, &err), 0);
	assert_int_equal(xp_file_read(dump, &expected, 1u << 20, &err), 0);
	xp_buf_u8(&expected, 0);
	text = printed(print_dump, p);
	assert_string_equal(text, (const char *)expected.data);
	free(text);
	xp_buf_release(&expected);
	xp_profile_free(p);
}

static void test_golden__format_1_0(void **state)
{
	(void)state;
	assert_golden("tests/data/profile/format-1.0.xprof", "tests/data/profile/format-1.0.dump");
}

/* Counters: select codes, changing periods, an event that shared its counter. */
static void test_golden__format_1_1(void **state)
{
	(void)state;
	assert_golden("tests/data/profile/format-1.1.xprof", "tests/data/profile/format-1.1.dump");
}

static void test_write__in_memory_are_the_files_bytes(void **state)
{
	struct xp_buf file = XP_BUF_INIT, memory = XP_BUF_INIT;
	struct build b, m = { .nr_images = 0 };

	(void)state;
	build_small(&b);
	build_file(&b, &file);
	assert_int_equal(xp_writer_open_memory(&m.w, &memory, &m.err), 0);
	write_small(&m);
	assert_int_equal(xp_writer_close(m.w, &m.err), 0);
	assert_int_equal(memory.len, file.len);
	assert_memory_equal(memory.data, file.data, file.len);
	xp_buf_release(&file);
	xp_buf_release(&memory);
	build_clear(&b);
}

static void test_write__nowhere_takes_everything_and_keeps_nothing(void **state)
{
	struct build b = { .nr_images = 0 };

	(void)state;
	assert_int_equal(xp_writer_open_memory(&b.w, NULL, &b.err), 0);
	write_small(&b);
	for (uint32_t i = 0; i < 3 * XP_BLOCK_MAX; i++)
		build_sample(&b, 0, i, 5, XPROF_MODE_KERNEL, 0x1000, 0x9000);
	assert_int_equal(xp_writer_flush(b.w, &b.err), 0);
	assert_int_equal(xp_writer_bytes(b.w), 0);
	assert_int_equal(xp_writer_close(b.w, &b.err), 0);
}

static void test_write__keeps_the_file_before_and_is_private(void **state)
{
	struct xp_buf old = XP_BUF_INIT;
	char old_path[96];
	struct build b;
	struct stat st;

	(void)state;
	build_begin(&b);
	build_end(&b);
	assert_int_equal(xp_file_replace(b.path, "before", 6, 0644, &b.err), 0);
	assert_int_equal(xp_writer_open(&b.w, b.path, &b.err), 0);
	assert_int_equal(stat(b.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(old_path, sizeof(old_path), "%s.old", b.path);
	assert_int_equal(xp_file_read(old_path, &old, 100, &b.err), 0);
	assert_memory_equal(old.data, "before", 6);
	xp_buf_release(&old);
	build_clear(&b);
}

static void test_write__a_full_disk_is_an_error_that_stays(void **state)
{
	struct xprof_sample s[2] = { { .rec = { .type = XPROF_REC_SAMPLE, .size = 4 } } };
	struct xp_err err = { "" }, again = { "" };
	struct xp_writer *w;

	(void)state;
	/* /dev/full takes nothing: even the file header is refused. */
	assert_int_equal(xp_writer_open(&w, "/dev/full", &err), XP_E_SYSTEM);
	assert_string_equal(err.text, "/dev/full: cannot write: No space left on device");
	assert_null(w);
	/* A closed descriptor stands for the disk that gets full later. */
	assert_int_equal(xp_writer_open(&w, "/dev/null", &err), 0);
	assert_int_equal(xp_write_samples(w, 0, s, 2, &err), 0);
	close(*(int *)w); /* its first field */
	assert_int_equal(xp_writer_flush(w, &err), XP_E_SYSTEM);
	assert_int_equal(xp_write_samples(w, 0, s, 2, &again), XP_E_SYSTEM);
	assert_string_equal(err.text, again.text);
	assert_int_equal(xp_writer_close(w, &again), XP_E_SYSTEM);
	assert_string_equal(err.text, again.text);
}

/* ---- damage ---- */

static void test_damage__cut_at_every_byte_what_is_whole_is_read(void **state)
{
	struct xp_buf file = XP_BUF_INIT;
	size_t len, last = 0;
	struct build b;

	(void)state;
	build_small(&b);
	build_file(&b, &file);
	for (len = 0; len < file.len; len++) {
		struct xp_err err = { "" };
		struct xp_profile *p;
		int rc = xp_profile_open_memory(&p, file.data, len, &err);

		if (len < XP_FILE_HEADER_BYTES) {
			assert_int_equal(rc, XP_E_FORMAT);
			assert_null(p);
			continue;
		}
		assert_int_equal(rc, XP_E_TRUNCATED);
		assert_non_null(p->damage);
		assert_non_null(strstr(p->damage, "offset"));
		assert_false(p->complete);
		/* More of the file is never less of the profile. */
		assert_true(samples_in(p) >= last);
		last = samples_in(p);
		xp_profile_free(p);
	}
	assert_int_equal(last, 8);
	xp_buf_release(&file);
	build_clear(&b);
}

static void test_damage__each_byte_flipped_is_noticed(void **state)
{
	struct xp_buf file = XP_BUF_INIT;
	struct build b;
	size_t i;

	(void)state;
	build_small(&b);
	build_file(&b, &file);
	for (i = 0; i < file.len; i++) {
		struct xp_err err = { "" };
		struct xp_profile *p;
		int rc;

		file.data[i] ^= 0x10;
		rc = xp_profile_open_memory(&p, file.data, file.len, &err);
		if (rc == 0)
			fail_msg("a changed byte %zu went unnoticed", i);
		assert_true(err.text[0] != '\0');
		if (i >= XP_FILE_HEADER_BYTES) {
			/* One chunk is lost, not more: the domain chunk or the samples of a CPU. */
			assert_int_equal(rc, XP_E_TRUNCATED);
			assert_true(samples_in(p) >= 4);
			assert_true(p->nr_domains == 2 || samples_in(p) == 8);
			assert_non_null(strstr(p->damage, "offset"));
		}
		xp_profile_free(p);
		file.data[i] ^= 0x10;
	}
	xp_buf_release(&file);
	build_clear(&b);
}

static void test_damage__says_what_and_where(void **state)
{
	struct xp_buf file = XP_BUF_INIT;
	struct xp_err err = { "" };
	struct xp_profile *p;
	struct build b;

	(void)state;
	build_begin(&b);
	assert_int_equal(xp_write_host(b.w, "k", "v", &b.err), 0);
	build_file(&b, &file);
	file.data[XP_FILE_HEADER_BYTES + XP_CHUNK_HEADER_BYTES] ^= 1;
	assert_int_equal(xp_profile_open_memory(&p, file.data, file.len, &err), XP_E_TRUNCATED);
	assert_string_equal(p->damage, "profile: chunk HOST at offset 16: its checksum is wrong; "
			    "1 whole chunks were read, 25 of 61 bytes left out");
	xp_profile_free(p);
	xp_buf_release(&file);
	build_clear(&b);
}

/* ---- hostile or from another time ---- */

static void put_header(struct xp_buf *b, const char *type, uint32_t stored, uint32_t raw, const void *payload)
{
	size_t at = b->len;

	xp_buf_add(b, type, 4);
	xp_buf_u32(b, stored);
	xp_buf_u32(b, raw);
	xp_buf_u32(b, (uint32_t)crc32_z(0, payload, stored));
	xp_buf_u32(b, (uint32_t)crc32_z(0, b->data + at, 16));
}

static void put_chunk(struct xp_buf *b, const char *type, const void *payload, uint32_t len)
{
	put_header(b, type, len, len, payload);
	xp_buf_add(b, payload, len);
}

static void put_file_header(struct xp_buf *b, uint16_t major, uint16_t minor)
{
	xp_buf_add(b, "\x89XPROF\r\n", 8);
	xp_buf_u16(b, major);
	xp_buf_u16(b, minor);
	xp_buf_u32(b, (uint32_t)crc32_z(0, b->data, 12));
}

static int open_bytes(struct xp_buf *b, struct xp_profile **p, struct xp_err *err)
{
	err->text[0] = '\0';
	return xp_profile_open_memory(p, b->data, b->len, err);
}

static void test_compat__unknown_chunks_and_later_fields_are_passed_over(void **state)
{
	/* A HOST record of a later minor version: a field more. */
	static const char host[] = "\x07" "\x01k" "\x01v" "\x02zz";
	struct xp_buf b = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	put_file_header(&b, 1, 9);
	put_chunk(&b, "NEW!", "whatever", 8);
	put_chunk(&b, "HOST", host, sizeof(host) - 1);
	put_chunk(&b, "END ", "", 0);
	assert_int_equal(open_bytes(&b, &p, &err), 0);
	assert_string_equal(xp_profile_host(p, "k"), "v");
	xp_profile_free(p);
	xp_buf_release(&b);
}

static void test_compat__another_major_version_is_named(void **state)
{
	struct xp_buf b = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	put_file_header(&b, 2, 0);
	assert_int_equal(open_bytes(&b, &p, &err), XP_E_VERSION);
	assert_null(p);
	assert_string_equal(err.text, "profile: format version 2; this xprof reads version 1: use the one that wrote it");
	xp_buf_release(&b);
}

static void test_hostile__lengths_that_lie(void **state)
{
	struct xp_buf b = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	put_file_header(&b, 1, 0);
	put_header(&b, "HOST", 0xfffffff0u & 0, 0xffffffffu, ""); /* nothing inflates to 4 GiB */
	assert_int_equal(open_bytes(&b, &p, &err), XP_E_TRUNCATED);
	xp_profile_free(p);
	b.len = XP_FILE_HEADER_BYTES;
	put_chunk(&b, "HOST", "\xff\xff\xff\xff\x0f", 5); /* a record of 4 GiB */
	put_chunk(&b, "SYMB", "\x00\xff\xff\xff\xff\x0f", 6);
	put_chunk(&b, "IMAG", "\x0a\xff\xff\xff\x07\x00\x00\x00\x00\x00\x00", 11); /* image 16,777,215 */
	put_chunk(&b, "SMPL", "\x00\xff\xff\x03\x01\x01\x00\x00\x00\x00", 10);
	assert_int_equal(open_bytes(&b, &p, &err), XP_E_NOMEM); /* that image would need more than the file may */
	assert_null(p);
	xp_buf_release(&b);
}

/* Highly compressed records: each some bytes in the file, many in memory. */
static void test_hostile__memory_is_bounded_by_the_files_size(void **state)
{
	enum { RAW = XP_CHUNK_MAX_BYTES };
	uint8_t *raw = malloc(RAW), *stored = malloc(RAW);
	uLongf len = RAW;
	struct xp_buf b = XP_BUF_INIT;
	struct xp_profile *p;
	struct xp_err err;
	size_t i;

	(void)state;
	for (i = 0; i + 3 <= RAW; i += 3)
		memcpy(raw + i, "\x02\x00\x00", 3); /* key "", value "" */
	memset(raw + i, 0, RAW - i);
	assert_int_equal(compress2(stored, &len, raw, RAW, 9), Z_OK);
	put_file_header(&b, 1, 0);
	for (i = 0; i < 30; i++) {
		put_header(&b, "HOST", (uint32_t)len, RAW, stored);
		xp_buf_add(&b, stored, len);
	}
	/* About 40 million records in 150 KB. */
	assert_int_equal(open_bytes(&b, &p, &err), XP_E_NOMEM);
	assert_null(p);
	free(raw);
	free(stored);
	xp_buf_release(&b);
}

static void test_open__what_is_no_profile(void **state)
{
	struct xp_profile *p;
	struct xp_err err;

	(void)state;
	assert_int_equal(xp_profile_open(&p, "/nowhere/at/all", &err), XP_E_ABSENT);
	assert_string_equal(err.text, "/nowhere/at/all: cannot open: No such file or directory");
	assert_int_equal(xp_profile_open(&p, "/tmp", &err), XP_E_FORMAT);
	assert_int_equal(xp_profile_open_memory(&p, "PERFILE2 and some more", 22, &err), XP_E_FORMAT);
	assert_string_equal(err.text, "profile: no profile of xprof (offset 0: its magic is not there)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip__everything_comes_back),
		cmocka_unit_test(test_round_trip__random_samples_in_random_portions),
		cmocka_unit_test(test_round_trip__many_symbols_take_several_chunks),
		cmocka_unit_test(test_write__unsorted_symbols_are_refused),
		cmocka_unit_test(test_write__domain_written_again_replaces),
		cmocka_unit_test(test_write__a_string_that_is_too_long_is_cut),
		cmocka_unit_test(test_golden__format_1_0),
		cmocka_unit_test(test_golden__format_1_1),
		cmocka_unit_test(test_write__in_memory_are_the_files_bytes),
		cmocka_unit_test(test_write__nowhere_takes_everything_and_keeps_nothing),
		cmocka_unit_test(test_write__keeps_the_file_before_and_is_private),
		cmocka_unit_test(test_write__a_full_disk_is_an_error_that_stays),
		cmocka_unit_test(test_damage__cut_at_every_byte_what_is_whole_is_read),
		cmocka_unit_test(test_damage__each_byte_flipped_is_noticed),
		cmocka_unit_test(test_damage__says_what_and_where),
		cmocka_unit_test(test_compat__unknown_chunks_and_later_fields_are_passed_over),
		cmocka_unit_test(test_compat__another_major_version_is_named),
		cmocka_unit_test(test_hostile__lengths_that_lie),
		cmocka_unit_test(test_hostile__memory_is_bounded_by_the_files_size),
		cmocka_unit_test(test_open__what_is_no_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
