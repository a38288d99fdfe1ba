/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The columns of the domains' table: xentop's, then what is sampled. Which of
 * them a terminal shows depends on its width; their order does not.
 */
#ifndef XP_TOP_COLUMNS_H
#define XP_TOP_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/top/domains.h"
#include "lib/top/sums.h"

struct xp_top_event {
	const char *name;         /* "timer", "cycles", "llc-misses:u" */
	const char *modifiers;
	uint64_t period;          /* that it begins with */
};

enum xp_top_column_kind {
	XP_COL_NAME, XP_COL_STATE, XP_COL_CPU_SEC, XP_COL_CPU, XP_COL_MEM, XP_COL_MEM_SHARE, XP_COL_MAXMEM, XP_COL_MAXMEM_SHARE,
	XP_COL_VCPUS, XP_COL_NETS, XP_COL_SENT, XP_COL_RECEIVED, XP_COL_STEAL,
	XP_COL_EVENT,     /* this domain's share of all that is not idle */
	XP_COL_XEN,       /* of its own first event, what was in the hypervisor */
	XP_COL_IPC,       /* instructions per cycle */
	XP_COL_PER_1000,  /* events with 1,000 instructions */
};

struct xp_top_column {
	enum xp_top_column_kind kind;
	unsigned int event;       /* of EVENT and PER_1000 */
	char head[20];
	unsigned int width;       /* of NAME at least */
	unsigned int rank;        /* the lower, the sooner it is shown */
	bool shown;
};

#define XP_TOP_COLUMNS (16u + 2u * XPROF_MAX_EVENTS)

struct xp_top_columns {
	struct xp_top_column v[XP_TOP_COLUMNS];
	size_t nr;
	size_t nr_events;
	size_t cycles, instructions; /* events whose ratio says something; SIZE_MAX: there is none */
};

void xp_top_columns_init(struct xp_top_columns *c, const struct xp_top_event *events, size_t nr_events);

/* Shows what fits into so many columns of a terminal, with a name of at least `name` if there is room; 0: all. */
void xp_top_columns_fit(struct xp_top_columns *c, unsigned int columns, unsigned int name);

/* What a cell is about; sum NULL: the domain has no samples. */
struct xp_top_row {
	const struct xp_top_domain *domain;
	const struct xp_top_sum *sum;
};
struct xp_top_whole {
	uint64_t total_kib;       /* of the host */
	const struct xp_top_sum *busy;
};

/* By what rows are sorted: names and states have none. Unknown is less than everything. */
double xp_top_value(const struct xp_top_columns *c, const struct xp_top_column *column, const struct xp_top_row *row,
		    const struct xp_top_whole *whole);

#define XP_TOP_CELL 32u
/* As text, not padded; of NAME nothing: it is escaped by who prints it. */
void xp_top_cell(const struct xp_top_columns *c, const struct xp_top_column *column, const struct xp_top_row *row,
		 const struct xp_top_whole *whole, char text[XP_TOP_CELL]);

/* "web1", or "d5" when its name is not known. Returns text. */
const char *xp_top_domain_name(const struct xp_top_domain *d, uint16_t domid, char *text, size_t size);

#endif
