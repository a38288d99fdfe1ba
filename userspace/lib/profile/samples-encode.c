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
 *           per site its address, less the one before; per site its context
 *   part 3  per sample its site: all low bytes, then all high bytes if there are any
 *   part 4  per sample the time since the one before, less the usual step: all lowest
 *           bytes, then all next ones, …
 *   part 5  if any has one: per site its call chain, less that of the one before
 *
 * The decoder, and why each bound is what it is, are in samples-decode.c.
 */
#include "lib/base/varint.h"
#include "lib/profile/codec.h"

#define TABLE_SLOTS (XP_BLOCK_SAMPLES * 2)
#define FIRST_TIME_PART 4

struct site {
	struct xp_site s;
	uint32_t count;
	uint32_t context;
	uint32_t chain;
};

/* What is sorted, as one number: 32 bits, 64 bits, 32 bits. */
struct sort_key {
	unsigned __int128 key;
	uint32_t index;
};

struct xp_sample_encoder {
	uint32_t slots[TABLE_SLOTS];         /* hash → site + 1 */
	uint32_t context_slots[TABLE_SLOTS]; /* hash → context + 1 */
	struct site sites[XP_BLOCK_SAMPLES]; /* in order of appearance */
	struct xp_site contexts[XP_BLOCK_SAMPLES]; /* likewise; ip is not looked at */
	struct sort_key keys[XP_BLOCK_SAMPLES], spare[XP_BLOCK_SAMPLES];
	uint32_t context_rank[XP_BLOCK_SAMPLES];  /* order of appearance → place in the file */
	uint16_t rank[XP_BLOCK_SAMPLES];          /* of sites, likewise */
	uint16_t of_sample[XP_BLOCK_SAMPLES];
	uint64_t residual[XP_BLOCK_SAMPLES];
	size_t nr_sites, nr_contexts;
	struct xp_buf head, ids, site_lo, site_hi, times, chains;
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
	xp_buf_release(&e->site_lo);
	xp_buf_release(&e->site_hi);
	xp_buf_release(&e->times);
	xp_buf_release(&e->chains);
	free(e);
}

/* ---- sites and contexts, in order of appearance ---- */

static struct xp_site site_of(const struct xprof_sample *s)
{
	return (struct xp_site){
		.ip = s->ip, .cr3 = s->cr3, .domid = s->rec.domid, .vcpu = s->rec.vcpu,
		.event = s->rec.event, .mode = s->rec.mode,
	};
}

/* All of a context but the cr3. Contexts of one domain are neighbours. */
static uint64_t context_word(const struct xp_site *s)
{
	return (uint64_t)s->domid << 32 | (uint64_t)s->event << 24 | (uint64_t)s->mode << 16 | s->vcpu;
}

static uint64_t hash_context(const struct xp_site *s)
{
	uint64_t h = (s->cr3 ^ context_word(s) * 0xc2b2ae3d27d4eb4fu) * 0x9e3779b97f4a7c15u;

	return h ^ h >> 32;
}

static uint32_t hash_site(uint64_t context, uint64_t ip, uint32_t chain)
{
	return (uint32_t)(((context ^ ip ^ (uint64_t)chain << 20) * 0x165667b19e3779f9u) >> 32);
}

/* A power of two, at least twice the samples. */
static uint32_t slots_for(size_t nr)
{
	uint32_t slots = 64;

	while (slots < nr * 2)
		slots *= 2;
	return slots;
}

static bool same_context(const struct xp_site *a, const struct xp_site *b)
{
	return a->cr3 == b->cr3 && context_word(a) == context_word(b);
}

static uint32_t find_context(struct xp_sample_encoder *e, const struct xp_site *s, uint64_t hash, uint32_t mask)
{
	uint32_t i = (uint32_t)hash & mask;

	for (; e->context_slots[i]; i = (i + 1) & mask)
		if (same_context(&e->contexts[e->context_slots[i] - 1], s))
			return e->context_slots[i] - 1;
	e->contexts[e->nr_contexts] = *s;
	e->context_slots[i] = (uint32_t)++e->nr_contexts;
	return e->context_slots[i] - 1;
}

