/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between who reads guests (guests.c) and who takes names from what was read (resolve-guests.c). */
#ifndef XP_SYM_GUESTS_IMPL_H
#define XP_SYM_GUESTS_IMPL_H

#include "lib/sym/guests.h"

/* What is kept of a guest's kernel for the next call of a live session. NULL is fine. */
void xp_guest_kernel_free(struct xp_guest_kernel *kernel);

/* The guest's kernel once more, when what was kept of it turned out to be gone. Waits for the reader. */
int xp_guests_read_again(struct xp_guests *g, size_t i, struct xp_err *err);

#endif
