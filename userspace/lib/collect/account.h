/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Adds up what the rings' headers say, and holds it against what was read.
 */
#ifndef XP_COLLECT_ACCOUNT_H
#define XP_COLLECT_ACCOUNT_H

#include "lib/collect/collect.h"
#include "lib/collect/drain.h"

/* What rings and drain tell; elapsed_ns is the caller's and counts for the overhead. May be called while Xen samples. */
void xp_account_figures(const struct xp_drain *d, const struct xprof_op_info *info, struct xp_collect_figures *f);

/* After a file's last pass: writes each CPU's statistics since the file before. */
int xp_account_write(struct xp_drain *d, struct xp_err *err);

/* After STOP and the last pass: lines about what does not add up; none is the rule. */
void xp_account_check(const struct xp_drain *d, const struct xp_collect_figures *f, char *warnings, size_t size);

#endif
