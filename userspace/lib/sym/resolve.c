// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/resolve.h"

struct xp_addrs xp_addrs_in(const struct xp_addrs *all, uint64_t space, uint64_t start, uint64_t end)
{
	size_t first = xp_addr_lower_bound(all->v, all->nr, space, start);
	size_t last = xp_addr_lower_bound(all->v, all->nr, space, end);

	return (struct xp_addrs){ all->v ? all->v + first : NULL, last > first ? last - first : 0 };
}
