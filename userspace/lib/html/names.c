// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Calls and rows that have samples, numbered anew. Of more calls than a page can show those with few samples are put together
 * in one below the call that they are called from, for each domain and mode: "[kernel functions with fewer than N samples]".
 */
#include <inttypes.h>

#include "lib/agg/call-graph.h"
#include "lib/html/data.h"

struct numbers {
	struct xp_html_data *d;
	uint64_t *total;        /* of each call of the aggregate: samples of it and all that it calls */
	uint32_t *call, *row;   /* of each call, of each row: its number, or XP_NONE */
	uint32_t *small_row;    /* of each domain, mode, and whether it is unresolved (small_index()) */
	uint32_t *small_top;    /* the same: the small call of such a row that nothing called; 0: none yet */
	struct small { uint32_t first, next; } *small; /* of each call of the page: small ones below it; of a small one, its sibling; 0: none */
	size_t room_rows;
	struct xp_buf b;
};

/* ---- which ---- */

static void sum_totals(struct numbers *n)
{
	struct xp_html_data *d = n->d;
	size_t i, nr = d->stacks.nr_calls;
	uint32_t row;

	for (i = 0; i < d->cells.nr; i++)
		n->total[d->cells.v[i].call] += d->cells.v[i].samples;
	for (i = nr; i-- > 1;) {
		struct xp_call_counts self;

		n->total[xp_agg_call(d->stacks.agg, i, &row, &self)] += n->total[i];
	}
}

static int by_size(const void *pa, const void *pb)
{
	const uint64_t *a = pa, *b = pb;

	return *a > *b ? -1 : *a < *b;
}

/* The least samples of a call that is shown by itself. False: no memory. */
static bool find_limit(struct numbers *n)
{
	size_t nr = n->d->stacks.nr_calls;
	uint64_t *sorted;

	sum_totals(n);
	if (nr <= XP_HTML_MAX_CALLS)
		return true;
	sorted = malloc(nr * sizeof(*sorted));
	if (!sorted)
		return false;
	memcpy(sorted, n->total, nr * sizeof(*sorted));
	qsort(sorted, nr, sizeof(*sorted), by_size);
	n->d->small = sorted[XP_HTML_MAX_CALLS] + 1;
	free(sorted);
	return true;
}

/* ---- rows ---- */

static uint32_t new_row(struct numbers *n, const struct xp_html_row *row)
{
	struct xp_html_data *d = n->d;

	if (d->nr_rows == n->room_rows) {
		size_t room = n->room_rows ? 2 * n->room_rows : 1024;
		struct xp_html_row *rows = realloc(d->rows, room * sizeof(*rows));

		if (!rows)
			return XP_NONE;
		d->rows = rows;
		n->room_rows = room;
	}
	d->rows[d->nr_rows] = *row;
	return (uint32_t)d->nr_rows++;
}

static uint32_t name_of(struct numbers *n, const struct xp_row *row)
{
	char text[48];

	if (row->symbol || row->truncated)
		return xp_strings_add(&n->d->strings, xp_stack_function(&n->b, row));
	if (row->has_address)
		snprintf(text, sizeof(text), "[unresolved] 0x%" PRIx64, row->address);
	else
		snprintf(text, sizeof(text), row->other_addresses ? "[unresolved] others" : "[unresolved]");
	return xp_strings_add(&n->d->strings, text);
}

static enum xp_html_kind kind_of(const struct xp_row *row)
{
	return row->truncated ? XP_HTML_TRUNCATED : row->symbol ? XP_HTML_SYMBOL : XP_HTML_UNRESOLVED;
}

static uint32_t mode_of(const struct xp_row *row)
{
	return row->mode < XP_NR_MODES ? row->mode : XP_MODE_USER; /* of what is truncated nobody knows */
}

static uint32_t number_row(struct numbers *n, const struct xp_row *row)
{
	size_t index = row->id;
	struct xp_html_row out;

	if (n->row[index] != XP_NONE)
		return n->row[index];
	out = (struct xp_html_row){
		.domain = row->domain, .mode = mode_of(row), .name = name_of(n, row),
		.kind = kind_of(row),
	};
	out.process = xp_strings_add(&n->d->strings, row->comm ? xp_stack_text(&n->b, row->comm) : "");
	out.image = xp_strings_add(&n->d->strings, row->image ? xp_stack_text(&n->b, row->image->name) : "");
	n->row[index] = new_row(n, &out);
	return n->row[index];
}

static size_t small_index(const struct xp_row *row)
{
	return ((size_t)row->domain * XP_NR_MODES + mode_of(row)) * 2 + (kind_of(row) == XP_HTML_UNRESOLVED);
}

