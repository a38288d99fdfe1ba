/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XP_BASE_SORT_H
#define XP_BASE_SORT_H

#include <stddef.h>

/*
 * Sorts like qsort, but those that compare as equal keep their order. What is
 * sorted already costs one pass. Never fails: without memory it is slow.
 */
void xp_stable_sort(void *array, size_t nr, size_t size, int (*compare)(const void *, const void *));

#endif
