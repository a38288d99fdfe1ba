// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/guest-modules.h"

#include <string.h>

#include "lib/sym/kallsyms.h"

static struct xp_span text_of(const struct xp_buf *b)
{
	return (struct xp_span){ (const char *)b->data, b->len };
}

static bool is_same(const struct xp_region *a, const struct xp_region *b)
{
	return a->start == b->start && a->end == b->end && !strcmp(a->image, b->image);
}

/* Another module lies there. */
static bool is_disputed(const struct xp_region *r, const struct xp_regions *others)
{
	for (size_t i = 0; i < others->nr; i++) {
		const struct xp_region *o = &others->v[i];

		if (r->start < o->end && o->start < r->end && !is_same(r, o))
			return true;
	}
	return false;
}

static bool has(const struct xp_regions *regions, const struct xp_region *r)
{
	for (size_t i = 0; i < regions->nr; i++)
		if (is_same(&regions->v[i], r))
			return true;
	return false;
}

/* As /proc/modules. */
static void put(struct xp_buf *to, const struct xp_region *r)
{
	char line[XP_KERNEL_NAME + 64];

	xp_buf_add(to, line, (size_t)snprintf(line, sizeof(line), "%s %llu 0 - Live 0x%016llx\n", r->image,
					      (unsigned long long)(r->end - r->start), (unsigned long long)r->start));
}

int xp_guest_modules_merge(struct xp_gkernel *k, const struct xp_gkernel *later, struct xp_err *err)
{
	struct xp_regions before = { .v = NULL }, after = { .v = NULL };
	struct xp_buf both = XP_BUF_INIT;
	bool ok = xp_regions_from_modules(&before, text_of(&k->modules)) && xp_regions_from_modules(&after, text_of(&later->modules));

	for (size_t i = 0; ok && i < before.nr; i++)
		if (!is_disputed(&before.v[i], &after))
			put(&both, &before.v[i]);
	for (size_t i = 0; ok && i < after.nr; i++)
		if (!has(&before, &after.v[i]) && !is_disputed(&after.v[i], &before))
			put(&both, &after.v[i]);
	xp_buf_add(&k->module_symbols, later->module_symbols.data, later->module_symbols.len);
	ok &= xp_buf_ok(&both) && xp_buf_ok(&k->module_symbols);
	xp_buf_release(&k->modules);
	k->modules = both;
	xp_regions_release(&before);
	xp_regions_release(&after);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for symbols of a guest's modules");
}
