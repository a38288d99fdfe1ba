// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/diff/match.h"

#include "lib/base/arena.h"
#include "lib/base/hash.h"
#include "lib/base/text.h"

struct xp_match_impl {
	struct xp_arena arena;
	uint32_t *slots;    /* row + 1; 0: free */
	size_t mask, cap;
};

#define FIRST_SLOTS 4096u

/* With its end: "a", "b" is not "ab", "". */
static uint64_t hash_text(uint64_t h, const char *s)
{
	return xp_hash_bytes(h, s ? s : "", s ? strlen(s) + 1 : 1);
}

static uint32_t hash(const struct xp_diff_key *k)
{
	uint64_t h = XP_HASH_FIRST ^ k->mode;

	h = hash_text(h, k->domain);
	h = hash_text(h, k->process);
	h = hash_text(h, k->image);
	h = hash_text(h, k->symbol);
	return (uint32_t)xp_hash_end(h);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same(const struct xp_diff_key *a, const struct xp_diff_key *b)
{
	return a->mode == b->mode && same_text(a->symbol, b->symbol) && same_text(a->domain, b->domain) &&
	       same_text(a->process, b->process) && same_text(a->image, b->image);
}

static size_t slot_of(const struct xp_diff_rows *rows, const struct xp_diff_key *k, uint32_t h)
{
	const struct xp_match_impl *m = rows->impl;
	size_t i;

	for (i = h & m->mask; m->slots[i]; i = (i + 1) & m->mask) {
		const struct xp_diff_row *row = &rows->v[m->slots[i] - 1];

		if (row->hash == h && same(&row->key, k))
			break;
	}
	return i;
}

static bool grow_slots(struct xp_diff_rows *rows)
{
	struct xp_match_impl *m = rows->impl;
	size_t nr = (m->mask + 1) * 2, i;
	uint32_t *slots = calloc(nr, sizeof(*slots));

	if (!slots)
		return false;
	free(m->slots);
	m->slots = slots;
	m->mask = nr - 1;
	for (i = 0; i < rows->nr; i++)
		m->slots[slot_of(rows, &rows->v[i].key, rows->v[i].hash)] = (uint32_t)i + 1;
	return true;
}

static void *zeroes(struct xp_match_impl *m, size_t size)
{
	void *v = xp_arena_alloc(&m->arena, size);

	return v ? memset(v, 0, size) : NULL;
}

static bool fill_row(struct xp_diff_rows *rows, struct xp_diff_row *row, const struct xp_diff_key *key, uint32_t h)
{
	size_t side;

	*row = (struct xp_diff_row){ .key = *key, .idle = key->mode == XP_MODE_IDLE, .hash = h };
	for (side = 0; side < XP_SIDES; side++) {
		row->samples[side] = zeroes(rows->impl, rows->nr_events * rows->cells[side] * sizeof(float));
		row->weights[side] = zeroes(rows->impl, rows->nr_events * sizeof(double));
		if (!row->samples[side] || !row->weights[side])
			return false;
	}
	return true;
}

/* NULL: no memory. */
static struct xp_diff_row *row_of(struct xp_diff_rows *rows, const struct xp_diff_key *key)
{
	struct xp_match_impl *m = rows->impl;
	uint32_t h = hash(key);
	size_t slot = slot_of(rows, key, h);

	if (m->slots[slot])
		return &rows->v[m->slots[slot] - 1];
	if (rows->nr == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 1024;
		struct xp_diff_row *v = realloc(rows->v, cap * sizeof(*v));

		if (!v)
			return NULL;
		rows->v = v;
		m->cap = cap;
	}
	if (!fill_row(rows, &rows->v[rows->nr], key, h))
		return NULL;
	m->slots[slot] = (uint32_t)++rows->nr;
	if (rows->nr * 2 > m->mask && !grow_slots(rows))
		return NULL;
	return &rows->v[rows->nr - 1];
}

/* ---- one run ---- */

static bool same_uuid(const struct xp_domain *a, const struct xp_domain *b)
{
	static const uint8_t none[16];

	return a && b && memcmp(a->uuid, none, sizeof(none)) && !memcmp(a->uuid, b->uuid, sizeof(a->uuid));
}

/* What this run's domain is called in the comparison: where a run before has the same UUID, as there. */
static const char *domain_name(const struct xp_diff_side sides[2], const struct xp_diff_run *run, uint32_t domain)
{
	const struct xp_agg_domain *d = &run->agg->domains[domain];
	size_t side, r, i;

	for (side = 0; side < 2; side++) {
		for (r = 0; r < sides[side].nr; r++) {
			const struct xp_agg *other = sides[side].runs[r].agg;

			if (&sides[side].runs[r] == run)
				return d->name;
			for (i = 0; i < other->nr_domains; i++)
				if (same_uuid(d->info, other->domains[i].info))
					return other->domains[i].name;
		}
	}
	return d->name;
}

static void make_key(struct xp_diff_key *key, const struct xp_row *row, const char *const *domains)
{
	*key = (struct xp_diff_key){ .domain = row->domain == XP_NONE ? NULL : domains[row->domain],
				     .process = row->comm, .mode = row->mode };
	if (row->image)
		key->image = xp_text_last_part(row->image->name);
	if (row->symbol)
		key->symbol = row->symbol->name;
}

/* The samples of event e: to the cell of the run, or each slice to its own. */
static void add_samples(float *cells, size_t run, const struct xp_row *row, size_t e)
{
	size_t s;

	if (!row->slices)
		cells[run] += (float)row->counts[e];
	for (s = 0; row->slices && s < XP_DIFF_SLICES; s++)
		cells[s] += (float)row->slices[e * XP_DIFF_SLICES + s];
}

static bool add_row(struct xp_diff_rows *rows, size_t side, size_t run, const struct xp_row *row, const struct xp_diff_key *key,
		    const uint8_t *events, size_t nr_events)
{
	struct xp_diff_row *to = row_of(rows, key);
	size_t e;

	if (!to)
		return false;
	for (e = 0; e < nr_events; e++) {
		if (events[e] == 0xff)
			continue;
		add_samples(to->samples[side] + events[e] * rows->cells[side], run, row, e);
		to->weights[side][events[e]] += (double)row->weights[e];
	}
	return true;
}

static bool add_run(struct xp_diff_rows *rows, const struct xp_diff_side sides[2], size_t side, size_t run,
		    const struct xp_diff_events *events)
{
	const struct xp_diff_run *r = &sides[side].runs[run];
	const char **domains = calloc(r->agg->nr_domains + 1, sizeof(*domains));
	struct xp_diff_key key;
	bool ok = domains;
	size_t i;

	for (i = 0; ok && i < r->agg->nr_domains; i++)
		domains[i] = domain_name(sides, r, (uint32_t)i);
	for (i = 0; ok && i < r->agg->nr_rows; i++) {
		struct xp_row row;

		xp_agg_row_at(r->agg, (uint32_t)i, &row);
		make_key(&key, &row, domains);
		ok = add_row(rows, side, run, &row, &key, events->of[side][run], r->agg->nr_events);
	}
	free(domains);
	return ok;
}

static bool init(struct xp_diff_rows *rows, size_t nr_events, const size_t cells[XP_SIDES])
{
	*rows = (struct xp_diff_rows){ .nr_events = nr_events, .cells = { cells[XP_OLD], cells[XP_NEW] } };
	rows->impl = calloc(1, sizeof(*rows->impl));
	if (!rows->impl)
		return false;
	xp_arena_init(&rows->impl->arena, SIZE_MAX);
	rows->impl->mask = FIRST_SLOTS - 1;
	rows->impl->slots = calloc(FIRST_SLOTS, sizeof(*rows->impl->slots));
	return rows->impl->slots;
}

int xp_diff_match(struct xp_diff_rows *rows, const struct xp_diff_side sides[2], const struct xp_diff_events *events,
		  struct xp_err *err)
{
	const size_t cells[XP_SIDES] = { xp_diff_cells(&sides[XP_OLD]), xp_diff_cells(&sides[XP_NEW]) };
	bool ok = init(rows, events->nr, cells);
	size_t side, run;

	for (side = 0; side < XP_SIDES; side++)
		for (run = 0; ok && run < sides[side].nr; run++)
			ok = add_run(rows, sides, side, run, events);
	if (ok)
		return 0;
	xp_diff_rows_release(rows);
	return xp_fail(err, XP_E_NOMEM, "no memory to bring the rows of %zu runs together", sides[0].nr + sides[1].nr);
}

/* ---- fewer keys ---- */

static struct xp_diff_key fold_key(const struct xp_diff_key *k, unsigned int keys)
{
	return (struct xp_diff_key){
		.domain = keys & XP_KEY_DOMAIN ? k->domain : NULL,
		.process = keys & XP_KEY_PROCESS ? k->process : NULL,
		.image = keys & XP_KEY_IMAGE ? k->image : NULL,
		.symbol = keys & XP_KEY_SYMBOL ? k->symbol : NULL,
		.mode = keys & XP_KEY_MODE || k->mode == XP_MODE_IDLE ? k->mode : XP_NONE,
	};
}

static void add_numbers(struct xp_diff_row *to, const struct xp_diff_row *from, const struct xp_diff_rows *rows, size_t side)
{
	size_t i;

	for (i = 0; i < rows->nr_events * rows->cells[side]; i++)
		to->samples[side][i] += from->samples[side][i];
	for (i = 0; i < rows->nr_events; i++)
		to->weights[side][i] += from->weights[side][i];
}

int xp_diff_fold(struct xp_diff_rows *out, const struct xp_diff_rows *rows, unsigned int keys, bool idle, struct xp_err *err)
{
	bool ok = init(out, rows->nr_events, rows->cells);
	size_t i, side;

	for (i = 0; ok && i < rows->nr; i++) {
		const struct xp_diff_row *row = &rows->v[i];
		struct xp_diff_key key = fold_key(&row->key, keys);
		struct xp_diff_row *to;

		if (row->idle && !idle)
			continue;
		to = row_of(out, &key);
		ok = to;
		for (side = 0; ok && side < XP_SIDES; side++)
			add_numbers(to, row, rows, side);
	}
	if (ok)
		return 0;
	xp_diff_rows_release(out);
	return xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", rows->nr);
}

void xp_diff_rows_release(struct xp_diff_rows *rows)
{
	if (rows->impl) {
		xp_arena_release(&rows->impl->arena);
		free(rows->impl->slots);
	}
	free(rows->impl);
	free(rows->v);
	*rows = (struct xp_diff_rows){ 0 };
}
