/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which addresses occur in samples, which page-table roots they were seen
 * under, and which of them are new since somebody looked.
 */
#ifndef XP_SYM_SEEN_H
#define XP_SYM_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/sym/addrset.h"

/* Spaces of the address set. A root is page aligned, so these do not meet. */
#define XP_SPACE_XEN    1u
#define XP_SPACE_KERNEL 2u
#define XP_SPACE_USER(cr3) (((cr3) & ~0xfffULL) | 4u)
#define XP_SPACE_GUEST_KERNEL(domid) ((uint64_t)(domid) << 12 | 8u) /* of whichever domain has the id */
/* A guest's process: the domain's id beside the frame, above and below it. */
#define XP_SPACE_GUEST_USER(domid, cr3) \
	(((cr3) & 0x000ffffffffff000ULL) | ((uint64_t)(domid) & 0xff) << 4 | ((uint64_t)(domid) >> 8 & 0xff) << 52 | 9u)
#define XP_SPACE_IS_GUEST_USER(space) (((space) & 0xfu) == 9u)
#define XP_SPACE_GUEST_CR3(space) ((space) & 0x000ffffffffff000ULL)
#define XP_SPACE_GUEST_DOMID(space) ((uint16_t)(((space) >> 4 & 0xff) | ((space) >> 52 & 0xff) << 8))
#define XP_SPACE_IS_GUEST_KERNEL(space) (((space) & 0xfffu) == 8u)
#define XP_SPACE_GUEST_KERNEL_DOMID(space) ((uint16_t)((space) >> 12))
#define XP_GUEST_MODULES 0xffffffffc0000000ULL /* MODULES_VADDR of x86-64 … */
#define XP_GUEST_MODULES_END 0xffffffffff000000ULL /* … MODULES_END */
#define XP_SPACE_IS_USER(space) ((space) & 4u)
#define XP_SPACE_CR3(space) ((space) & ~0xfffULL)

#define XP_SEEN_FRESH 4096u
#define XP_SEEN_MAX_ROOTS (1u << 18)

struct xprof_sample;

struct xp_fresh { struct xp_addr addr; uint32_t tries; };

struct xp_seen_root { uint64_t cr3, last_tsc; uint32_t tgid, valid; };

struct xp_seen {
	struct xp_addrset addrs;
	struct xp_addr last;            /* of the sample before: most repeat */
	uint64_t overflow;
	struct xp_fresh fresh[XP_SEEN_FRESH]; /* new user addresses; what finds no room is looked at in the end only */
	uint32_t nr_fresh;
	struct xp_addr guests[XP_SEEN_FRESH]; /* new ones in guests' processes and modules; likewise */
	uint32_t nr_guests;
	struct xp_seen_root *roots;     /* open addressing, 1 << root_bits */
	struct xp_seen_root *last_root;
	unsigned int root_bits;
	uint32_t nr_roots;
};

bool xp_seen_init(struct xp_seen *s, size_t max_addresses);
void xp_seen_release(struct xp_seen *s);

/* What a process is known by: KPTI's user half is its kernel's. */
uint64_t xp_seen_cr3(uint8_t mode, uint64_t cr3);

void xp_seen_sample(struct xp_seen *s, const struct xprof_sample *sample);

/* The space of code that has names, 0: of other. */
uint64_t xp_seen_space(const struct xprof_sample *code);

/* An address that is none of a sample's, in the code that rec.mode, rec.domid and cr3 of this one say. */
void xp_seen_address(struct xp_seen *s, const struct xprof_sample *code);

/* The entry of a root, made if it is new. NULL: no room. Valid until the next call. */
struct xp_seen_root *xp_seen_root(struct xp_seen *s, uint64_t cr3);

/* A sample under this root is not earlier than tsc; true also where nothing is known for want of room. */
bool xp_seen_since(const struct xp_seen *s, uint64_t cr3, uint64_t tsc);

#endif
