// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The screen, from top to bottom: what the host is and how sampling goes, the
 * domains, the functions, a line of hints. A small screen loses the head first.
 */
#include "lib/top/top.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"

#define HOT 5.0 /* percent from which a row is set off, as in perf */

/* ---- the head ---- */

static void put_first(const struct xp_top *t, struct xp_page *to)
{
	uint64_t busy = t->sums.busy.all[0].samples, idle = t->sums.idle[0].samples;

	xp_page_put(to, "xprof top - %s   Xen ", t->status.time);
	xp_page_name(to, t->status.xen, 0);
	if (t->view.frozen)
		xp_page_put(to, "   frozen");
	else if (busy + idle)
		xp_page_put(to, "   last %.0f s, %.0f%% idle", (double)t->status.window_ns / 1e9, 100.0 * (double)idle / (double)(busy + idle));
	xp_page_end(to, XP_LINE_PLAIN);
}

/* xentop's. */
static void put_states(const struct xp_top *t, struct xp_page *to)
{
	static const char *const names[] = { "dying", "shutdown", "blocked", "crashed", "paused", "running" };
	static const unsigned int order[] = { 5, 2, 4, 3, 0, 1 };
	unsigned int n[6] = { 0 };

	for (size_t i = 0; i < t->domains.nr; i++)
		for (unsigned int s = 0; s < 6; s++)
			n[s] += t->domains.v[i].state[s] != '-';
	xp_page_put(to, "%zu domain%s:", t->domains.nr, t->domains.nr == 1 ? "" : "s");
	for (unsigned int i = 0; i < 6; i++)
		xp_page_put(to, "%s %u %s", i ? "," : "", n[order[i]], names[order[i]]);
	xp_page_end(to, XP_LINE_PLAIN);
}

static void put_memory(const struct xp_top *t, struct xp_page *to)
{
	const struct xp_top_domains *d = &t->domains;

	xp_page_put(to, "Mem: %" PRIu64 "k total, %" PRIu64 "k used, %" PRIu64 "k free    CPUs: %u @ %uMHz", d->total_kib,
		     d->total_kib - d->unused_kib, d->unused_kib, t->status.cpus, t->status.mhz);
	xp_page_end(to, XP_LINE_PLAIN);
}

static void put_sampling(const struct xp_top *t, struct xp_page *to)
{
	const struct xp_top_status *s = &t->status;

	for (size_t e = 0; e < t->nr_events; e++)
		xp_page_put(to, "%s%s", e ? "," : "", t->events[e].name);
	xp_page_put(to, ": %.0f/s, %" PRIu64 " lost, overhead %.2f%%", s->samples_a_second, s->lost, (double)s->overhead_ppm / 1e4);
	if (s->own_percent >= 0)
		xp_page_put(to, ", xprof itself %.1f%%", s->own_percent);
	xp_page_end(to, XP_LINE_PLAIN);
}

/* ---- domains ---- */

static void put_heads(const struct xp_top *t, struct xp_page *to)
{
	bool first = true;

	for (size_t i = 0; i < t->columns.nr; i++) {
		const struct xp_top_column *c = &t->columns.v[i];

		if (!c->shown)
			continue;
		xp_page_put(to, "%s%*s", first ? "" : " ", c->kind == XP_COL_NAME ? -(int)c->width : (int)c->width, c->head);
		first = false;
	}
	xp_page_end(to, XP_LINE_HEAD);
}

static void put_name(const struct xp_top_row *row, struct xp_page *to, unsigned int width)
{
	char name[XP_TOP_NAME];

	xp_page_name(to, xp_top_domain_name(row->domain, row->domain->domid, name, sizeof(name)), width);
}

static void put_domain(const struct xp_top *t, const struct xp_top_row *row, struct xp_page *to)
{
	const struct xp_top_whole whole = { t->domains.total_kib, &t->sums.busy };
	bool chosen = t->view.chosen && t->view.domid == row->domain->domid;
	char text[XP_TOP_CELL];
	bool first = true;

	for (size_t i = 0; i < t->columns.nr; i++) {
		const struct xp_top_column *c = &t->columns.v[i];

		if (!c->shown)
			continue;
		if (!first)
			xp_page_put(to, " ");
		first = false;
		if (c->kind == XP_COL_NAME) {
			put_name(row, to, c->width);
			continue;
		}
		xp_top_cell(&t->columns, c, row, &whole, text);
		xp_page_put(to, "%*s", (int)c->width, text);
	}
	xp_page_end(to, chosen ? XP_LINE_CHOSEN : XP_LINE_PLAIN);
}

