// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/join.h"

#include <stdlib.h>
#include <string.h>

/* A sample that waits. Xen's part of its chain is kept while the guest's has not come. */
struct xp_waiting {
	struct xprof_sample s;
	uint64_t since_ns;
	uint32_t chain;              /* of one that is done */
	bool done;
	struct xp_stack_chain *xen;  /* NULL: none, or not yet */
};

#define MAX_COPY XPROF_MAX_STACK

int xp_join_init(struct xp_join *s, size_t nr_rings, const struct xp_collect_sink *sink, struct xp_writer *w,
		   struct xp_err *err)
{
	*s = (struct xp_join){ .sink = sink, .w = w };
	s->cpus = calloc(nr_rings ? nr_rings : 1, sizeof(*s->cpus));
	if (!s->cpus)
		return xp_fail(err, XP_E_NOMEM, "no memory for stacks of %zu CPUs", nr_rings);
	s->nr_cpus = nr_rings;
	return 0;
}

static struct xp_waiting *at(const struct xp_join_cpu *c, size_t i)
{
	return &c->v[(c->first + i) % c->room];
}

void xp_join_release(struct xp_join *s)
{
	for (size_t k = 0; s->cpus && k < s->nr_cpus; k++) {
		struct xp_join_cpu *c = &s->cpus[k];

		for (size_t i = 0; i < c->nr; i++)
			free(at(c, i)->xen);
		free(c->v);
		free(c->copy.bytes);
		free(c->process.bytes);
	}
	free(s->cpus);
	s->cpus = NULL;
}

/* ---- writing -------------------------------------------------------------*/

static bool is_xen(const struct xprof_sample *s)
{
	return (s->rec.mode & XPROF_MODE_CODE) == XPROF_MODE_XEN;
}

/* What has been written goes; the first that is not done keeps the others. */
static int write_done(struct xp_join *s, struct xp_join_cpu *c, struct xp_err *err)
{
	int ret = 0;

	while (ret == 0 && c->nr && at(c, 0)->done) {
		struct xp_waiting *w = at(c, 0);

		ret = xp_write_chained_samples(s->w, c->cpu, &w->s, &w->chain, 1, err);
		c->first = (c->first + 1) % c->room;
		c->nr--;
	}
	return ret;
}

static int write_chain(struct xp_join *s, struct xp_waiting *w, const struct xp_call_frame *frames, size_t nr,
		       enum xp_chain_end end, struct xp_err *err)
{
	const uint8_t mode = XPROF_MODE_HVM | XPROF_MODE_32 | XPROF_MODE_NESTED;
	const struct xp_chain_context context = { w->s.cr3, w->s.rec.domid, w->s.rec.mode & mode };
	size_t known;
	int ret = xp_write_chain(s->w, &context, frames, nr, end, &w->chain, &known, err);

	s->ends[end]++;
	w->done = true;
	free(w->xen);
	w->xen = NULL;
	if (ret == 0 && known < nr && s->sink->frames)
		s->sink->frames(s->sink->arg, &context, frames, nr - known);
	return ret;
}

/*
 * Xen's part, if the sample is Xen's, and the guest's behind it (NULL: there is none, and `missing` says why). A part
 * that does not go all the way up ends the chain: what called there is not known.
 */
static int finish(struct xp_join *s, struct xp_waiting *w, const struct xp_stack_chain *guest, enum xp_chain_end missing,
		  struct xp_err *err)
{
	struct xp_call_frame frames[2 * XP_STACK_FRAMES];
	enum xp_chain_end end = missing;
	size_t nr = 0, from = 1; /* the first address of a part is the sample itself … */

	if (is_xen(&w->s)) {
		if (!w->xen)
			return write_chain(s, w, NULL, 0, XP_CHAIN_DROPPED, err);
		if (w->xen->nr > 1) {
			nr = w->xen->nr - 1;
			memcpy(frames, w->xen->frames + 1, nr * sizeof(*frames));
		}
		if (w->xen->end != XP_CHAIN_COMPLETE || w->s.rec.domid == XPROF_DOMID_IDLE)
			return write_chain(s, w, frames, nr, w->xen->end, err);
		from = 0; /* … but of a guest that Xen was to return to, where that was */
	}
	if (guest) {
		for (; from < guest->nr; from++)
			frames[nr++] = guest->frames[from];
		end = guest->end;
	}
	return write_chain(s, w, frames, nr, end, err);
}

