// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/names-impl.h"

#include <limits.h>
#include <linux/xprof.h>

#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/profile/chain.h"
#include "xprof.h"

#define TRIES_BEFORE_READING 2u /* polls in which a mapping event may still be on its way */
#define TRIES 4u
#define EXIT_POLLS 3u           /* polls after which the samples of a process that ended have surely come … */
#define LIVE_EXIT_POLLS 100u    /* … and have got their names (config.live) */
#define LIVE_ADDRESSES (1u << 17) /* that are noted, config.live: then they are forgotten */

/* ---- opening and closing ---- */

static bool copy_string(char **copy, const char **from)
{
	if (*from) {
		*copy = strdup(*from);
		*from = *copy;
	}
	return !*from || *copy;
}

static bool copy_config(struct xp_names *n, const struct xp_names_config *cfg)
{
	n->cfg = *cfg;
	if (!n->cfg.sysroot)
		n->cfg.sysroot = "";
	return copy_string(&n->sysroot, &n->cfg.sysroot) && copy_string(&n->xensyms, &n->cfg.xensyms) &&
	       copy_string(&n->payload, &n->cfg.payload);
}

static void read_modules(struct xp_names *n)
{
	struct xp_buf text = XP_BUF_INIT;
	struct xp_err ignored; /* a kernel without modules: none to watch */
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/modules", n->cfg.sysroot);
	if (!xp_file_read(path, &text, XP_KALLSYMS_MAX_BYTES, &ignored))
		xp_regions_from_modules(&n->modules, (struct xp_span){ (const char *)text.data, text.len });
	xp_buf_release(&text);
}

void xp_names_kept_release(struct xp_names_kept *kept)
{
	xp_buf_release(&kept->rules);
}

static uint64_t hash_of(const struct xp_regions *modules)
{
	uint64_t h = XP_HASH_FIRST;

	for (size_t i = 0; i < modules->nr; i++) {
		const struct xp_region *r = &modules->v[i];

		h = xp_hash_bytes(h, &r->start, sizeof(r->start));
		h = xp_hash_bytes(h, &r->end, sizeof(r->end));
		h = xp_hash_bytes(h, r->image, strlen(r->image));
	}
	return xp_hash_end(h);
}

static int open_unwinder(struct xp_names *n, struct xp_names_kept *kept, struct xp_err *err)
{
	struct xp_names_kept none = { .rules = XP_BUF_INIT };
	uint64_t modules = hash_of(&n->modules);
	int rc;

	if (!kept)
		kept = &none;
	if (kept->modules != modules)
		xp_buf_reset(&kept->rules);
	kept->modules = modules;
	rc = xp_unwinder_init(&n->unwinder, &n->follow, n->cfg.sysroot, &kept->rules, &kept->rules_from, err);
	xp_names_kept_release(&none);
	return rc;
}

static int open_names(struct xp_names *n, const struct xp_names_config *cfg, struct xp_err *err)
{
	int rc;

	if (!copy_config(n, cfg) || !xp_seen_init(&n->seen, XP_NAMES_MAX_ADDRESSES))
		return xp_fail(err, XP_E_NOMEM, "no memory for names");
	read_modules(n);
	rc = xp_follow_init(&n->follow, n->cfg.sysroot, cfg->tsc_offset, !cfg->no_perf, err);
	return rc || !cfg->chains ? rc : open_unwinder(n, cfg->kept, err);
}

int xp_names_open(struct xp_names **out, struct xp_writer *w, const struct xp_names_config *cfg, struct xp_err *err)
{
	struct xp_names *n = calloc(1, sizeof(*n));
	int rc;

	*out = NULL;
	if (!n)
		return xp_fail(err, XP_E_NOMEM, "no memory for names");
	n->w = w;
	xp_guests_init(&n->guests, w, cfg->no_guest_memory);
	n->guests.rules = cfg->chains;
	n->guests.live = cfg->live;
	rc = open_names(n, cfg, err);
	if (rc) {
		xp_names_close(n);
		return rc;
	}
	n->stats.mappings = n->follow.how;
	n->stats.xen = n->xen_source;
	*out = n;
	return 0;
}

