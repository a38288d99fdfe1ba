// SPDX-License-Identifier: GPL-2.0-or-later
/* Chains of guests' kernels and processes, by the rules that the reader has found in their memory. */
#include "lib/sym/guests.h"

#include "lib/sym/unwinder.h"

/* Who has the domid now. */
static struct xp_guest *guest_of(struct xp_guests *g, uint16_t domid)
{
	for (size_t i = g->nr; i-- > 0;)
		if (g->v[i].domid == domid)
			return &g->v[i];
	return NULL;
}

static void take_rules(struct xp_guest *guest, struct xp_unwind_store *store)
{
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_err ignored;

	guest->chains = true;
	if (!xp_greader_load(guest->fd, &k, &ignored) && k.rules.len) {
		xp_unwind_space_init(&guest->unwind, store);
		xp_unwinder_add_kernel(&guest->unwind, k.rules.data, k.rules.len, &ignored);
	}
	xp_gkernel_release(&k);
}

static struct xp_unwind_space *space_of(struct xp_guest *guest, struct xp_unwind_store *store, const struct xp_guest_code *code)
{
	if (!code->kernel)
		return xp_guest_spaces_find(&guest->spaces, &guest->processes, code->cr3, store);
	if (!guest->chains)
		take_rules(guest, store);
	return guest->unwind.nr ? &guest->unwind : NULL;
}

bool xp_guests_walk(struct xp_guests *g, struct xp_unwind_store *store, const struct xp_guest_code *code, struct xp_chain *chain)
{
	struct xp_guest *guest = guest_of(g, code->domid);
	struct xp_unwind_space *space = guest && guest->state == XP_GUEST_KNOWN ? space_of(guest, store, code) : NULL;
	struct xp_unwind_range *none;

	if (space)
		xp_unwind_space_walk(chain, space, code->regs, code->stack, &none);
	return space;
}
