// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/annotate/by-line.h"

#include <inttypes.h>

#include "lib/lines/image.h"

#define MAX_TEXTS (256u << 20)

struct work {
	struct xp_by_line *b;
	struct xp_agg *a;
	const struct xp_binary_places *places;
};

void xp_by_line_release(struct xp_by_line *b)
{
	xp_arena_release(&b->texts);
	*b = (struct xp_by_line){ 0 };
}

/* ---- lines of one image ---- */

static int by_place(const void *pa, const void *pb)
{
	const struct xp_row *x = pa, *y = pb;

	if (x->image != y->image)
		return x->image < y->image ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

static bool set_line(struct work *w, struct xp_row *row, const struct xp_lines *l, const struct xp_line *line)
{
	const struct xp_line_frame *f = line && line->nr ? &l->frames[line->first] : NULL;
	char text[4096 + 16];

	if (!f || !f->file)
		return true;
	snprintf(text, sizeof(text), "%.4096s:%" PRIu32, f->file, f->line);
	row->line = xp_arena_string(&w->b->texts, text, strlen(text));
	return row->line != NULL;
}

static uint64_t *addresses(const struct xp_row *rows, size_t nr, size_t *nr_addrs)
{
	uint64_t *addrs = malloc((nr + 1) * sizeof(*addrs));
	size_t i;

	*nr_addrs = 0;
	for (i = 0; addrs && i < nr; i++)
		if (rows[i].has_address)
			addrs[(*nr_addrs)++] = rows[i].address;
	return addrs;
}

static void note_why(struct xp_by_line *b, const struct xp_err *why)
{
	if (why->text[0] && b->nr_whys < XP_BY_LINE_MAX_WHYS)
		b->whys[b->nr_whys++] = *why;
}

/* Rows of one image, by address. */
static int look_up(struct work *w, struct xp_row *rows, size_t nr, struct xp_err *err)
{
	struct xp_image_lines l = { .lines = { 0 } };
	size_t nr_addrs, i;
	uint64_t *addrs = addresses(rows, nr, &nr_addrs);
	bool ok = addrs != NULL;
	int rc = 0;

	if (ok && nr_addrs)
		rc = xp_image_lines_find(&l, w->a->profile, rows[0].image, w->places, addrs, nr_addrs, err);
	note_why(w->b, &l.lines.why);
	for (i = 0; ok && !rc && i < nr; i++)
		ok = !rows[i].has_address || set_line(w, &rows[i], &l.lines, xp_image_lines_at(&l, rows[i].address));
	xp_image_lines_release(&l);
	free(addrs);
	return ok ? rc : xp_fail(err, XP_E_NOMEM, "no memory for lines");
}

static int look_up_all(struct work *w, struct xp_err *err)
{
	struct xp_row *rows = w->a->rows;
	size_t nr = w->a->nr_rows, i, j;
	int rc = 0;

	if (nr)
		qsort(rows, nr, sizeof(*rows), by_place);
	for (i = 0; !rc && i < nr; i = j) {
		for (j = i; j < nr && rows[j].image == rows[i].image; j++)
			;
		if (rows[i].image)
			rc = look_up(w, rows + i, j - i, err);
	}
	return rc;
}

/* ---- rows that are the same now ---- */

/* What is no key any more goes: an address tells only rows without a name apart, as in other reports. */
static void forget(const struct xp_agg *a, struct xp_row *row)
{
	bool by_symbol = a->config.keys & XP_KEY_SYMBOL;

	if (row->line || row->symbol || !by_symbol || !a->config.addresses) {
		row->has_address = false;
		row->address = 0;
	}
	if (!(a->config.keys & XP_KEY_IMAGE))
		row->image = NULL;
}

static int by_pointer(const void *x, const void *y)
{
	return (uintptr_t)x < (uintptr_t)y ? -1 : (uintptr_t)x > (uintptr_t)y;
}

static int by_number(uint64_t x, uint64_t y)
{
	return x < y ? -1 : x > y;
}

static int by_keys(const void *pa, const void *pb)
{
	const struct xp_row *x = pa, *y = pb;
	int c = by_number(x->domain, y->domain);

	c = c ? c : by_number(x->vcpu, y->vcpu);
	c = c ? c : by_number(x->cpu, y->cpu);
	c = c ? c : by_number(x->mode, y->mode);
	c = c ? c : by_number(x->tgid, y->tgid);
	c = c ? c : by_pointer(x->comm, y->comm); /* one for each name */
	c = c ? c : by_pointer(x->image, y->image);
	c = c ? c : by_pointer(x->symbol, y->symbol);
	c = c ? c : by_number(x->has_address, y->has_address);
	c = c ? c : by_number(x->address, y->address);
	c = c ? c : by_number(x->other_addresses, y->other_addresses);
	return c ? c : strcmp(x->line ? x->line : "", y->line ? y->line : "");
}

static void unite(struct xp_agg *a)
{
	size_t i, e, nr = 0;

	if (a->nr_rows)
		qsort(a->rows, a->nr_rows, sizeof(*a->rows), by_keys);
	for (i = 0; i < a->nr_rows; i++) {
		if (!nr || by_keys(&a->rows[nr - 1], &a->rows[i])) {
			a->rows[nr++] = a->rows[i];
			continue;
		}
		for (e = 0; e < a->nr_events; e++) {
			a->rows[nr - 1].counts[e] += a->rows[i].counts[e];
			a->rows[nr - 1].weights[e] += a->rows[i].weights[e];
		}
	}
	a->nr_rows = nr;
}

int xp_by_line(struct xp_by_line *b, struct xp_agg *a, const struct xp_binary_places *places, struct xp_err *err)
{
	struct work w = { b, a, places };
	size_t i;
	int rc;

	*b = (struct xp_by_line){ 0 };
	xp_arena_init(&b->texts, MAX_TEXTS);
	rc = look_up_all(&w, err);
	if (rc)
		return rc;
	for (i = 0; i < a->nr_rows; i++)
		forget(a, &a->rows[i]);
	unite(a);
	return 0;
}
