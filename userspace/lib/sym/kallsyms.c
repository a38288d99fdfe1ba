// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/kallsyms.h"

#include <stdlib.h>

#define PAGE 4096u

/* ---- regions ---- */

void xp_regions_release(struct xp_regions *r)
{
	free(r->v);
	*r = (struct xp_regions){ 0 };
}

static bool add_region(struct xp_regions *r, uint64_t start, uint64_t end, struct xp_span image)
{
	struct xp_region *region;

	if (start >= end || image.len >= XP_KERNEL_NAME)
		return true;
	if (r->nr >= XP_KALLSYMS_MAX_REGIONS)
		return false;
	if (r->nr == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		struct xp_region *v = realloc(r->v, room * sizeof(*v));

		if (!v)
			return false;
		r->v = v;
		r->room = room;
	}
	region = &r->v[r->nr++];
	*region = (struct xp_region){ .start = start, .end = end };
	memcpy(region->image, image.at, image.len);
	return true;
}

bool xp_regions_add(struct xp_regions *r, uint64_t start, uint64_t end, const char *image)
{
	return add_region(r, start, end, xp_span_of(image));
}

/* By start; of two with the same start the later one in the text stays behind. */
static int compare_regions(const void *a, const void *b)
{
	const struct xp_region *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return strcmp(x->image, y->image);
}

/* Sorts; merges what overlaps and is of one image, cuts what overlaps otherwise. */
static void seal_regions(struct xp_regions *r)
{
	size_t i, nr = 0;

	if (r->nr)
		qsort(r->v, r->nr, sizeof(*r->v), compare_regions);
	for (i = 0; i < r->nr; i++) {
		struct xp_region *last = nr ? &r->v[nr - 1] : NULL;
		struct xp_region *next = &r->v[i];

		if (last && next->start < last->end && !strcmp(last->image, next->image)) {
			if (last->end < next->end)
				last->end = next->end;
			continue;
		}
		if (last && next->start < last->end)
			last->end = next->start;
		if (last && last->start == last->end)
			nr--;
		r->v[nr++] = *next;
	}
	r->nr = nr;
}

