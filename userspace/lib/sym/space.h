/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address spaces of processes over time: who (tgid) had which page-table
 * roots (CR3), and what was mapped executable where, from when on.
 *
 * A space is the history of one tgid, through exec and, when the number is
 * given to another process, beyond. Its mappings are in the order in which
 * they came; those from index `gen` on are of the present program. What is
 * unmapped is not told: a mapping holds until another covers it.
 *
 * Times are host TSC ticks.
 */
#ifndef XP_SYM_SPACE_H
#define XP_SYM_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XP_SPACE_MAX_MAPS 65536u /* of one space */

struct xp_mapping {
	uint64_t tsc;        /* from when on; 0: since before the session */
	uint64_t born;       /* when the program that mapped it began; 0: before the session */
	uint64_t start, end;
	uint64_t offset;     /* in the file, bytes */
	uint32_t image;      /* index in struct xp_images */
	uint32_t used;       /* finish: samples lie in it */
};

struct xp_root { uint64_t cr3, tsc; };

struct xp_space {
	uint32_t tgid;
	struct xp_mapping *maps;
	size_t nr_maps, room_maps, gen;
	uint64_t born;       /* of the present program */
	struct xp_root *roots; /* one for each record of the task that gave it an address space */
	size_t nr_roots, room_roots;
	uint64_t read_tsc;   /* /proc/PID/maps was read then: earlier events are known; 0: never */
	struct xp_space *next;
};

struct xp_spaces {
	struct xp_space **buckets;
	size_t nr_maps, max_maps; /* of all spaces */
	uint64_t lost_maps;       /* found no room */
};

bool xp_spaces_init(struct xp_spaces *s, size_t max_maps);
void xp_spaces_release(struct xp_spaces *s);

struct xp_space *xp_spaces_find(const struct xp_spaces *s, uint32_t tgid);
struct xp_space *xp_spaces_get(struct xp_spaces *s, uint32_t tgid); /* made if it is new; NULL: no memory */
void xp_spaces_each(const struct xp_spaces *s, void (*fn)(struct xp_space *space, void *arg), void *arg);

/* A mapping appears. One that is there already, on top, is not added again. */
void xp_space_map(struct xp_spaces *s, struct xp_space *space, const struct xp_mapping *map);
/* The process began at tsc, with what its parent had mapped (parent may be NULL or unknown). */
void xp_space_fork(struct xp_spaces *s, struct xp_space *space, const struct xp_space *parent, uint64_t tsc);
/* A new program: nothing is mapped any more. */
void xp_space_exec(struct xp_space *space, uint64_t tsc);
/* The space has this root from tsc on: a record of the task says so. False: no memory. */
bool xp_space_root(struct xp_space *space, uint64_t cr3, uint64_t tsc);

/*
 * When the mapping began, by the clock of task records. The kernel maps a new
 * program's first files (and tells perf of a fork) a little before the record
 * of it; readers count what is older than that record to the program before.
 * So what the new program mapped is dated no earlier than its record, unless
 * that is more than `slack` ticks later: then it is another's.
 */
uint64_t xp_space_map_tsc(const struct xp_space *space, const struct xp_mapping *map, uint64_t slack);

/* The mapping of the present program that holds addr, NULL: none. */
const struct xp_mapping *xp_space_find(const struct xp_space *space, uint64_t addr);

/* Forgets all that is not later than tsc; the space itself too (it may be freed) when nothing is left. */
void xp_spaces_forget(struct xp_spaces *s, struct xp_space *space, uint64_t tsc);

#endif
