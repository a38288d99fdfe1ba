// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/window.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024u
#define KEY_MODES (XPROF_MODE_CODE | XPROF_MODE_HVM | XPROF_MODE_32 | XPROF_MODE_NESTED)
#define MAX_CPUS 65536u

/* ---- memory ---- */

static size_t stride(const struct xp_window *w)
{
	return (w->slots + 1) * w->nr_events;
}

static bool make_room(struct xp_window *w, size_t room)
{
	struct xp_top_site *sites = realloc(w->sites, room * sizeof(*sites));
	struct xp_top_count *counts;

	if (!sites)
		return false;
	w->sites = sites;
	counts = realloc(w->counts, room * stride(w) * sizeof(*counts));
	if (!counts)
		return false;
	w->counts = counts;
	w->room = room;
	return true;
}

bool xp_window_init(struct xp_window *w, const uint64_t *periods, size_t nr_events, unsigned int slots)
{
	*w = (struct xp_window){ .nr_events = nr_events, .slots = slots < XP_WINDOW_SLOTS ? slots : XP_WINDOW_SLOTS };
	memcpy(w->first_period, periods, nr_events * sizeof(*periods));
	w->mask = 2 * FIRST_ROOM - 1;
	w->table = calloc(w->mask + 1, sizeof(*w->table));
	return w->table && make_room(w, FIRST_ROOM);
}

void xp_window_release(struct xp_window *w)
{
	free(w->sites);
	free(w->counts);
	free(w->table);
	free(w->periods);
	*w = (struct xp_window){ 0 };
}

/* ---- sites ---- */

static uint64_t hash(const struct xprof_sample *s)
{
	uint64_t h = (s->ip ^ (uint64_t)s->rec.domid << 48 ^ (uint64_t)s->rec.mode << 40) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 29 ^ s->cr3) * 0xc2b2ae3d27d4eb4fu;
	return h ^ h >> 32;
}

static bool is_same(const struct xprof_sample *a, const struct xprof_sample *b)
{
	return a->ip == b->ip && a->cr3 == b->cr3 && a->rec.domid == b->rec.domid && a->rec.mode == b->rec.mode;
}

static uint32_t *find(const struct xp_window *w, const struct xprof_sample *key)
{
	size_t i = hash(key) & w->mask;

	while (w->table[i] && !is_same(&w->sites[w->table[i] - 1].code, key))
		i = (i + 1) & w->mask;
	return &w->table[i];
}

static void fill_table(struct xp_window *w)
{
	memset(w->table, 0, (w->mask + 1) * sizeof(*w->table));
	for (size_t i = 0; i < w->nr; i++)
		*find(w, &w->sites[i].code) = (uint32_t)i + 1;
}

static bool grow_table(struct xp_window *w)
{
	size_t nr = 2 * (w->mask + 1);
	uint32_t *table = calloc(nr, sizeof(*table));

	if (!table)
		return false;
	free(w->table);
	w->table = table;
	w->mask = nr - 1;
	fill_table(w);
	return true;
}

/* What tells sites apart: of user code the address space does, of other code it does not. */
static struct xprof_sample key_of(const struct xprof_sample *s)
{
	struct xprof_sample key = { .rec = { .domid = s->rec.domid, .mode = s->rec.mode & KEY_MODES }, .tsc = s->tsc, .ip = s->ip };

	if (s->rec.domid == XPROF_DOMID_IDLE)
		return (struct xprof_sample){ .rec = { .domid = XPROF_DOMID_IDLE }, .tsc = s->tsc };
	if ((s->rec.mode & XPROF_MODE_CODE) == XPROF_MODE_USER)
		key.cr3 = s->rec.mode & XPROF_MODE_HVM ? s->cr3 & ~0x1fffull : s->cr3 & ~0xfffull;
	return key;
}

/* SIZE_MAX: there is no room, or no memory. */
static size_t add_site(struct xp_window *w, const struct xprof_sample *key, size_t limit)
{
	if (w->nr >= limit || (w->nr == w->room && !make_room(w, 2 * w->room)) || (2 * w->nr >= w->mask && !grow_table(w)))
		return SIZE_MAX;
	w->sites[w->nr] = (struct xp_top_site){ .code = *key, .address = key->ip };
	memset(w->counts + w->nr * stride(w), 0, stride(w) * sizeof(*w->counts));
	*find(w, key) = (uint32_t)w->nr + 1;
	return w->nr++;
}

