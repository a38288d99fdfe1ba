// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/hot.h"

#include <stdlib.h>
#include <string.h>

enum xp_top_mode xp_top_mode_of(const struct xprof_rec *rec)
{
	switch (rec->mode & XPROF_MODE_CODE) {
	case XPROF_MODE_XEN:    return XP_TOP_XEN;
	case XPROF_MODE_KERNEL: return XP_TOP_KERNEL;
	default:                return XP_TOP_USER;
	}
}

void xp_hot_release(struct xp_hot *f)
{
	free(f->v);
	free(f->order);
	*f = (struct xp_hot){ 0 };
}

/* ---- which sites ---- */

static const struct xp_label *label_of(const struct xp_labels *l, const struct xp_top_site *s)
{
	return s->label ? &l->v[s->label] : NULL;
}

static bool has_text(const struct xp_label *label, const char *text)
{
	return label && (strcasestr(label->symbol, text) || strcasestr(label->comm, text) || strcasestr(label->image, text));
}

static bool is_wanted(const struct xp_window *w, size_t site, const struct xp_labels *l, const struct xp_hot_filter *f)
{
	const struct xp_top_site *s = &w->sites[site];

	if (s->code.rec.domid == XPROF_DOMID_IDLE || (f->one_domain && s->code.rec.domid != f->domid))
		return false;
	if (f->modes && !(f->modes & xp_top_mode_of(&s->code.rec)))
		return false;
	if (f->text && f->text[0] && !has_text(label_of(l, s), f->text))
		return false;
	return xp_window_is_warm(w, site);
}

static bool make_room(struct xp_hot *f, size_t nr)
{
	struct xp_hot_function *v;
	size_t *order;

	if (nr > f->room_order) {
		order = realloc(f->order, nr * sizeof(*order));
		if (!order)
			return false;
		f->order = order;
		f->room_order = nr;
	}
	if (nr > f->room) {
		v = realloc(f->v, nr * sizeof(*v));
		if (!v)
			return false;
		f->v = v;
		f->room = nr;
	}
	return true;
}

/* ---- sites of one function ---- */

struct context {
	const struct xp_window *w;
	const struct xp_labels *l;
};

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static bool is_named(const struct context *c, const struct xp_top_site *s)
{
	const struct xp_label *label = label_of(c->l, s);

	return label && label->symbol[0];
}

static int compare_sites(const struct context *c, size_t x, size_t y)
{
	const struct xp_top_site *a = &c->w->sites[x], *b = &c->w->sites[y];
	int order = by_number(a->code.rec.domid, b->code.rec.domid);

	if (!order)
		order = by_number(xp_top_mode_of(&a->code.rec), xp_top_mode_of(&b->code.rec));
	if (!order)
		order = by_number(a->label, b->label);
	if (!order && !is_named(c, a))
		order = by_number(a->address, b->address);
	return order;
}

static int compare_order(const void *a, const void *b, void *arg)
{
	return compare_sites(arg, *(const size_t *)a, *(const size_t *)b);
}

static void begin_function(struct xp_hot_function *to, const struct context *c, const struct xp_top_site *s)
{
	*to = (struct xp_hot_function){
		.domid = s->code.rec.domid, .mode = xp_top_mode_of(&s->code.rec), .label = label_of(c->l, s),
		.address = s->address, .others = s->code.ip == XP_WINDOW_OTHER_IP,
	};
}

static void add(struct xp_hot_function *to, const struct xp_top_count *c, size_t nr)
{
	for (size_t e = 0; e < nr; e++) {
		to->counts[e].samples += c[e].samples;
		to->counts[e].weight += c[e].weight;
	}
}

/* ---- their order ---- */

static const char *symbol_of(const struct xp_hot_function *f)
{
	return f->label ? f->label->symbol : "";
}

static int compare_functions(const void *pa, const void *pb)
{
	const struct xp_hot_function *a = pa, *b = pb;
	int order = by_number(b->counts[0].weight, a->counts[0].weight);

	for (size_t e = 1; !order && e < XPROF_MAX_EVENTS; e++)
		order = by_number(b->counts[e].weight, a->counts[e].weight);
	if (!order)
		order = by_number(a->domid, b->domid);
	if (!order)
		order = strcmp(symbol_of(a), symbol_of(b));
	return order ? order : by_number(a->address, b->address);
}

bool xp_hot_make(struct xp_hot *f, const struct xp_window *w, const struct xp_labels *l,
		       const struct xp_hot_filter *filter)
{
	const struct context c = { w, l };
	size_t nr = 0;

	f->nr = 0;
	if (!make_room(f, w->nr + 1))
		return false;
	for (size_t i = 0; i < w->nr; i++)
		if (is_wanted(w, i, l, filter))
			f->order[nr++] = i;
	qsort_r(f->order, nr, sizeof(*f->order), compare_order, (void *)&c);
	for (size_t i = 0; i < nr; i++) {
		if (!i || compare_sites(&c, f->order[i - 1], f->order[i]))
			begin_function(&f->v[f->nr++], &c, &w->sites[f->order[i]]);
		add(&f->v[f->nr - 1], xp_window_counts(w, f->order[i]), w->nr_events);
	}
	qsort(f->v, f->nr, sizeof(*f->v), compare_functions);
	return true;
}
