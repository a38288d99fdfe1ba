// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/orc.h"

#include <stdlib.h>
#include <string.h>

#include "lib/guest/kallsyms.h"
#include "lib/unwind/orc.h"

#define TEXT_MAX (512u << 20)      /* bytes of a kernel's code */
#define MODULE_TEXT_MAX (64u << 20)
#define BUDGET (2u << 20)          /* entries of a kernel and its modules, all together: 24 MB of rules */

bool xp_gorc_find(struct xp_gorc_places *p, const struct xp_buf *kallsyms)
{
	uint64_t entries_end;

	memset(p, 0, sizeof(*p));
	if (!xp_gkallsyms_find(kallsyms, "_text", &p->text) || !xp_gkallsyms_find(kallsyms, "_etext", &p->text_end) ||
	    p->text_end <= p->text || p->text_end - p->text > TEXT_MAX)
		return false;
	if (!xp_gkallsyms_find(kallsyms, "__start_orc_unwind_ip", &p->ip) ||
	    !xp_gkallsyms_find(kallsyms, "__stop_orc_unwind_ip", &p->ip_end) ||
	    !xp_gkallsyms_find(kallsyms, "__start_orc_unwind", &p->entries) ||
	    !xp_gkallsyms_find(kallsyms, "__stop_orc_unwind", &entries_end) || p->ip_end <= p->ip ||
	    (p->ip_end - p->ip) / 4 != (entries_end - p->entries) / XP_ORC_ENTRY_BYTES)
		p->ip = p->ip_end = p->entries = 0;
	return true;
}

/* Where the code is: core_layout up to 6.3, mem[MOD_TEXT] since, which is the first of them. */
static bool find_code(struct xp_gorc_places *p, const struct xp_btf *b)
{
	uint32_t outer;

	if (xp_btf_offset(b, "module", "mem", &outer)) {
		if (!xp_btf_offset(b, "module_memory", "base", &p->base) || !xp_btf_offset(b, "module_memory", "size", &p->size))
			return false;
	} else if (!xp_btf_offset(b, "module", "core_layout", &outer) || !xp_btf_offset(b, "module_layout", "base", &p->base) ||
		   !xp_btf_offset(b, "module_layout", "text_size", &p->size)) {
		return false;
	}
	p->base += outer;
	p->size += outer;
	return true;
}

void xp_gorc_find_modules(struct xp_gorc_places *p, const struct xp_btf *b, uint64_t list)
{
	uint32_t arch;

	if (!xp_btf_offset(b, "module", "list", &p->list) || !find_code(p, b) || !xp_btf_offset(b, "module", "arch", &arch) ||
	    !xp_btf_offset(b, "mod_arch_specific", "num_orcs", &p->nr) ||
	    !xp_btf_offset(b, "mod_arch_specific", "orc_unwind_ip", &p->module_ip) ||
	    !xp_btf_offset(b, "mod_arch_specific", "orc_unwind", &p->module_entries))
		return;
	p->nr += arch;
	p->module_ip += arch;
	p->module_entries += arch;
	p->modules = list;
}

static void shift(uint64_t *address, uint64_t by)
{
	if (*address)
		*address += by;
}

void xp_gorc_shift(struct xp_gorc_places *p, uint64_t by)
{
	shift(&p->text, by);
	shift(&p->text_end, by);
	shift(&p->ip, by);
	shift(&p->ip_end, by);
	shift(&p->entries, by);
	shift(&p->modules, by);
}

/* ---- reading ---- */

struct reading {
	struct xp_buf *to;
	const struct xp_kmemory *m;
	enum xp_orc_format format;
	size_t budget;
};

static void add_region(struct reading *r, uint64_t start, uint64_t end, const struct xp_unwind_table *t)
{
	struct xp_buf bytes = XP_BUF_INIT;

	if (t->nr)
		xp_unwind_table_encode(t, &bytes);
	xp_buf_u64(r->to, start);
	xp_buf_u64(r->to, end);
	xp_buf_blob(r->to, bytes.data, xp_buf_ok(&bytes) ? bytes.len : 0);
	xp_buf_release(&bytes);
}

