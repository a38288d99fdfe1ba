// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/kernel.h"

#include "lib/base/cursor.h"
#include "lib/guest/btf.h"
#include "lib/guest/kallsyms.h"
#include "lib/guest/modules.h"

#define NOTES_MAX 65536u
#define TYPES_MAX (32u << 20)
#define MAGIC 0x316b6775u

/* [start, end) between two symbols of the linker's script. False: they are not there, or far apart. */
static bool between(const struct xp_gkernel *k, const char *first, const char *behind, size_t max, uint64_t *address, size_t *len)
{
	uint64_t end;

	if (!xp_gkallsyms_find(&k->kallsyms, first, address) || !xp_gkallsyms_find(&k->kallsyms, behind, &end) ||
	    end <= *address || end - *address > max)
		return false;
	*len = end - *address;
	return true;
}

static void read_notes(struct xp_gkernel *k, struct xp_gmemory *m)
{
	uint64_t address;
	size_t len;
	uint8_t *to;

	if (!between(k, "__start_notes", "__stop_notes", NOTES_MAX, &address, &len))
		return;
	to = xp_buf_reserve(&k->notes, len);
	if (to && xp_gmemory_read(m, address, to, len))
		k->notes.len += len;
}

static int use_types(struct xp_gkernel *k, struct xp_gmemory *m, const struct xp_buf *types, struct xp_err *err)
{
	struct xp_btf b;
	uint64_t list, init_task;
	int rc = xp_btf_open(&b, types->data, types->len, err);

	if (rc)
		return rc;
	if (xp_gkallsyms_find(&k->kallsyms, "init_task", &init_task))
		xp_gtasks_layout(&k->layout, &b, init_task);
	if (xp_gkallsyms_find(&k->kallsyms, "modules", &list))
		rc = xp_gmodules_read(m, &b, list, &k->modules, &k->kallsyms, err);
	xp_btf_release(&b);
	return rc;
}

/* What takes the kernel's own types. Without them the kernel has names, its modules and processes have none. */
static int read_by_types(struct xp_gkernel *k, struct xp_gmemory *m, struct xp_err *err)
{
	struct xp_buf types = XP_BUF_INIT;
	uint64_t address;
	uint8_t *to;
	size_t len;
	int rc = 0;

	if (!between(k, "__start_BTF", "__stop_BTF", TYPES_MAX, &address, &len))
		return 0;
	to = xp_buf_reserve(&types, len);
	if (!to)
		rc = xp_fail(err, XP_E_NOMEM, "no memory for %zu bytes of types of a guest's kernel", len);
	else if (xp_gmemory_read(m, address, to, len)) {
		types.len = len;
		rc = use_types(k, m, &types, err);
	}
	xp_buf_release(&types);
	return rc == XP_E_NOMEM ? rc : 0;
}

int xp_gkernel_read(struct xp_gkernel *k, struct xp_gmemory *m, struct xp_err *err)
{
	int rc = xp_gkallsyms_read(m, &k->kallsyms, err);

	if (rc)
		return rc;
	read_notes(k, m);
	return read_by_types(k, m, err);
}

void xp_gkernel_release(struct xp_gkernel *k)
{
	xp_buf_release(&k->kallsyms);
	xp_buf_release(&k->modules);
	xp_buf_release(&k->notes);
}

void xp_gkernel_pack(const struct xp_gkernel *k, struct xp_buf *to)
{
	xp_buf_u32(to, MAGIC);
	xp_buf_blob(to, k->kallsyms.data, k->kallsyms.len);
	xp_buf_blob(to, k->modules.data, k->modules.len);
	xp_buf_blob(to, k->notes.data, k->notes.len);
}

static void take(struct xp_cursor *c, struct xp_buf *b)
{
	struct xp_cursor part;

	if (xp_cursor_sub(c, &part))
		xp_buf_add(b, part.pos, part.left);
}

int xp_gkernel_unpack(struct xp_gkernel *k, const void *data, size_t len, struct xp_err *err)
{
	struct xp_cursor c;

	xp_cursor_init(&c, "what was read of a guest's kernel", data, len, err);
	if (xp_cursor_u32(&c) != MAGIC)
		xp_cursor_fail(&c, "its first bytes are not those that were written");
	take(&c, &k->kallsyms);
	take(&c, &k->modules);
	take(&c, &k->notes);
	if (!xp_cursor_ok(&c))
		return XP_E_FORMAT;
	return xp_buf_ok(&k->kallsyms) && xp_buf_ok(&k->modules) && xp_buf_ok(&k->notes) ?
		       0 : xp_fail(err, XP_E_NOMEM, "no memory for a guest's symbols");
}
