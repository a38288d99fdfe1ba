/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address spaces of processes over time: who (tgid) had which page-table
 * roots (CR3), and what was mapped executable where, from when on.
 *
 * A space is the history of one tgid: its programs, one after the other, each
 * begun by fork or exec, and, when the number is given to another process,
 * that one's. A program's mappings are in the order in which they came. What
 * is unmapped is not told: a mapping holds until another covers it.
 *
 * Two clocks. Task records (roots) carry the TSC and are what readers divide
 * a process's life by. Mapping events carry the kernel's own time, converted:
 * under Xen that may be off by milliseconds, and a new program's first files
 * are mapped before its record is made anyway. So programs are matched with
 * records by their order (xp_space_date()), and a mapping is dated by its
 * program, unless it covers another one of the same program: before it came
 * nothing else could run there.
 *
 * Times are host TSC ticks.
 */
#ifndef XP_SYM_SPACE_H
#define XP_SYM_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XP_SPACE_MAX_MAPS 65536u /* of one space */

#define XP_SPACE_MAX_PROGRAMS 65536u

struct xp_mapping {
	uint64_t tsc;        /* when it was told; 0: it was there before the session */
	uint64_t start, end;
	uint64_t offset;     /* in the file, bytes */
	uint32_t image;      /* index in struct xp_images */
	uint32_t used;       /* finish: samples lie in it */
};

#define XP_COMM 16u

struct xp_program {
	uint64_t born;       /* when fork or exec was told; 0: it was there before the session */
	uint64_t start;      /* xp_space_date(): of the task record */
	uint32_t first;      /* its first mapping */
	uint8_t exec;        /* else fork (or before the session) */
	char comm[XP_COMM];  /* of an exec; "" if it is not known */
};

struct xp_root {             /* one for each task record that gives an address space */
	uint64_t cr3, tsc;
	uint8_t exec;
	char comm[XP_COMM];
};

struct xp_space {
	uint32_t tgid;
	struct xp_mapping *maps;
	uint32_t nr_maps, room_maps;
	struct xp_program *programs; /* at least one; the last is the present one */
	uint32_t nr_programs, room_programs;
	struct xp_root *roots;
	uint32_t nr_roots, room_roots;
	uint64_t read_tsc;   /* when /proc/PID/maps was read, rounded up by what clocks may differ; 0: never */
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
/* A new program: nothing is mapped any more. comm is terminated or XP_COMM long; "" if it is not known. */
void xp_space_exec(struct xp_spaces *s, struct xp_space *space, uint64_t tsc, const char *comm);
/* A task record: the space has this root from tsc on. False: no memory. */
bool xp_space_root(struct xp_space *space, const struct xp_root *root);

/* The mapping of the present program that holds addr, NULL: none. */
const struct xp_mapping *xp_space_find(const struct xp_space *space, uint64_t addr);

/*
 * Gives each program the time of its task record: the records in their order,
 * by kind (fork, exec) and name, not further than `slack` ticks away. What
 * has no record (one was lost) keeps the time at which it was told.
 */
void xp_space_date(struct xp_space *space, uint64_t slack);
/* After that: from when on the mapping counts. */
uint64_t xp_space_map_tsc(const struct xp_space *space, const struct xp_mapping *map);

/* The process ended at tsc: forgets it and the programs before it. The space is freed unless its number has a new owner. */
void xp_spaces_forget(struct xp_spaces *s, struct xp_space *space, uint64_t tsc);

#endif
