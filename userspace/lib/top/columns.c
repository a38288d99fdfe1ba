// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/columns.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UNKNOWN (-1.0)
#define NAME_WIDTH 10u    /* xentop's */
#define BEFORE_NAMES 10u /* ranks of columns that are worth more than long names */

/* ---- which there are ---- */

static bool is_named(const struct xp_top_event *e, const char *name)
{
	size_t len = strlen(name);

	return !strncmp(e->name, name, len) && (!e->name[len] || e->name[len] == ':');
}

/* The event of this name, counted where `like` is (NULL: anywhere). */
static size_t find_event(const struct xp_top_event *events, size_t nr, const char *name, const struct xp_top_event *like)
{
	for (size_t e = 0; e < nr; e++)
		if (is_named(&events[e], name) && (!like || !strcmp(events[e].modifiers, like->modifiers)))
			return e;
	return SIZE_MAX;
}

static struct xp_top_column *add(struct xp_top_columns *c, enum xp_top_column_kind kind, const char *head, unsigned int width,
				 unsigned int rank)
{
	struct xp_top_column *column = &c->v[c->nr++];

	*column = (struct xp_top_column){ .kind = kind, .width = width, .rank = rank };
	snprintf(column->head, sizeof(column->head), "%s", head);
	return column;
}

