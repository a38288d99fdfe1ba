/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPU pools: which scheduler has which CPUs, and which domains run there. "Pool-0: credit2, CPUs 0-3; fast: null, CPUs 4-7
 * (web1, web2)", in the order of their numbers. Who runs in the first is not said: all that are nowhere else.
 */
#ifndef XP_HOST_POOLS_H
#define XP_HOST_POOLS_H

#include "lib/host/xen.h"

/*
 * That text, to be freed by the caller. Names are xenstore's; where it has none pools are "pool 1", domains "domain 3".
 * NULL: Xen does not tell its pools, or there is no memory.
 */
char *xp_xen_pools(struct xp_xen *xen);

#endif