/* ---- samples -------------------------------------------------------------*/

static bool make_room(struct xp_join_cpu *c)
{
	size_t room = c->room ? 2 * c->room : 64;
	struct xp_waiting *v;

	if (c->nr < c->room)
		return true;
	v = calloc(room, sizeof(*v));
	if (!v)
		return false;
	for (size_t i = 0; i < c->nr; i++)
		v[i] = *at(c, i);
	free(c->v);
	c->v = v;
	c->first = 0;
	c->room = room;
	return true;
}

/* Nothing more comes for the first of those that wait. */
static int give_up_first(struct xp_join *s, struct xp_join_cpu *c, struct xp_err *err)
{
	int ret = at(c, 0)->done ? 0 : finish(s, at(c, 0), NULL, XP_CHAIN_DROPPED, err);

	return ret ? ret : write_done(s, c, err);
}

/* A sample of the idle CPU has no guest's part; Xen's would have come by now. */
static int end_idle(struct xp_join *s, struct xp_join_cpu *c, uint64_t tsc, struct xp_err *err)
{
	struct xp_waiting *last = c->nr ? at(c, c->nr - 1) : NULL;

	if (!last || last->done || last->s.rec.domid != XPROF_DOMID_IDLE || last->s.tsc == tsc)
		return 0;
	return finish(s, last, NULL, XP_CHAIN_DROPPED, err);
}

static int add(struct xp_join *s, struct xp_join_cpu *c, const struct xprof_sample *sample, struct xp_err *err)
{
	int ret = end_idle(s, c, sample->tsc, err);

	while (ret == 0 && c->nr >= XP_JOIN_WAITING)
		ret = give_up_first(s, c, err);
	if (ret)
		return ret;
	if (!make_room(c))
		return xp_fail(err, XP_E_NOMEM, "no memory for samples that wait for their stacks");
	c->nr++;
	*at(c, c->nr - 1) = (struct xp_waiting){ .s = *sample, .since_ns = s->now_ns };
	return 0;
}

int xp_join_samples(struct xp_join *s, size_t ring, uint32_t cpu, const struct xprof_sample *samples, size_t n,
		      struct xp_err *err)
{
	struct xp_join_cpu *c = &s->cpus[ring];
	int ret = 0;

	c->cpu = cpu;
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = add(s, c, &samples[i], err);
	return ret ? ret : write_done(s, c, err);
}

int xp_join_flush(struct xp_join *s, bool all, struct xp_err *err)
{
	int ret = 0;

	for (size_t k = 0; k < s->nr_cpus; k++) {
		struct xp_join_cpu *c = &s->cpus[k];

		while (ret == 0 && c->nr && (all || s->now_ns - at(c, 0)->since_ns > XP_JOIN_WAIT_NS))
			ret = give_up_first(s, c, err);
	}
	return ret;
}

/* ---- snapshots -----------------------------------------------------------*/

/* Index of the first sample of that time; nr: none waits (any more, or it was not kept). */
static size_t find(const struct xp_join_cpu *c, uint64_t tsc)
{
	size_t i = c->nr;

	while (i && at(c, i - 1)->s.tsc != tsc)
		i--;
	while (i > 1 && at(c, i - 2)->s.tsc == tsc)
		i--;
	return i ? i - 1 : c->nr;
}

