// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/kernel.h"

#include <string.h>

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
	if (to && xp_gmemory_read(m, address, to, len)) {
		k->notes.len += len;
		k->places.notes = address;
	}
}

static int use_types(struct xp_gkernel *k, struct xp_gmemory *m, const struct xp_buf *types, struct xp_err *err)
{
	struct xp_btf b;
	uint64_t list, init_task;
	int rc = xp_btf_open(&b, types->data, types->len, err);

	if (rc)
		return rc;
	if (xp_gkallsyms_find(&k->kallsyms, "init_task", &init_task))
		xp_gtasks_layout(&k->places.tasks, &b, init_task);
	if (xp_guser_layout(&k->places.user, &b)) {
		xp_gkallsyms_find(&k->kallsyms, "page_offset_base", &k->places.user.page_offset_base);
		xp_gkallsyms_find(&k->kallsyms, "vmemmap_base", &k->places.user.vmemmap_base);
	}
	if (xp_gkallsyms_find(&k->kallsyms, "modules", &list) && xp_gmodules_layout(&k->places.modules, &b, list))
		rc = xp_gmodules_read(m, &k->places.modules, &k->modules, &k->module_symbols, err);
	if (k->places.modules.head)
		xp_gorc_find_modules(&k->places.orc, &b, k->places.modules.head);
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

bool xp_gkernel_image(struct xp_gmemory *m, uint64_t *address)
{
	struct xp_gpage page;

	return xp_gmemory_next(m, XP_GIMAGE_START, XP_GIMAGE_END, address, &page);
}

int xp_gkernel_read(struct xp_gkernel *k, struct xp_gmemory *m, struct xp_err *err)
{
	int rc = xp_gkallsyms_read(m, &k->kallsyms, err);

	if (rc)
		return rc;
	xp_gkernel_image(m, &k->places.image);
	read_notes(k, m);
	xp_gorc_find(&k->places.orc, &k->kallsyms);
	xp_gkallsyms_find(&k->kallsyms, "init_top_pgt", &k->places.top);
	xp_gplaces_find_root(&k->places, m);
	return read_by_types(k, m, err);
}

static void shift(uint64_t *address, uint64_t by)
{
	if (*address)
		*address += by;
}

void xp_gplaces_shift(struct xp_gplaces *p, uint64_t by)
{
	shift(&p->image, by);
	shift(&p->notes, by);
	shift(&p->top, by);
	shift(&p->tasks.init_task, by);
	shift(&p->modules.head, by);
	xp_gorc_shift(&p->orc, by);
	shift(&p->user.page_offset_base, by);
	shift(&p->user.vmemmap_base, by);
}

/* By these page tables. 0: there is none. */
static uint64_t root_at(uint64_t top, struct xp_gmemory *m)
{
	struct xp_gpage page;

	return top && top % XP_GPAGE == 0 && xp_gmemory_page(m, top, &page) ? page.frame : 0;
}

void xp_gplaces_find_root(struct xp_gplaces *p, struct xp_gmemory *m)
{
	p->root = root_at(p->top, m);
	p->levels = m->levels;
}

bool xp_gplaces_hold(const struct xp_gplaces *p, struct xp_gmemory *m)
{
	uint64_t image;

	return p->root && root_at(p->top, m) == p->root && xp_gkernel_image(m, &image) && image == p->image;
}

void xp_gkernel_release(struct xp_gkernel *k)
{
	xp_buf_release(&k->kallsyms);
	xp_buf_release(&k->module_symbols);
	xp_buf_release(&k->modules);
	xp_buf_release(&k->notes);
	xp_buf_release(&k->rules);
}

void xp_gkernel_pack(const struct xp_gkernel *k, struct xp_buf *to)
{
	xp_buf_u32(to, MAGIC);
	xp_buf_blob(to, &k->kept, sizeof(k->kept));
	xp_buf_blob(to, k->kallsyms.data, k->kallsyms.len);
	xp_buf_blob(to, k->module_symbols.data, k->module_symbols.len);
	xp_buf_blob(to, k->modules.data, k->modules.len);
	xp_buf_blob(to, k->notes.data, k->notes.len);
	xp_buf_blob(to, k->rules.data, k->rules.len);
}

static void take(struct xp_cursor *c, struct xp_buf *b)
{
	struct xp_cursor part;

	if (xp_cursor_sub(c, &part))
		xp_buf_add(b, part.pos, part.left);
}

static void take_kept(struct xp_cursor *c, struct xp_gkernel *k)
{
	struct xp_cursor part;

	if (xp_cursor_sub(c, &part) && part.left == sizeof(k->kept))
		memcpy(&k->kept, part.pos, sizeof(k->kept));
	else
		xp_cursor_fail(c, "%zu bytes of what is kept", part.left);
}

int xp_gkernel_unpack(struct xp_gkernel *k, const void *data, size_t len, struct xp_err *err)
{
	struct xp_cursor c;

	xp_cursor_init(&c, "what was read of a guest's kernel", data, len, err);
	if (xp_cursor_u32(&c) != MAGIC)
		xp_cursor_fail(&c, "its first bytes are not those that were written");
	take_kept(&c, k);
	take(&c, &k->kallsyms);
	take(&c, &k->module_symbols);
	take(&c, &k->modules);
	take(&c, &k->notes);
	take(&c, &k->rules);
	if (!xp_cursor_ok(&c))
		return XP_E_FORMAT;
	return xp_buf_ok(&k->kallsyms) && xp_buf_ok(&k->module_symbols) && xp_buf_ok(&k->modules) && xp_buf_ok(&k->notes) &&
	       xp_buf_ok(&k->rules) ?
		       0 : xp_fail(err, XP_E_NOMEM, "no memory for a guest's symbols");
}