static size_t site_of(struct xp_window *w, const struct xprof_sample *s)
{
	struct xprof_sample key = key_of(s);
	uint32_t *slot = find(w, &key);
	size_t site = *slot ? *slot - 1 : add_site(w, &key, XP_WINDOW_SITES);

	if (site == SIZE_MAX) {
		key.ip = XP_WINDOW_OTHER_IP;
		key.cr3 = 0;
		slot = find(w, &key);
		site = *slot ? *slot - 1 : add_site(w, &key, XP_WINDOW_SITES + XP_WINDOW_OTHERS);
		w->overflow++;
	}
	if (site != SIZE_MAX)
		w->sites[site].code.tsc = s->tsc;
	return site;
}

/* ---- counting ---- */

static bool has_cpu(struct xp_window *w, uint32_t cpu)
{
	size_t nr = (size_t)cpu + 1;
	uint64_t *periods;

	if (cpu < w->nr_cpus)
		return true;
	if (cpu >= MAX_CPUS)
		return false;
	periods = realloc(w->periods, nr * w->nr_events * sizeof(*periods));
	if (!periods)
		return false;
	memset(periods + w->nr_cpus * w->nr_events, 0, (nr - w->nr_cpus) * w->nr_events * sizeof(*periods));
	w->periods = periods;
	w->nr_cpus = nr;
	return true;
}

void xp_window_period(struct xp_window *w, uint32_t cpu, uint8_t event, uint64_t period)
{
	if (event < w->nr_events && has_cpu(w, cpu))
		w->periods[cpu * w->nr_events + event] = period;
}

static uint64_t weight_of(const struct xp_window *w, uint32_t cpu, uint8_t event)
{
	uint64_t period = cpu < w->nr_cpus ? w->periods[cpu * w->nr_events + event] : 0;

	return period ? period : w->first_period[event];
}

static void count(struct xp_window *w, size_t site, uint8_t event, uint64_t weight)
{
	struct xp_top_count *all = w->counts + site * stride(w) + event;
	struct xp_top_count *now = all + (1 + w->slot) * w->nr_events;

	all->samples++;
	all->weight += weight;
	now->samples++;
	now->weight += weight;
}

void xp_window_add(struct xp_window *w, uint32_t cpu, const struct xprof_sample *samples, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		uint8_t event = samples[i].rec.event;
		size_t site = event < w->nr_events ? site_of(w, &samples[i]) : SIZE_MAX;

		if (site != SIZE_MAX)
			count(w, site, event, weight_of(w, cpu, event));
	}
}

/* ---- time goes on ---- */

const struct xp_top_count *xp_window_counts(const struct xp_window *w, size_t site)
{
	return w->counts + site * stride(w);
}

bool xp_window_is_warm(const struct xp_window *w, size_t site)
{
	const struct xp_top_count *c = xp_window_counts(w, site);

	for (size_t e = 0; e < w->nr_events; e++)
		if (c[e].samples)
			return true;
	return false;
}

/* Sites that are cold make room. Not as soon as they are: they would have to be named again. */
static void forget_cold(struct xp_window *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->nr; i++) {
		if (!xp_window_is_warm(w, i))
			continue;
		w->sites[kept] = w->sites[i];
		memmove(w->counts + kept * stride(w), w->counts + i * stride(w), stride(w) * sizeof(*w->counts));
		kept++;
	}
	w->nr = kept;
	fill_table(w);
}

void xp_window_turn(struct xp_window *w)
{
	w->slot = (w->slot + 1) % w->slots;
	w->turns++;
	for (size_t i = 0; i < w->nr; i++) {
		struct xp_top_count *all = w->counts + i * stride(w), *oldest = all + (1 + w->slot) * w->nr_events;

		for (size_t e = 0; e < w->nr_events; e++) {
			all[e].samples -= oldest[e].samples;
			all[e].weight -= oldest[e].weight;
			oldest[e] = (struct xp_top_count){ 0 };
		}
	}
	if (w->nr > XP_WINDOW_SITES / 2)
		forget_cold(w);
}
