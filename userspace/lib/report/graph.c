/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A row's call graph as text, drawn as perf report --stdio draws it. */
#include <inttypes.h>

#include "lib/base/text.h"
#include "lib/report/calls.h"
#include "lib/report/format.h"
#include "lib/report/table.h"

#define MARGIN "            " /* below the shares */

struct drawing {
	FILE *out;
	const struct xp_agg *a;
	const struct xp_report_options *o;
	const struct xp_graph *g;
	uint64_t whole;          /* of which absolute shares are */
	struct xp_buf prefix;    /* of lines below the branch at hand */
	struct xp_buf line;
};

static void put(struct xp_buf *b, const char *text)
{
	xp_buf_add(b, text, strlen(text));
}

static void put_function(struct xp_buf *line, const struct xp_row *f, uint32_t mode_above)
{
	char text[48];

	if (f->symbol) {
		xp_text_escape(line, f->symbol->name, strlen(f->symbol->name));
	} else if (f->truncated) {
		put(line, "[truncated]");
	} else if (f->has_address) {
		snprintf(text, sizeof(text), "[unresolved] 0x%" PRIx64, f->address);
		put(line, text);
	} else {
		put(line, "[unresolved]");
	}
	if (f->mode < XP_NR_MODES && f->mode != mode_above) {
		put(line, "  [");
		put(line, xp_mode_names[f->mode]);
		put(line, "]");
	}
}

static void end_line(struct drawing *d)
{
	if (xp_buf_ok(&d->line))
		xp_table_line(d->out, (const char *)d->line.data, d->line.len, d->o->columns, false);
}

static void begin_line(struct drawing *d, const char *text)
{
	xp_buf_reset(&d->line);
	xp_buf_add(&d->line, d->prefix.data, d->prefix.len);
	put(&d->line, text);
}

static const struct xp_branch *branch_at(const struct drawing *d, size_t i)
{
	return &d->g->v[i];
}

/* The one branch of a branch that takes all that it has: it stands below it, without a share. */
static const struct xp_branch *only_branch(const struct drawing *d, const struct xp_branch *b)
{
	const struct xp_branch *next = b->nr == 1 ? branch_at(d, b->first) : NULL;

	return next && next->weight == b->weight ? next : NULL;
}

static void draw_branches(struct drawing *d, uint32_t first, uint32_t nr, uint64_t whole, uint32_t mode);

/* A branch, whose first line has begun, and what is below it. */
static void draw_branch(struct drawing *d, const struct xp_branch *b, uint32_t mode)
{
	const struct xp_branch *next;

	for (;;) {
		put_function(&d->line, &b->function, mode);
		end_line(d);
		mode = b->function.mode;
		next = only_branch(d, b);
		if (!next)
			break;
		b = next;
		begin_line(d, "");
	}
	draw_branches(d, b->first, b->nr, d->o->graph == XP_GRAPH_RELATIVE ? b->weight : d->whole, mode);
}

static void draw_branches(struct drawing *d, uint32_t first, uint32_t nr, uint64_t whole, uint32_t mode)
{
	size_t len = d->prefix.len;
	char share[XP_FORMAT_TEXT];
	uint32_t i;

	for (i = first; i < first + nr; i++) {
		bool last = i + 1 == first + nr;

		begin_line(d, "|");
		end_line(d);
		begin_line(d, last ? " --" : "|--");
		put(&d->line, xp_format_share(share, branch_at(d, i)->weight, whole));
		put(&d->line, "--");
		put(&d->prefix, last ? "           " : "|          ");
		draw_branch(d, branch_at(d, i), mode);
		d->prefix.len = len;
	}
}

/* A row that is one function has it as the root of its tree; one that is several is their sum. */
static void draw(struct drawing *d)
{
	const struct xp_graph *g = d->g;

	put(&d->prefix, MARGIN);
	if (g->nr_first == 1) {
		begin_line(d, "|");
		end_line(d);
		begin_line(d, "---");
		put(&d->prefix, "   ");
		draw_branch(d, branch_at(d, g->first), branch_at(d, g->first)->function.mode);
	} else {
		draw_branches(d, g->first, g->nr_first, d->whole, XP_NONE);
	}
	fputc('\n', d->out);
}

int xp_report_graph(FILE *out, const struct xp_agg *a, const struct xp_row *row, const struct xp_report_options *o,
		    struct xp_err *err)
{
	struct xp_graph_options how = {
		.callers = o->callers, .self = o->no_children, .event = o->sort_event,
	};
	struct drawing d = { .out = out, .a = a, .o = o };
	struct xp_graph g;
	int rc;

	d.whole = xp_agg_busy(a, o->sort_event);
	how.limit = (uint64_t)(o->graph_limit / 100 * (double)d.whole);
	rc = xp_graph_init(&g, a, row, &how, err);
	if (!rc && g.nr_first) {
		d.g = &g;
		draw(&d);
		if (!xp_buf_ok(&d.line) || !xp_buf_ok(&d.prefix))
			rc = xp_fail(err, XP_E_NOMEM, "no memory for a call graph");
	}
	xp_buf_release(&d.line);
	xp_buf_release(&d.prefix);
	xp_graph_release(&g);
	return rc;
}
