// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/diff/side.h"

#include "lib/agg/filter.h"
#include "lib/base/parallel.h"

/* ---- runs are counted side by side ---- */

struct job {
	struct xp_diff_run *run;
	struct xp_agg_config config;
	struct xp_err err;
	int rc;
};

static void count_runs(void *arg, size_t first, size_t last)
{
	struct job *jobs = arg, *j;

	for (j = jobs + first; j < jobs + last; j++) {
		j->rc = xp_agg_run(&j->run->agg, j->run->profile, &j->config, &j->err);
		if (!j->rc)
			j->run->duration_ns = xp_profile_duration_ns(j->run->profile, j->run->agg->first_tsc,
								      j->run->agg->last_tsc);
	}
}

int xp_diff_sides_count(struct xp_diff_side sides[2], const struct xp_agg_config *config, struct xp_err *err)
{
	bool sliced = sides[0].nr == 1 && sides[1].nr == 1;
	size_t nr = sides[0].nr + sides[1].nr, i;
	struct job *jobs = calloc(nr + 1, sizeof(*jobs));
	int rc = 0;

	if (!jobs)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu runs", nr);
	for (i = 0; i < nr; i++) {
		struct job *j = &jobs[i];

		j->run = i < sides[0].nr ? &sides[0].runs[i] : &sides[1].runs[i - sides[0].nr];
		j->config = *config;
		j->config.slices = sliced ? XP_DIFF_SLICES : 0;
	}
	sides[0].sliced = sides[1].sliced = sliced;
	xp_parallel(nr, 1, count_runs, jobs);
	for (i = 0; i < nr && !rc; i++)
		if (jobs[i].rc)
			rc = xp_fail(err, jobs[i].rc, "%.300s: %.600s", jobs[i].run->name, jobs[i].err.text);
	free(jobs);
	return rc;
}

void xp_diff_side_release(struct xp_diff_side *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		xp_agg_free(s->runs[i].agg);
	free(s->runs);
	*s = (struct xp_diff_side){ 0 };
}
