// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/seen.h"

#include "xprof.h"

#define FIRST_ROOT_BITS 10

bool xp_seen_init(struct xp_seen *s, size_t max_addresses)
{
	memset(s, 0, sizeof(*s));
	xp_addrset_init(&s->addrs, max_addresses);
	s->root_bits = FIRST_ROOT_BITS;
	s->roots = calloc((size_t)1 << s->root_bits, sizeof(*s->roots));
	return s->roots;
}

void xp_seen_release(struct xp_seen *s)
{
	xp_addrset_release(&s->addrs);
	free(s->roots);
	s->roots = NULL;
}

/* ---- roots ---- */

static struct xp_seen_root *find_root(struct xp_seen_root *roots, unsigned int bits, uint64_t cr3)
{
	size_t mask = ((size_t)1 << bits) - 1;
	size_t i = cr3 * 0x9e3779b97f4a7c15ULL >> (64 - bits);

	while (roots[i].valid && roots[i].cr3 != cr3)
		i = (i + 1) & mask;
	return &roots[i];
}

static bool grow_roots(struct xp_seen *s)
{
	struct xp_seen_root *roots = calloc((size_t)2 << s->root_bits, sizeof(*roots));
	size_t i;

	if (!roots)
		return false;
	for (i = 0; i < (size_t)1 << s->root_bits; i++) {
		if (s->roots[i].valid)
			*find_root(roots, s->root_bits + 1, s->roots[i].cr3) = s->roots[i];
	}
	free(s->roots);
	s->roots = roots;
	s->last_root = NULL;
	s->root_bits++;
	return true;
}

struct xp_seen_root *xp_seen_root(struct xp_seen *s, uint64_t cr3)
{
	struct xp_seen_root *root = find_root(s->roots, s->root_bits, cr3);

	if (root->valid)
		return root;
	if (s->nr_roots >= XP_SEEN_MAX_ROOTS)
		return NULL;
	if (s->nr_roots >= ((size_t)1 << s->root_bits) / 2) {
		if (!grow_roots(s))
			return NULL;
		root = find_root(s->roots, s->root_bits, cr3);
	}
	s->nr_roots++;
	*root = (struct xp_seen_root){ .cr3 = cr3, .valid = 1 };
	return root;
}

bool xp_seen_since(const struct xp_seen *s, uint64_t cr3, uint64_t tsc)
{
	const struct xp_seen_root *root = find_root(s->roots, s->root_bits, cr3);

	if (!root->valid)
		return s->nr_roots >= XP_SEEN_MAX_ROOTS;
	return root->last_tsc && root->last_tsc >= tsc;
}

static void note_root(struct xp_seen *s, uint64_t cr3, uint64_t tsc)
{
	if (!s->last_root || s->last_root->cr3 != cr3)
		s->last_root = xp_seen_root(s, cr3);
	if (s->last_root && s->last_root->last_tsc < tsc)
		s->last_root->last_tsc = tsc;
}

/* ---- samples ---- */

uint64_t xp_seen_cr3(uint8_t mode, uint64_t cr3)
{
	return mode & XPROF_MODE_HVM ? cr3 & ~0x1000ULL : cr3;
}

static uint64_t cr3_of(const struct xprof_sample *sample)
{
	return xp_seen_cr3(sample->rec.mode, sample->cr3);
}

static uint64_t space_in_guest(const struct xprof_sample *sample)
{
	uint8_t mode = sample->rec.mode;

	if ((mode & XPROF_MODE_CODE) == XPROF_MODE_KERNEL)
		return XP_SPACE_GUEST_KERNEL(sample->rec.domid);
	return sample->cr3 ? XP_SPACE_GUEST_USER(sample->rec.domid, cr3_of(sample)) : 0;
}

/*
 * The space of a sample that is to be named, 0 for others: of a guest's guest. (A 32-bit guest's kernel has no names, and the
 * profile says why; its addresses are none of a 64-bit kernel's.)
 */
uint64_t xp_seen_space(const struct xprof_sample *sample)
{
	uint8_t mode = sample->rec.mode;

	if ((mode & XPROF_MODE_CODE) == XPROF_MODE_XEN)
		return XP_SPACE_XEN;
	if (mode & XPROF_MODE_NESTED)
		return 0;
	if (sample->rec.domid != 0)
		return space_in_guest(sample);
	return (mode & XPROF_MODE_CODE) == XPROF_MODE_KERNEL ? XP_SPACE_KERNEL : XP_SPACE_USER(cr3_of(sample));
}

/* In a guest's process, or where its kernel has modules. */
static bool is_guests(uint64_t space, uint64_t ip)
{
	return XP_SPACE_IS_GUEST_USER(space) || (XP_SPACE_IS_GUEST_KERNEL(space) && ip >= XP_GUEST_MODULES);
}

static void note_address(struct xp_seen *s, uint64_t space, uint64_t ip)
{
	enum xp_addrset_result result = xp_addrset_add(&s->addrs, space, ip);

	if (result == XP_ADDR_NO_ROOM)
		s->overflow++;
	else
		s->last = (struct xp_addr){ space, ip };
	if (result == XP_ADDR_NEW && XP_SPACE_IS_USER(space) && s->nr_fresh < XP_SEEN_FRESH)
		s->fresh[s->nr_fresh++] = (struct xp_fresh){ { space, ip }, 0 };
	if (result == XP_ADDR_NEW && is_guests(space, ip) && s->nr_guests < XP_SEEN_FRESH)
		s->guests[s->nr_guests++] = (struct xp_addr){ space, ip };
}

void xp_seen_sample(struct xp_seen *s, const struct xprof_sample *sample)
{
	uint64_t space = xp_seen_space(sample);

	if (!space)
		return;
	if (XP_SPACE_IS_USER(space))
		note_root(s, XP_SPACE_CR3(space), sample->tsc);
	if (s->last.space == space && s->last.ip == sample->ip)
		return;
	note_address(s, space, sample->ip);
}

void xp_seen_address(struct xp_seen *s, const struct xprof_sample *code)
{
	uint64_t space = xp_seen_space(code);

	if (space)
		note_address(s, space, code->ip);
}
