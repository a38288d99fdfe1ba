/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says about mappings: perf_event_open() "dummy" events on
 * every CPU. They count nothing and need no PMU; their rings carry mmap, exec
 * and fork records of all processes, stamped with CLOCK_MONOTONIC_RAW and,
 * where the kernel can (5.12), with the build-id of what was mapped.
 */
#ifndef XP_SYM_PERF_H
#define XP_SYM_PERF_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/sym/buildid.h"
#include "lib/sym/span.h"

enum xp_mm_type { XP_MM_MAP, XP_MM_EXEC, XP_MM_FORK };

struct xp_mm_event {
	uint64_t ns;              /* CLOCK_MONOTONIC_RAW */
	enum xp_mm_type type;
	uint32_t tgid, parent;    /* parent: of XP_MM_FORK */
	struct xp_span name;      /* of the file; of XP_MM_EXEC: of the task. Valid during the callback */
	uint64_t start, end, offset; /* the rest: of XP_MM_MAP */
	uint32_t major, minor;
	uint64_t inode;
	struct xp_build_id build_id;
};

struct xp_perf;

/* XP_E_ABSENT, XP_E_PERM, XP_E_SYSTEM: the text says why it cannot be had. Process context. */
int xp_perf_open(struct xp_perf **p, struct xp_err *err);
void xp_perf_close(struct xp_perf *p); /* NULL is fine */

/*
 * Takes all records off the rings, one ring after the other: the order of
 * time is only kept within a ring. Returns how many records the kernel lost.
 */
uint64_t xp_perf_drain(struct xp_perf *p, void (*fn)(const struct xp_mm_event *event, void *arg), void *arg);

/*
 * Decodes one record (header included), as drain does. 1: *event is filled;
 * 0: a record of no interest or malformed; *lost grows with lost records.
 */
int xp_perf_decode(const void *record, size_t len, struct xp_mm_event *event, uint64_t *lost);

#endif
