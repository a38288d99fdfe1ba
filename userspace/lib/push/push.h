/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profiles on their way to a store: read, made into one message for each domain, spooled, sent, the oldest first.
 *
 * What is promised: each message that is in the spool gets to the store at least once, and is deleted when the store has
 * said so (2xx). It gets there exactly once unless an answer is lost on its way: then it is sent again, with the same id and
 * the same bytes, and counted in maybe_twice. (Pyroscope puts samples of the same series and time together; OTLP receivers
 * may look at the profile's id; Parca adds them up.)
 */
#ifndef XP_PUSH_PUSH_H
#define XP_PUSH_PUSH_H

#include "lib/push/backoff.h"
#include "lib/push/spool.h"
#include "lib/push/store.h"

struct xp_push {                     /* the caller's: the fields above the blank line */
	const struct xp_push_kind *kind;
	struct xp_spool *spool;
	struct xp_store *store;
	const struct xp_store_label *labels; /* of all messages */
	size_t nr_labels;
	void (*say)(void *arg, const char *line); /* what somebody should know; what comes from outside is escaped */
	void *arg;

	struct xp_backoff backoff;
	uint64_t due_ns;             /* CLOCK_MONOTONIC: nothing is sent before; 0: now */
	char last_failure[512], last_warning[512]; /* said already */
	uint64_t told_dropped;
	uint64_t ms;                 /* when the profile at hand began, since 1970; UINT64_MAX: it is not known */
	bool spool_failed;           /* a message of it, or that it was taken, could not be written */
	uint64_t spool_due_ns;       /* CLOCK_MONOTONIC: the spool is not tried before; 0: it works */
	/* figures */
	uint64_t profiles, spooled;  /* read; messages made of them */
	uint64_t sent, sent_bytes, rejected, failed, maybe_twice;
	bool refused;                /* the last answer was that somebody must look */
};

void xp_push_init(struct xp_push *p, uint64_t seed);

/*
 * Reads a profile and spools its messages. A damaged one: what is whole of it, and it is said. When the spool cannot be
 * written (a full disk), none of its messages stays there.
 */
int xp_push_profile(struct xp_push *p, const char *path, struct xp_err *err);

/*
 * The next profile of a continuous recording's directory that has not been taken. 1: one was; 0: there is none. One that
 * cannot be read, or has gone meanwhile, is said and left behind. When the spool cannot be written, it is said, and the
 * profile waits where it is: 0 for the next XP_PUSH_SPOOL_AGAIN_S, in which what is in the spool can be sent.
 */
#define XP_PUSH_SPOOL_AGAIN_S 30u
int xp_push_follow(struct xp_push *p, int dir, const char *path, struct xp_err *err);

enum xp_push_state { XP_PUSH_EMPTY, XP_PUSH_SENT, XP_PUSH_WAITS };

/*
 * Sends the oldest message, if it is time: SENT, and there may be more at once; EMPTY: nothing waits; WAITS: until
 * p->due_ns. Negative: an error of the spool.
 */
int xp_push_step(struct xp_push *p, int stop_fd, struct xp_err *err);

#endif
