/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was sampled in the last few intervals: samples by site (domain, code,
 * address, of processes the address space), in a window that slides.
 *
 *   xp_window_add()   samples as they come
 *   xp_window_turn()  an interval ends: the oldest one leaves the window
 *
 * Memory is bounded: of XP_WINDOW_SITES sites at most something is known; what
 * finds no room is counted in one site for its domain and mode.
 */
#ifndef XP_TOP_WINDOW_H
#define XP_TOP_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xprof.h"

#define XP_WINDOW_SLOTS 32u      /* intervals in a window, at most */
#define XP_WINDOW_SITES 65536u
#define XP_WINDOW_OTHERS 4096u   /* and so many that stand for the rest of a domain and mode */
#define XP_WINDOW_OTHER_IP UINT64_MAX

struct xp_top_count {
	uint64_t samples;
	uint64_t weight;         /* events that they stand for */
};

struct xp_top_site {
	struct xprof_sample code; /* domid, mode, ip, cr3 (of processes) are the site; tsc is its last sample's */
	/* the namer's */
	uint64_t address;        /* in its image if that is known, else as sampled */
	uint32_t label;          /* 0: it has none yet */
	uint32_t due;            /* turn in which it is asked for again */
	uint8_t tries;
};

struct xp_window {
	size_t nr_events;
	unsigned int slots, slot; /* in the window; the present one */
	uint32_t turns;
	struct xp_top_site *sites;
	size_t nr, room;
	struct xp_top_count *counts; /* nr_events each for: the window, then each slot; of site after site */
	uint32_t *table;         /* site + 1; 0: free */
	size_t mask;
	uint64_t first_period[XPROF_MAX_EVENTS];
	uint64_t *periods;       /* of CPU after CPU; 0: the first one */
	size_t nr_cpus;
	uint64_t overflow;       /* samples that were counted with the rest */
};

/* periods: what a sample of each event stands for at first. False: no memory. */
bool xp_window_init(struct xp_window *w, const uint64_t *periods, size_t nr_events, unsigned int slots);
void xp_window_release(struct xp_window *w);

/* From now on one of this event on this CPU stands for so many. */
void xp_window_period(struct xp_window *w, uint32_t cpu, uint8_t event, uint64_t period);

void xp_window_add(struct xp_window *w, uint32_t cpu, const struct xprof_sample *samples, size_t nr);

void xp_window_turn(struct xp_window *w);

/* A site's counts in the window, nr_events of them. */
const struct xp_top_count *xp_window_counts(const struct xp_window *w, size_t site);

/* Has it any samples in the window? */
bool xp_window_is_warm(const struct xp_window *w, size_t site);

#endif
