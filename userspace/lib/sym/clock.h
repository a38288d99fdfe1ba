/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From CLOCK_MONOTONIC_RAW, which the kernel stamps its events with, to the
 * TSC, which samples have: through pairs of both, taken at each poll.
 */
#ifndef XP_SYM_CLOCK_H
#define XP_SYM_CLOCK_H

#include <stdint.h>

struct xp_clock_pair { uint64_t tsc, ns; };

/* Reads both clocks at (as nearly as can be) one moment: the best of a few tries. */
struct xp_clock_pair xp_clock_pair_now(void);

/* The line through two pairs, at ns; before, between or after them. */
uint64_t xp_clock_tsc(const struct xp_clock_pair *a, const struct xp_clock_pair *b, uint64_t ns);

#endif
