// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/namer.h"

#include <stdlib.h>
#include <string.h>

#include "lib/agg/resolve.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"

#define BATCH 8192u    /* sites at a time */
#define TRIES 8u       /* of a site, after 1, 2, 4, … turns: what it lies in may be found out late */
#define REST 500u      /* times as long as it took, of CPU time … */
#define FREE_ROUNDS 3u /* … but not at first, when nothing has a name */

struct batch {
	struct xprof_sample code[BATCH];
	size_t sites[BATCH];
	size_t nr;
};

static bool is_due(const struct xp_window *w, size_t i)
{
	const struct xp_top_site *s = &w->sites[i];

	return s->tries < TRIES && s->due <= w->turns && s->code.ip != XP_WINDOW_OTHER_IP && s->code.rec.domid != XPROF_DOMID_IDLE &&
	       xp_window_is_warm(w, i);
}

static void collect(struct batch *b, const struct xp_window *w, enum xp_names_owner owner)
{
	b->nr = 0;
	for (size_t i = 0; i < w->nr && b->nr < BATCH; i++) {
		if (!is_due(w, i) || xp_names_owner(&w->sites[i].code) != owner)
			continue;
		b->code[b->nr] = w->sites[i].code;
		b->sites[b->nr++] = i;
	}
}

/* One that has its name is not asked for again; another is, later. */
static void set_label(struct xp_window *w, size_t site, uint32_t label, uint64_t address, bool named)
{
	struct xp_top_site *s = &w->sites[site];

	if (label)
		s->label = label;
	s->address = address;
	s->due = w->turns + (1u << s->tries);
	s->tries = named ? TRIES : (uint8_t)(s->tries + 1);
}

static int label_site(struct batch *b, size_t i, const struct xp_profile *p, struct xp_resolver *resolver, struct xp_window *w,
		      struct xp_labels *l, struct xp_err *err)
{
	const struct xprof_sample *s = &b->code[i];
	const struct xp_site site = { .ip = s->ip, .cr3 = s->cr3, .domid = s->rec.domid, .mode = s->rec.mode };
	struct xp_label label = { "", "", "" };
	struct xp_resolution r;

	if (xp_resolve(resolver, &site, s->tsc, &r))
		return xp_fail(err, XP_E_NOMEM, "no memory for names");
	if (r.task != XP_NONE && r.mode == XP_MODE_USER)
		label.comm = p->tasks[r.task].comm;
	if (r.image != XP_NONE)
		label.image = xp_text_last_part(p->images[r.image].name);
	if (r.symbol)
		label.symbol = r.symbol->name;
	if (label.comm[0] || label.image[0])
		set_label(w, b->sites[i], xp_labels_get(l, &label), r.address, r.symbol);
	else
		set_label(w, b->sites[i], 0, s->ip, false);
	return 0;
}

static int label_all(struct batch *b, const struct xp_buf *memory, struct xp_window *w, struct xp_labels *l, struct xp_err *err)
{
	struct xp_resolver *resolver = NULL;
	struct xp_profile *p;
	int rc = xp_profile_open_memory(&p, memory->data, memory->len, err);

	if (!rc)
		rc = xp_resolver_new(&resolver, p, err);
	for (size_t i = 0; !rc && i < b->nr; i++)
		rc = label_site(b, i, p, resolver, w, l, err);
	xp_resolver_free(resolver);
	xp_profile_free(p);
	return rc;
}

static int name_batch(struct batch *b, struct xp_names *names, enum xp_names_owner owner, struct xp_window *w, struct xp_labels *l,
		      struct xp_err *err)
{
	struct xp_buf memory = XP_BUF_INIT;
	struct xp_writer *to;
	struct xp_err later;
	int rc = xp_writer_open_memory(&to, &memory, err), closed;

	if (!rc) {
		rc = xp_names_now(names, to, owner, b->code, b->nr, err);
		closed = xp_writer_close(to, rc ? &later : err);
		rc = rc ? rc : closed;
	}
	if (!rc)
		rc = label_all(b, &memory, w, l, err);
	xp_buf_release(&memory);
	return rc;
}

static int run_owner(struct xp_namer *n, struct batch *b, struct xp_names *names, enum xp_names_owner owner, struct xp_window *w,
		     struct xp_labels *l, struct xp_err *err)
{
	uint64_t before = xp_clock_ns(CLOCK_THREAD_CPUTIME_ID), now;
	int rc;

	if (xp_clock_ns(CLOCK_MONOTONIC) < n->rest_until_ns[owner])
		return 0;
	collect(b, w, owner);
	if (!b->nr)
		return 0;
	rc = name_batch(b, names, owner, w, l, err);
	now = xp_clock_ns(CLOCK_MONOTONIC);
	if (n->rounds[owner] < FREE_ROUNDS)
		n->rounds[owner]++;
	else
		n->rest_until_ns[owner] = now + REST * (xp_clock_ns(CLOCK_THREAD_CPUTIME_ID) - before);
	return rc;
}

int xp_namer_run(struct xp_namer *n, struct xp_names *names, struct xp_window *w, struct xp_labels *l, struct xp_err *err)
{
	struct batch *b = malloc(sizeof(*b));
	int rc = b ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for names");

	for (int owner = 0; !rc && owner < XP_NAMES_OWNERS; owner++)
		rc = run_owner(n, b, names, (enum xp_names_owner)owner, w, l, err);
	free(b);
	return rc;
}
