/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host of the readings that is a Xen host: by libxenctrl, libxenstore and the profiler in the hypervisor. */
#ifndef XP_SERIES_HOST_XEN_H
#define XP_SERIES_HOST_XEN_H

#include "lib/series/host.h"

struct xp_host_xen {
	struct xp_series_host host; /* to be given to xp_series_open() */
	void *xch;                  /* libxenctrl's handle, borrowed */
	void *xs;                   /* libxenstore's, borrowed; NULL: no store */
	void *cpumap;
	void (*name)(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size);
	void *name_arg;
};

/* xch, xs, name and name_arg are set. The struct must not move until release. */
void xp_host_xen_init(struct xp_host_xen *x);
void xp_host_xen_release(struct xp_host_xen *x);

/* What a driver domain wrote: six numbers, or four, of what it received from and sent to the guest. For tests. */
bool xp_host_parse_told(const char *text, struct xp_series_record *traffic);

#endif
