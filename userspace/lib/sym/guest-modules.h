/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's modules as two readings tell them: when its kernel was read, and when the session ended. */
#ifndef XP_SYM_GUEST_MODULES_H
#define XP_SYM_GUEST_MODULES_H

#include "lib/base/error.h"
#include "lib/guest/kernel.h"

/*
 * Adds the later ones to k. Where another lies at a place that one had before, neither is named: which it was when a sample
 * was taken is not known. XP_E_NOMEM.
 */
int xp_guest_modules_merge(struct xp_gkernel *k, const struct xp_gkernel *later, struct xp_err *err);

#endif
