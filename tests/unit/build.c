/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit/build.h"

#include <inttypes.h>
#include <unistd.h>

#include "lib/base/file.h"

/* ---- profiles ---- */

static void check(struct build *b, int rc)
{
	if (rc < 0)
		fail_msg("%d: %s", rc, b->err.text);
}

static void begin(struct build *b)
{
	snprintf(b->dir, sizeof(b->dir), "/tmp/xprof-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	b->nr_images = 0;
	snprintf(b->path, sizeof(b->path), "%s/p", b->dir);
}

void build_begin(struct build *b)
{
	begin(b);
	check(b, xp_writer_open(&b->w, b->path, &b->err));
}

void build_begin_chains(struct build *b)
{
	begin(b);
	check(b, xp_writer_open_chains(&b->w, b->path, &b->err));
}

void build_end(struct build *b)
{
	if (b->w)
		check(b, xp_writer_close(b->w, &b->err));
	b->w = NULL;
}

struct xp_profile *build_read(struct build *b)
{
	struct xp_profile *p;

	build_end(b);
	check(b, xp_profile_open(&p, b->path, &b->err));
	return p;
}

void build_file(struct build *b, struct xp_buf *out)
{
	build_end(b);
	check(b, xp_file_read(b->path, out, SIZE_MAX, &b->err));
}

void build_clear(struct build *b)
{
	char old[96];

	build_end(b);
	snprintf(old, sizeof(old), "%s.old", b->path);
	unlink(b->path);
	unlink(old);
	rmdir(b->dir);
}

void build_event(struct build *b, const char *name, uint64_t period)
{
	const struct xp_event event = { .name = name, .period = period, .source = "ipi", .modifiers = "" };

	check(b, xp_write_event(b->w, &event, &b->err));
}

void build_domain(struct build *b, uint16_t domid, const char *name, uint8_t uuid, uint64_t from)
{
	struct xp_domain d = { .domid = domid, .type = XPROF_DOMAIN_PV, .vcpus = 1, .name = (char *)name, .from = from };

	memset(d.uuid, uuid, sizeof(d.uuid));
	check(b, xp_write_domain(b->w, &d, &b->err));
}

void build_task(struct build *b, uint16_t type, uint64_t tsc, uint32_t tgid, uint32_t ppid, uint64_t cr3, const char *comm)
{
	const struct xp_task t = {
		.tsc = tsc, .cr3 = cr3, .domid = 0, .type = type, .pid = tgid, .tgid = tgid, .ppid = ppid, .comm = comm,
	};

	check(b, xp_write_task(b->w, &t, &b->err));
}

void build_image(struct build *b, uint8_t kind, const char *name, const struct xp_symbol *symbols, size_t n)
{
	const struct xp_image image = { .kind = kind, .name = name, .why = "" };

	check(b, xp_write_image(b->w, &image, &b->err));
	check(b, xp_write_symbols(b->w, b->nr_images++, symbols, n, &b->err));
}

void build_map(struct build *b, uint64_t tsc, uint16_t domid, uint32_t tgid, uint64_t start, uint64_t end,
	       uint32_t image, uint64_t image_addr)
{
	const struct xp_map m = {
		.tsc = tsc, .domid = domid, .tgid = tgid, .start = start, .end = end, .image_addr = image_addr, .image = image,
	};

	check(b, xp_write_map(b->w, &m, &b->err));
}

void build_sample(struct build *b, uint32_t cpu, uint64_t tsc, uint16_t domid, uint8_t mode, uint64_t ip, uint64_t cr3)
{
	const struct xprof_sample s = {
		.rec = { .type = XPROF_REC_SAMPLE, .size = 4, .mode = mode, .domid = domid }, .tsc = tsc, .ip = ip, .cr3 = cr3,
	};

	check(b, xp_write_samples(b->w, cpu, &s, 1, &b->err));
}

void build_sample_of(struct build *b, uint8_t event, uint32_t cpu, uint64_t tsc, uint16_t domid, uint8_t mode, uint64_t ip)
{
	const struct xprof_sample s = {
		.rec = { .type = XPROF_REC_SAMPLE, .size = 4, .event = event, .mode = mode, .domid = domid }, .tsc = tsc, .ip = ip,
	};

	check(b, xp_write_samples(b->w, cpu, &s, 1, &b->err));
}

void build_counter(struct build *b, const char *name, uint64_t period, uint32_t hz, const char *modifiers)
{
	const struct xp_event event = {
		.name = name, .period = period, .source = "pmu", .modifiers = modifiers, .select = 0x76, .hz = hz,
		.flags = XPROF_EVENT_USR | XPROF_EVENT_OS | (hz ? XPROF_EVENT_RATE : 0),
	};

	check(b, xp_write_event(b->w, &event, &b->err));
}

/* ---- random numbers ---- */

static uint64_t state;

void random_begin(void)
{
	const char *text = getenv("XPROF_SEED");

	state = text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
	print_message("XPROF_SEED=%" PRIu64 "\n", state);
}

uint64_t random_u64(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t random_below(uint64_t n)
{
	return random_u64() % n;
}

/* ---- output ---- */

char *printed(void (*fn)(FILE *out, void *arg), void *arg)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	fn(out, arg);
	assert_int_equal(fclose(out), 0);
	return text;
}
