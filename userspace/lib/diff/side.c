// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/diff/side.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "lib/agg/filter.h"

/* ---- runs are counted side by side ---- */

struct job {
	struct xp_diff_run *run;
	struct xp_agg_config config;
	struct xp_err err;
	int rc;
};

struct queue {
	struct job *jobs;
	size_t nr;
	atomic_size_t next;
};

static void *work(void *arg)
{
	struct queue *q = arg;
	size_t i;

	while ((i = atomic_fetch_add(&q->next, 1)) < q->nr) {
		struct job *j = &q->jobs[i];

		j->rc = xp_agg_run(&j->run->agg, j->run->profile, &j->config, &j->err);
		if (!j->rc)
			j->run->duration_ns = xp_profile_duration_ns(j->run->profile, j->run->agg->first_tsc,
								      j->run->agg->last_tsc);
	}
	return NULL;
}

/* A thread that cannot be had is no matter: this one takes what is left. */
static void run_jobs(struct queue *q)
{
	pthread_t threads[XP_DIFF_MAX_RUNS];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t nr = 0, i;

	while (nr + 1 < q->nr && nr + 1 < XP_DIFF_MAX_RUNS && (long)nr + 1 < cpus &&
	       !pthread_create(&threads[nr], NULL, work, q))
		nr++;
	work(q);
	for (i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
}

int xp_diff_sides_count(struct xp_diff_side sides[2], const struct xp_agg_config *config, struct xp_err *err)
{
	bool sliced = sides[0].nr == 1 && sides[1].nr == 1;
	struct queue q = { .nr = sides[0].nr + sides[1].nr };
	size_t i;
	int rc = 0;

	q.jobs = calloc(q.nr + 1, sizeof(*q.jobs));
	if (!q.jobs)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu runs", q.nr);
	for (i = 0; i < q.nr; i++) {
		struct job *j = &q.jobs[i];

		j->run = i < sides[0].nr ? &sides[0].runs[i] : &sides[1].runs[i - sides[0].nr];
		j->config = *config;
		j->config.slices = sliced ? XP_DIFF_SLICES : 0;
	}
	sides[0].sliced = sides[1].sliced = sliced;
	run_jobs(&q);
	for (i = 0; i < q.nr && !rc; i++)
		if (q.jobs[i].rc)
			rc = xp_fail(err, q.jobs[i].rc, "%.300s: %.600s", q.jobs[i].run->name, q.jobs[i].err.text);
	free(q.jobs);
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
