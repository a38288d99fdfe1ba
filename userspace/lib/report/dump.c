/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a profile holds, one record a line (report.h says in which format). */
#include "lib/report/report.h"

#include <inttypes.h>
#include <linux/xprof.h>

#include "lib/base/sort.h"
#include "lib/base/text.h"
#include "lib/report/dump-series.h"

struct line {                  /* a record that has a place in time */
	uint64_t tsc;
	enum { LINE_SAMPLE, LINE_LOST, LINE_GAP, LINE_PERIOD, LINE_TASK, LINE_DOMAIN, LINE_SERIES } kind;
	uint32_t cpu;
	size_t index;          /* of what is not a sample, in its array */
	struct xp_site site;   /* of a sample */
	uint32_t chain;
};

struct dump {
	FILE *out;
	const struct xp_profile *p;
	struct line *lines;
	size_t nr, cap;
};

/* ---- one line each ---- */

static const char *mode_name(const struct xp_site *s)
{
	static const char *const names[] = { "xen", "kernel", "user", "?" };

	return s->domid == XPROF_DOMID_IDLE ? "idle" : names[s->mode & XPROF_MODE_CODE];
}

static const char *event_name(const struct xp_profile *p, size_t event)
{
	return event < p->nr_events ? p->events[event].name : "?";
}

static void print_flags(FILE *out, uint8_t mode)
{
	static const struct { uint8_t bit; const char *name; } flags[] = {
		{ XPROF_MODE_HVM, "hvm" },   { XPROF_MODE_32, "32" },         { XPROF_MODE_IRQ, "irq" },
		{ XPROF_MODE_EXIT, "exit" }, { XPROF_MODE_NESTED, "nested" },
	};
	const char *comma = "";
	size_t i;

	fputs(" flags=", out);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!(mode & flags[i].bit))
			continue;
		fprintf(out, "%s%s", comma, flags[i].name);
		comma = ",";
	}
}

/* A frame's number, or how the chain ended. */
static void print_node(FILE *out, const char *key, uint32_t node)
{
	if (node < XP_NR_CHAIN_ENDS)
		fprintf(out, " %s=%s", key, xp_chain_ends[node]);
	else
		fprintf(out, " %s=%u", key, node);
}

static void print_sample(FILE *out, const struct xp_profile *p, uint32_t cpu, uint64_t tsc, const struct xp_site *s, uint32_t chain)
{
	fprintf(out, "sample tsc=%" PRIu64 " cpu=%u domid=%u vcpu=%u mode=%s ip=0x%" PRIx64 " cr3=0x%" PRIx64, tsc, cpu,
	       s->domid, s->vcpu, mode_name(s), s->ip, s->cr3);
	print_flags(out, s->mode);
	if (chain != XP_CHAIN_NONE)
		print_node(out, "chain", chain);
	fputs(" event=", out);
	xp_text_print(out, event_name(p, s->event));
	fputc('\n', out);
}

static void print_lost(FILE *out, const struct xp_profile *p, const struct xp_lost *l)
{
	fprintf(out, "lost tsc=%" PRIu64 " cpu=%u to=%" PRIu64 " count=%" PRIu64 " event=", l->first, l->cpu, l->last, l->count);
	xp_text_print(out, event_name(p, l->event));
	fputc('\n', out);
}

static void print_gap(FILE *out, const struct xp_gap *g)
{
	fprintf(out, "gap tsc=%" PRIu64 " cpu=%u to=%" PRIu64 " reason=%u\n", g->first, g->cpu, g->last, g->reason);
}

static void print_period(FILE *out, const struct xp_profile *p, const struct xp_period *e)
{
	fprintf(out, "period tsc=%" PRIu64 " cpu=%u period=%" PRIu64 " reason=%u event=", e->tsc, e->cpu, e->period, e->reason);
	xp_text_print(out, event_name(p, e->event));
	fputc('\n', out);
}

static void print_task(FILE *out, const struct xp_task *t)
{
	static const char *const types[] = { "?", "snapshot", "fork", "exec", "exit", "lost" };

	fprintf(out, "task tsc=%" PRIu64 " domid=%u type=%s pid=%u tgid=%u ppid=%u cr3=0x%" PRIx64 " comm=", t->tsc, t->domid,
	       t->type <= XPROF_TASK_LOST ? types[t->type] : "?", t->pid, t->tgid, t->ppid, t->cr3);
	xp_text_print(out, t->comm);
	fputc('\n', out);
}

static void print_domain(FILE *out, const struct xp_domain *d)
{
	size_t i;

	fprintf(out, "domain tsc=%" PRIu64 " to=%" PRIu64 " domid=%u type=%u flags=%u vcpus=%u uuid=", d->from, d->to, d->domid,
	       d->type, d->flags, d->vcpus);
	for (i = 0; i < sizeof(d->uuid); i++)
		fprintf(out, "%02x", d->uuid[i]);
	fputs(" name=", out);
	xp_text_print(out, d->name);
	fputc('\n', out);
}

