/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The unwind rules of an ELF file of x86-64 (a program, a library, the vDSO, a
 * separate debug file), by .eh_frame, found by its section or by
 * .eh_frame_hdr's segment, and by .debug_frame where that knows more.
 *
 * Any file may be handed in. It is read, not mapped: one that is cut off meanwhile is an error, not a SIGBUS.
 * Addresses are those of the file: the table's base is its first segment's.
 */
#ifndef XP_UNWIND_BINARY_H
#define XP_UNWIND_BINARY_H

#include "lib/unwind/table.h"

/*
 * XP_E_ABSENT: there is no such information in it (look into its debug file). XP_E_FORMAT: it is no such file,
 * or broken. *t needs no release after an error. fd is borrowed.
 */
int xp_binary_rules(struct xp_unwind_table *t, int fd, const char *name, struct xp_err *err);
int xp_binary_rules_memory(struct xp_unwind_table *t, const void *data, size_t len, const char *name, struct xp_err *err);

#endif