/* "LLC-MISSES" is cut to what `room` has, "(%)" behind it. */
static void add_event(struct xp_top_columns *c, const struct xp_top_event *e, unsigned int event, enum xp_top_column_kind kind,
		      const char *unit, unsigned int rank)
{
	char head[20];
	size_t len = kind == XP_COL_PER_1000 ? strcspn(e->name, "-:") : strcspn(e->name, ":");
	struct xp_top_column *column;

	snprintf(head, sizeof(head), "%.*s%s", (int)(len < 12 ? len : 12), e->name, unit);
	for (char *p = head; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	column = add(c, kind, head, (unsigned int)(strlen(head) < 6 ? 6 : strlen(head)), rank);
	column->event = event;
}

static void add_sampled(struct xp_top_columns *c, const struct xp_top_event *events, size_t nr)
{
	const struct xp_top_event *instructions;

	for (unsigned int e = 0; e < nr; e++)
		add_event(c, &events[e], e, XP_COL_EVENT, "(%)", e ? 30 + e : 2);
	add(c, XP_COL_XEN, "XEN(%)", 6, 7);
	if (c->instructions == SIZE_MAX)
		return;
	instructions = &events[c->instructions];
	if (c->cycles != SIZE_MAX)
		add(c, XP_COL_IPC, "IPC", 5, 3);
	for (unsigned int e = 0; e < nr; e++)
		if (e != c->instructions && !is_named(&events[e], "cycles") && !strcmp(events[e].modifiers, instructions->modifiers))
			add_event(c, &events[e], e, XP_COL_PER_1000, "/KI", 9);
}

void xp_top_columns_init(struct xp_top_columns *c, const struct xp_top_event *events, size_t nr_events)
{
	*c = (struct xp_top_columns){ .nr_events = nr_events, .cycles = SIZE_MAX };
	c->instructions = find_event(events, nr_events, "instructions", NULL);
	if (c->instructions != SIZE_MAX)
		c->cycles = find_event(events, nr_events, "cycles", &events[c->instructions]);
	add(c, XP_COL_NAME, "NAME", NAME_WIDTH, 0);
	add(c, XP_COL_STATE, "STATE", 6, 4);
	add(c, XP_COL_CPU_SEC, "CPU(sec)", 10, 5);
	add(c, XP_COL_CPU, "CPU(%)", 6, 1);
	add(c, XP_COL_MEM, "MEM(k)", 10, 6);
	add(c, XP_COL_MEM_SHARE, "MEM(%)", 6, 15);
	add(c, XP_COL_MAXMEM, "MAXMEM(k)", 10, 16);
	add(c, XP_COL_MAXMEM_SHARE, "MAXMEM(%)", 9, 17);
	add(c, XP_COL_VCPUS, "VCPUS", 5, 10);
	add(c, XP_COL_NETS, "NETS", 4, 14);
	add(c, XP_COL_SENT, "NETTX(k)", 8, 11);
	add(c, XP_COL_RECEIVED, "NETRX(k)", 8, 12);
	add(c, XP_COL_STEAL, "STEAL(%)", 8, 8);
	add_sampled(c, events, nr_events);
}

/* ---- which are shown ---- */

static struct xp_top_column *next_by_rank(struct xp_top_columns *c, unsigned int from)
{
	struct xp_top_column *next = NULL;

	for (size_t i = 0; i < c->nr; i++)
		if (c->v[i].rank >= from && (!next || c->v[i].rank < next->rank))
			next = &c->v[i];
	return next;
}

/* Shows those of this rank that fit behind `used` columns; returns how many are used then. */
static unsigned int show_rank(struct xp_top_columns *c, unsigned int rank, unsigned int used, unsigned int columns)
{
	for (size_t i = 0; i < c->nr; i++) {
		unsigned int width = c->v[i].width + (used ? 1 : 0);

		if (c->v[i].rank != rank || used + width > columns)
			continue;
		c->v[i].shown = true;
		used += width;
	}
	return used;
}

/* A name takes what it needs and there is. */
static unsigned int widen_name(struct xp_top_columns *c, unsigned int used, unsigned int columns, unsigned int name)
{
	unsigned int more = name > c->v[0].width ? name - c->v[0].width : 0;

	more = more < columns - used ? more : columns - used;
	c->v[0].width += more;
	return used + more;
}

void xp_top_columns_fit(struct xp_top_columns *c, unsigned int columns, unsigned int name)
{
	unsigned int used = 0, from = 0;
	bool widened = false;

	if (!columns)
		columns = UINT32_MAX / 2;
	c->v[0].width = NAME_WIDTH;
	for (size_t i = 0; i < c->nr; i++)
		c->v[i].shown = false;
	for (struct xp_top_column *next; (next = next_by_rank(c, from)); from = next->rank + 1) {
		if (next->rank > BEFORE_NAMES && !widened) {
			used = widen_name(c, used, columns, name);
			widened = true;
		}
		used = show_rank(c, next->rank, used, columns);
	}
}

/* ---- what is in them ---- */

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static double ratio(uint64_t part, uint64_t whole, double factor)
{
	return whole ? factor * (double)part / (double)whole : UNKNOWN;
}

static double sampled_value(const struct xp_top_columns *c, const struct xp_top_column *column, const struct xp_top_sum *sum,
			    const struct xp_top_whole *whole)
{
	switch (column->kind) {
	case XP_COL_EVENT:
		return percent((double)sum->all[column->event].weight, (double)whole->busy->all[column->event].weight);
	case XP_COL_XEN:
		return percent((double)sum->xen[0].weight, (double)sum->all[0].weight);
	case XP_COL_IPC:
		return ratio(sum->all[c->instructions].weight, sum->all[c->cycles].weight, 1);
	case XP_COL_PER_1000:
		return ratio(sum->all[column->event].weight, sum->all[c->instructions].weight, 1000);
	default:
		return UNKNOWN;
	}
}

double xp_top_value(const struct xp_top_columns *c, const struct xp_top_column *column, const struct xp_top_row *row,
		    const struct xp_top_whole *whole)
{
	const struct xp_top_domain *d = row->domain;

	switch (column->kind) {
	case XP_COL_CPU_SEC: return (double)d->cpu_ns / 1e9;
	case XP_COL_CPU: return d->cpu_percent;
	case XP_COL_MEM: return (double)d->memory_kib;
	case XP_COL_MEM_SHARE: return percent((double)d->memory_kib, (double)whole->total_kib);
	case XP_COL_MAXMEM: return (double)d->max_memory_kib;
	case XP_COL_MAXMEM_SHARE: return d->max_memory_kib == UINT64_MAX ? UNKNOWN : percent((double)d->max_memory_kib, (double)whole->total_kib);
	case XP_COL_VCPUS: return d->vcpus;
	case XP_COL_NETS: return d->nets;
	case XP_COL_SENT: return (double)d->sent_bytes;
	case XP_COL_RECEIVED: return (double)d->received_bytes;
	case XP_COL_STEAL: return d->steal_percent;
	default: return row->sum ? sampled_value(c, column, row->sum, whole) : UNKNOWN;
	}
}

static void put_ratio(char text[XP_TOP_CELL], double value)
{
	snprintf(text, XP_TOP_CELL, "%.*f", value < 10 ? 2 : value < 100 ? 1 : 0, value);
}

void xp_top_cell(const struct xp_top_columns *c, const struct xp_top_column *column, const struct xp_top_row *row,
		 const struct xp_top_whole *whole, char text[XP_TOP_CELL])
{
	const struct xp_top_domain *d = row->domain;
	double value = xp_top_value(c, column, row, whole);

	text[0] = '\0';
	switch (column->kind) {
	case XP_COL_NAME:
		return;
	case XP_COL_STATE:
		snprintf(text, XP_TOP_CELL, "%s", d->state);
		return;
	case XP_COL_CPU_SEC:
	case XP_COL_MEM:
	case XP_COL_VCPUS:
	case XP_COL_NETS:
		snprintf(text, XP_TOP_CELL, "%.0f", value);
		return;
	case XP_COL_MAXMEM:
		snprintf(text, XP_TOP_CELL, d->max_memory_kib == UINT64_MAX ? "no limit" : "%.0f", value);
		return;
	case XP_COL_SENT:
	case XP_COL_RECEIVED:
		snprintf(text, XP_TOP_CELL, "%.0f", value / 1024);
		return;
	case XP_COL_MAXMEM_SHARE:
		snprintf(text, XP_TOP_CELL, value < 0 ? "n/a" : "%.1f", value);
		return;
	case XP_COL_IPC:
	case XP_COL_PER_1000:
		if (value >= 0)
			put_ratio(text, value);
		else
			snprintf(text, XP_TOP_CELL, "-");
		return;
	default:
		snprintf(text, XP_TOP_CELL, value < 0 ? "-" : "%.1f", value);
	}
}

const char *xp_top_domain_name(const struct xp_top_domain *d, uint16_t domid, char *text, size_t size)
{
	if (d && d->name[0])
		snprintf(text, size, "%s", d->name);
	else
		snprintf(text, size, "d%u", domid);
	return text;
}
