/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs that need a network do by themselves, for in a guest there is nobody else: modules, interfaces.
 * Functions that return nothing exit with a message when they fail.
 */
#ifndef WORKLOADS_NETDEV_H
#define WORKLOADS_NETDEV_H

#include <stdbool.h>
#include <stdint.h>

struct nd_counters {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes;
};

/* Loads DIR/NAME.ko for each name in order; one that is not there is taken to be built in. */
void nd_load(const char *dir, const char *const *names);

/* Interfaces that come later speak no IPv6: no packets but ARP and what a workload sends. */
void nd_no_ipv6(void);

bool nd_exists(const char *name);
void nd_wait_for(const char *name, double seconds);
void nd_up(const char *name);
void nd_address(const char *name, const char *address); /* IPv4, /24 */

/* Packets on the wire are segments, one by one: no offload that joins or splits them. */
void nd_no_offload(const char *name);

/* What the kernel counts for an interface. False: it is not there. */
bool nd_read(const char *name, struct nd_counters *c);

/* Calls fn for each interface's name. */
void nd_each(void (*fn)(const char *name, void *arg), void *arg);

#endif
