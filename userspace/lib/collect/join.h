/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Samples and the stacks that belong to them, put together: one CPU's samples
 * wait, in their order, until what Xen has copied for them has come.
 *
 * Xen's own stack comes right behind its sample, the guest's later: before the
 * vCPU goes on (xprof.h). What is copied is walked at once, so no stack is kept;
 * of a sample only its chain waits.
 *
 * A sample never waits longer than XP_JOIN_WAIT_NS, nor more than XP_JOIN_WAITING of one CPU at a time; then it
 * goes with the part of its chain that is there.
 */
#ifndef XP_COLLECT_JOIN_H
#define XP_COLLECT_JOIN_H

#include "lib/collect/collect.h"
#include "lib/ring/record.h"

#define XP_JOIN_WAITING 4096u
#define XP_JOIN_WAIT_NS 500000000ull

/* A copy that comes in several records. */
struct xp_join_copy {
	uint64_t tsc, sp;            /* whose it is */
	uint8_t *bytes;
	size_t len;
	bool broken;                 /* a record was missing: what is behind it is of no use */
};

struct xp_join_cpu {
	uint32_t cpu;
	struct xp_waiting *v;        /* a queue: nr of room, from `first` on */
	size_t first, nr, room;
	struct xp_join_copy copy, process; /* process: which comes right before its kernel's */
	struct xp_stack_chain last;  /* of the last guest's snapshot that was one */
};

struct xp_join {
	const struct xp_collect_sink *sink; /* with walk */
	struct xp_writer *w;
	struct xp_join_cpu *cpus;  /* one for each ring */
	size_t nr_cpus;
	uint64_t now_ns;             /* CLOCK_MONOTONIC at the beginning of this pass */
	bool busy;                   /* samples come faster than they are taken: nothing is walked */
	uint64_t ends[XP_NR_CHAIN_ENDS]; /* of samples that were written */
};

int xp_join_init(struct xp_join *s, size_t nr_rings, const struct xp_collect_sink *sink, struct xp_writer *w,
		   struct xp_err *err);
void xp_join_release(struct xp_join *s);

/* n samples of a ring, in order. They are written when their stacks have come. */
int xp_join_samples(struct xp_join *s, size_t ring, uint32_t cpu, const struct xprof_sample *samples, size_t n,
		      struct xp_err *err);

/* A record of type STACK of that ring. */
int xp_join_record(struct xp_join *s, size_t ring, const struct xp_record *r, struct xp_err *err);

/* After each pass: writes what has waited long enough; all: everything. */
int xp_join_flush(struct xp_join *s, bool all, struct xp_err *err);

#endif
