// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/chains.h"

#include <string.h>

#include "lib/sym/xensyms.h"
#include "lib/unwind/xen.h"

static void read_rules(struct cli_chains *c)
{
	struct xp_build_id id = { .len = 0 };
	struct xp_err ignored;

	if (!c->read) {
		xp_xen_build_id_ask(&id, &ignored);
		xp_xen_unwind_init(&c->xen, "", &id);
	}
	c->read = true;
}

int cli_chains_open(struct cli_chains *c, struct xp_names *names, struct xp_writer *w, struct xp_err *err)
{
	c->names = names;
	read_rules(c);
	return c->xen.why[0] ? xp_write_host(w, "chains.xen", c->xen.why, err) : 0;
}

void cli_chains_close(struct cli_chains *c)
{
	xp_xen_unwind_release(&c->xen);
	c->read = false;
}

/* ---- one copy ------------------------------------------------------------*/

static enum xp_chain_end end_of(const struct xp_chain *chain)
{
	switch (chain->end) {
	case XP_WALK_COMPLETE:  return XP_CHAIN_COMPLETE;
	case XP_WALK_OUTSIDE:   return XP_CHAIN_COMPLETE; /* (the caller knows what follows) */
	case XP_WALK_TRUNCATED: return XP_CHAIN_TRUNCATED;
	case XP_WALK_NO_RULE:   return XP_CHAIN_NO_RULE;
	case XP_WALK_BROKEN:    return XP_CHAIN_BROKEN;
	}
	return XP_CHAIN_BROKEN;
}

static void put(struct xp_stack_chain *out, uint64_t ip, uint8_t code, bool exact)
{
	if (out->nr < XP_STACK_FRAMES)
		out->frames[out->nr++] = (struct xp_call_frame){ ip, code, exact };
}

static void put_chain(struct xp_stack_chain *out, const struct xp_chain *chain, uint8_t code)
{
	for (size_t i = 0; i < chain->nr; i++)
		put(out, chain->ip[i], code, xp_chain_exact(chain, i));
	out->end = end_of(chain);
}

static void walk_xen(struct cli_chains *c, const struct xp_stack_copy *copy, const struct xp_regs *regs, struct xp_stack_chain *out)
{
	struct xp_chain chain;

	if (!c->xen.table.nr) {
		put(out, copy->ip, XPROF_MODE_XEN, true);
		out->end = XP_CHAIN_NO_RULE;
		return;
	}
	xp_xen_walk(&chain, &c->xen.table, regs, (const uint64_t *)(const void *)copy->bytes, copy->len / sizeof(uint64_t));
	put_chain(out, &chain, XPROF_MODE_XEN);
}

static struct xp_names_code code_of(const struct xp_stack_copy *copy, const struct xp_regs *regs)
{
	return (struct xp_names_code){
		.domid = copy->domid, .mode = copy->mode, .cr3 = copy->cr3, .tsc = copy->tsc, .regs = *regs,
		.stack = { .at = copy->sp, .bytes = copy->bytes, .len = copy->len },
	};
}

/*
 * The process that a kernel's chain has led to. Its stack was copied by what a frame at the end of the kernel's stack said: if the
 * chain says otherwise it was something else that lay there, and of the process there is one address.
 */
static void walk_process(struct cli_chains *c, const struct xp_stack_copy *copy, const struct xp_regs *regs, struct xp_stack_chain *out)
{
	struct xp_names_code code = code_of(copy, regs);
	struct xp_chain chain;

	if (!copy->process_len || copy->process_sp != regs->rsp) {
		put(out, regs->rip, XPROF_MODE_USER, true);
		out->end = XP_CHAIN_TRUNCATED;
		return;
	}
	code.mode = (uint8_t)((copy->mode & ~XPROF_MODE_CODE) | XPROF_MODE_USER);
	code.stack = (struct xp_stack){ .at = copy->process_sp, .bytes = copy->process_bytes, .len = copy->process_len };
	xp_names_walk(c->names, &code, &chain);
	put_chain(out, &chain, XPROF_MODE_USER);
}

static void walk_domain(struct cli_chains *c, const struct xp_stack_copy *copy, const struct xp_regs *regs,
			struct xp_stack_chain *out)
{
	const struct xp_names_code code = code_of(copy, regs);
	struct xp_chain chain;

	xp_names_walk(c->names, &code, &chain);
	put_chain(out, &chain, copy->mode & XPROF_MODE_CODE);
	if (chain.end == XP_WALK_OUTSIDE)
		walk_process(c, copy, &chain.outer, out);
}

void cli_chains_walk(struct cli_chains *c, const struct xp_stack_copy *copy, bool xen, struct xp_stack_chain *out)
{
	const struct xp_regs regs = { .rip = copy->ip, .rsp = copy->sp, .rbp = copy->bp };

	out->nr = 0;
	if (xen)
		walk_xen(c, copy, &regs, out);
	else
		walk_domain(c, copy, &regs, out);
}
