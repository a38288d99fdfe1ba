// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/annotate/annotate.h"

void xp_annotation_release(struct xp_annotation *a)
{
	free(a->samples);
	free(a->weights);
	*a = (struct xp_annotation){ 0 };
}

static void add_hit(struct xp_annotation *a, size_t insn, const struct xp_hit *hit)
{
	size_t nr = a->hits->nr_events;

	a->samples[insn * nr + hit->event] += hit->samples;
	a->weights[insn * nr + hit->event] += hit->weight;
	if (a->code->insns[insn].addr != hit->address)
		a->strays += hit->samples;
}

int xp_annotation_init(struct xp_annotation *a, const struct xp_profile *p, const struct xp_hits *h,
		       const struct xp_candidate *of, const struct xp_code *c, struct xp_err *err)
{
	size_t i, insn = 0;

	*a = (struct xp_annotation){ .profile = p, .hits = h, .of = of, .code = c };
	a->samples = calloc(c->nr * h->nr_events + 1, sizeof(*a->samples));
	a->weights = calloc(c->nr * h->nr_events + 1, sizeof(*a->weights));
	if (!a->samples || !a->weights || !c->nr) {
		xp_annotation_release(a);
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu instructions", c->nr);
	}
	for (i = of->first; i < of->first + of->nr; i++) {
		const struct xp_hit *hit = &h->v[i];

		while (insn + 1 < c->nr && c->insns[insn + 1].addr <= hit->address)
			insn++;
		add_hit(a, insn, hit);
		a->sum_samples[hit->event] += hit->samples;
		a->sum_weights[hit->event] += hit->weight;
	}
	return 0;
}

const char *xp_annotation_event(const struct xp_annotation *a, size_t event, char text[16])
{
	const struct xp_profile *p = a->profile;
	size_t before = 0;

	while (before < event && event < p->nr_events && strcmp(p->events[before].name, p->events[event].name))
		before++;
	if (before == event && event < p->nr_events && p->events[event].name[0])
		return p->events[event].name;
	snprintf(text, 16, "event%zu", event);
	return text;
}