const struct xp_region *xp_regions_find(const struct xp_regions *r, uint64_t addr)
{
	size_t low = 0, high = r->nr;

	while (high > low) {
		size_t mid = low + (high - low) / 2;

		if (r->v[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->nr && r->v[low].start <= addr ? &r->v[low] : NULL;
}

/* "xen_netback 65536 0 - Live 0xffffffffc0000000 (OE)" */
static bool module_line(struct xp_span line, struct xp_span *name, uint64_t *start, uint64_t *size)
{
	struct xp_span skipped;

	if (!xp_span_word(&line, name))
		return false;
	xp_span_skip_blanks(&line);
	if (!xp_span_number(&line, 10, size))
		return false;
	return xp_span_word(&line, &skipped) && xp_span_word(&line, &skipped) && xp_span_word(&line, &skipped) &&
	       (xp_span_skip_blanks(&line), xp_span_take(&line, '0')) && xp_span_take(&line, 'x') &&
	       xp_span_number(&line, 16, start);
}

static bool add_modules(struct xp_regions *r, struct xp_span modules)
{
	struct xp_span line, name;
	uint64_t start, size, end;

	while (xp_span_line(&modules, &line)) {
		if (!module_line(line, &name, &start, &size) || !start ||
		    __builtin_add_overflow(start, size, &end))
			continue;
		if (!add_region(r, start, end, name))
			return false;
	}
	return true;
}

bool xp_regions_from_modules(struct xp_regions *r, struct xp_span modules)
{
	*r = (struct xp_regions){ 0 };
	if (!add_modules(r, modules)) {
		xp_regions_release(r);
		return false;
	}
	seal_regions(r);
	return true;
}

/* ---- symbols ---- */

struct symbol_line {
	uint64_t addr;
	char type;
	struct xp_span name, module; /* module: without brackets, empty for the kernel itself */
};

/* "ffffffff81000000 T _stext" or "ffffffffc0000010 t xenvif_poll\t[xen_netback]" */
static bool symbol_line(struct xp_span line, struct symbol_line *s)
{
	struct xp_span type;

	if (!xp_span_number(&line, 16, &s->addr) || !xp_span_word(&line, &type) || type.len != 1 ||
	    !xp_span_word(&line, &s->name))
		return false;
	s->type = type.at[0];
	s->module = (struct xp_span){ "", 0 };
	if (!xp_span_word(&line, &s->module) || s->module.len < 2)
		return true;
	s->module.at++;
	s->module.len -= 2;
	return true;
}

static bool ends_with(const struct xp_span *span, const char *suffix)
{
	size_t len = strlen(suffix);

	return span->len >= len && !memcmp(span->at + span->len - len, suffix, len);
}

static bool is_mark(const struct xp_span *name)
{
	return ends_with(name, "text_start") || ends_with(name, "text_end") || ends_with(name, "textentry") ||
	       xp_span_is(name, "_text") || xp_span_is(name, "_stext") || xp_span_is(name, "_etext") ||
	       xp_span_is(name, "_sinittext") || xp_span_is(name, "_einittext");
}

static bool is_function(const struct symbol_line *s)
{
	return (s->type == 't' || s->type == 'T' || s->type == 'w' || s->type == 'W') && !is_mark(&s->name);
}

static bool is_pseudo(const struct xp_span *module)
{
	return xp_span_is(module, "bpf") || xp_span_starts(module, "__builtin__");
}

static uint64_t page_end(uint64_t addr)
{
	return (addr | (PAGE - 1)) + 1;
}

/* What the first pass over the text learns. */
struct bounds {
	uint64_t text, etext, inittext, einittext;
	uint64_t first, last; /* functions of the kernel itself */
	size_t lines, nonzero;
};

static void note_bound(struct bounds *b, const struct symbol_line *s)
{
	b->lines++;
	b->nonzero += s->addr != 0;
	if (s->module.len)
		return;
	if (xp_span_is(&s->name, "_stext") || (xp_span_is(&s->name, "_text") && !b->text))
		b->text = s->addr;
	else if (xp_span_is(&s->name, "_etext"))
		b->etext = s->addr;
	else if (xp_span_is(&s->name, "_sinittext"))
		b->inittext = s->addr;
	else if (xp_span_is(&s->name, "_einittext"))
		b->einittext = s->addr;
	if (!is_function(s))
		return;
	if (!b->first || s->addr < b->first)
		b->first = s->addr;
	if (s->addr > b->last)
		b->last = s->addr;
}

static bool add_kernel_regions(struct xp_kallsyms *k, struct xp_span kallsyms, struct bounds *b)
{
	struct xp_span line, all = kallsyms;
	struct symbol_line s;

	while (xp_span_line(&all, &line)) {
		if (!symbol_line(line, &s))
			continue;
		note_bound(b, &s);
		if (is_pseudo(&s.module) && !add_region(&k->regions, s.addr, page_end(s.addr), s.module))
			return false;
	}
	/* Without marks: as far as functions are told, the last one to the end of its page. */
	if (b->text >= b->etext && b->first)
		return add_region(&k->regions, b->first, page_end(b->last), (struct xp_span){ "", 0 });
	return add_region(&k->regions, b->text, b->etext, (struct xp_span){ "", 0 }) &&
	       add_region(&k->regions, b->inittext, b->einittext, (struct xp_span){ "", 0 });
}

static unsigned int rank_of(char type)
{
	unsigned int rank = type == 'T' ? XP_RANK_GLOBAL : type == 't' ? XP_RANK_LOCAL : XP_RANK_WEAK;

	return rank + XP_RANK_OPEN;
}

static bool add_symbol(struct xp_kallsyms *k, const struct symbol_line *s)
{
	const struct xp_region *region = xp_regions_find(&k->regions, s->addr);
	uint64_t limit;

	if (!region)
		return true;
	limit = region->end;
	if (is_pseudo(&s->module) && page_end(s->addr) < limit)
		limit = page_end(s->addr);
	if (!is_function(s))
		return xp_symtab_add_open(&k->syms, s->addr, limit, NULL, 0, 0);
	return xp_symtab_add_open(&k->syms, s->addr, limit, s->name.at, s->name.len, rank_of(s->type));
}

static bool add_symbols(struct xp_kallsyms *k, struct xp_span kallsyms)
{
	struct xp_span line;
	struct symbol_line s;

	while (xp_span_line(&kallsyms, &line)) {
		if (symbol_line(line, &s) && !add_symbol(k, &s))
			return false;
	}
	return xp_symtab_seal(&k->syms);
}

static int parse(struct xp_kallsyms *k, struct xp_span kallsyms, struct xp_span modules, struct xp_err *err)
{
	struct bounds b = { 0 };
	bool ok = add_modules(&k->regions, modules) && add_kernel_regions(k, kallsyms, &b);

	if (ok && !b.lines)
		return xp_fail(err, XP_E_FORMAT, "the list of symbols is empty");
	if (ok && !b.nonzero)
		return xp_fail(err, XP_E_FORMAT, "the kernel hides its addresses: run as root, with "
			       "/proc/sys/kernel/kptr_restrict at 0 or 1");
	if (!ok)
		return xp_fail(err, XP_E_NOMEM, "no memory for the kernel's regions (%zu)", k->regions.nr);
	seal_regions(&k->regions);
	if (!add_symbols(k, kallsyms))
		return xp_fail(err, XP_E_NOMEM, "no memory for the kernel's symbols (%zu)", k->syms.nr);
	return 0;
}

int xp_kallsyms_parse(struct xp_kallsyms *k, struct xp_span kallsyms, struct xp_span modules, struct xp_err *err)
{
	int rc;

	*k = (struct xp_kallsyms){ 0 };
	xp_symtab_init(&k->syms, XP_KALLSYMS_MAX_SYMBOLS);
	rc = parse(k, kallsyms, modules, err);
	if (rc)
		xp_kallsyms_release(k);
	return rc;
}

void xp_kallsyms_release(struct xp_kallsyms *k)
{
	xp_regions_release(&k->regions);
	xp_symtab_release(&k->syms);
}