static uint16_t find_site(struct xp_sample_encoder *e, const struct xp_site *s, uint32_t chain, uint32_t mask)
{
	uint64_t context = hash_context(s);
	uint32_t i = hash_site(context, s->ip, chain) & mask;

	for (; e->slots[i]; i = (i + 1) & mask) {
		struct site *known = &e->sites[e->slots[i] - 1];

		if (known->s.ip == s->ip && known->chain == chain && same_context(&known->s, s)) {
			known->count++;
			return (uint16_t)(e->slots[i] - 1);
		}
	}
	e->sites[e->nr_sites] = (struct site){ *s, 1, find_context(e, s, context, mask), chain };
	e->slots[i] = (uint32_t)++e->nr_sites;
	return (uint16_t)(e->nr_sites - 1);
}

static void find_sites(struct xp_sample_encoder *e, const struct xprof_sample *samples, const uint32_t *chains, size_t nr)
{
	uint32_t slots = slots_for(nr);
	size_t i;

	memset(e->slots, 0, slots * sizeof(*e->slots));
	memset(e->context_slots, 0, slots * sizeof(*e->context_slots));
	e->nr_sites = e->nr_contexts = 0;
	for (i = 0; i < nr; i++) {
		struct xp_site s = site_of(&samples[i]);

		e->of_sample[i] = find_site(e, &s, chains ? chains[i] : XP_CHAIN_NONE, slots - 1);
	}
}

/* ---- in the file's order ---- */

static struct sort_key sort_key(uint32_t major, uint64_t minor, uint32_t tie, size_t index)
{
	return (struct sort_key){ (unsigned __int128)major << 96 | (unsigned __int128)minor << 32 | tie, (uint32_t)index };
}

static void merge_runs(struct sort_key *out, const struct sort_key *a, size_t mid, size_t nr)
{
	size_t i = 0, j = mid;

	while (i < mid && j < nr)
		*out++ = a[j].key < a[i].key ? a[j++] : a[i++];
	memcpy(out, a + i, (mid - i) * sizeof(*a));
	memcpy(out + (mid - i), a + j, (nr - j) * sizeof(*a));
}

/* qsort() takes a sixth of all the time that encoding takes; this a third of that. */
static void sort_keys(struct xp_sample_encoder *e, size_t nr)
{
	struct sort_key *from = e->keys, *to = e->spare, *swap;
	size_t run, at;

	for (run = 1; run < nr; run *= 2) {
		for (at = 0; at < nr; at += 2 * run) {
			size_t n = nr - at < 2 * run ? nr - at : 2 * run;

			merge_runs(to + at, from + at, n < run ? n : run, n);
		}
		swap = from;
		from = to;
		to = swap;
	}
	if (from != e->keys)
		memcpy(e->keys, from, nr * sizeof(*from));
}

/* By domain, then address space: its root is then written once. */
static void put_contexts(struct xp_sample_encoder *e)
{
	uint64_t last_cr3 = 0;
	size_t i;

	for (i = 0; i < e->nr_contexts; i++) {
		uint64_t word = context_word(&e->contexts[i]);

		e->keys[i] = sort_key((uint32_t)(word >> 32), e->contexts[i].cr3, (uint32_t)word, i);
	}
	sort_keys(e, e->nr_contexts);
	for (i = 0; i < e->nr_contexts; i++) {
		const struct xp_site *s = &e->contexts[e->keys[i].index];

		e->context_rank[e->keys[i].index] = (uint32_t)i;
		xp_buf_u8(&e->ids, s->event);
		xp_buf_u8(&e->ids, s->mode);
		xp_buf_varint(&e->ids, s->domid);
		xp_buf_varint(&e->ids, s->vcpu);
		xp_buf_zigzag(&e->ids, (int64_t)(s->cr3 - last_cr3));
		last_cr3 = s->cr3;
	}
}

