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

int xp_unwinder_add_kernel(struct xp_unwind_space *space, const void *regions, size_t len, struct xp_err *err)
{
	struct xp_gorc_region r;
	struct xp_cursor c;

	xp_cursor_init(&c, "a kernel's unwind rules", regions, len, err);
	while (xp_gorc_next(&c, &r)) {
		if (xp_unwind_space_map(space, r.start, r.end, 0))
			xp_unwind_space_set(space, xp_unwind_space_find(space, r.start), xp_unwind_store_share(space->store, r.rules.pos, r.rules.left), r.start);
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

int xp_unwinder_read_regions(struct xp_buf *regions, const char *root, const char **how, struct xp_err *err)
{
	struct xp_gorc_places places;
	struct xp_kcore core;
	int rc = find_places(&places, root, err);

	if (!rc)
		rc = xp_kcore_open(&core, root, err);
	if (rc)
		return rc;
	rc = xp_gorc_read(regions, &core.memory, &places, err);
	*how = places.ip ? "/proc/kcore: ORC" : "/proc/kcore: no ORC: by frame pointers";
	xp_kcore_close(&core);
	return rc;
}

void xp_unwinder_read_kernel(struct xp_unwinder *u, struct xp_buf *rules, const char **from)
{
	struct xp_err why;
	int rc = rules->len ? 0 : xp_unwinder_read_regions(rules, u->root, from, &why);

	if (!rc)
		rc = xp_unwinder_add_kernel(&u->kernel, rules->data, rules->len, &why);
	u->stats.kernel = *from;
	if (rc) {
		snprintf(u->why, sizeof(u->why), "none: %.300s", why.text);
		u->stats.kernel = u->why;
		xp_buf_reset(rules);
	}
}

void xp_unwinder_kernel(struct xp_unwinder *u, const struct xp_regs *regs, const struct xp_stack *stack, struct xp_chain *chain)
{
	struct xp_unwind_range *none;

	xp_unwind_space_walk(chain, &u->kernel, regs, stack, &none);
}
