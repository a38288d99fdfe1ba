/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a directory of a continuous recording adds up to: its whole profiles, each once, and what there is of those that are
 * being written (one that is recorded, one that gets its names).
 *
 * Nothing is missed or counted twice while a profile goes from the one to the other: names of parts are looked at before those
 * of whole ones, and a part that has gone meanwhile is one that became whole.
 */
#ifndef XP_EXPORTER_DIRECTORY_H
#define XP_EXPORTER_DIRECTORY_H

#include "lib/exporter/metrics.h"
#include "lib/rotate/name.h"

struct xp_directory {             /* the caller's: the fields above the blank line */
	const char *path;
	int dir;                  /* a descriptor of it */
	void (*say)(void *arg, const char *line); /* a profile that cannot be read */
	void *arg;

	bool began;
	uint64_t taken_ms;        /* the newest whole profile that was taken in, or tried; those before it are */
	struct xp_metrics whole;  /* of those */
	struct xp_metrics now;    /* … and of the parts, when these were read last */
	uint64_t due_ns;          /* CLOCK_MONOTONIC: they are not read again before */
};

/* Whole profiles that came since; of those that were there before us the newest alone. XP_E_SYSTEM: it cannot be listed. */
int xp_directory_take(struct xp_directory *d, struct xp_err *err);

/*
 * The same, and the parts: &d->now is as of now, or, since reading takes its time, as of a second ago, or of nine times as long as
 * the last reading took.
 */
int xp_directory_look(struct xp_directory *d, struct xp_err *err);

void xp_directory_release(struct xp_directory *d);

#endif
