// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/stat/reading.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void xp_reading_init(struct xp_reading *r)
{
	memset(r, 0, sizeof(*r));
}

void xp_reading_release(struct xp_reading *r)
{
	free(r->rows);
	xp_reading_init(r);
}

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int xp_count_compare(const struct xprof_count *a, const struct xprof_count *b)
{
	int c = order(a->domid, b->domid);

	if (!c)
		c = memcmp(a->handle, b->handle, sizeof(a->handle));
	if (!c)
		c = order(a->vcpu, b->vcpu);
	return c ? c : order(a->cpu, b->cpu);
}

static int compare_rows(const void *a, const void *b)
{
	return xp_count_compare(a, b);
}

static int reserve(struct xp_reading *r, size_t more, struct xp_err *err)
{
	size_t room = r->room ? r->room : 64;
	void *p;

	while (room - r->nr < more)
		room *= 2;
	if (room == r->room)
		return 0;
	p = realloc(r->rows, room * sizeof(*r->rows));
	if (!p)
		return xp_fail(err, XP_E_NOMEM, "no memory for the counts of %zu vCPUs", room);
	r->rows = p;
	r->room = room;
	return 0;
}

/* Rows are added while they are read: until there are no more. */
static int take_cpu(struct xp_reading *r, xp_counts_fn read, void *arg, uint32_t cpu, struct xp_err *err)
{
	struct xprof_op_counts c = { .cpu = cpu };
	uint32_t got = 0;
	int ret;

	do {
		ret = reserve(r, XPROF_MAX_ROWS, err);
		if (ret < 0)
			return ret;
		c.first = got;
		c.nr = XPROF_MAX_ROWS - got;
		ret = read(arg, &c, r->rows + r->nr, err);
		if (ret < 0)
			return ret;
		if (c.nr > XPROF_MAX_ROWS - got)
			return xp_fail(err, XP_E_FORMAT, "Xen gave %u rows of counts of CPU %u, more than there is room for", c.nr, cpu);
		r->nr += c.nr;
		got += c.nr;
	} while (c.nr && got < c.total && got < XPROF_MAX_ROWS);
	r->missed += c.missed;
	return 0;
}

int xp_reading_take(struct xp_reading *r, xp_counts_fn read, void *arg, const uint32_t *cpus, size_t nr_cpus,
		    struct xp_err *err)
{
	int ret = 0;

	r->nr = 0;
	r->missed = 0;
	for (size_t i = 0; ret == 0 && i < nr_cpus; i++)
		ret = take_cpu(r, read, arg, cpus[i], err);
	if (r->nr)
		qsort(r->rows, r->nr, sizeof(*r->rows), compare_rows);
	return ret;
}

/* ---- differences ---------------------------------------------------------*/

static bool began_anew(const struct xprof_count *after, const struct xprof_count *before)
{
	if (after->ticks < before->ticks)
		return true;
	for (size_t i = 0; i < XPROF_MAX_EVENTS; i++)
		if (after->count[i] < before->count[i])
			return true;
	return false;
}

static void subtract(struct xprof_count *row, const struct xprof_count *before)
{
	if (began_anew(row, before))
		return;
	row->ticks -= before->ticks;
	row->switches -= before->switches;
	for (size_t i = 0; i < XPROF_MAX_EVENTS; i++) {
		row->count[i] -= before->count[i];
		row->running[i] -= before->running[i];
	}
}

int xp_reading_since(struct xp_reading *d, const struct xp_reading *after, const struct xp_reading *before, struct xp_err *err)
{
	size_t b = 0;
	int ret;

	d->nr = 0;
	d->missed = after->missed >= before->missed ? after->missed - before->missed : after->missed;
	ret = reserve(d, after->nr, err);
	if (ret < 0)
		return ret;
	for (size_t a = 0; a < after->nr; a++) {
		struct xprof_count *row = &d->rows[d->nr];
		int c = 1;

		*row = after->rows[a];
		while (b < before->nr && (c = xp_count_compare(&before->rows[b], row)) < 0)
			b++;
		if (b < before->nr && c == 0)
			subtract(row, &before->rows[b]);
		d->nr += row->ticks || row->switches;
	}
	return 0;
}
