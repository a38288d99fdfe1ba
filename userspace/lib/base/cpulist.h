/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef XP_BASE_CPULIST_H
#define XP_BASE_CPULIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "0-3,5" from a bitmap of CPUs, the lowest in bit 0 of the first byte. False: it does not fit. */
bool xp_cpu_list(const uint8_t *map, size_t nr_cpus, char *text, size_t size);

#endif
