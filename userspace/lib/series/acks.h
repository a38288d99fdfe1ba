/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counts pure ACKs on a network interface: TCP segments without data whose SYN, FIN, RST and ACK bits are only ACK.
 * No kernel counter tells them. Two packet sockets, one for each direction, whose filter passes only these; their
 * buffers are as small as can be, and what they pass is counted by the kernel (PACKET_STATISTICS) whether it finds
 * room or not: nothing is copied to us, whatever the rate. The cost is the filter's, for each packet.
 *
 * Seen are frames as the interface has them: of IPv4 and IPv6 without extension headers, with one VLAN tag at most.
 */
#ifndef XP_SERIES_ACKS_H
#define XP_SERIES_ACKS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"

struct xp_acks {
	int in, out;       /* sockets; -1: not counting */
	uint64_t nr_in, nr_out;
};

void xp_acks_init(struct xp_acks *a);
int xp_acks_open(struct xp_acks *a, uint32_t ifindex, struct xp_err *err);
void xp_acks_close(struct xp_acks *a);

/* Brings nr_in and nr_out up to date. False: the kernel does not tell. */
bool xp_acks_read(struct xp_acks *a);

#endif
