/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Within lib/pmu: names that all CPUs share, and what to say about others. */
#ifndef XP_PMU_NAMES_H
#define XP_PMU_NAMES_H

#include "lib/pmu/pmu.h"

const struct xp_pmu_generic *xp_pmu_generic(const char *name); /* NULL: none */
const struct xp_pmu_preset *xp_pmu_preset(const char *name);   /* NULL: none */

/* rXXXX, perf's way to write a select code. False: it is not one. */
bool xp_pmu_raw(const char *name, uint64_t *select);

/* "there is no event '…'", and what is nearest. */
int xp_pmu_fail_name(const char *name, struct xp_err *err);

#endif
