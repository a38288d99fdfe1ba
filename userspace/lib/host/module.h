/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xprof.ko in the running kernel.
 */
#ifndef XP_HOST_MODULE_H
#define XP_HOST_MODULE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/error.h"

bool xp_module_loaded(void);

/*
 * The file that would be loaded for this kernel: what DKMS or a package built
 * for it, else the one in libdir/modules/<release>/. XP_E_ABSENT names the
 * places that were looked at.
 */
int xp_module_find(const char *libdir, char *path, size_t size, struct xp_err *err);

/* Loads it and waits for /dev/xprof. XP_E_ABSENT, XP_E_PERM (lockdown, signatures), XP_E_VERSION (other kernel). */
int xp_module_load(const char *libdir, struct xp_err *err);

/* No error when it is not loaded. XP_E_BUSY: somebody has /dev/xprof open. */
int xp_module_unload(struct xp_err *err);

#endif