static uint32_t number_small_row(struct numbers *n, const struct xp_row *row)
{
	uint32_t *number = &n->small_row[small_index(row)];
	char text[80];

	if (*number != XP_NONE)
		return *number;
	snprintf(text, sizeof(text), "[%s%s functions with fewer than %" PRIu64 " samples]", kind_of(row) == XP_HTML_UNRESOLVED ? "unresolved " : "",
		 xp_mode_names[mode_of(row)], n->d->small);
	*number = new_row(n, &(struct xp_html_row){
		.domain = row->domain, .mode = mode_of(row), .name = xp_strings_add(&n->d->strings, text),
		.kind = kind_of(row) == XP_HTML_UNRESOLVED ? XP_HTML_SMALL_UNRESOLVED : XP_HTML_SMALL,
	});
	return *number;
}

/* ---- calls ---- */

static uint32_t new_call(struct numbers *n, uint32_t caller, uint32_t row)
{
	struct xp_html_data *d = n->d;

	if (row == XP_NONE)
		return XP_NONE;
	if (d->nr_calls == d->room_calls) {
		size_t room = 2 * d->room_calls;
		struct xp_html_call *calls = realloc(d->calls, room * sizeof(*calls));
		struct small *small = realloc(n->small, room * sizeof(*small));

		if (calls)
			d->calls = calls;
		if (small)
			n->small = small;
		if (!calls || !small)
			return XP_NONE;
		d->room_calls = room;
	}
	n->small[d->nr_calls] = (struct small){ 0, 0 };
	d->calls[d->nr_calls] = (struct xp_html_call){ caller, row };
	return (uint32_t)d->nr_calls++;
}

/* The call below caller that stands for small ones of this row. */
static uint32_t small_call(struct numbers *n, uint32_t caller, uint32_t row)
{
	uint32_t call = n->small[caller].first;

	while (call && n->d->calls[call].row != row)
		call = n->small[call].next;
	if (call)
		return call;
	call = new_call(n, caller, row);
	if (call == XP_NONE)
		return call;
	n->small[call].next = n->small[caller].first;
	n->small[caller].first = call;
	return call;
}

/* The same of what nothing called: there may be as many as domains. */
static uint32_t small_top(struct numbers *n, const struct xp_row *row)
{
	uint32_t *call = &n->small_top[small_index(row)];

	if (!*call)
		*call = new_call(n, 0, number_small_row(n, row));
	return *call;
}

static bool is_small_kind(enum xp_html_kind kind)
{
	return kind == XP_HTML_SMALL || kind == XP_HTML_SMALL_UNRESOLVED;
}

static uint32_t number_call(struct numbers *n, size_t i)
{
	struct xp_html_data *d = n->d;
	struct xp_stack k = xp_stack_at(&d->stacks, (uint32_t)i);
	uint32_t caller = k.caller ? n->call[k.caller] : 0;

	if (!n->total[i])
		return 0;
	/* Below a small one all are. */
	if (caller && is_small_kind(d->rows[d->calls[caller].row].kind))
		caller = d->calls[caller].caller;
	if (n->total[i] >= d->small)
		return new_call(n, caller, number_row(n, &k.row));
	return caller ? small_call(n, caller, number_small_row(n, &k.row)) : small_top(n, &k.row);
}

static bool number(struct numbers *n)
{
	struct xp_html_data *d = n->d;
	size_t i;

	d->room_calls = d->stacks.nr_calls < 1024 ? 1024 : d->stacks.nr_calls;
	d->calls = malloc(d->room_calls * sizeof(*d->calls));
	n->small = calloc(d->room_calls, sizeof(*n->small));
	if (!d->calls || !n->small)
		return false;
	d->calls[0] = (struct xp_html_call){ 0, 0 };
	d->nr_calls = 1;
	for (i = 1; i < d->stacks.nr_calls; i++) {
		n->call[i] = number_call(n, i);
		if (n->call[i] == XP_NONE)
			return false;
	}
	for (i = 0; i < d->cells.nr; i++)
		d->cells.v[i].call = n->call[d->cells.v[i].call];
	return !d->strings.failed;
}

static uint32_t *nones(size_t nr)
{
	uint32_t *v = malloc((nr + 1) * sizeof(*v));

	if (v)
		memset(v, 0xff, (nr + 1) * sizeof(*v));
	return v;
}

bool xp_html_number_calls(struct xp_html_data *d)
{
	struct numbers n = { .d = d };
	bool ok;

	n.total = calloc(d->stacks.nr_calls + 1, sizeof(*n.total));
	n.call = calloc(d->stacks.nr_calls + 1, sizeof(*n.call));
	n.row = nones(d->stacks.agg->nr_rows);
	n.small_row = nones(d->stacks.agg->nr_domains * XP_NR_MODES * 2);
	n.small_top = calloc(d->stacks.agg->nr_domains * XP_NR_MODES * 2 + 1, sizeof(*n.small_top));
	ok = n.total && n.call && n.row && n.small_row && n.small_top && find_limit(&n) && number(&n);
	free(n.total);
	free(n.call);
	free(n.row);
	free(n.small_row);
	free(n.small_top);
	free(n.small);
	xp_buf_release(&n.b);
	return ok;
}
