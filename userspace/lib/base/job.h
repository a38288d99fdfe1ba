/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One piece of work in a thread of its own, while who wanted it goes on. What the work uses is the thread's until it is
 * taken. A struct of zeroes is a job that never was.
 */
#ifndef XP_BASE_JOB_H
#define XP_BASE_JOB_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "lib/base/error.h"

struct xp_job {
	int (*fn)(void *arg, struct xp_err *err);
	void *arg;
	pthread_t thread;
	bool begun;          /* and not taken */
	bool has_thread;
	atomic_bool done;
	int nice, ret;
	struct xp_err err;
};

/*
 * fn(arg, …) with no signals, at a niceness of `nice` more than the caller's, which it hands on to processes that it makes. Where
 * no thread can be had it is done at once. The job before must have been taken.
 */
void xp_job_start(struct xp_job *j, int (*fn)(void *arg, struct xp_err *err), void *arg, int nice);

/* It was begun and is not done: taking it would wait. */
bool xp_job_runs(struct xp_job *j);

/* Waits for it, and returns what fn did. 0: there was none. */
int xp_job_take(struct xp_job *j, struct xp_err *err);

#endif