void xp_names_close(struct xp_names *n)
{
	if (!n)
		return;
	xp_guests_release(&n->guests);
	xp_xen_table_free(n->tables.xen);
	xp_kernel_table_free(n->tables.kernel);
	xp_unwinder_release(&n->unwinder);
	xp_follow_release(&n->follow);
	xp_seen_release(&n->seen);
	xp_regions_release(&n->modules);
	free(n->ended);
	free(n->sysroot);
	free(n->xensyms);
	free(n->payload);
	free(n);
}

/* ---- tasks ---- */

static int write_task(struct xp_names *n, const struct xprof_task *task, struct xp_err *err)
{
	char comm[sizeof(task->comm) + 1] = "";
	struct xp_task out = {
		.tsc = task->tsc, .cr3 = task->cr3, .domid = 0, .type = task->type,
		.pid = task->pid, .tgid = task->tgid, .ppid = task->ppid, .comm = comm,
	};

	memcpy(comm, task->comm, sizeof(task->comm));
	return xp_write_task(n->w, &out, err);
}

/* Whose files the addresses under this root are. A child that shares its parent's memory (vfork) does not take over. */
static void note_owner(struct xp_names *n, const struct xprof_task *task)
{
	struct xp_seen_root *root = task->cr3 ? xp_seen_root(&n->seen, task->cr3) : NULL;

	if (root && (!root->tgid || task->type != XPROF_TASK_FORK))
		root->tgid = task->tgid;
}

static int note_end(struct xp_names *n, const struct xprof_task *task, struct xp_err *err)
{
	if (n->nr_ended == n->room_ended) {
		size_t room = n->room_ended ? 2 * n->room_ended : 64;
		struct ended *ended = realloc(n->ended, room * sizeof(*ended));

		if (!ended)
			return xp_fail(err, XP_E_NOMEM, "no memory for processes that ended");
		n->ended = ended;
		n->room_ended = room;
	}
	n->ended[n->nr_ended++] = (struct ended){ task->tgid, 0, task->tsc };
	return 0;
}

int xp_names_task(struct xp_names *n, const struct xprof_task *task, struct xp_err *err)
{
	struct xprof_task host = *task;
	int rc;

	host.tsc -= (uint64_t)n->cfg.tsc_offset;
	rc = write_task(n, &host, err);
	if (rc < 0)
		return rc;
	if (host.type == XPROF_TASK_LOST)
		n->stats.lost_tasks += host.pid;
	else if (host.type == XPROF_TASK_EXIT)
		return note_end(n, &host, err);
	else
		note_owner(n, &host);
	return xp_follow_task(&n->follow, &host, err);
}

/* ---- samples and polls ---- */

int xp_names_domain(struct xp_names *n, const struct xp_domain *domain, struct xp_err *err)
{
	return xp_guests_note(&n->guests, domain, err);
}

void xp_names_sample(struct xp_names *n, const struct xprof_sample *samples, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		xp_seen_sample(&n->seen, &samples[i]);
}

static struct xp_space *owner_of(struct xp_names *n, uint64_t space)
{
	struct xp_seen_root *root = xp_seen_root(&n->seen, XP_SPACE_CR3(space));

	return root && root->tgid ? xp_spaces_find(&n->follow.spaces, root->tgid) : NULL;
}

/*
 * Without perf events a mapping may be found out late. (With them it is not
 * looked for: they are applied with a delay, and what is mapped now may be
 * another program's.) At most once a second for one process: code without a
 * mapping may come at any rate.
 */
static bool may_read(const struct xp_names *n, const struct xp_space *space)
{
	uint64_t now = xp_follow_now(&n->follow);

	return !n->follow.perf && (now > space->read_tsc + xp_follow_second(&n->follow));
}

static bool pin(struct xp_names *n, const struct xp_space *space, uint64_t ip)
{
	const struct xp_mapping *map = xp_space_find(space, ip);
	struct xp_image_place place;

	if (!map)
		return false;
	place = (struct xp_image_place){ space->tgid, map->start, map->end };
	xp_images_pin(&n->follow.images, map->image, &place);
	return true;
}

/*
 * Looked at in several polls: which program the process runs may be told
 * later than the sample, and every file that it can be is opened meanwhile.
 */