/* The most frequent first, then by address. */
static void put_sites(struct xp_sample_encoder *e)
{
	uint64_t last_ip = 0;
	size_t i;

	for (i = 0; i < e->nr_sites; i++)
		e->keys[i] = sort_key(UINT32_MAX - e->sites[i].count, e->sites[i].s.ip,
				      e->context_rank[e->sites[i].context], i);
	sort_keys(e, e->nr_sites);
	for (i = 0; i < e->nr_sites; i++) {
		const struct site *site = &e->sites[e->keys[i].index];

		e->rank[e->keys[i].index] = (uint16_t)i;
		xp_buf_zigzag(&e->ids, (int64_t)(site->s.ip - last_ip));
		last_ip = site->s.ip;
	}
	for (i = 0; i < e->nr_sites; i++)
		xp_buf_varint(&e->ids, e->context_rank[e->sites[e->keys[i].index].context]);
}

/* In the order of put_sites(), which has just sorted them. */
static void put_chains(struct xp_sample_encoder *e)
{
	uint32_t last = 0, any = 0;
	size_t i;

	for (i = 0; i < e->nr_sites; i++)
		any |= e->sites[i].chain;
	for (i = 0; i < e->nr_sites && any; i++) {
		uint32_t chain = e->sites[e->keys[i].index].chain;

		xp_buf_zigzag(&e->chains, (int64_t)chain - (int64_t)last);
		last = chain;
	}
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
	xp_buf_reset(&e->site_lo);
	xp_buf_reset(&e->site_hi);
	xp_buf_reset(&e->times);
	xp_buf_reset(&e->chains);
}

static int put_chunk(struct xp_sample_encoder *e, struct xp_buf *out, struct xp_deflater *d,
		     size_t per_plane, struct xp_err *err)
{
	struct xp_chunk_part parts[FIRST_TIME_PART + 8 + 1] = {
		{ e->head.data, e->head.len, XP_PART_COLUMN },
		{ e->ids.data, e->ids.len, XP_PART_COLUMN },
		{ e->site_lo.data, e->site_lo.len, XP_PART_NOISE },
		{ e->site_hi.data, e->site_hi.len, XP_PART_COLUMN },
	};
	size_t nr = FIRST_TIME_PART, at;

	if (!xp_buf_ok(&e->head) || !xp_buf_ok(&e->ids) || !xp_buf_ok(&e->site_lo) ||
	    !xp_buf_ok(&e->site_hi) || !xp_buf_ok(&e->times) || !xp_buf_ok(&e->chains))
		return xp_fail(err, XP_E_NOMEM, "no memory to encode samples");
	/* Of a jittery clock the lowest byte is random if the next one changes at all; the others hardly ever do. */
	for (at = 0; at < e->times.len; at += per_plane, nr++)
		parts[nr] = (struct xp_chunk_part){ e->times.data + at, per_plane, XP_PART_COLUMN };
	parts[FIRST_TIME_PART].kind = nr > FIRST_TIME_PART + 1 ? XP_PART_RANDOM : XP_PART_NOISE;
	if (nr > FIRST_TIME_PART + 1)
		parts[FIRST_TIME_PART + 1].kind = XP_PART_NOISE;
	if (e->chains.len)
		parts[nr++] = (struct xp_chunk_part){ e->chains.data, e->chains.len, XP_PART_COLUMN };
	return xp_chunk_encode(out, d, XP_CHUNK_SAMPLES, parts, nr, err);
}

int xp_samples_encode(struct xp_sample_encoder *e, struct xp_buf *out, struct xp_deflater *d, uint32_t cpu,
		      const struct xprof_sample *samples, const uint32_t *chains, size_t nr, struct xp_err *err)
{
	unsigned int site_planes, time_planes;
	uint64_t step;

	if (nr == 0 || nr > XP_BLOCK_SAMPLES)
		return xp_fail(err, XP_E_USAGE, "%zu samples do not make a chunk", nr);
	reset(e);
	find_sites(e, samples, chains, nr);
	put_contexts(e);
	put_sites(e);
	put_chains(e);
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
