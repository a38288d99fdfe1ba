// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What 'perf script' prints, sample by sample, as stackcollapse-perf.pl and the importers of Firefox Profiler and speedscope
 * read it: pid is the domain, tid domain * 1000 + vCPU (unique), comm the domain's name and the process.
 * A function is named without an offset: samples of it are alike here.
 */
#include <ctype.h>
#include <inttypes.h>

#include "lib/export/clock.h"
#include "lib/export/export.h"
#include "lib/export/stacks.h"

struct script {
	FILE *out;
	struct xp_span span;
	/* while they are counted rows are not there yet: samples wait */
	struct waiting { uint64_t tsc, weight; uint32_t row, call, cpu; uint16_t domid, vcpu; uint8_t event; } *v;
	size_t nr, room;
	struct xp_buf b;
};

static int keep(const struct xp_agg_sample *s, void *arg)
{
	struct script *p = arg;

	if (!s->call) /* idle */
		return 0;
	if (p->nr == p->room) {
		size_t room = p->room ? 2 * p->room : 4096;
		struct waiting *v = realloc(p->v, room * sizeof(*v));

		if (!v)
			return XP_E_NOMEM;
		p->v = v;
		p->room = room;
	}
	p->v[p->nr++] = (struct waiting){ s->tsc, s->weight, s->row, s->call, s->cpu, s->site->domid, s->site->vcpu, s->site->event };
	return 0;
}

static int by_time(const void *pa, const void *pb)
{
	const struct waiting *a = pa, *b = pb;

	if (a->tsc != b->tsc)
		return a->tsc < b->tsc ? -1 : 1;
	return a->cpu < b->cpu ? -1 : a->cpu > b->cpu;
}

/* A word that does not begin with a digit. */
static void put_word(FILE *out, const char *text)
{
	if (isdigit((unsigned char)*text))
		fputc('_', out);
	for (; *text; text++)
		fputc(*text == ' ' ? '_' : *text, out);
}

static void put_sample(struct script *p, const struct xp_stacks *s, const struct waiting *w)
{
	struct xp_stack k = xp_stack_at(s, w->call);
	uint32_t call = w->call;
	char text[16];

	put_word(p->out, xp_stack_domain(&p->b, s, &k.row));
	if (k.row.comm) {
		fputc(':', p->out);
		put_word(p->out, xp_stack_text(&p->b, k.row.comm));
	}
	fprintf(p->out, " %u/%u [%03" PRIu32 "] %.6f: %10" PRIu64 " %s: \n", w->domid, w->domid * 1000u + w->vcpu, w->cpu,
		xp_export_us(&p->span, w->tsc) / 1e6, w->weight, xp_stack_text(&p->b, xp_agg_event_name(s->agg, w->event, text)));
	for (; call; call = k.caller) {
		k = xp_stack_at(s, call);
		fprintf(p->out, "\t%16" PRIx64 " %s", k.row.symbol ? k.row.symbol->start : 0, xp_stack_function(&p->b, &k.row));
		fprintf(p->out, " (%s)\n", k.row.image ? xp_stack_text(&p->b, k.row.image->name) : "[unknown]");
	}
	fputc('\n', p->out);
}

int xp_export_perf_script(FILE *out, struct xp_profile *profile, const struct xp_export_options *o, struct xp_err *err)
{
	struct script p = { .out = out };
	struct xp_stacks s;
	size_t i;
	int rc = xp_profile_span(profile, &p.span, err);

	if (!rc)
		rc = xp_stacks_init(&s, profile, &o->filter, 0, keep, &p, err);
	if (!rc) {
		qsort(p.v, p.nr, sizeof(*p.v), by_time);
		for (i = 0; i < p.nr; i++)
			put_sample(&p, &s, &p.v[i]);
		xp_stacks_release(&s);
	}
	free(p.v);
	xp_buf_release(&p.b);
	return rc;
}
