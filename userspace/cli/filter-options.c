// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/filter-options.h"

#include "cli/cli.h"

static unsigned int mode_bit(const char *name, size_t len)
{
	unsigned int i;

	for (i = 0; i < XP_NR_MODES; i++)
		if (strlen(xp_mode_names[i]) == len && !memcmp(xp_mode_names[i], name, len))
			return 1u << i;
	return 0;
}

int cli_filter_modes(struct xp_filter *filter, const char *verb, const char *list)
{
	const char *p = list;

	for (;;) {
		size_t len = strcspn(p, ",");
		unsigned int bit = mode_bit(p, len);

		if (!bit)
			return cli_usage(verb, "--mode %s: there are xen, kernel, user and idle", list);
		filter->modes |= bit;
		if (!p[len])
			return 0;
		p += len + 1;
	}
}
