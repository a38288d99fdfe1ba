// SPDX-License-Identifier: GPL-2.0-or-later
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"

/* The architecture's part: here a domain's handle is what its samples carry. */
void xprof_describe(const void *domain, const uint64_t *handle, struct xprof_domain *out)
{
	(void)domain;
	memcpy(out->handle, handle, sizeof(out->handle));
	out->type = XPROF_DOMAIN_PVH;
	out->rec.vcpu = 1;
}

static void *map(void *at, size_t len, int fd, off_t offset)
{
	void *p = mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, offset);

	if (p == MAP_FAILED) {
		perror("mmap");
		abort();
	}
	return p;
}

void hv_record(struct xprof_records *r, const struct xprof_sample *s, const void *domain, const uint64_t *handle)
{
	struct xprof_sample *at = xprof_record_begin(r, s->rec.event, s->tsc, domain, handle, s->rec.domid);

	if (!at)
		return;
	*at = *s;
	xprof_record_end(r);
}

/* guard | header | guard | data | data | guard */
void hv_ring_init(struct hv_ring *ring, size_t data_bytes)
{
	const size_t page = XPROF_PAGE_SIZE;
	int fd = memfd_create("hv-ring", MFD_CLOEXEC);
	unsigned char *base;

	memset(ring, 0, sizeof(*ring));
	if (fd < 0 || ftruncate(fd, (off_t)(page + data_bytes))) {
		perror("memfd");
		abort();
	}
	ring->mapped = 4 * page + 2 * data_bytes;
	base = mmap(NULL, ring->mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert(base != MAP_FAILED);
	ring->base = base;
	ring->header = map(base + page, page, fd, 0);
	ring->data = map(base + 3 * page, data_bytes, fd, (off_t)page);
	map(base + 3 * page + data_bytes, data_bytes, fd, (off_t)page);
	close(fd);

	ring->size = data_bytes;
	ring->cons = calloc(1, sizeof(*ring->cons));
	ring->r.ring = (struct xprof_ring){
		.size = data_bytes,
		.data = ring->data,
		.cons_slot = ring->cons,
		.header = ring->header,
	};
	xprof_ring_set_limit(&ring->r.ring);
	xprof_ring_show(&ring->r.ring);
}

void hv_ring_release(struct hv_ring *ring)
{
	munmap(ring->base, ring->mapped);
	free(ring->cons);
}

void hv_sample(struct hv_ring *ring, uint16_t domid, uint64_t serial)
{
	const uint64_t handle[2] = { domid, ~(uint64_t)domid };
	const struct xprof_sample s = {
		.rec = { .type = XPROF_REC_SAMPLE, .size = sizeof(s) / 8, .domid = domid },
		.tsc = serial,
		.ip = serial,
	};

	hv_record(&ring->r, &s, (const void *)(uintptr_t)(0x1000u + domid),
		  domid == XPROF_DOMID_IDLE ? NULL : handle);
}

static void fail(const char *what, uint64_t at, uint64_t value)
{
	fprintf(stderr, "record at byte %llu: %s (%llu)\n", (unsigned long long)at, what,
		(unsigned long long)value);
	abort();
}

/* Words are hv_stack()'s: each says which of which snapshot it is. */
static void check_stack(uint64_t at, const struct xprof_stack *s)
{
	const uint64_t *words = (const void *)(s + 1);

	if (s->rec.size * 8u < sizeof(*s))
		fail("size of a stack", at, s->rec.size);
	for (unsigned int i = 0; i < s->rec.size - sizeof(*s) / 8; i++)
		if (words[i] != s->tsc + i)
			fail("word of a stack", at, i);
}

size_t hv_stack(void *to, uint64_t tsc, unsigned int words)
{
	struct xprof_stack *s = to;
	uint64_t *word = (void *)(s + 1);

	*s = (struct xprof_stack){ .rec = { .type = XPROF_REC_STACK, .size = (uint8_t)(sizeof(*s) / 8 + words) }, .tsc = tsc };
	for (unsigned int i = 0; i < words; i++)
		word[i] = tsc + i;
	return s->rec.size * 8u;
}

void hv_read(struct hv_ring *ring, uint64_t from, uint64_t to, struct hv_seen *seen)
{
	while (from != to) {
		const struct xprof_rec *rec = (const void *)(ring->data + (from & (ring->size - 1)));
		const struct xprof_sample *s = (const void *)rec;
		const struct xprof_lost *lost = (const void *)rec;

		if (!rec->size || rec->size * 8u > to - from)
			fail("size", from, rec->size);
		switch (rec->type) {
		case XPROF_REC_SAMPLE:
			if (s->ip <= seen->last_serial && seen->samples)
				fail("serial does not rise", from, s->ip);
			seen->last_serial = s->ip;
			seen->samples++;
			break;
		case XPROF_REC_LOST:
			seen->lost += lost->count;
			break;
		case XPROF_REC_DOMAIN:
			seen->domains++;
			break;
		case XPROF_REC_GAP:
			seen->gaps++;
			break;
		case XPROF_REC_STACK:
			check_stack(from, (const void *)rec);
			seen->stacks++;
			break;
		default:
			fail("type", from, rec->type);
		}
		from += rec->size * 8u;
	}
}
