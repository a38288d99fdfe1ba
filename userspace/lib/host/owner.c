// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/host/owner.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/host/livepatch.h"

#define XENSYMS "/proc/xen/xensyms"

/* The last symbol at or below addr; true if Xen's own text goes on behind it. */
static bool find_in_xen(uint64_t addr, char *name, size_t size)
{
	FILE *f = fopen(XENSYMS, "re");
	char *line = NULL;
	size_t room = 0;
	bool below = false, inside = false;

	if (!f)
		return false;
	while (!inside && getline(&line, &room, f) > 0) {
		uint64_t start;
		char symbol[256];

		if (sscanf(line, "%" SCNx64 " %*c %255s", &start, symbol) != 2)
			continue;
		if (start > addr) {
			inside = below;
			break;
		}
		if (!strcmp(symbol, "_etext"))
			break; /* behind it there is no function of Xen's own */
		snprintf(name, size, "%s", symbol);
		below = true;
	}
	free(line);
	fclose(f);
	return inside;
}

static void name_patches(struct xp_xen *xen, char *out, size_t size)
{
	struct xp_livepatch *patches = NULL;
	struct xp_err ignored;
	int i, others = 0, nr = xp_livepatch_list(xen, &patches, &ignored);
	char list[512] = "";

	for (i = 0; i < nr; i++) {
		size_t at = strlen(list);

		if (patches[i].ours || !patches[i].applied)
			continue;
		snprintf(list + at, sizeof(list) - at, "%s%s", others ? ", " : "", patches[i].name);
		others++;
	}
	free(patches);
	if (!others)
		snprintf(out, size, "unknown code");
	else
		snprintf(out, size, "%s %s", others == 1 ? "the live patch" : "one of the live patches", list);
}

void xp_owner_name(struct xp_xen *xen, uint64_t addr, char *out, size_t size)
{
	if (!find_in_xen(addr, out, size))
		name_patches(xen, out, size);
}
