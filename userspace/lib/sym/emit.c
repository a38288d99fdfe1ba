// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/emit.h"

#define MAX_NAMES (256u << 20)

static bool found_add(struct xp_found *found, const struct xp_sym *sym)
{
	struct xp_symbol *symbol = &found->v[found->nr];

	if (found->nr && found->v[found->nr - 1].start == sym->start)
		return true;
	symbol->start = sym->start;
	symbol->end = sym->end;
	symbol->name = xp_arena_string(&found->names, sym->name, sym->len);
	if (!symbol->name)
		return false;
	found->nr++;
	return true;
}

int xp_found_init(struct xp_found *found, const struct xp_symtab *t, const struct xp_addr *addrs, size_t nr,
		  struct xp_err *err)
{
	size_t i;

	*found = (struct xp_found){ 0 };
	xp_arena_init(&found->names, MAX_NAMES);
	if (!nr || !t->nr)
		return 0;
	found->v = calloc(nr < t->nr ? nr : t->nr, sizeof(*found->v));
	if (!found->v)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu symbols", nr);
	for (i = 0; i < nr; i++) {
		const struct xp_sym *sym = xp_symtab_find(t, addrs[i].ip);

		if (!sym)
			continue;
		found->named++;
		if (!found_add(found, sym))
			return xp_fail(err, XP_E_NOMEM, "no memory for the names of %zu symbols", nr);
	}
	return 0;
}

void xp_found_release(struct xp_found *found)
{
	free(found->v);
	xp_arena_release(&found->names);
	*found = (struct xp_found){ 0 };
}

int xp_emit_image(struct xp_emit *e, enum xp_image_kind kind, const char *name, const struct xp_build_id *id,
		  const char *why, const struct xp_found *found, uint32_t *out, struct xp_err *err)
{
	/* The writer does not change the strings. */
	struct xp_image image = { .kind = (uint8_t)kind, .name = (char *)name, .why = (char *)(why ? why : "") };
	int rc;

	if (id) {
		image.build_id_len = id->len;
		memcpy(image.build_id, id->bytes, id->len);
	}
	rc = xp_write_image(e->w, &image, err);
	if (rc < 0)
		return rc;
	*out = e->next_image++;
	e->stats->images++;
	if (!found || !found->nr)
		return 0;
	rc = xp_write_symbols(e->w, *out, found->v, found->nr, err);
	if (rc < 0)
		return rc;
	e->stats->symbols += found->nr;
	e->stats->named += found->named;
	return 0;
}

int xp_emit_map(struct xp_emit *e, const struct xp_map *map, struct xp_err *err)
{
	int rc = xp_write_map(e->w, map, err);

	if (rc >= 0)
		e->stats->maps++;
	return rc < 0 ? rc : 0;
}
