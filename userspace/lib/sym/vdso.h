/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vDSO: the kernel gives every 64-bit process the same one, so our own
 * copy names the addresses of all. (32-bit processes have another: not named.)
 */
#ifndef XP_SYM_VDSO_H
#define XP_SYM_VDSO_H

#include "lib/sym/elf.h"

#define XP_VDSO32 "[vdso32]" /* how we call that other one */

/* Our copy. False: there is none. */
bool xp_vdso_bytes(const void **bytes, size_t *len);

/* 0, or -1: there is none. Release *e as any. */
int xp_vdso_open(struct xp_elf *e);

#endif
