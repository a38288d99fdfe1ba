// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/html/hot.h"

#include <inttypes.h>

#include "lib/annotate/annotate.h"
#include "lib/annotate/sources.h"
#include "lib/base/text.h"

#define MAX_HOT 64u
#define MAX_PASSED 50000000u /* samples that are gone through, once for each function: some seconds */
#define NEAR 6u           /* instructions that are shown beside one with samples, in long functions */
#define LONG 200u

struct hot {
	struct xp_json *j;
	struct xp_profile *p;
	const struct xp_html_data *d;
	const struct xp_html_options *o;
	const struct xp_row *v[MAX_HOT];
	size_t nr;
	struct xp_sources sources;
	struct xp_buf b;
	bool no_memory;
};

/* ---- which ---- */

static bool is_known(const struct hot *h, const struct xp_row *row)
{
	size_t i;

	for (i = 0; i < h->nr; i++)
		if (h->v[i]->symbol == row->symbol)
			return true;
	return false;
}

/* The function with most of the event among those that are not chosen yet. NULL: there is none. */
static const struct xp_row *next_of(const struct hot *h, size_t event)
{
	const struct xp_agg *a = h->d->stacks.agg;
	const struct xp_row *best = NULL;
	size_t i;

	for (i = 0; i < a->nr_rows; i++) {
		const struct xp_row *row = &a->rows[i];

		if (row->symbol && row->image && row->weights[event] && (!best || row->weights[event] > best->weights[event]) &&
		    !is_known(h, row))
			best = row;
	}
	return best;
}

/* So many as were asked for, if that does not take too long. */
static size_t how_many(const struct hot *h)
{
	const struct xp_agg *a = h->d->stacks.agg;
	size_t most = h->o->annotate < MAX_HOT ? h->o->annotate : MAX_HOT, event;
	uint64_t samples = 0;

	for (event = 0; event < a->nr_events; event++)
		samples += a->samples.of[event];
	return samples && most > MAX_PASSED / samples ? (size_t)(MAX_PASSED / samples) : most;
}

static void choose(struct hot *h)
{
	size_t most = how_many(h), event, before;

	do {
		before = h->nr;
		for (event = 0; event < h->d->stacks.agg->nr_events && h->nr < most; event++) {
			const struct xp_row *row = next_of(h, event);

			if (row)
				h->v[h->nr++] = row;
		}
	} while (h->nr < most && h->nr > before);
}

/* ---- one of them ---- */

static void put_text(struct hot *h, const char *key, const char *text)
{
	xp_json_string(h->j, key, text ? xp_stack_text(&h->b, text) : NULL);
}

static bool has_samples(const struct xp_annotation *a, size_t i)
{
	size_t e;

	for (e = 0; e < a->hits->nr_events; e++)
		if (a->samples[i * a->hits->nr_events + e])
			return true;
	return false;
}

static bool is_shown(const struct xp_annotation *a, size_t i)
{
	size_t from = i > NEAR ? i - NEAR : 0, to = i + NEAR < a->code->nr ? i + NEAR : a->code->nr - 1;

	if (a->code->nr <= LONG)
		return true;
	for (; from <= to; from++)
		if (has_samples(a, from))
			return true;
	return false;
}

/* "file.c:12", and what stands there, if that is another line than the one before. */
static const struct xp_line_frame *put_source(struct hot *h, const struct xp_annotation *a, size_t i,
					      const struct xp_line_frame *last)
{
	const struct xp_line *line = xp_code_line(a->code, &a->code->insns[i]);
	const struct xp_line_frame *f = line && line->nr ? &a->code->lines.lines.frames[line->first] : NULL;
	char place[600];
	size_t len = 0;
	const char *text;

	if (!f || !f->file || (last && last->line == f->line && last->file == f->file))
		return f;
	snprintf(place, sizeof(place), "%.500s:%" PRIu32, xp_text_last_part(f->file), f->line);
	put_text(h, NULL, place);
	text = xp_sources_line(&h->sources, f->file, f->line, &len);
	if (text && len) {
		snprintf(place, sizeof(place), "%.*s", (int)(len < 300 ? len : 300), text);
		put_text(h, NULL, place);
	}
	return f;
}

/* [address, text, [samples of each event], place, source]; null: some were left out. */
static void put_insns(struct hot *h, const struct xp_annotation *a)
{
	const struct xp_line_frame *last = NULL;
	bool shown = true;
	char address[24];
	size_t i, e;

	xp_json_array(h->j, "code");
	for (i = 0; i < a->code->nr; i++) {
		if (!is_shown(a, i)) {
			if (shown)
				xp_json_null(h->j, NULL);
			shown = false;
			continue;
		}
		shown = true;
		snprintf(address, sizeof(address), "%" PRIx64, a->code->insns[i].addr);
		xp_json_flat_array(h->j, NULL);
		xp_json_string(h->j, NULL, address);
		put_text(h, NULL, a->code->insns[i].text);
		xp_json_array(h->j, NULL);
		for (e = 0; e < a->hits->nr_events; e++)
			xp_json_u64(h->j, NULL, a->samples[i * a->hits->nr_events + e]);
		xp_json_end_array(h->j);
		last = put_source(h, a, i, last);
		xp_json_end_array(h->j);
	}
	xp_json_end_array(h->j);
}

static int put_code(struct hot *h, const struct xp_hits *hits, struct xp_err *err)
{
	struct xp_annotation a;
	struct xp_code code;
	int rc = xp_code_read(&code, h->p, &hits->candidates[0], h->o->places, err);

	if (!rc)
		rc = xp_annotation_init(&a, h->p, hits, &hits->candidates[0], &code, err);
	if (!rc) {
		put_text(h, "path", code.path);
		put_insns(h, &a);
		xp_annotation_release(&a);
	}
	xp_code_release(&code);
	return rc;
}

static void put_one(struct hot *h, const struct xp_row *row)
{
	struct xp_hits hits = { 0 };
	struct xp_err err = { "" };
	char address[24];
	const struct xp_annotate_wanted wanted = {
		.symbol = address, .image = row->image->name, .domains = h->o->filter.domains, .nr_domains = h->o->filter.nr_domains,
	};
	int rc;

	snprintf(address, sizeof(address), "0x%" PRIx64, row->symbol->start);
	xp_json_object(h->j, NULL);
	put_text(h, "name", row->symbol->name);
	put_text(h, "image", row->image->name);
	rc = xp_hits_find(&hits, h->p, &wanted, &err);
	if (!rc)
		rc = put_code(h, &hits, &err);
	if (rc)
		put_text(h, "why", err.text);
	h->no_memory |= rc == XP_E_NOMEM;
	xp_json_end_object(h->j);
	xp_hits_release(&hits);
}

int xp_html_hot(struct xp_json *j, struct xp_profile *p, const struct xp_html_data *d, const struct xp_html_options *o,
		struct xp_err *err)
{
	struct hot h = { .j = j, .p = p, .d = d, .o = o };
	size_t i;

	if (o->places)
		choose(&h);
	xp_json_array(j, "hot");
	for (i = 0; i < h.nr; i++)
		put_one(&h, h.v[i]);
	xp_json_end_array(j);
	xp_sources_release(&h.sources);
	xp_buf_release(&h.b);
	return h.no_memory ? xp_fail(err, XP_E_NOMEM, "no memory to annotate functions") : 0;
}
