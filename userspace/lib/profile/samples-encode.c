/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMPL chunks, written. Most samples repeat a combination of event, mode,
 * domain, vCPU, address space and address: a site. The chunk lists each site
 * once and then says for each sample which it was and when. Sites are sorted
 * by how often they come, so that the frequent ones have small numbers, and
 * then by address, so that the many that came once are close to each other.
 *
 *   part 1  numbers
 *   part 2  contexts: what several sites share (all but the address); the cr3 less the one before;
 *           per site its address, less the one before
 *   part 3  per site its context
 *   part 4  per sample its site: all low bytes, then all high bytes if there are any
 *   part 5  per sample the time since the one before, less the usual step: all lowest
 *           bytes, then all next ones, …
 *
 * The decoder, and why each bound is what it is, are in samples-decode.c.
 */
#include "lib/base/varint.h"
#include "lib/profile/codec.h"

#define TABLE_SLOTS (XP_BLOCK_SAMPLES * 2)
#define FIRST_TIME_PART 5

struct site {
	struct xp_site s;
	uint32_t count;
	uint32_t context;
	uint32_t first; /* its number in order of appearance */
};

struct xp_sample_encoder {
	uint32_t slots[TABLE_SLOTS];       /* hash → site + 1 */
	struct site sites[XP_BLOCK_SAMPLES];
	uint16_t rank[XP_BLOCK_SAMPLES];   /* order of appearance → place in the file */
	uint16_t of_sample[XP_BLOCK_SAMPLES];
	uint64_t residual[XP_BLOCK_SAMPLES];
	size_t nr_sites, nr_contexts;
	struct xp_buf head, ids, of, site_lo, site_hi, times;
};

struct xp_sample_encoder *xp_sample_encoder_new(void)
{
	return calloc(1, sizeof(struct xp_sample_encoder));
}

void xp_sample_encoder_free(struct xp_sample_encoder *e)
{
	if (!e)
		return;
	xp_buf_release(&e->head);
	xp_buf_release(&e->ids);
	xp_buf_release(&e->of);
	xp_buf_release(&e->site_lo);
	xp_buf_release(&e->site_hi);
	xp_buf_release(&e->times);
	free(e);
}

/* ---- sites ---- */

static struct xp_site site_of(const struct xprof_sample *s)
{
	return (struct xp_site){
		.ip = s->ip, .cr3 = s->cr3, .domid = s->rec.domid, .vcpu = s->rec.vcpu,
		.event = s->rec.event, .mode = s->rec.mode,
	};
}

static uint64_t context_word(const struct xp_site *s)
{
	return (uint64_t)s->event << 40 | (uint64_t)s->mode << 32 | (uint64_t)s->domid << 16 | s->vcpu;
}

static bool same_site(const struct xp_site *a, const struct xp_site *b)
{
	return a->ip == b->ip && a->cr3 == b->cr3 && context_word(a) == context_word(b);
}

static uint32_t hash_site(const struct xp_site *s)
{
	uint64_t h = s->ip * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 32 ^ s->cr3) * 0xc2b2ae3d27d4eb4fu;
	h = (h ^ h >> 29 ^ context_word(s)) * 0x165667b19e3779f9u;
	return (uint32_t)(h >> 32);
}

/* A power of two, at least twice the samples. */
static uint32_t slots_for(size_t nr)
{
	uint32_t slots = 64;

	while (slots < nr * 2)
		slots *= 2;
	return slots;
}

static uint16_t find_site(struct xp_sample_encoder *e, const struct xp_site *s, uint32_t mask)
{
	uint32_t i = hash_site(s) & mask;

	for (; e->slots[i]; i = (i + 1) & mask) {
		uint32_t n = e->slots[i] - 1;

		if (same_site(&e->sites[n].s, s)) {
			e->sites[n].count++;
			return (uint16_t)n;
		}
	}
	e->sites[e->nr_sites] = (struct site){ .s = *s, .count = 1, .first = (uint32_t)e->nr_sites };
	e->slots[i] = (uint32_t)++e->nr_sites;
	return (uint16_t)(e->nr_sites - 1);
}

