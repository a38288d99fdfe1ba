// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/nearest.h"

#include <stdbool.h>
#include <string.h>

#define LONGEST 32u

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein's distance. */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST + 1], la = strlen(a), lb = strlen(b);

	if (la > LONGEST || lb > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}

/* A third of what was typed may be wrong, and two letters in any case. */
void xp_nearest_init(struct xp_nearest *n, const char *typed)
{
	size_t third = strlen(typed) / 3;

	n->typed = typed;
	n->best = NULL;
	n->distance = (third > 2 ? third : 2) + 1;
}

/* A name that goes on as it was begun is as near as one wrong letter. */
static bool is_begun(const char *typed, const char *name)
{
	size_t len = strlen(typed);

	return len > 2 && !strncmp(typed, name, len);
}

void xp_nearest_offer(struct xp_nearest *n, const char *name)
{
	size_t d = is_begun(n->typed, name) ? 1 : distance(n->typed, name);

	if (d < n->distance && d < strlen(name)) {
		n->best = name;
		n->distance = d;
	}
}
