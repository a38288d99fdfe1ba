/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest's processes have mapped: of those that are asked for, which
 * files lie where, and the symbols of files that are new.
 */
#ifndef XP_GUEST_PROGRAMS_H
#define XP_GUEST_PROGRAMS_H

#include "lib/base/cursor.h"
#include "lib/guest/program.h"
#include "lib/guest/tasks.h"

#define XP_GPROCESSES_MAX 256u       /* whose mappings are read in one reading */
#define XP_GPROGRAMS_MAX 1024u       /* files of one guest */
#define XP_GMAPS_MAX 16384u          /* of one reading */
#define XP_GPROGRAMS_BUDGET (64ull << 20) /* bytes of files in one reading */

#define XP_GNO_FILE UINT32_MAX       /* memory without a file */

struct xp_gmap {                     /* of code */
	uint64_t cr3, started;       /* whose: as in struct xp_gtask … */
	uint32_t tgid;               /* … */
	uint32_t file;               /* index: of the files that were known, and behind them the new ones; or XP_GNO_FILE */
	uint64_t start, end, offset;
};

struct xp_gfile_info {
	struct xp_gfile_key key;
	struct xp_gprogram program;
	uint32_t kept;               /* its symbols are on disk: kept.h, xp_gprograms_name(); 0: they are here */
	uint32_t unused;
};

struct xp_gprograms {
	struct xp_buf maps;          /* struct xp_gmap */
	struct xp_buf files;         /* of each: struct xp_gfile_info, path (length, bytes), symbols, unwind rules (likewise) */
};

/* Which are known, and what is asked for. All borrowed. */
struct xp_gask {
	const uint64_t *roots;       /* CR3 of processes */
	size_t nr_roots;
	const struct xp_gfile_key *known;
	size_t nr_known;
	const char *guest;           /* as in struct xp_gjob */
	bool rules;                  /* likewise; they are never kept on disk: to read them takes as long */
};

/* tasks: struct xp_gtask. Errors are left out. */
void xp_gprograms_read(struct xp_gprograms *p, struct xp_gmemory *m, const struct xp_guser_layout *l, const struct xp_buf *tasks,
		       const struct xp_gask *ask);
void xp_gprograms_release(struct xp_gprograms *p);

/* The next file of such bytes: symbols by xp_gsymbol_next(), rules by xp_unwind_table_decode() (empty: there are none). False: there
 * is none, or it is cut off. */
bool xp_gprograms_next(struct xp_cursor *c, struct xp_gfile_info *info, char path[XP_GPATH_MAX], struct xp_cursor *symbols,
		       struct xp_cursor *rules);

struct xp_gkept_name { char text[96]; };
/* Under which name (kept.h) symbols of a build are. False: nothing is kept of this. */
bool xp_gprograms_name(struct xp_gkept_name *n, const char *guest, const struct xp_gprogram *p);

#endif
