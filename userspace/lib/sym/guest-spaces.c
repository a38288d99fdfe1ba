// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/guest-spaces.h"

#include <stdlib.h>

void xp_guest_spaces_release(struct xp_guest_spaces *s)
{
	for (size_t i = 0; i < s->nr; i++)
		xp_unwind_space_clear(&s->v[i].unwind);
	free(s->v);
	*s = (struct xp_guest_spaces){ 0 };
}

static struct xp_guest_space *space_of(struct xp_guest_spaces *s, uint64_t cr3, struct xp_unwind_store *store)
{
	struct xp_guest_space *v = s->v;

	for (size_t i = 0; i < s->nr; i++)
		if (v[i].cr3 == cr3)
			return &v[i];
	if (s->nr == XP_GUEST_ROOTS)
		return NULL;
	if (s->nr == s->room) {
		size_t room = s->room ? 2 * s->room : 16;

		v = realloc(v, room * sizeof(*v));
		if (!v)
			return NULL;
		s->v = v;
		s->room = room;
	}
	v[s->nr] = (struct xp_guest_space){ .cr3 = cr3, .life = UINT32_MAX };
	xp_unwind_space_init(&v[s->nr].unwind, store);
	return &v[s->nr++];
}

/* What is mapped later lies over what was there. */
static void map(struct xp_guest_space *s, const struct xp_guest_processes *p, const struct xp_guest_map *m)
{
	const struct xp_gprogram *program;
	const struct xp_guest_file *f;
	struct xp_unwind_shared *rules;

	if (!xp_unwind_space_map(&s->unwind, m->start, m->end, m->file) || m->file == XP_GNO_FILE)
		return;
	f = &p->files[m->file];
	program = &f->info.program;
	rules = xp_unwind_store_share(s->unwind.store, f->rules.data, f->rules.len);
	xp_unwind_space_set(&s->unwind, xp_unwind_space_find(&s->unwind, m->start), rules,
			    m->start - xp_gprogram_address(program, m->offset) + xp_gprogram_base(program));
}

struct xp_unwind_space *xp_guest_spaces_find(struct xp_guest_spaces *spaces, const struct xp_guest_processes *p, uint64_t cr3,
					     struct xp_unwind_store *store)
{
	struct xp_guest_space *s = p->nr_maps ? space_of(spaces, cr3, store) : NULL;

	for (; s && s->seen < p->nr_maps; s->seen++) {
		const struct xp_guest_map *m = &p->maps[s->seen];

		if (p->lives[m->life].cr3 != cr3)
			continue;
		if (m->life != s->life)
			xp_unwind_space_clear(&s->unwind);
		s->life = m->life;
		map(s, p, m);
	}
	return s && s->unwind.nr ? &s->unwind : NULL;
}
