// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules of dom0's kernel and its modules, and of kernels whose regions have been read. */
#include "lib/sym/unwinder.h"

#include <limits.h>

#include "lib/base/file.h"
#include "lib/guest/kallsyms.h"
#include "lib/sym/kcore.h"
#include "lib/sym/unwinder-impl.h"

#define TEXTS_MAX (64u << 20)

static int read_text(const char *root, const char *name, struct xp_buf *b, struct xp_err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", root, name);
	return xp_file_read(path, b, TEXTS_MAX, err);
}

/* A kernel's code is the same wherever it is loaded: its rules count from 0. Modules' are not shared: they have no build-id here. */
static struct xp_unwind_shared *rules_of(struct xp_unwind_store *store, struct xp_gorc_region *r, const struct xp_build_id *id)
{
	struct xp_unwind_shared *shared = xp_unwind_store_get(store, id->bytes, id->len);
	struct xp_unwind_table t;
	struct xp_err ignored;

	if (shared || !r->rules.left || xp_unwind_table_decode(&t, r->rules.pos, r->rules.left, &ignored))
		return shared;
	t.base = 0;
	return xp_unwind_store_add(store, id->bytes, id->len, &t);
}

int xp_unwinder_add_kernel(struct xp_unwind_space *space, const void *regions, size_t len, const struct xp_build_id *id,
			   struct xp_err *err)
{
	static const struct xp_build_id none;
	struct xp_gorc_region r;
	struct xp_cursor c;
	bool module = false;

	xp_cursor_init(&c, "a kernel's unwind rules", regions, len, err);
	for (; xp_gorc_next(&c, &r); module = true) {
		if (!xp_unwind_space_map(space, r.start, r.end, module))
			continue;
		xp_unwind_space_set(space, xp_unwind_space_find(space, r.start), rules_of(space->store, &r, module ? &none : id), r.start);
	}
	return xp_cursor_ok(&c) ? 0 : XP_E_FORMAT;
}

static void find_modules(struct xp_gorc_places *p, const char *root, const struct xp_buf *kallsyms)
{
	struct xp_buf types = XP_BUF_INIT;
	struct xp_err ignored;
	struct xp_btf b;
	uint64_t list;

	if (!read_text(root, "/sys/kernel/btf/vmlinux", &types, &ignored) && !xp_btf_open(&b, types.data, types.len, &ignored)) {
		if (xp_gkallsyms_find(kallsyms, "modules", &list))
			xp_gorc_find_modules(p, &b, list);
		xp_btf_release(&b);
	}
	xp_buf_release(&types);
}

static int find_places(struct xp_gorc_places *p, const char *root, struct xp_err *err)
{
	struct xp_buf kallsyms = XP_BUF_INIT;
	int rc = read_text(root, "/proc/kallsyms", &kallsyms, err);

	if (!rc && !xp_gorc_find(p, &kallsyms))
		rc = xp_fail(err, XP_E_ABSENT, "/proc/kallsyms does not tell where the kernel's code is (kernel.kptr_restrict?)");
	if (!rc)
		find_modules(p, root, &kallsyms);
	xp_buf_release(&kallsyms);
	return rc;
}

static int read_regions(struct xp_buf *regions, const char *root, bool *orc, struct xp_err *err)
{
	struct xp_gorc_places places;
	struct xp_kcore core;
	int rc = find_places(&places, root, err);

	if (!rc)
		rc = xp_kcore_open(&core, root, err);
	if (rc)
		return rc;
	rc = xp_gorc_read(regions, &core.memory, &places, err);
	*orc = places.ip;
	xp_kcore_close(&core);
	return rc;
}

static void read_build_id(struct xp_build_id *id, const char *root)
{
	struct xp_buf notes = XP_BUF_INIT;
	struct xp_err ignored;

	memset(id, 0, sizeof(*id));
	if (!read_text(root, "/sys/kernel/notes", &notes, &ignored))
		xp_build_id_from_notes(id, notes.data, notes.len);
	xp_buf_release(&notes);
}

void xp_unwinder_read_kernel(struct xp_unwinder *u)
{
	struct xp_buf regions = XP_BUF_INIT;
	struct xp_build_id id;
	struct xp_err why;
	bool orc = false;
	int rc = read_regions(&regions, u->root, &orc, &why);

	read_build_id(&id, u->root);
	if (!rc)
		rc = xp_unwinder_add_kernel(&u->kernel, regions.data, regions.len, &id, &why);
	u->stats.kernel = orc ? "/proc/kcore: ORC" : "/proc/kcore: no ORC: by frame pointers";
	if (rc) {
		snprintf(u->why, sizeof(u->why), "none: %.300s", why.text);
		u->stats.kernel = u->why;
	}
	xp_buf_release(&regions);
}

void xp_unwinder_kernel(struct xp_unwinder *u, const struct xp_regs *regs, const struct xp_stack *stack, struct xp_chain *chain)
{
	struct xp_unwind_range *none;

	xp_unwind_space_walk(chain, &u->kernel, regs, stack, &none);
}
