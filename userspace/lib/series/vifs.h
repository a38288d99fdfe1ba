/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network interfaces of this kernel that are backends of guests' ones, with their counters: by rtnetlink
 * (RTM_GETSTATS: one request for all), ACKs by acks.h.
 *
 * What is a vif is seen from its device ("vif-5-0" on Xen's bus), not from its name, which the toolstack may choose.
 */
#ifndef XP_SERIES_VIFS_H
#define XP_SERIES_VIFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/series/acks.h"

struct xp_link {
	uint32_t ifindex;
	char name[16];
	bool is_vif, fresh;     /* fresh: found by the last reading */
	bool seen;              /* by the last reading */
	uint16_t domid, devid;  /* of the guest */
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes; /* this kernel's view: rx is what the guest sent */
	struct xp_acks acks;
	uint32_t index;         /* the caller's */
};

struct xp_vifs {
	int netlink;            /* -1: not opened yet */
	uint32_t sequence;
	struct xp_link *links;
	size_t nr, room;
	bool count_acks;
	struct xp_err acks_err; /* "" or why ACKs of some vif could not be counted */
	/* Is the interface called name one, and whose? Replaceable by tests. */
	bool (*is_vif)(const char *name, uint16_t *domid, uint16_t *devid);
};

void xp_vifs_init(struct xp_vifs *v);
void xp_vifs_release(struct xp_vifs *v);

/* Reads all. Links that went have seen = false; xp_vifs_forget() removes them. */
int xp_vifs_read(struct xp_vifs *v, struct xp_err *err);
void xp_vifs_forget(struct xp_vifs *v);

#endif