static void look_at(struct xp_names *n, const struct xp_fresh *fresh)
{
	struct xp_space *space = owner_of(n, fresh->addr.space);

	if (!space || pin(n, space, fresh->addr.ip) || fresh->tries < TRIES_BEFORE_READING || !may_read(n, space))
		return;
	xp_follow_read_maps(&n->follow, space, space->programs[space->nr_programs - 1].born);
	pin(n, space, fresh->addr.ip);
}

static void look_at_fresh(struct xp_names *n)
{
	uint32_t i, nr = 0;

	for (i = 0; i < n->seen.nr_fresh; i++) {
		look_at(n, &n->seen.fresh[i]);
		if (++n->seen.fresh[i].tries < TRIES)
			n->seen.fresh[nr++] = n->seen.fresh[i];
	}
	n->seen.nr_fresh = nr;
}

/* Samples lie in this process: within its life, or (an exec's new memory runs before we hear of it) just before. */
static bool was_sampled(const struct xp_names *n, const struct xp_space *space, const struct ended *ended)
{
	uint64_t slack = xp_follow_second(&n->follow);
	size_t i;

	for (i = 0; i < space->nr_roots; i++) {
		const struct xp_root *root = &space->roots[i];

		if (root->tsc <= ended->tsc &&
		    xp_seen_since(&n->seen, root->cr3, root->tsc > slack ? root->tsc - slack : 0))
			return true;
	}
	return false;
}

static void bury(struct xp_names *n, const struct ended *ended)
{
	struct xp_space *space = xp_spaces_find(&n->follow.spaces, ended->tgid);
	size_t i;

	if (!space)
		return;
	for (i = 0; i < space->nr_roots; i++) {
		struct xp_seen_root *root = xp_seen_root(&n->seen, space->roots[i].cr3);

		if (root && root->tgid == ended->tgid && space->roots[i].tsc <= ended->tsc)
			root->tgid = 0;
	}
	if (n->cfg.live || !was_sampled(n, space, ended))
		xp_spaces_forget(&n->follow.spaces, space, ended->tsc);
}

static void bury_ended(struct xp_names *n)
{
	size_t i, nr = 0;

	for (i = 0; i < n->nr_ended; i++) {
		if (++n->ended[i].polls > (n->cfg.live ? LIVE_EXIT_POLLS : EXIT_POLLS))
			bury(n, &n->ended[i]);
		else
			n->ended[nr++] = n->ended[i];
	}
	n->nr_ended = nr;
}

static bool note_guest(struct xp_names *n, const struct xp_addr *a)
{
	if (XP_SPACE_IS_GUEST_USER(a->space))
		return xp_guests_sampled(&n->guests, XP_SPACE_GUEST_DOMID(a->space), XP_SPACE_GUEST_CR3(a->space), a->ip);
	return xp_guests_module_sampled(&n->guests, XP_SPACE_GUEST_KERNEL_DOMID(a->space));
}

/*
 * Each address is new once only, and may be so before it is told which guest that is: a program that is all one loop would
 * never be asked for. Half of the room is for such.
 */
static void note_guests(struct xp_names *n)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n->seen.nr_guests; i++)
		if (!note_guest(n, &n->seen.guests[i]) && kept < XP_SEEN_FRESH / 2)
			n->seen.guests[kept++] = n->seen.guests[i];
	n->seen.nr_guests = kept;
}

/* What is noted is for the end, which a live session has none of: only what is new matters to it. */
static void forget_addresses(struct xp_names *n)
{
	if (n->seen.addrs.nr < LIVE_ADDRESSES)
		return;
	xp_addrset_release(&n->seen.addrs);
	xp_addrset_init(&n->seen.addrs, XP_NAMES_MAX_ADDRESSES);
	n->seen.last = (struct xp_addr){ 0 };
}

int xp_names_poll(struct xp_names *n, struct xp_err *err)
{
	xp_follow_poll(&n->follow, false);
	look_at_fresh(n);
	bury_ended(n);
	note_guests(n);
	if (n->cfg.live)
		forget_addresses(n);
	if (n->cfg.chains)
		xp_unwinder_poll(&n->unwinder);
	return xp_guests_poll(&n->guests, xp_follow_now(&n->follow), err);
}

