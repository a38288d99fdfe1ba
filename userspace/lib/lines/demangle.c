// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/demangle.h"

#include <libiberty/demangle.h>

#define MIN_SLOTS 4096u
#define MAX_NAME  65536u /* of what is demangled: it grows */

static struct xp_demangled *slot_of(const struct xp_demangler *d, const char *name)
{
	size_t at = (size_t)((uintptr_t)name * 0x9e3779b97f4a7c15u >> 32) & d->mask;

	while (d->v[at].name && d->v[at].name != name)
		at = (at + 1) & d->mask;
	return &d->v[at];
}

/* At most half full. False: no memory. */
static bool make_room(struct xp_demangler *d)
{
	struct xp_demangler more = { .nr = d->nr };
	size_t i;

	if (d->v && d->nr <= d->mask / 2)
		return true;
	more.mask = d->v ? 2 * d->mask + 1 : MIN_SLOTS - 1;
	more.v = calloc(more.mask + 1, sizeof(*more.v));
	if (!more.v)
		return false;
	for (i = 0; d->v && i <= d->mask; i++)
		if (d->v[i].name)
			*slot_of(&more, d->v[i].name) = d->v[i];
	free(d->v);
	*d = more;
	return true;
}

static uint32_t demangle(struct xp_answer *a, const char *name)
{
	bool mangled = name[0] == '_' && (name[1] == 'Z' || name[1] == 'R' || name[1] == 'D');
	char *text = mangled && strlen(name) < MAX_NAME ? cplus_demangle(name, DMGL_PARAMS | DMGL_ANSI | DMGL_AUTO) : NULL;
	uint32_t number = xp_answer_string(a, text ? text : name);

	free(text);
	return number;
}

uint32_t xp_demangler_number(struct xp_demangler *d, struct xp_answer *a, const char *name)
{
	struct xp_demangled *slot;

	if (!name)
		return 0;
	if (!make_room(d)) {
		a->failed = true;
		return 0;
	}
	slot = slot_of(d, name);
	if (!slot->name) {
		*slot = (struct xp_demangled){ name, demangle(a, name) };
		d->nr++;
	}
	return slot->number;
}