static void print_line(FILE *out, const struct xp_profile *p, const struct line *l)
{
	switch (l->kind) {
	case LINE_SAMPLE: print_sample(out, p, l->cpu, l->tsc, &l->site, l->chain); break;
	case LINE_LOST:   print_lost(out, p, &p->lost[l->index]); break;
	case LINE_GAP:    print_gap(out, &p->gaps[l->index]); break;
	case LINE_PERIOD: print_period(out, p, &p->periods[l->index]); break;
	case LINE_TASK:   print_task(out, &p->tasks[l->index]); break;
	case LINE_DOMAIN: print_domain(out, &p->domains[l->index]); break;
	case LINE_SERIES: xp_report_dump_series(out, &p->series[l->index]); break;
	}
}

/* ---- what has no place in time ---- */

static void print_pair(FILE *out, const char *word, const char *key, const char *value)
{
	fprintf(out, "%s ", word);
	xp_text_print(out, key);
	fputc('=', out);
	xp_text_print(out, value);
	fputc('\n', out);
}

/* What only counters have is left out for the timer. */
static void print_event(FILE *out, size_t id, const struct xp_event *e)
{
	fprintf(out, "event id=%zu period=%" PRIu64 " source=", id, e->period);
	xp_text_print(out, e->source);
	fputs(" modifiers=", out);
	xp_text_print(out, e->modifiers);
	if (e->flags)
		fprintf(out, " select=%#" PRIx64 " flags=%#x hz=%u fixed=%u", e->select, e->flags, e->hz, e->fixed);
	fputs(" name=", out);
	xp_text_print(out, e->name);
	fputc('\n', out);
}

static void print_image(FILE *out, size_t id, const struct xp_image *image)
{
	size_t i;

	fprintf(out, "image id=%zu kind=%u symbols=%zu build_id=", id, image->kind, image->nr_symbols);
	for (i = 0; i < image->build_id_len; i++)
		fprintf(out, "%02x", image->build_id[i]);
	fputs(" name=", out);
	xp_text_print(out, image->name);
	fputc('\n', out);
}

static void print_frame(FILE *out, const struct xp_profile *p, uint32_t id)
{
	static const char *const codes[] = { "xen", "kernel", "user", "?" };
	const struct xp_call_node *n = &p->nodes[id];
	const struct xp_chain_context *c = &p->chain_contexts[n->context];

	if (n->end == XP_CHAIN_DAMAGED)
		return;
	fprintf(out, "frame id=%u", id);
	print_node(out, "caller", n->parent);
	fprintf(out, " domid=%u code=%s ip=0x%" PRIx64 " cr3=0x%" PRIx64 " exact=%d\n", c->domid, codes[n->code & 3], n->ip, c->cr3,
		n->exact);
}

static void print_head(FILE *out, const struct xp_profile *p)
{
	size_t i;

	for (i = 0; i < p->nr_host; i++)
		print_pair(out, "host", p->host[i].key, p->host[i].value);
	for (i = 0; i < p->nr_events; i++)
		print_event(out, i, &p->events[i]);
	for (i = 0; i < p->nr_clocks; i++)
		fprintf(out, "clock tsc=%" PRIu64 " realtime_ns=%" PRIu64 " monotonic_ns=%" PRIu64 "\n", p->clocks[i].tsc,
		       p->clocks[i].realtime_ns, p->clocks[i].monotonic_ns);
	for (i = 0; i < p->nr_images; i++)
		print_image(out, i, &p->images[i]);
	for (i = 0; i < p->nr_maps; i++) {
		const struct xp_map *m = &p->maps[i];

		fprintf(out, "map tsc=%" PRIu64 " domid=%u tgid=%u start=0x%" PRIx64 " end=0x%" PRIx64 " image=%u address=0x%" PRIx64 "\n",
		       m->tsc, m->domid, m->tgid, m->start, m->end, m->image, m->image_addr);
	}
	for (i = XP_CALL_FIRST_NODE; i < p->nr_nodes; i++)
		print_frame(out, p, (uint32_t)i);
}

static void print_counters(FILE *out, const struct xp_profile *p, const struct xp_cpu_stats *s)
{
	size_t e;

	fprintf(out, "counters cpu=%u active=%" PRIu64 " rearmed=%" PRIu64 "\n", s->cpu, s->active, s->rearmed);
	for (e = 0; e < p->nr_events; e++)
		fprintf(out, "counter cpu=%u event=%zu running=%" PRIu64 " period=%" PRIu64 " throttled=%" PRIu64 "\n", s->cpu, e,
			s->running[e], s->period[e], s->throttled[e]);
}

static void print_stacks(FILE *out, const struct xp_cpu_stats *s)
{
	fprintf(out, "stacks cpu=%u xen=%" PRIu64 " xen_lost=%" PRIu64 " guest=%" PRIu64 " guest_lost=%" PRIu64 " moved=%" PRIu64
		" ticks=%" PRIu64 " max=%" PRIu64 "\n", s->cpu, s->stacks[XPROF_STACK_XEN], s->stacks_lost[XPROF_STACK_XEN],
		s->stacks[XPROF_STACK_GUEST], s->stacks_lost[XPROF_STACK_GUEST], s->stacks_moved, s->stack_ticks, s->stack_max);
}