/* Zoomed, the domain alone; else as many as `room` has, the chosen one among them. */
static void put_domains(const struct xp_top *t, struct xp_page *to, size_t room)
{
	size_t first = 0, chosen = 0;

	for (size_t i = 0; i < t->nr_rows; i++)
		if (t->view.chosen && t->domids[i] == t->view.domid)
			chosen = i;
	if (t->view.zoomed)
		room = 1;
	if (chosen >= room)
		first = chosen - room + 1;
	for (size_t i = first; i < t->nr_rows && i < first + room; i++)
		put_domain(t, &t->rows[i], to);
}

/* ---- functions ---- */

struct layout {
	unsigned int events, domain, mode, process, image; /* widths; 0: not shown. events: how many have a share */
};

static void lay_out(struct layout *l, const struct xp_top *t, unsigned int columns)
{
	unsigned int width = columns ? columns : 200;

	*l = (struct layout){ .events = 1, .mode = width >= 60 ? 6 : 1 };
	if (!t->view.chosen && width >= 50)
		l->domain = width >= 70 ? 12 : 8;
	if (width >= 70)
		l->process = 15;
	if (width >= 90)
		l->image = 16;
	if (width >= 110)
		l->events = (unsigned int)t->nr_events;
}

static unsigned int event_width(const struct xp_top *t, size_t e)
{
	size_t len = strcspn(t->events[e].name, ":") + 1;

	return (unsigned int)(len < 7 ? 7 : len);
}

static void put_function_heads(const struct xp_top *t, const struct layout *l, struct xp_page *to)
{
	static const char *const modes[] = { [XP_TOP_XEN] = "Xen", [XP_TOP_KERNEL] = "kernels", [XP_TOP_USER] = "processes" };

	for (size_t e = 0; e < l->events; e++)
		xp_page_put(to, "%s%*.*s%%", e ? " " : "", (int)event_width(t, e) - 1, (int)strcspn(t->events[e].name, ":"),
			     l->events > 1 ? t->events[e].name : "");
	if (l->domain)
		xp_page_put(to, " %-*s", (int)l->domain, "Domain");
	xp_page_put(to, " %-*s", (int)l->mode, l->mode > 1 ? "Mode" : "");
	if (l->process)
		xp_page_put(to, " %-*s", (int)l->process, "Process");
	if (l->image)
		xp_page_put(to, " %-*s", (int)l->image, "Image");
	xp_page_put(to, " Symbol");
	if (t->view.modes || t->view.filter[0]) {
		xp_page_put(to, " (only");
		if (t->view.modes)
			xp_page_put(to, " %s", modes[t->view.modes]);
		if (t->view.filter[0])
			xp_page_put(to, " ");
		xp_page_name(to, t->view.filter, 0);
		xp_page_put(to, ")");
	}
	xp_page_end(to, XP_LINE_HEAD);
}

static double share_of(const struct xp_top *t, const struct xp_hot_function *f, size_t e)
{
	uint64_t whole = t->sums.busy.all[e].weight;

	return whole ? 100.0 * (double)f->counts[e].weight / (double)whole : 0;
}

static void put_symbol(const struct xp_hot_function *f, struct xp_page *to)
{
	if (f->label && f->label->symbol[0])
		xp_page_name(to, f->label->symbol, 0);
	else if (f->others)
		xp_page_put(to, "[others]");
	else
		xp_page_put(to, "[unresolved] 0x%" PRIx64, f->address);
}

static void put_function(const struct xp_top *t, const struct layout *l, const struct xp_hot_function *f, struct xp_page *to)
{
	static const char *const modes[] = { [XP_TOP_XEN] = "xen", [XP_TOP_KERNEL] = "kernel", [XP_TOP_USER] = "user" };
	char name[XP_TOP_NAME];

	for (size_t e = 0; e < l->events; e++)
		xp_page_put(to, "%s%*.2f%%", e ? " " : "", (int)event_width(t, e) - 1, share_of(t, f, e));
	if (l->domain) {
		xp_page_put(to, " ");
		xp_page_name(to, xp_top_domain_name(xp_top_domains_find(&t->domains, f->domid), f->domid, name, sizeof(name)), l->domain);
	}
	xp_page_put(to, " %-*.*s", (int)l->mode, (int)l->mode, modes[f->mode]);
	if (l->process) {
		xp_page_put(to, " ");
		xp_page_name(to, f->label ? f->label->comm : "", l->process);
	}
	if (l->image) {
		xp_page_put(to, " ");
		xp_page_name(to, f->label ? f->label->image : "", l->image);
	}
	xp_page_put(to, " ");
	put_symbol(f, to);
	xp_page_end(to, share_of(t, f, 0) >= HOT ? XP_LINE_HOT : XP_LINE_PLAIN);
}

