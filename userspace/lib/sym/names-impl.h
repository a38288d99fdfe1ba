/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What names.c and names-now.c share. */
#ifndef XP_SYM_NAMES_IMPL_H
#define XP_SYM_NAMES_IMPL_H

#include "lib/sym/guests.h"
#include "lib/sym/names.h"
#include "lib/sym/resolve.h"
#include "lib/sym/seen.h"
#include "lib/sym/unwinder.h"

/* A process that ended: whether it is worth remembering is decided a little later. */
struct ended { uint32_t tgid, polls; uint64_t tsc; };

struct xp_names {
	struct xp_names_config cfg;   /* its strings are owned */
	char *sysroot, *xensyms, *payload;
	struct xp_writer *w;          /* borrowed */
	struct xp_names_stats stats;
	struct xp_seen seen;
	struct xp_follow follow;
	struct xp_guests guests;
	struct xp_unwinder unwinder;  /* config.chains */
	struct xp_regions modules;    /* when the session began */
	struct ended *ended;
	size_t nr_ended, room_ended;
	char xen_source[1280];
	struct {                      /* config.live: read once; NULL: not yet */
		struct xp_xen_table *xen;
		struct xp_kernel_table *kernel;
	} tables;
};

#endif
