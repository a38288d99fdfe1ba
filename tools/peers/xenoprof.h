/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A session of the xenoprof that is in Xen up to 4.21, driven from dom0 (PV) without a kernel driver: hypercall 31
 * by libxencall, its sample buffers mapped by libxenforeignmemory. Nobody is told by event channel that samples
 * are there: the caller looks often enough.
 *
 * Every function that can fail says why on stderr and returns false.
 */
#ifndef XENOPROF_H
#define XENOPROF_H

#include <stdbool.h>
#include <stdint.h>

#define XENOPROF_MAX_EVENTS  4  /* what the smallest of Xen's CPU models has */
#define XENOPROF_MAX_PASSIVE 16

struct xenoprof_session;

struct xenoprof_config {
	unsigned int events;
	struct {
		uint32_t code, unit_mask;
		uint64_t count; /* of the event, between two samples; Xen writes 32 bits of it */
	} event[XENOPROF_MAX_EVENTS];
	unsigned int passives; /* domains beside dom0 */
	uint16_t passive[XENOPROF_MAX_PASSIVE];
	unsigned long depth; /* of call chains; 0: none */
};

struct xenoprof_sample {
	uint16_t domain;
	uint8_t mode; /* 0 user, 1 kernel, 2 Xen */
	uint8_t event;
	uint64_t ip;
	bool frame; /* a caller in the chain of the sample before */
};

typedef void xenoprof_consumer(const struct xenoprof_sample *sample, void *user);

/* Reserves the counters and starts them. NULL if it did not. The caller stops and then closes it. */
struct xenoprof_session *xenoprof_start(const struct xenoprof_config *config);

/* Ends counting; what was sampled can still be drained. */
bool xenoprof_stop(struct xenoprof_session *s);

/* Hands over all samples that are there. Buffers of 4,096 samples for each vCPU at most are emptied so. */
void xenoprof_drain(struct xenoprof_session *s, xenoprof_consumer *consumer, void *user);

/* Samples that found a buffer full, from all buffers, since the buffers were made. */
uint64_t xenoprof_lost(const struct xenoprof_session *s);

/* Gives everything back and frees it. */
void xenoprof_close(struct xenoprof_session *s);

#endif
