/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <stdlib.h>

#define vzalloc(size) calloc(1, size)
#define vfree(p) free(p)