/* One pair of tables. Those that make no sense are as good as none. */
static void read_tables(struct reading *r, struct xp_unwind_table *t, uint64_t ip, uint64_t entries, size_t nr, uint64_t start,
			uint64_t end)
{
	uint8_t *bytes = nr && nr <= XP_ORC_MAX_ENTRIES && nr <= r->budget ? malloc(nr * (4 + XP_ORC_ENTRY_BYTES)) : NULL;
	struct xp_orc orc = { bytes, ip, bytes ? bytes + 4 * nr : NULL, nr };
	struct xp_err ignored;

	xp_unwind_table_init(t, start);
	if (!bytes)
		return;
	r->budget -= nr;
	if (r->m->read(r->m->arg, ip, bytes, 4 * nr) && r->m->read(r->m->arg, entries, bytes + 4 * nr, XP_ORC_ENTRY_BYTES * nr)) {
		if (r->format == XP_ORC_UNKNOWN)
			r->format = xp_orc_format(orc.entries, nr);
		if (xp_orc_rules(t, &orc, r->format, start, end, &ignored))
			xp_unwind_table_init(t, start);
	}
	free(bytes);
}

static void read_kernel(struct reading *r, const struct xp_gorc_places *p)
{
	struct xp_unwind_table t;

	read_tables(r, &t, p->ip, p->entries, (size_t)(p->ip_end - p->ip) / 4, p->text, p->text_end);
	add_region(r, p->text, p->text_end, &t);
	xp_unwind_table_release(&t);
}

static bool read_u64(const struct xp_kmemory *m, uint64_t at, uint64_t *value)
{
	return m->read(m->arg, at, value, sizeof(*value));
}

static void read_module(struct reading *r, const struct xp_gorc_places *p, uint64_t at)
{
	uint64_t start, end, ip, entries;
	uint32_t size, nr;
	struct xp_unwind_table t;

	if (!read_u64(r->m, at + p->base, &start) || !r->m->read(r->m->arg, at + p->size, &size, sizeof(size)) ||
	    !read_u64(r->m, at + p->module_ip, &ip) || !read_u64(r->m, at + p->module_entries, &entries) ||
	    !r->m->read(r->m->arg, at + p->nr, &nr, sizeof(nr)) || !size || size > MODULE_TEXT_MAX ||
	    __builtin_add_overflow(start, size, &end))
		return;
	read_tables(r, &t, ip, entries, r->format == XP_ORC_UNKNOWN ? 0 : nr, start, end);
	add_region(r, start, end, &t);
	xp_unwind_table_release(&t);
}

static void read_modules(struct reading *r, const struct xp_gorc_places *p)
{
	uint64_t at = p->modules;

	for (unsigned int i = 0; p->modules && i < XP_GORC_MODULES_MAX; i++) {
		if (!read_u64(r->m, at, &at) || at == p->modules || !at)
			break;
		read_module(r, p, at - p->list);
	}
}

int xp_gorc_read(struct xp_buf *to, const struct xp_kmemory *m, const struct xp_gorc_places *p, struct xp_err *err)
{
	struct reading r = { .to = to, .m = m, .budget = BUDGET };

	if (!p->text)
		return xp_fail(err, XP_E_ABSENT, "it is not known where this kernel's code is");
	read_kernel(&r, p);
	read_modules(&r, p);
	return xp_buf_ok(to) ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for a kernel's unwind rules");
}

bool xp_gorc_next(struct xp_cursor *c, struct xp_gorc_region *r)
{
	if (!c->left)
		return false;
	r->start = xp_cursor_u64(c);
	r->end = xp_cursor_u64(c);
	return xp_cursor_sub(c, &r->rules);
}
