/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where NMIs come from, the timer event's and those of counters; which source
 * a host can have, and what stands in the way of the others.
 */
#ifndef XP_COLLECT_SOURCE_H
#define XP_COLLECT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "xprof.h"

#define XP_IPI_MAX_HZ 1000u /* Xen's own timers are not finer */

const char *xp_source_name(uint32_t source);           /* "ipi", "hpet", "pmu"; "none" */
int xp_source_parse(const char *name, uint32_t *source); /* "auto" is XPROF_SOURCE_NONE; XP_E_USAGE */
uint64_t xp_source_max_hz(const struct xprof_op_info *info, uint32_t source);

/* What a source cannot see: for 'check' and reports. */
const char *xp_source_blind_spot(uint32_t source);

/* Why it cannot be had, and what to do about it: one short sentence each. */
const char *xp_why_text(uint8_t why);
const char *xp_why_remedy(uint8_t why);

/* Can counters be had? XP_E_ABSENT says why not, and what to do. */
int xp_source_counters(const struct xprof_op_info *info, struct xp_err *err);

/*
 * The timer's source for this rate: the one that was asked for, or with
 * XPROF_SOURCE_NONE the HPET where its conditions hold (no CPU's state can
 * keep its ticks away), else the neighbour's IPI. XP_E_ABSENT says why it cannot be had and what
 * to do, XP_E_USAGE that the rate is too high.
 */
int xp_source_choose(const struct xprof_op_info *info, uint64_t hz, uint32_t wanted, uint32_t *source, struct xp_err *err);

#endif
