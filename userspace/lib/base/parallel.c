// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define MAX_THREADS 64

struct work {
	size_t nr, step;
	void (*fn)(void *arg, size_t first, size_t last);
	void *arg;
	atomic_size_t next;
};

static void *take(void *arg)
{
	struct work *w = arg;
	size_t first;

	while ((first = atomic_fetch_add(&w->next, w->step)) < w->nr)
		w->fn(w->arg, first, w->nr - first < w->step ? w->nr : first + w->step);
	return NULL;
}

void xp_parallel(size_t nr, size_t step, void (*fn)(void *arg, size_t first, size_t last), void *arg)
{
	struct work w = { .nr = nr, .step = step, .fn = fn, .arg = arg };
	pthread_t threads[MAX_THREADS];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), n = 0;

	while (n < MAX_THREADS && n + 1 < cpus && ((size_t)n + 1) * step < nr && !pthread_create(&threads[n], NULL, take, &w))
		n++;
	take(&w);
	while (n)
		pthread_join(threads[--n], NULL);
}
