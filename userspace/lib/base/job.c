// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/job.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void work(struct xp_job *j)
{
	j->ret = j->fn(j->arg, &j->err);
	atomic_store_explicit(&j->done, true, memory_order_release);
}

/* On Linux niceness is a thread's own. */
static void *run(void *arg)
{
	id_t self = (id_t)syscall(SYS_gettid);
	struct xp_job *j = arg;

	setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + j->nice);
	work(j);
	return NULL;
}

void xp_job_start(struct xp_job *j, int (*fn)(void *arg, struct xp_err *err), void *arg, int nice)
{
	sigset_t all, before;

	*j = (struct xp_job){ .fn = fn, .arg = arg, .begun = true, .nice = nice };
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	j->has_thread = !pthread_create(&j->thread, NULL, run, j);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!j->has_thread)
		work(j);
}

bool xp_job_runs(struct xp_job *j)
{
	return j->begun && !atomic_load_explicit(&j->done, memory_order_acquire);
}

int xp_job_take(struct xp_job *j, struct xp_err *err)
{
	if (!j->begun)
		return 0;
	if (j->has_thread)
		pthread_join(j->thread, NULL);
	j->begun = false;
	return j->ret < 0 ? xp_fail(err, (enum xp_error)j->ret, "%s", j->err.text) : j->ret;
}
