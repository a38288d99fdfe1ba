/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/resolve.h"

#include <linux/xprof.h>

#define CONTEXT_SLOTS 4096u
#define ADDRESS_SLOTS 32768u
#define MAX_ANCESTORS 16

/*
 * The kernel maps a program before it says that it has been executed (and a
 * child's mappings may be dated before its fork, by another clock): maps this
 * much older than a life's first record belong to it. Newer ones win anyway.
 */
#define MAP_SLACK_MS 100u

/* Whose code an address can be: its maps, and the life of that owner. */
struct owner {
	struct xp_map_range range;
	uint64_t born, died;
	uint32_t id;            /* unique: part of the key of the address cache */
	uint32_t life;          /* XP_NONE: no process */
};

struct context {                /* what follows from all but the address */
	uint64_t word, cr3;     /* key: domid, mode; word 0: free */
	uint64_t from, to;
	uint32_t domain, task;
	enum xp_mode mode;
	bool owned;             /* false: nobody knows whose code it is */
	struct owner owner;
};

struct place {                  /* what follows from owner and address */
	uint64_t ip;
	uint64_t from, to;
	uint32_t owner;         /* id + 1; 0: free */
	uint32_t image;
	const struct xp_symbol *symbol;
	uint64_t address;
};

struct xp_resolver {
	const struct xp_profile *p;
	struct xp_domain_index domains;
	struct xp_task_index tasks;
	struct xp_map_index maps;
	uint64_t slack;
	size_t *below;          /* of each image: xp_symbol_at() */
	struct context contexts[CONTEXT_SLOTS];
	struct place places[ADDRESS_SLOTS];
};

static uint64_t map_slack(const struct xp_profile *p)
{
	const char *text = xp_profile_host(p, "tsc.khz");
	uint64_t khz = text ? strtoull(text, NULL, 10) : 0;

	return (khz && khz < 100000000u ? khz : 2500000u) * MAP_SLACK_MS;
}

int xp_resolver_new(struct xp_resolver **out, const struct xp_profile *p, struct xp_err *err)
{
	struct xp_resolver *r = calloc(1, sizeof(*r));
	int rc;

	*out = NULL;
	if (!r)
		return xp_fail(err, XP_E_NOMEM, "no memory to find names");
	r->p = p;
	r->slack = map_slack(p);
	rc = xp_domain_index_init(&r->domains, p, err);
	if (!rc)
		rc = xp_task_index_init(&r->tasks, p, err);
	if (!rc)
		rc = xp_map_index_init(&r->maps, p, err);
	r->below = calloc(p->nr_images + 1, sizeof(*r->below));
	if (!rc && !r->below)
		rc = xp_fail(err, XP_E_NOMEM, "no memory to find names in %zu images", p->nr_images);
	if (rc) {
		xp_resolver_free(r);
		return rc;
	}
	*out = r;
	return 0;
}

void xp_resolver_free(struct xp_resolver *r)
{
	if (!r)
		return;
	xp_domain_index_release(&r->domains);
	xp_task_index_release(&r->tasks);
	xp_map_index_release(&r->maps);
	free(r->below);
	free(r);
}

struct xp_domain_index *xp_resolver_domains(struct xp_resolver *r)
{
	return &r->domains;
}

/* ---- contexts ---- */

static enum xp_mode mode_of(const struct xp_site *s)
{
	if (s->domid == XPROF_DOMID_IDLE)
		return XP_MODE_IDLE;
	switch (s->mode & XPROF_MODE_CODE) {
	case XPROF_MODE_XEN:    return XP_MODE_XEN;
	case XPROF_MODE_KERNEL: return XP_MODE_KERNEL;
	default:                return XP_MODE_USER;
	}
}

static void owner_init(struct xp_resolver *r, struct owner *o, uint16_t domid, uint32_t tgid, uint32_t id)
{
	*o = (struct owner){
		.range = xp_maps_of(&r->maps, domid, tgid), .born = 0, .died = UINT64_MAX, .id = id, .life = XP_NONE,
	};
}

static void owner_of_life(struct xp_resolver *r, struct owner *o, uint32_t life)
{
	const struct xp_life *l = &r->tasks.lives[life];

	owner_init(r, o, l->domid, l->tgid, life * 2);
	o->life = life;
	o->died = l->to;
	if (!xp_life_is_first(&r->tasks, life))
		o->born = l->from > r->slack ? l->from - r->slack : 0;
}

/* A task by the CR3 itself, or by that without bit 12: under KPTI a process of an HVM guest has a pair of page tables. */
static uint32_t task_of(struct xp_resolver *r, const struct xp_site *s, uint64_t tsc, uint64_t *from, uint64_t *to)
{
	uint32_t task = xp_task_at(&r->tasks, s->domid, s->cr3, tsc, from, to);

	if (task == XP_NONE && (s->mode & XPROF_MODE_HVM) && (s->cr3 & 0x1000))
		task = xp_task_at(&r->tasks, s->domid, s->cr3 & ~0x1000ull, tsc, from, to);
	return task;
}

static void find_owner(struct xp_resolver *r, struct context *c, const struct xp_site *s)
{
	const struct xp_task *t;
	uint32_t life;

	c->owned = true;
	if (c->mode == XP_MODE_XEN || c->mode == XP_MODE_IDLE) {
		owner_init(r, &c->owner, XP_DOMID_XEN, 0, 1);
		return;
	}
	if (c->mode == XP_MODE_KERNEL) {
		owner_init(r, &c->owner, s->domid, 0, c->domain * 2 + 3);
		c->owner.born = c->from; /* domains that had the id before had another kernel */
		c->owner.died = c->to;
		return;
	}
	c->owned = c->task != XP_NONE;
	if (!c->owned)
		return;
	t = &r->p->tasks[c->task];
	life = xp_life_at(&r->tasks, t->domid, t->tgid, t->tsc);
	c->owned = life != XP_NONE;
	if (c->owned)
		owner_of_life(r, &c->owner, life);
}