static void find_sites(struct xp_sample_encoder *e, const struct xprof_sample *samples, size_t nr)
{
	uint32_t slots = slots_for(nr);
	size_t i;

	memset(e->slots, 0, slots * sizeof(*e->slots));
	e->nr_sites = 0;
	for (i = 0; i < nr; i++) {
		struct xp_site s = site_of(&samples[i]);

		e->of_sample[i] = find_site(e, &s, slots - 1);
	}
}

/* Contexts of one address space come together: its root is then written once. */
static int compare_context(const struct xp_site *a, const struct xp_site *b)
{
	uint64_t wa = context_word(a), wb = context_word(b);

	if (a->domid != b->domid)
		return a->domid < b->domid ? -1 : 1;
	if (a->cr3 != b->cr3)
		return a->cr3 < b->cr3 ? -1 : 1;
	return wa < wb ? -1 : wa > wb;
}

static int by_context(const void *pa, const void *pb)
{
	const struct site *a = pa, *b = pb;

	return compare_context(&a->s, &b->s);
}

static int by_count(const void *pa, const void *pb)
{
	const struct site *a = pa, *b = pb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (a->s.ip != b->s.ip)
		return a->s.ip < b->s.ip ? -1 : 1;
	return a->context < b->context ? -1 : a->context > b->context;
}

static void put_context(struct xp_buf *b, const struct xp_site *s, uint64_t last_cr3)
{
	xp_buf_u8(b, s->event);
	xp_buf_u8(b, s->mode);
	xp_buf_varint(b, s->domid);
	xp_buf_varint(b, s->vcpu);
	xp_buf_zigzag(b, (int64_t)(s->cr3 - last_cr3));
}

/* Numbers the contexts, writes them, and puts the sites in the file's order. */
static void order_sites(struct xp_sample_encoder *e)
{
	uint64_t last_cr3 = 0;
	size_t i;

	qsort(e->sites, e->nr_sites, sizeof(*e->sites), by_context);
	e->nr_contexts = 0;
	for (i = 0; i < e->nr_sites; i++) {
		const struct xp_site *s = &e->sites[i].s;

		if (i == 0 || compare_context(&e->sites[i - 1].s, s)) {
			put_context(&e->ids, s, last_cr3);
			last_cr3 = s->cr3;
			e->nr_contexts++;
		}
		e->sites[i].context = (uint32_t)e->nr_contexts - 1;
	}
	qsort(e->sites, e->nr_sites, sizeof(*e->sites), by_count);
	for (i = 0; i < e->nr_sites; i++)
		e->rank[e->sites[i].first] = (uint16_t)i;
}

static void put_sites(struct xp_sample_encoder *e)
{
	uint64_t last_ip = 0;
	size_t i;

	for (i = 0; i < e->nr_sites; i++) {
		xp_buf_zigzag(&e->ids, (int64_t)(e->sites[i].s.ip - last_ip));
		last_ip = e->sites[i].s.ip;
	}
	for (i = 0; i < e->nr_sites; i++)
		xp_buf_varint(&e->of, e->sites[i].context);
}

/* ---- columns ---- */

static void put_site_numbers(struct xp_sample_encoder *e, size_t nr, unsigned int planes)
{
	uint8_t *lo = xp_buf_reserve(&e->site_lo, nr), *hi = xp_buf_reserve(&e->site_hi, nr);
	size_t i;

	if (!lo || !hi || planes == 0)
		return;
	for (i = 0; i < nr; i++) {
		uint16_t rank = e->rank[e->of_sample[i]];

		lo[i] = (uint8_t)rank;
		hi[i] = (uint8_t)(rank >> 8);
	}
	e->site_lo.len += nr;
	e->site_hi.len += planes > 1 ? nr : 0;
}

static int compare_u64(const void *pa, const void *pb)
{
	uint64_t a = *(const uint64_t *)pa, b = *(const uint64_t *)pb;

	return a < b ? -1 : a > b;
}

/* About the median of the time between two samples: that of 65 of them. */
static uint64_t usual_step(const struct xprof_sample *samples, size_t nr)
{
	uint64_t steps[65];
	size_t want = sizeof(steps) / sizeof(*steps), i, n = 0;

	for (i = 0; i < want && nr > 1; i++) {
		size_t at = 1 + i * (nr - 2) / (want - 1);

		steps[n++] = samples[at].tsc - samples[at - 1].tsc;
	}
	if (!n)
		return 0;
	qsort(steps, n, sizeof(*steps), compare_u64);
	return steps[n / 2];
}

