/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of C++, Rust and D as people wrote them, by libiberty. Of hostile
 * origin: only for the child that reads debug data.
 */
#ifndef XP_LINES_DEMANGLE_H
#define XP_LINES_DEMANGLE_H

#include "lib/lines/answer.h"

/* Remembers what it has been asked, by where the name lies: debug data have each name once. */
struct xp_demangler {
	struct xp_demangled { const char *name; uint32_t number; } *v;
	size_t nr, mask;
};

/* The number in the answer of the demangled name; 0 of NULL. */
uint32_t xp_demangler_number(struct xp_demangler *d, struct xp_answer *a, const char *name);

#endif