static int fill_context(struct xp_resolver *r, struct context *c, const struct xp_site *s, uint64_t tsc)
{
	uint64_t from, to;

	c->mode = mode_of(s);
	c->task = XP_NONE;
	c->domain = xp_domain_at(&r->domains, s->domid, tsc, &c->from, &c->to);
	if (c->domain == XP_NONE)
		return XP_E_NOMEM;
	if (c->mode == XP_MODE_KERNEL)
		find_owner(r, c, s);
	if (s->cr3 && c->mode != XP_MODE_IDLE) {
		c->task = task_of(r, s, tsc, &from, &to);
		c->from = from > c->from ? from : c->from;
		c->to = to < c->to ? to : c->to;
	}
	if (c->mode != XP_MODE_KERNEL)
		find_owner(r, c, s);
	return 0;
}

static size_t hash(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ b * 0xc2b2ae3d27d4eb4fu) * 0x9e3779b97f4a7c15u;

	return (size_t)(h >> 40);
}

static uint64_t word_of(const struct xp_site *s)
{
	return 1ull << 32 | (uint64_t)s->mode << 16 | s->domid;
}

static size_t context_slot(const struct xp_site *s)
{
	return hash(word_of(s), s->cr3) % CONTEXT_SLOTS;
}

void xp_resolver_ask_context(const struct xp_resolver *r, const struct xp_site *s)
{
	const char *c = (const char *)&r->contexts[context_slot(s)];

	__builtin_prefetch(c);
	__builtin_prefetch(c + 64);
}

/* The context of a site at tsc, from the cache or put there. NULL: no memory. */
static const struct context *context_at(struct xp_resolver *r, const struct xp_site *s, uint64_t tsc)
{
	struct context *c = &r->contexts[context_slot(s)];
	uint64_t word = word_of(s);

	if (c->word == word && c->cr3 == s->cr3 && tsc >= c->from && tsc < c->to)
		return c;
	c->word = 0;
	if (fill_context(r, c, s, tsc))
		return NULL;
	c->word = word;
	c->cr3 = s->cr3;
	return c;
}

/* ---- places ---- */

static const struct xp_map *map_of(struct xp_resolver *r, const struct owner *o, uint64_t ip, uint64_t tsc,
				   uint64_t *from, uint64_t *to)
{
	const struct xp_map *map = xp_map_at(&r->maps, o->range, ip, tsc, o->born, o->died, from, to);
	struct owner parent = *o;
	uint64_t unused_from, unused_to;
	int depth;

	/* A child that has not executed yet has what its parent had. */
	for (depth = 0; !map && parent.life != XP_NONE && depth < MAX_ANCESTORS; depth++) {
		const struct xp_task *t = &r->p->tasks[r->tasks.lives[parent.life].task];
		uint32_t life;

		if (t->type != XPROF_TASK_FORK)
			break;
		life = xp_life_at(&r->tasks, t->domid, t->ppid, t->tsc);
		if (life == XP_NONE || life == parent.life)
			break;
		owner_of_life(r, &parent, life);
		map = xp_map_at(&r->maps, parent.range, ip, t->tsc, parent.born, parent.died,
				&unused_from, &unused_to);
	}
	return map;
}

static void fill_place(struct xp_resolver *r, struct place *pl, const struct owner *o, uint64_t ip, uint64_t tsc)
{
	const struct xp_map *map = map_of(r, o, ip, tsc, &pl->from, &pl->to);

	pl->ip = ip;
	pl->owner = o->id + 1;
	pl->image = XP_NONE;
	pl->symbol = NULL;
	pl->address = ip;
	if (!map || map->image >= r->p->nr_images)
		return;
	pl->image = map->image;
	pl->address = ip - map->start + map->image_addr;
	pl->symbol = xp_symbol_at(&r->p->images[map->image], pl->address, &r->below[map->image]);
}

void xp_resolver_ask_place(const struct xp_resolver *r, const struct xp_site *s)
{
	const struct context *c = &r->contexts[context_slot(s)];

	if (c->word == word_of(s) && c->cr3 == s->cr3)
		__builtin_prefetch(&r->places[hash(s->ip, c->owner.id) % ADDRESS_SLOTS]);
}

static const struct place *place_at(struct xp_resolver *r, const struct owner *o, uint64_t ip, uint64_t tsc)
{
	struct place *pl = &r->places[hash(ip, o->id) % ADDRESS_SLOTS];

	if (pl->owner != o->id + 1 || pl->ip != ip || tsc < pl->from || tsc >= pl->to)
		fill_place(r, pl, o, ip, tsc);
	return pl;
}

int xp_resolve(struct xp_resolver *r, const struct xp_site *site, uint64_t tsc, struct xp_resolution *out)
{
	const struct context *c = context_at(r, site, tsc);
	const struct place *pl;

	if (!c)
		return XP_E_NOMEM;
	*out = (struct xp_resolution){
		.from = c->from, .to = c->to, .domain = c->domain, .task = c->task, .mode = c->mode,
		.image = XP_NONE, .address = site->ip,
	};
	if (!c->owned)
		return 0;
	pl = place_at(r, &c->owner, site->ip, tsc);
	out->from = pl->from > out->from ? pl->from : out->from;
	out->to = pl->to < out->to ? pl->to : out->to;
	out->image = pl->image;
	out->symbol = pl->symbol;
	out->address = pl->address;
	return 0;
}