static void print_tail(FILE *out, const struct xp_profile *p)
{
	size_t i, e;

	for (i = 0; i < p->nr_stats; i++) {
		const struct xp_cpu_stats *s = &p->stats[i];

		fprintf(out, "stats cpu=%u nmis=%" PRIu64 " passed=%" PRIu64 " handler_ticks=%" PRIu64 " handler_max=%" PRIu64
		       " ticks=%" PRIu64 " coalesced=%" PRIu64 "\n", s->cpu, s->nmis, s->passed, s->handler_ticks,
		       s->handler_max, s->ticks, s->coalesced);
		for (e = 0; e < p->nr_events; e++)
			fprintf(out, "counts cpu=%u event=%zu produced=%" PRIu64 " lost=%" PRIu64 "\n", s->cpu, e,
			       s->produced[e], s->lost[e]);
		if (s->active)
			print_counters(out, p, s);
		if (s->stacks[XPROF_STACK_XEN] || s->stacks[XPROF_STACK_GUEST])
			print_stacks(out, s);
	}
}

/* ---- orders ---- */

static bool add_line(struct dump *d, const struct line *l)
{
	if (d->nr == d->cap) {
		size_t cap = d->cap ? d->cap * 2 : 4096;
		struct line *lines = realloc(d->lines, cap * sizeof(*lines));

		if (!lines)
			return false;
		d->lines = lines;
		d->cap = cap;
	}
	d->lines[d->nr++] = *l;
	return true;
}

static bool add_others(struct dump *d)
{
	const struct xp_profile *p = d->p;
	bool ok = true;
	size_t i;

	for (i = 0; i < p->nr_domains && ok; i++)
		ok = add_line(d, &(struct line){ .tsc = p->domains[i].from, .kind = LINE_DOMAIN, .index = i });
	for (i = 0; i < p->nr_tasks && ok; i++)
		ok = add_line(d, &(struct line){ .tsc = p->tasks[i].tsc, .kind = LINE_TASK, .index = i });
	for (i = 0; i < p->nr_lost && ok; i++)
		ok = add_line(d, &(struct line){ .tsc = p->lost[i].first, .kind = LINE_LOST, .index = i });
	for (i = 0; i < p->nr_gaps && ok; i++)
		ok = add_line(d, &(struct line){ .tsc = p->gaps[i].first, .kind = LINE_GAP, .index = i });
	for (i = 0; i < p->nr_periods && ok; i++)
		ok = add_line(d, &(struct line){ .tsc = p->periods[i].tsc, .kind = LINE_PERIOD, .index = i });
	for (i = 0; i < p->nr_series && ok; i++)
		ok = add_line(d, &(struct line){ .tsc = p->series[i].tsc, .kind = LINE_SERIES, .index = i });
	return ok;
}

static int add_samples(const struct xp_packed *packed, void *arg)
{
	struct line l = { .kind = LINE_SAMPLE, .cpu = packed->cpu };
	size_t i;

	for (i = 0; i < packed->nr; i++) {
		l.tsc = packed->tsc[i];
		l.site = packed->sites[packed->site[i]];
		l.chain = packed->chain ? packed->chain[packed->site[i]] : XP_CHAIN_NONE;
		if (!add_line(arg, &l))
			return XP_E_NOMEM;
	}
	return 0;
}

static int print_samples(const struct xp_packed *packed, void *arg)
{
	struct dump *d = arg;
	size_t i;

	for (i = 0; i < packed->nr; i++)
		print_sample(d->out, d->p, packed->cpu, packed->tsc[i], &packed->sites[packed->site[i]],
			     packed->chain ? packed->chain[packed->site[i]] : XP_CHAIN_NONE);
	return ferror(d->out) ? 1 : 0;
}

static int compare(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;

	if (a->tsc != b->tsc)
		return a->tsc < b->tsc ? -1 : 1;
	return a->cpu < b->cpu ? -1 : a->cpu > b->cpu;
}

/* Samples come CPU by CPU as the file has them, so they need not be held; by time everything must be. */
int xp_report_dump(FILE *out, struct xp_profile *p, bool by_time, struct xp_err *err)
{
	struct dump d = { .out = out, .p = p };
	size_t i;
	int rc;

	print_head(out, p);
	rc = add_others(&d) ? 0 : XP_E_NOMEM;
	xp_fail(err, XP_E_NOMEM, "no memory to sort by time: leave --by-time out");
	if (!rc && by_time)
		rc = xp_profile_each_packed(p, add_samples, &d, err);
	if (!rc && by_time)
		xp_stable_sort(d.lines, d.nr, sizeof(*d.lines), compare);
	for (i = 0; i < d.nr && !rc; i++)
		print_line(out, p, &d.lines[i]);
	if (!rc && !by_time)
		rc = xp_profile_each_packed(p, print_samples, &d, err);
	free(d.lines);
	print_tail(out, p);
	return rc < 0 ? rc : 0;
}