/* ---- chains ---- */

static bool walk_guest(struct xp_names *n, const struct xp_names_code *c, struct xp_chain *chain)
{
	const struct xp_guest_code code = {
		.domid = c->domid, .kernel = (c->mode & XPROF_MODE_CODE) == XPROF_MODE_KERNEL, .cr3 = xp_seen_cr3(c->mode, c->cr3),
		.regs = &c->regs, .stack = &c->stack,
	};

	return xp_guests_walk(&n->guests, &n->unwinder.store, &code, chain);
}

/* False: nobody knows how. */
static bool walk(struct xp_names *n, const struct xp_names_code *c, struct xp_chain *chain)
{
	struct xp_seen_root *root;

	if (!n->cfg.chains || (c->mode & (XPROF_MODE_32 | XPROF_MODE_NESTED)) || (c->mode & XPROF_MODE_CODE) == XPROF_MODE_XEN)
		return false;
	if (c->domid)
		return walk_guest(n, c, chain);
	if ((c->mode & XPROF_MODE_CODE) == XPROF_MODE_KERNEL) {
		xp_unwinder_kernel(&n->unwinder, &c->regs, &c->stack, chain);
		return n->unwinder.kernel.nr;
	}
	root = xp_seen_root(&n->seen, c->cr3);
	return root && root->tgid && xp_unwinder_process(&n->unwinder, root->tgid, c->tsc, &c->regs, &c->stack, chain);
}

bool xp_names_walk(struct xp_names *n, const struct xp_names_code *code, struct xp_chain *chain)
{
	if (walk(n, code, chain))
		return true;
	*chain = (struct xp_chain){ .ip = { code->regs.rip }, .nr = 1, .end = XP_WALK_NO_RULE, .where = code->regs.rip };
	return false;
}

void xp_names_frames(struct xp_names *n, const struct xp_chain_context *context, const struct xp_call_frame *frames, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		const struct xprof_sample code = {
			.rec = { .domid = context->domid, .mode = (uint8_t)(context->mode | frames[i].code) },
			.cr3 = context->cr3, .ip = frames[i].exact ? frames[i].ip : frames[i].ip - 1,
		};

		xp_seen_address(&n->seen, &code);
	}
}

/* ---- the end ---- */

static int resolve(struct xp_names *n, const struct xp_addrs *addrs, struct xp_err *err)
{
	struct xp_emit emit = { .w = n->w, .stats = &n->stats };
	int rc = xp_resolve_xen(&emit, &n->cfg, addrs, NULL, n->xen_source, sizeof(n->xen_source), err);

	if (!rc)
		rc = xp_resolve_kernel(&emit, n->cfg.sysroot, &n->modules, addrs, NULL, err);
	if (!rc)
		rc = xp_resolve_processes(&emit, &n->follow, addrs, err);
	return rc ? rc : xp_resolve_guests(&emit, &n->guests, n->cfg.sysroot, addrs, err);
}

int xp_names_finish(struct xp_names *n, struct xp_err *err)
{
	struct xp_addr *sorted;
	struct xp_addrs addrs;
	int rc;

	xp_follow_poll(&n->follow, true);
	look_at_fresh(n);
	note_guests(n);
	rc = xp_guests_finish(&n->guests, xp_follow_now(&n->follow), err);
	if (rc)
		return rc;
	xp_names_stats(n);
	sorted = xp_addrset_sorted(&n->seen.addrs, &addrs.nr);
	if (!sorted && n->seen.addrs.nr)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu addresses", n->seen.addrs.nr);
	addrs.v = sorted;
	rc = resolve(n, &addrs, err);
	free(sorted);
	return rc;
}

const struct xp_names_stats *xp_names_stats(const struct xp_names *names)
{
	struct xp_names *n = (struct xp_names *)names; /* only counters are brought up to date */

	n->stats.addresses = n->seen.addrs.nr;
	n->stats.overflow = n->seen.overflow;
	n->stats.lost_events = n->follow.lost_events;
	n->stats.lost_maps = n->follow.spaces.lost_maps;
	n->stats.chains_put_off = n->unwinder.stats.put_off;
	n->stats.unwind = n->unwinder.stats.kernel;
	return &n->stats;
}
