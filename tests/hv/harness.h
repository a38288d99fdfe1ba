/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ring of the hypervisor in userspace: header, data mapped twice in a row,
 * a consumer's slot; guard pages around, so that a step outside is a fault.
 */
#ifndef TESTS_HV_HARNESS_H
#define TESTS_HV_HARNESS_H

#include <xen/xprof/kernel.h>
#include <xen/xprof/record.h>

struct hv_ring {
	struct xprof_records r;
	struct xprof_ring_header *header;
	uint64_t *cons;
	unsigned char *data;
	size_t size;
	void *base;
	size_t mapped;
};

void hv_ring_init(struct hv_ring *ring, size_t data_bytes);
void hv_ring_release(struct hv_ring *ring);

/* One sample, or one lost, as the NMI handler does it. */
void hv_record(struct xprof_records *r, const struct xprof_sample *s, const void *domain, const uint64_t *handle);

/* One sample of domid, its IP a serial number, as the NMI handler would record it. */
void hv_sample(struct hv_ring *ring, uint16_t domid, uint64_t serial);

/* A record of type STACK whose words hv_read() knows; returns its bytes. */
size_t hv_stack(void *to, uint64_t tsc, unsigned int words);

/* What a reader may rely on: every record up to prod, from `from` on, is well formed. Returns samples seen. */
struct hv_seen {
	uint64_t samples, lost, domains, gaps, stacks;
	uint64_t last_serial;
};
void hv_read(struct hv_ring *ring, uint64_t from, uint64_t to, struct hv_seen *seen);

#endif
