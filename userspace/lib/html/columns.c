// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Columns of varints, made so that they compress well: numbers as the difference to what is likely. README.md has them.
 */
#include "lib/html/data.h"

static void put_frames(struct xp_buf *b, const struct xp_html_data *d)
{
	size_t i;

	for (i = 0; i < d->nr_frames; i++)
		xp_buf_varint(b, d->rows[d->frames[i]].mode << 3 | d->rows[d->frames[i]].kind);
	for (i = 0; i < d->nr_frames; i++)
		xp_buf_varint(b, d->rows[d->frames[i]].image);
	for (i = 0; i < d->nr_frames; i++)
		xp_buf_varint(b, d->rows[d->frames[i]].name);
}

static void put_rows(struct xp_buf *b, const struct xp_html_data *d)
{
	size_t i;

	for (i = 0; i < d->nr_rows; i++)
		xp_buf_varint(b, d->rows[i].domain);
	for (i = 0; i < d->nr_rows; i++)
		xp_buf_varint(b, d->rows[i].process);
	for (i = 0; i < d->nr_rows; i++)
		xp_buf_varint(b, d->rows[i].frame);
}

static void put_calls(struct xp_buf *b, const struct xp_html_data *d)
{
	size_t i;

	for (i = 1; i < d->nr_calls; i++)
		xp_buf_varint(b, i - d->calls[i].caller);
	for (i = 1; i < d->nr_calls; i++)
		xp_buf_varint(b, d->calls[i].row);
}

/* ---- samples ---- */

struct cell { uint64_t number; size_t first, nr; uint64_t base; }; /* entries of one event, slice and CPU */

static uint64_t cell_number(const struct xp_html_data *d, const struct xp_html_entry *e)
{
	return ((uint64_t)e->event * xp_html_slices(d) + e->slice) * d->nr_cpus + e->cpu;
}

/* The cell that begins with entry `at`. */
static struct cell cell_at(const struct xp_html_data *d, size_t at)
{
	const struct xp_html_entry *v = d->cells.v;
	struct cell c = { .number = cell_number(d, &v[at]), .first = at };
	size_t i;

	for (i = at; i < d->cells.nr && cell_number(d, &v[i]) == c.number; i++)
		;
	c.nr = i - at;
	c.base = v[at].samples ? v[at].weight / v[at].samples : 0; /* in most cells all stand for as many */
	return c;
}

/* Number (as difference), entries, weight of a sample. */
static void put_cell(struct xp_buf *b, const struct cell *c, uint64_t last)
{
	xp_buf_varint(b, c->number - last);
	xp_buf_varint(b, c->nr);
	xp_buf_varint(b, c->base);
}

/* Calls ascend within a cell. */
static void put_entry_calls(struct xp_buf *b, const struct xp_html_data *d, const struct cell *c)
{
	uint32_t last = 0;
	size_t i;

	for (i = c->first; i < c->first + c->nr; i++) {
		xp_buf_varint(b, d->cells.v[i].call - last);
		last = d->cells.v[i].call;
	}
}

static void put_entry_counts(struct xp_buf *samples, struct xp_buf *weights, const struct xp_html_data *d, const struct cell *c)
{
	size_t i;

	for (i = c->first; i < c->first + c->nr; i++) {
		const struct xp_html_entry *e = &d->cells.v[i];

		xp_buf_varint(samples, e->samples);
		xp_buf_zigzag(weights, (int64_t)(e->weight - e->samples * c->base));
	}
}

static void put_samples(struct xp_html_data *d, struct xp_buf *cells, struct xp_buf *entries)
{
	struct xp_buf samples = XP_BUF_INIT, weights = XP_BUF_INIT;
	uint64_t last = 0;
	struct cell c;
	size_t at;

	for (at = 0; at < d->cells.nr; at += c.nr) {
		c = cell_at(d, at);
		put_cell(cells, &c, last);
		d->nr_cells++;
		last = c.number;
		put_entry_calls(entries, d, &c);
		put_entry_counts(&samples, &weights, d, &c);
	}
	xp_buf_add(entries, samples.data, samples.len);
	xp_buf_add(entries, weights.data, weights.len);
	entries->failed |= samples.failed || weights.failed;
	xp_buf_release(&samples);
	xp_buf_release(&weights);
}

bool xp_html_columns(struct xp_html_data *d)
{
	bool ok = true;
	size_t i;

	put_frames(&d->columns[XP_HTML_FRAMES], d);
	put_rows(&d->columns[XP_HTML_ROWS], d);
	put_calls(&d->columns[XP_HTML_CALLS], d);
	put_samples(d, &d->columns[XP_HTML_CELLS], &d->columns[XP_HTML_ENTRIES]);
	for (i = 0; i < XP_HTML_COLUMNS; i++)
		ok &= xp_buf_ok(&d->columns[i]);
	return ok;
}
