// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/cpulist.h"

#include <stdio.h>

static bool has(const uint8_t *map, size_t cpu)
{
	return map[cpu / 8] >> (cpu % 8) & 1;
}

bool xp_cpu_list(const uint8_t *map, size_t nr_cpus, char *text, size_t size)
{
	size_t at = 0, cpu = 0;

	text[0] = '\0';
	while (cpu < nr_cpus) {
		size_t first = cpu;
		int n;

		if (!has(map, cpu++))
			continue;
		while (cpu < nr_cpus && has(map, cpu))
			cpu++;
		n = snprintf(text + at, size - at, cpu - first > 1 ? "%s%zu-%zu" : "%s%zu", at ? "," : "", first, cpu - 1);
		if (n < 0 || (size_t)n >= size - at)
			return false;
		at += (size_t)n;
	}
	return true;
}