static void put_functions(const struct xp_top *t, struct xp_page *to, size_t room)
{
	const struct xp_hot *f = &t->hot;
	struct layout l;

	lay_out(&l, t, to->columns);
	put_function_heads(t, &l, to);
	for (size_t i = t->view.first; i < f->nr && i < t->view.first + room; i++)
		put_function(t, &l, &f->v[i], to);
}

/* ---- help, and the last line ---- */

static void put_help(struct xp_page *to, size_t room)
{
	static const char *const lines[] = {
		"Up Down     choose a domain (or none)",
		"Enter D     that domain alone, and back",
		"x k u       only Xen, kernels, processes",
		"/           only what has this text",
		"PgUp PgDn   more functions",
		"S R         next sort column; reverse",
		"d           seconds from screen to screen",
		"f Space     freeze; a new screen now",
		"Esc         one step back",
		"h q         this help; quit",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]) && i < room; i++) {
		xp_page_put(to, "%s", lines[i]);
		xp_page_end(to, XP_LINE_PLAIN);
	}
}

static void put_hint(const struct xp_top *t, struct xp_page *to)
{
	const struct xp_top_view *v = &t->view;

	if (v->prompt) {
		xp_page_put(to, v->prompt == XP_TOP_ASKS_FILTER ? "only what has: " : "seconds: ");
		xp_page_name(to, v->typed, 0);
		xp_page_put(to, "_");
	} else if (v->message[0]) {
		xp_page_name(to, v->message, 0);
	} else {
		xp_page_put(to, "h help  q quit  Enter zoom  S sort: ");
		xp_page_name(to, t->columns.v[v->sort < t->columns.nr ? v->sort : 0].head, 0);
		xp_page_put(to, "  / filter  x Xen  k kernel  f freeze");
	}
	xp_page_end(to, XP_LINE_HINT);
}

/* ---- the whole ---- */

static unsigned int longest_name(const struct xp_top *t)
{
	size_t longest = 0;

	struct xp_buf b = XP_BUF_INIT;

	for (size_t i = 0; i < t->nr_rows; i++) {
		xp_buf_reset(&b);
		xp_text_escape(&b, t->rows[i].domain->name, strlen(t->rows[i].domain->name));
		if (b.len > longest)
			longest = b.len;
	}
	xp_buf_release(&b);
	return longest < 40 ? (unsigned int)longest : 40;
}

static void put_head(const struct xp_top *t, struct xp_page *to, bool small)
{
	put_first(t, to);
	if (!small) {
		put_states(t, to);
		put_memory(t, to);
	}
	put_sampling(t, to);
}

static void draw_all(struct xp_top *t, struct xp_page *to, size_t nr_functions)
{
	put_head(t, to, false);
	put_heads(t, to);
	put_domains(t, to, t->nr_rows);
	put_functions(t, to, nr_functions);
}

static void draw_screen(struct xp_top *t, struct xp_page *to, unsigned int lines)
{
	size_t left, domains;

	if (lines > (t->view.help ? 14 : 2))
		put_head(t, to, lines < 18);
	left = lines > xp_page_nr(to) + 1 ? lines - xp_page_nr(to) - 1 : 0; /* the last line is the hint's */
	if (t->view.help) {
		put_help(to, left);
	} else if (left > 3) {
		domains = t->view.zoomed ? 1 : t->nr_rows;
		domains = domains > (left - 2) / 2 ? (left - 2) / 2 : domains;
		t->page = left - 2 - domains;
		put_heads(t, to);
		put_domains(t, to, domains);
		put_functions(t, to, t->page);
	}
	while (xp_page_nr(to) + 1 < lines && xp_page_ok(to))
		xp_page_end(to, XP_LINE_PLAIN);
	put_hint(t, to);
}

int xp_top_draw(struct xp_top *t, struct xp_page *to, unsigned int columns, unsigned int lines, size_t nr_functions,
		struct xp_err *err)
{
	xp_page_begin(to, columns);
	xp_top_columns_fit(&t->columns, columns, longest_name(t));
	if (lines)
		draw_screen(t, to, lines);
	else
		draw_all(t, to, nr_functions);
	return xp_page_ok(to) ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for the screen");
}
