/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mkprofile/chains.h"

#define LEVELS 12u
#define GUEST_FUNCTIONS 1200u
#define GUEST_FUNCTION_BYTES 256u

struct code {                /* what a chain goes through: dom0's text, or a guest's numbers */
	const struct text *text;
	uint64_t base;
	size_t nr;
};

struct frames {
	struct xp_call_frame v[3 * LEVELS + 2];
	size_t nr;
};

static struct code code_of(const struct chains *c, const struct xprof_sample *s, unsigned int mode)
{
	if (mode == XPROF_MODE_XEN)
		return (struct code){ c->xen, 0, c->xen->nr };
	if (s->rec.domid)
		return (struct code){ NULL, mode == XPROF_MODE_KERNEL ? 0xffffffff81000000u : 0x400000u, GUEST_FUNCTIONS };
	return mode == XPROF_MODE_KERNEL ? (struct code){ c->kernel, 0, c->kernel->nr } :
					   (struct code){ c->program, 0, c->program->nr };
}

static uint64_t mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	return z ^ z >> 27;
}

/* Which function an address lies in, near enough: it need only be the same every time. */
static size_t function_at(const struct code *k, uint64_t ip)
{
	size_t lo = 0, hi = k->nr;

	if (!k->text)
		return (size_t)((ip - k->base) / GUEST_FUNCTION_BYTES) % k->nr;
	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;

		if (k->text->base + k->text->symbols[mid].start <= ip)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static uint64_t address_in(const struct code *k, size_t function, uint64_t at)
{
	const struct xp_symbol *f;

	if (!k->text)
		return k->base + function * GUEST_FUNCTION_BYTES + 5 + at % (GUEST_FUNCTION_BYTES - 5);
	f = &k->text->symbols[function];
	return k->text->base + f->start + 5 + at % (f->end - f->start - 5);
}

/* The callers of a function, up to one of level 0. */
static void add_callers(struct frames *f, const struct code *k, size_t function, uint8_t mode)
{
	size_t level = function % LEVELS;

	while (level--) {
		uint64_t which = draw_below(150), h = mix(function * 4 + (which > 2 ? 0 : which));

		function = (size_t)(h % (k->nr / LEVELS ? k->nr / LEVELS : 1)) * LEVELS + level;
		function = function < k->nr ? function : level % k->nr;
		f->v[f->nr++] = (struct xp_call_frame){ address_in(k, function, h), mode, false };
	}
}

/* What it came from: a hypercall's or an interrupt's place in a kernel, a system call's in a process. */
static void add_outer(struct frames *f, const struct chains *c, const struct xprof_sample *s, unsigned int mode)
{
	struct code k = code_of(c, s, mode);
	size_t function = (size_t)mix(s->cr3 + draw_below(2)) % k.nr; /* each process has its favourites */

	f->v[f->nr++] = (struct xp_call_frame){ address_in(&k, function, mix(function)), (uint8_t)mode, true };
	add_callers(f, &k, function, (uint8_t)mode);
}

int chains_write(const struct chains *c, struct xp_writer *w, const struct xprof_sample *s, uint32_t *chain, struct xp_err *err)
{
	const struct xp_chain_context context = { s->cr3, s->rec.domid, s->rec.mode & XPROF_MODE_HVM };
	enum xp_chain_end end = XP_CHAIN_COMPLETE;
	unsigned int mode = s->rec.mode & XPROF_MODE_CODE;
	struct frames f = { .nr = 0 };
	struct code k = code_of(c, s, mode);
	size_t known;

	*chain = XP_CHAIN_NONE;
	if (s->rec.domid == XPROF_DOMID_IDLE)
		return 0;
	add_callers(&f, &k, function_at(&k, s->ip), (uint8_t)mode);
	for (mode++; mode <= XPROF_MODE_USER; mode++)
		add_outer(&f, c, s, mode);
	if (!draw_below(20)) {
		f.nr = draw_below(f.nr + 1);
		end = XP_CHAIN_TRUNCATED;
	}
	return xp_write_chain(w, &context, f.v, f.nr, end, chain, &known, err);
}