/* Returns how many bytes the largest residual has. */
static unsigned int put_times(struct xp_sample_encoder *e, const struct xprof_sample *samples,
			      size_t nr, uint64_t step)
{
	uint64_t all = 0;
	unsigned int planes = 0, k;
	size_t i;

	for (i = 1; i < nr; i++) {
		e->residual[i] = xp_zigzag((int64_t)(samples[i].tsc - samples[i - 1].tsc - step));
		all |= e->residual[i];
	}
	for (; all; all >>= 8)
		planes++;
	for (k = 0; k < planes; k++) {
		uint8_t *p = xp_buf_reserve(&e->times, nr - 1);

		if (!p)
			break;
		for (i = 1; i < nr; i++)
			p[i - 1] = (uint8_t)(e->residual[i] >> (8 * k));
		e->times.len += nr - 1;
	}
	return planes;
}

/* ---- the chunk ---- */

static void reset(struct xp_sample_encoder *e)
{
	xp_buf_reset(&e->head);
	xp_buf_reset(&e->ids);
	xp_buf_reset(&e->of);
	xp_buf_reset(&e->site_lo);
	xp_buf_reset(&e->site_hi);
	xp_buf_reset(&e->times);
}

static int put_chunk(struct xp_sample_encoder *e, struct xp_buf *out, struct xp_deflater *d,
		     size_t per_plane, struct xp_err *err)
{
	struct xp_chunk_part parts[FIRST_TIME_PART + 8] = {
		{ e->head.data, e->head.len, XP_PART_RECORDS },
		{ e->ids.data, e->ids.len, XP_PART_RECORDS },
		{ e->of.data, e->of.len, XP_PART_RECORDS },
		{ e->site_lo.data, e->site_lo.len, XP_PART_NOISE },
		{ e->site_hi.data, e->site_hi.len, XP_PART_RECORDS },
	};
	size_t nr = FIRST_TIME_PART, at;

	if (!xp_buf_ok(&e->head) || !xp_buf_ok(&e->ids) || !xp_buf_ok(&e->of) ||
	    !xp_buf_ok(&e->site_lo) || !xp_buf_ok(&e->site_hi) || !xp_buf_ok(&e->times))
		return xp_fail(err, XP_E_NOMEM, "no memory to encode samples");
	/* The lowest two bytes of a jittery clock are noise, the others hardly ever change. */
	for (at = 0; at < e->times.len; at += per_plane, nr++)
		parts[nr] = (struct xp_chunk_part){ e->times.data + at, per_plane,
						    nr < FIRST_TIME_PART + 2 ? XP_PART_NOISE : XP_PART_RECORDS };
	return xp_chunk_encode(out, d, XP_CHUNK_SAMPLES, parts, nr, err);
}

int xp_samples_encode(struct xp_sample_encoder *e, struct xp_buf *out, struct xp_deflater *d,
		      uint32_t cpu, const struct xprof_sample *samples, size_t nr, struct xp_err *err)
{
	unsigned int site_planes, time_planes;
	uint64_t step;

	if (nr == 0 || nr > XP_BLOCK_SAMPLES)
		return xp_fail(err, XP_E_USAGE, "%zu samples do not make a chunk", nr);
	reset(e);
	find_sites(e, samples, nr);
	order_sites(e);
	put_sites(e);
	site_planes = e->nr_sites <= 1 ? 0 : e->nr_sites <= 256 ? 1 : 2;
	put_site_numbers(e, nr, site_planes);
	step = usual_step(samples, nr);
	time_planes = put_times(e, samples, nr, step);

	xp_buf_varint(&e->head, cpu);
	xp_buf_varint(&e->head, nr);
	xp_buf_varint(&e->head, e->nr_contexts);
	xp_buf_varint(&e->head, e->nr_sites);
	xp_buf_u8(&e->head, (uint8_t)site_planes);
	xp_buf_u8(&e->head, (uint8_t)time_planes);
	xp_buf_varint(&e->head, samples[0].tsc);
	xp_buf_varint(&e->head, step);
	return put_chunk(e, out, d, nr - 1, err);
}