/* The record's words behind those of the same snapshot that came before. */
static bool gather(struct xp_join_copy *copy, const struct xp_record *r)
{
	const uint64_t *words;
	size_t len = xp_record_stack_words(r, &words) * sizeof(*words);

	if (r->stack->offset == 0) {
		copy->tsc = r->stack->tsc;
		copy->sp = r->stack->sp;
		copy->len = 0;
		copy->broken = false;
	}
	if (!copy->bytes)
		copy->bytes = malloc(MAX_COPY);
	if (!copy->bytes)
		return false;
	if (r->stack->tsc != copy->tsc || r->stack->offset != copy->len || len > MAX_COPY - copy->len)
		copy->broken = true;
	if (!copy->broken) {
		memcpy(copy->bytes + copy->len, words, len);
		copy->len += len;
	}
	return true;
}

static void walk(struct xp_join *s, struct xp_join_cpu *c, const struct xprof_stack *h, struct xp_stack_chain *out)
{
	bool of_guest = h->rec.event == XPROF_STACK_GUEST;
	struct xp_stack_copy copy = {
		.mode = h->rec.mode, .domid = h->rec.domid, .tsc = h->tsc, .cr3 = h->cr3, .ip = h->ip, .sp = h->sp, .bp = h->bp,
		.bytes = c->copy.bytes, .len = c->copy.len,
	};

	if (of_guest && c->process.len && c->process.tsc == h->tsc) {
		copy.process_sp = c->process.sp;
		copy.process_bytes = c->process.bytes;
		copy.process_len = c->process.len;
	}
	out->nr = 0;
	out->end = XP_CHAIN_DROPPED;
	if (!s->busy)
		s->sink->walk(s->sink->arg, &copy, !of_guest, out);
}

static int take_xen(struct xp_join *s, struct xp_join_cpu *c, const struct xprof_stack *h, struct xp_err *err)
{
	struct xp_stack_chain chain;
	size_t i = find(c, h->tsc);
	int ret = 0;

	if (i == c->nr)
		return 0;
	walk(s, c, h, &chain);
	for (; ret == 0 && i < c->nr && at(c, i)->s.tsc == h->tsc; i++) {
		struct xp_waiting *w = at(c, i);

		if (w->done || w->xen)
			continue;
		w->xen = malloc(offsetof(struct xp_stack_chain, frames) + (chain.nr ? chain.nr : 1) * sizeof(chain.frames[0]));
		if (!w->xen)
			return xp_fail(err, XP_E_NOMEM, "no memory for call chains");
		memcpy(w->xen, &chain, offsetof(struct xp_stack_chain, frames) + chain.nr * sizeof(chain.frames[0]));
		if (chain.end != XP_CHAIN_COMPLETE || w->s.rec.domid == XPROF_DOMID_IDLE)
			ret = finish(s, w, NULL, XP_CHAIN_DROPPED, err);
	}
	return ret;
}

static int take_guest(struct xp_join *s, struct xp_join_cpu *c, const struct xprof_stack *h, struct xp_err *err)
{
	bool moved = h->flags & XPROF_STACK_F_MOVED;
	size_t i = find(c, h->tsc);
	int ret = 0;

	if (!moved && !(h->flags & XPROF_STACK_F_SAME))
		walk(s, c, h, &c->last);
	for (; ret == 0 && i < c->nr && at(c, i)->s.tsc == h->tsc; i++)
		if (!at(c, i)->done)
			ret = finish(s, at(c, i), moved ? NULL : &c->last, XP_CHAIN_MOVED, err);
	return ret;
}

int xp_join_record(struct xp_join *s, size_t ring, const struct xp_record *r, struct xp_err *err)
{
	struct xp_join_cpu *c = &s->cpus[ring];
	const struct xprof_stack *h = r->stack;
	int ret;

	if (h->rec.event >= XPROF_STACK_PARTS)
		return 0; /* of a later version */
	if (!gather(h->flags & XPROF_STACK_F_PROCESS ? &c->process : &c->copy, r))
		return xp_fail(err, XP_E_NOMEM, "no memory for a stack");
	if (h->flags & (XPROF_STACK_F_MORE | XPROF_STACK_F_PROCESS))
		return 0;
	ret = h->rec.event == XPROF_STACK_XEN ? take_xen(s, c, h, err) : take_guest(s, c, h, err);
	return ret ? ret : write_done(s, c, err);
}
