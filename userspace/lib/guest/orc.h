/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unwind rules of a running Linux kernel and of its modules, read from its
 * memory (a guest's, or dom0's by /proc/kcore): its ORC, found by the symbols of
 * its linker's script; its modules', by its list of them and its types.
 *
 * A kernel without ORC (built with frame pointers) has regions without rules: it is known where its code is.
 */
#ifndef XP_GUEST_ORC_H
#define XP_GUEST_ORC_H

#include "lib/base/buf.h"
#include "lib/base/cursor.h"
#include "lib/base/error.h"
#include "lib/guest/btf.h"

#define XP_GORC_MODULES_MAX 1024u

/* A kernel's memory by its virtual addresses. All that is read may have changed meanwhile, or be a lie. */
struct xp_kmemory {
	void *arg;
	bool (*read)(void *arg, uint64_t address, void *to, size_t len); /* false: some of it is not there */
};

/* Where it is in a kernel. All zeroes: not known. */
struct xp_gorc_places {
	uint64_t text, text_end;        /* the kernel's code */
	uint64_t ip, ip_end;            /* 0: no ORC */
	uint64_t entries;
	uint64_t modules;               /* the list's head; 0: modules are not read */
	uint32_t list, base, size;      /* offsets in struct module */
	uint32_t nr, module_ip, module_entries;
};

/* kallsyms: lines as in /proc/kallsyms. False: it does not even say where the kernel's code is. */
bool xp_gorc_find(struct xp_gorc_places *p, const struct xp_buf *kallsyms);
/* The same for modules; without it they have no rules. */
void xp_gorc_find_modules(struct xp_gorc_places *p, const struct xp_btf *types, uint64_t list);
/* The kernel's image is elsewhere: by so much. */
void xp_gorc_shift(struct xp_gorc_places *p, uint64_t by);

/* Appends regions, to be read with xp_gorc_next(): the kernel's first. XP_E_ABSENT: nothing could be read. */
int xp_gorc_read(struct xp_buf *to, const struct xp_kmemory *m, const struct xp_gorc_places *p, struct xp_err *err);

struct xp_gorc_region {
	uint64_t start, end;    /* code */
	struct xp_cursor rules; /* for xp_unwind_table_decode(); empty: none are known */
};

/* The next region; false: that was the last one, or c has failed. */
bool xp_gorc_next(struct xp_cursor *c, struct xp_gorc_region *r);

#endif
