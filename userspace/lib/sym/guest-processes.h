/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processes of one guest that are sampled: which files lie where in each,
 * as several readings of its memory tell it (lib/guest/programs.h).
 *
 * A process is known by its number, its page tables, when it began and what it is called: when one of these is another it
 * is another life, with mappings of its own.
 */
#ifndef XP_SYM_GUEST_PROCESSES_H
#define XP_SYM_GUEST_PROCESSES_H

#include <stdbool.h>

#include "lib/base/error.h"
#include "lib/guest/reader.h"

#define XP_GUEST_ROOTS 1024u  /* CR3s of one guest that are asked for */
#define XP_GUEST_LIVES 4096u  /* of sampled processes of one guest */
#define XP_GUEST_MAPS 32768u /* of these */
#define XP_GUEST_CHECKS 256u /* of new addresses in one poll: whether something is mapped there */
#define XP_GUEST_ASKED 6u     /* times for one CR3: what is not found then is not there */

struct xp_guest_root { uint64_t cr3; uint32_t asked; bool wanted; };

struct xp_guest_map {
	uint64_t start, end, offset; /* in the file, bytes */
	uint64_t tsc;                /* known since */
	uint32_t life;               /* whose */
	uint32_t file;               /* index; XP_GNO_FILE */
};

struct xp_guest_life {
	uint64_t cr3, started;
	uint32_t tgid;
	char comm[XP_GCOMM];
};

struct xp_guest_file {
	struct xp_gfile_info info;
	char *path;
	struct xp_buf symbols;       /* xp_gsymbol_next(); empty if they are kept on disk */
	struct xp_buf rules;         /* xp_unwind_table_decode(); empty if there are none, or they are not asked for */
};

struct xp_guest_processes {
	struct xp_guest_root *roots;
	size_t nr_roots;
	unsigned int checks;         /* made in this poll: the caller begins with 0 */
	struct xp_guest_life *lives;
	size_t nr_lives, room_lives;
	struct xp_guest_map *maps;
	size_t nr_maps, room_maps;
	struct xp_gfile_key *keys;   /* of files */
	struct xp_guest_file *files;
	size_t nr_files, room_files;
};

void xp_guest_processes_release(struct xp_guest_processes *p);

/* A new address is sampled under cr3. True: nothing is known of it, and it is worth asking. */
bool xp_guest_processes_sampled(struct xp_guest_processes *p, uint64_t cr3, uint64_t ip);

/* Fills what is to be asked now; all: also those that are known. The caller frees *roots when the reader has started. */
int xp_guest_processes_ask(struct xp_guest_processes *p, bool all, struct xp_gask *ask, uint64_t **roots, struct xp_err *err);

/* What was read at tsc. XP_E_NOMEM. */
int xp_guest_processes_note(struct xp_guest_processes *p, const struct xp_gresult *result, uint64_t tsc, struct xp_err *err);

#endif
