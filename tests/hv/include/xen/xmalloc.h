/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for Xen's header of this name. */
#pragma once
#include <stdlib.h>

#define xzalloc(type) ((type *)calloc(1, sizeof(type)))
#define xzalloc_array(type, n) ((type *)calloc(n, sizeof(type)))
#define xfree(p) free(p)
