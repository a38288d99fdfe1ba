// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/stat/groups.h"

#include <stdlib.h>
#include <string.h>

static struct xprof_count key_of(const struct xprof_count *row, unsigned int by)
{
	struct xprof_count key = { .domid = row->domid };

	memcpy(key.handle, row->handle, sizeof(key.handle));
	if (by & XP_STAT_BY_VCPU)
		key.vcpu = row->vcpu;
	if (by & XP_STAT_BY_CPU)
		key.cpu = row->cpu;
	return key;
}

static void add(struct xprof_count *sum, const struct xprof_count *row)
{
	sum->ticks += row->ticks;
	sum->switches += row->switches;
	for (size_t i = 0; i < XPROF_MAX_EVENTS; i++) {
		sum->count[i] += row->count[i];
		sum->running[i] += row->running[i];
	}
}

/* Groups are few: from the last one backwards is as good as any search, and keeps them in order. */
size_t xp_groups_place(struct xp_groups *g, const struct xprof_count *key)
{
	size_t at = g->nr;

	while (at && xp_count_compare(&g->of[at - 1], key) > 0)
		at--;
	if (at && xp_count_compare(&g->of[at - 1], key) == 0)
		return at - 1;
	memmove(&g->of[at + 1], &g->of[at], (g->nr - at) * sizeof(*g->of));
	g->of[at] = *key;
	if (g->squares) {
		memmove(&g->squares[at + 1], &g->squares[at], (g->nr - at) * sizeof(*g->squares));
		memset(&g->squares[at], 0, sizeof(*g->squares));
	}
	g->nr++;
	return at;
}

static uint32_t count_cpus(const struct xp_reading *rows, struct xp_err *err, int *ret)
{
	uint32_t highest = 0, nr = 0;
	uint8_t *seen;

	for (size_t i = 0; i < rows->nr; i++)
		if (rows->rows[i].cpu > highest)
			highest = rows->rows[i].cpu;
	seen = calloc((size_t)highest + 1, 1);
	if (!seen) {
		*ret = xp_fail(err, XP_E_NOMEM, "no memory to count %u CPUs", highest);
		return 0;
	}
	for (size_t i = 0; i < rows->nr; i++) {
		nr += !seen[rows->rows[i].cpu];
		seen[rows->rows[i].cpu] = 1;
	}
	free(seen);
	return nr;
}

int xp_groups_sum(struct xp_groups *g, const struct xp_reading *rows, unsigned int by, struct xp_err *err)
{
	int ret = 0;

	memset(g, 0, sizeof(*g));
	g->of = calloc(rows->nr + 1, sizeof(*g->of));
	if (!g->of)
		return xp_fail(err, XP_E_NOMEM, "no memory for the sums of %zu vCPUs", rows->nr);
	for (size_t i = 0; i < rows->nr; i++) {
		const struct xprof_count key = key_of(&rows->rows[i], by);

		add(&g->of[xp_groups_place(g, &key)], &rows->rows[i]);
		g->ticks += rows->rows[i].ticks;
	}
	g->missed = rows->missed;
	g->ticks += rows->missed;
	g->cpus = count_cpus(rows, err, &ret);
	return ret;
}

static bool is_among(uint16_t domid, const uint16_t *domids, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (domids[i] == domid)
			return true;
	return false;
}

void xp_groups_keep(struct xp_groups *g, const uint16_t *domids, size_t nr)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->nr; i++) {
		if (!is_among(g->of[i].domid, domids, nr))
			continue;
		if (g->squares)
			memmove(&g->squares[kept], &g->squares[i], sizeof(*g->squares));
		g->of[kept++] = g->of[i];
	}
	g->nr = kept;
}

void xp_groups_release(struct xp_groups *g)
{
	free(g->of);
	free(g->squares);
	memset(g, 0, sizeof(*g));
}

bool xp_count_scaled(const struct xprof_count *c, size_t event, uint64_t *value)
{
	uint64_t running = c->running[event];

	*value = c->count[event];
	if (running >= c->ticks)
		return true; /* a vCPU that never ran has counted nothing, exactly */
	if (!running)
		return false;
	*value = (uint64_t)((unsigned __int128)c->count[event] * c->ticks / running);
	return true;
}
