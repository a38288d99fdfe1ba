// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit/fakering.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *map_at(void *at, size_t len, int prot, int fd, off_t offset)
{
	void *p = mmap(at, len, prot, MAP_SHARED | (at ? MAP_FIXED : 0), fd, offset);

	assert(p != MAP_FAILED);
	return p;
}

/* Header, data, data once more, in a row. */
static void *map_view(int fd, uint32_t size, int prot)
{
	size_t len = XPROF_PAGE_SIZE + 2 * (size_t)size;
	char *base = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert(base != MAP_FAILED);
	map_at(base, XPROF_PAGE_SIZE + size, prot, fd, 0);
	map_at(base + XPROF_PAGE_SIZE + size, size, prot, fd, XPROF_PAGE_SIZE);
	return base;
}

void fakering_init(struct fakering *f, uint32_t cpu, uint32_t size)
{
	int fd = memfd_create("fakering", MFD_CLOEXEC);
	struct xp_err err;

	assert(fd >= 0 && ftruncate(fd, XPROF_PAGE_SIZE + (off_t)size) == 0);
	memset(f, 0, sizeof(*f));
	f->header = map_view(fd, size, PROT_READ | PROT_WRITE);
	f->reader_base = map_view(fd, size, PROT_READ);
	f->data = (unsigned char *)f->header + XPROF_PAGE_SIZE;
	f->header->magic = XPROF_MAGIC;
	f->header->abi = XPROF_ABI_VERSION;
	f->header->cpu = cpu;
	f->header->size = size;
	close(fd);
	assert(xp_ring_init(&f->ring, f->reader_base, &f->slot, cpu, size, &err) == 0);
}

void fakering_release(struct fakering *f)
{
	size_t len = XPROF_PAGE_SIZE + 2 * (size_t)f->header->size;

	munmap((void *)(uintptr_t)f->reader_base, len);
	munmap(f->header, len);
}

bool fakering_put(struct fakering *f, const void *record)
{
	const struct xprof_rec *rec = record;
	uint64_t cons = __atomic_load_n(&f->slot.cons, __ATOMIC_ACQUIRE); /* D */
	size_t bytes = rec->size * 8u;

	if (f->prod - cons > f->header->size || f->header->size - (f->prod - cons) < bytes)
		return false;
	memcpy(f->data + (f->prod & (f->header->size - 1)), record, bytes);
	f->prod += bytes;
	__atomic_store_n(&f->header->prod, f->prod, __ATOMIC_RELEASE); /* A */
	return true;
}

struct xprof_rec fakering_rec(uint8_t type, size_t bytes)
{
	struct xprof_rec rec = { .type = type, .size = (uint8_t)(bytes / 8) };

	return rec;
}

struct xprof_sample fakering_make_sample(uint64_t n)
{
	struct xprof_sample s = {
		.rec = fakering_rec(XPROF_REC_SAMPLE, sizeof(s)), .tsc = n, .ip = ~n, .cr3 = n * 3,
	};

	return s;
}

/* The loss that waits goes first, together with the sample or not at all. */
static bool put_lost(struct fakering *f)
{
	struct xprof_lost lost = { .rec = fakering_rec(XPROF_REC_LOST, sizeof(lost)), .count = f->pending_lost };

	if (!f->pending_lost)
		return true;
	if (!fakering_put(f, &lost))
		return false;
	f->pending_lost = 0;
	return true;
}

void fakering_sample(struct fakering *f, uint64_t n)
{
	struct xprof_sample s = fakering_make_sample(n);

	f->header->produced[0]++;
	f->header->nmis++;
	if (put_lost(f) && fakering_put(f, &s))
		return;
	f->pending_lost++;
	f->header->lost[0]++;
}
