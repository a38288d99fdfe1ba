// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names while the session goes on: what names.c does at its end for all
 * addresses, for a few of one owner, into a profile of its own.
 */
#include "lib/sym/names-impl.h"

#include <linux/xprof.h>

#include "xprof.h"

enum xp_names_owner xp_names_owner(const struct xprof_sample *code)
{
	uint64_t space = xp_seen_space(code);

	if (!space)
		return XP_NAMES_OWNERS;
	if (space == XP_SPACE_XEN)
		return XP_NAMES_XEN;
	if (space == XP_SPACE_KERNEL)
		return XP_NAMES_DOM0_KERNEL;
	return XP_SPACE_IS_USER(space) ? XP_NAMES_DOM0_USER : XP_NAMES_GUESTS;
}

/* ---- whose they are ---- */

/* A process of dom0: all its records, so that readers see which program had what mapped. */
static int write_process(struct xp_names *n, struct xp_writer *to, uint64_t cr3, struct xp_err *err)
{
	struct xp_seen_root *root = xp_seen_root(&n->seen, cr3);
	const struct xp_space *space = root && root->tgid ? xp_spaces_find(&n->follow.spaces, root->tgid) : NULL;
	int rc = 0;

	for (uint32_t i = 0; !rc && space && i < space->nr_roots; i++) {
		const struct xp_root *r = &space->roots[i];
		char comm[XP_COMM + 1] = "";
		struct xp_task task = {
			.tsc = r->tsc, .cr3 = r->cr3, .type = r->exec ? XPROF_TASK_EXEC : XPROF_TASK_SNAPSHOT,
			.pid = space->tgid, .tgid = space->tgid, .comm = comm,
		};

		memcpy(comm, r->comm, XP_COMM);
		rc = xp_write_task(to, &task, err);
	}
	return rc;
}

/* A process of a guest, as it was read last. */
static int write_guests_process(struct xp_names *n, struct xp_writer *to, uint16_t domid, uint64_t cr3, struct xp_err *err)
{
	const struct xp_guest *guest = NULL;

	for (size_t i = n->guests.nr; i-- > 0 && !guest;)
		if (n->guests.v[i].domid == domid)
			guest = &n->guests.v[i];
	for (size_t i = 0; guest && i < guest->nr_tasks; i++) {
		const struct xp_gtask *t = &guest->tasks[i];
		char comm[XP_GCOMM + 1] = "";
		struct xp_task task = {
			.tsc = guest->tasks_tsc, .cr3 = t->cr3, .domid = domid, .type = XPROF_TASK_SNAPSHOT,
			.pid = t->tgid, .tgid = t->tgid, .ppid = t->ppid, .comm = comm,
		};

		if (t->cr3 != cr3)
			continue;
		memcpy(comm, t->comm, XP_GCOMM);
		return xp_write_task(to, &task, err);
	}
	return 0;
}

static int write_owner(struct xp_names *n, struct xp_writer *to, uint64_t space, struct xp_err *err)
{
	if (XP_SPACE_IS_GUEST_USER(space))
		return write_guests_process(n, to, XP_SPACE_GUEST_DOMID(space), XP_SPACE_GUEST_CR3(space), err);
	if (XP_SPACE_IS_USER(space))
		return write_process(n, to, XP_SPACE_CR3(space), err);
	return 0;
}

/* addrs: sorted, so each space is one stretch of them. */
static int write_owners(struct xp_names *n, struct xp_writer *to, const struct xp_addrs *addrs, struct xp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < addrs->nr; i++)
		if (!i || addrs->v[i].space != addrs->v[i - 1].space)
			rc = write_owner(n, to, addrs->v[i].space, err);
	return rc;
}

/* ---- what they are called ---- */

static int resolve(struct xp_names *n, struct xp_writer *to, enum xp_names_owner owner, const struct xp_addrs *addrs,
		   struct xp_err *err)
{
	struct xp_names_stats stats = { 0 };
	struct xp_emit emit = { .w = to, .stats = &stats };

	switch (owner) {
	case XP_NAMES_XEN:
		return xp_resolve_xen(&emit, &n->cfg, addrs, &n->tables.xen, n->xen_source, sizeof(n->xen_source), err);
	case XP_NAMES_DOM0_KERNEL:
		return xp_resolve_kernel(&emit, n->cfg.sysroot, &n->modules, addrs, &n->tables.kernel, err);
	case XP_NAMES_DOM0_USER:
		return xp_resolve_processes(&emit, &n->follow, addrs, err);
	case XP_NAMES_GUESTS:
		return xp_resolve_guests(&emit, &n->guests, n->cfg.sysroot, addrs, err);
	default:
		return 0;
	}
}

int xp_names_now(struct xp_names *n, struct xp_writer *to, enum xp_names_owner owner, const struct xprof_sample *code, size_t nr,
		 struct xp_err *err)
{
	struct xp_addr *v = calloc(nr + 1, sizeof(*v));
	struct xp_addrs addrs = { v, 0 };
	int rc;

	if (!v)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu addresses", nr);
	for (size_t i = 0; i < nr; i++)
		if (xp_names_owner(&code[i]) == owner)
			v[addrs.nr++] = (struct xp_addr){ xp_seen_space(&code[i]), code[i].ip };
	xp_addr_sort(v, addrs.nr);
	rc = write_owners(n, to, &addrs, err);
	if (!rc)
		rc = resolve(n, to, owner, &addrs, err);
	free(v);
	return rc;
}
