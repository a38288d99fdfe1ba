// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/unwind/cfi.h"

#include <dwarf.h>

#include "lib/base/sort.h"
#include "lib/unwind/cfa.h"

#define LONG_LENGTH 0xffffffffu
#define RIP 16

struct cie {
	size_t at;                   /* offset in its section */
	bool augmented;              /* FDEs have their own length of augmentation data */
	struct xp_cfa_common common;
};

struct fde {
	uint64_t start, end;
	const uint8_t *program;
	uint32_t len, cie;
	uint64_t at;                 /* where the program lies in memory */
};

struct reader {
	const struct xp_cfi_section *s;
	struct cie *cies;            /* of all sections; those of this one, from first_cie on, by `at` */
	size_t nr_cies, room_cies, first_cie;
	struct fde *fdes;
	size_t nr_fdes, room_fdes;
	uint64_t low, high;          /* what the table can hold */
	struct xp_err *err;
};

/* One entry of a section. */
struct record {
	size_t at;
	struct xp_cursor c;          /* over what follows its id; starts where the section does */
	bool is_cie;
	size_t cie;                  /* of an FDE: where its CIE is */
};

/* The array with room for one more; NULL: no memory, or there are too many. */
static void *grow(void *v, size_t nr, size_t *room, size_t max, size_t size)
{
	size_t more = *room ? 2 * *room : 64;

	if (nr < *room)
		return v;
	if (nr >= max)
		return NULL;
	v = realloc(v, more * size);
	if (v)
		*room = more;
	return v;
}

/* Length and id. False: it is the last one, or it does not tell where the next one is (then c has failed). */
static bool next_record(const struct xp_cfi_section *s, struct xp_cursor *c, struct record *r)
{
	size_t at = xp_cursor_offset(c), id_at;
	uint64_t len, id;
	bool wide;

	if (c->left < 4)
		return false;
	len = xp_cursor_u32(c);
	wide = len == LONG_LENGTH;
	if (wide)
		len = xp_cursor_u64(c);
	if (!len && xp_cursor_ok(c))
		return false; /* .eh_frame's terminator */
	if (len > c->left)
		return xp_cursor_fail(c, "a record of %llu bytes runs over its end", (unsigned long long)len);
	id_at = xp_cursor_offset(c);
	/* Its cursor counts from the section's start: addresses are relative to where they lie. */
	xp_cursor_init(&r->c, s->name, s->bytes, id_at + (size_t)len, NULL);
	xp_cursor_bytes(&r->c, id_at);
	xp_cursor_bytes(c, (size_t)len);
	id = wide ? xp_cursor_u64(&r->c) : xp_cursor_u32(&r->c);
	r->at = at;
	r->is_cie = s->debug ? id == (wide ? UINT64_MAX : LONG_LENGTH) : !id;
	r->cie = s->debug ? (size_t)id : id_at - (size_t)id;
	return true;
}

/* The letters of a CIE's augmentation. False: there is one that is not known, so addresses are not either. */
static bool read_augmentation(const char *letters, size_t nr, struct xp_cursor *c, uint64_t at, struct cie *cie)
{
	size_t i, end = xp_cursor_varint(c);

	cie->augmented = true;
	if (end > c->left)
		return false;
	end += xp_cursor_offset(c);
	for (i = 1; i < nr; i++) {
		if (letters[i] == 'R')
			cie->common.encoding = xp_cursor_u8(c);
		else if (letters[i] == 'S')
			cie->common.signal = true;
		else if (letters[i] == 'L')
			xp_cursor_u8(c);
		else if (letters[i] == 'P') /* what it is relative to does not matter: only how long it is */
			xp_dwarf_address(c, xp_cursor_u8(c) & 0x0f, at);
		else
			return false;
	}
	if (!xp_cursor_ok(c) || xp_cursor_offset(c) > end)
		return false;
	xp_cursor_bytes(c, end - xp_cursor_offset(c));
	return true;
}

static bool read_cie(const struct xp_cfi_section *s, struct record *r, struct cie *cie)
{
	struct xp_cursor *c = &r->c;
	uint8_t version = xp_cursor_u8(c);
	const char *letters = (const char *)c->pos;
	size_t nr = strnlen(letters, c->left);

	*cie = (struct cie){ .at = r->at };
	if (!xp_cursor_bytes(c, nr + 1) || (version != 1 && version != 3 && version != 4))
		return false;
	if (version == 4 && (xp_cursor_u8(c) != 8 || xp_cursor_u8(c) != 0))
		return false; /* size of addresses, of segments */
	cie->common.code_align = xp_cursor_varint(c);
	cie->common.data_align = xp_dwarf_sleb(c);
	if ((version == 1 ? xp_cursor_u8(c) : xp_cursor_varint(c)) != RIP)
		return false;
	if (nr && (letters[0] != 'z' || !read_augmentation(letters, nr, c, s->addr, cie)))
		return false;
	return xp_cursor_ok(c) && xp_cfa_initial(&cie->common, c->pos, c->left);
}

static int read_cies(struct reader *r)
{
	struct xp_cursor c;
	struct record rec;

	xp_cursor_init(&c, r->s->name, r->s->bytes, r->s->len, r->err);
	r->first_cie = r->nr_cies;
	while (next_record(r->s, &c, &rec)) {
		struct cie *cies;

		if (!rec.is_cie)
			continue;
		cies = grow(r->cies, r->nr_cies, &r->room_cies, XP_CFI_MAX_CIES, sizeof(*cies));
		if (!cies)
			return xp_fail(r->err, XP_E_NOMEM, "%s: no room for its %zu CIEs", r->s->name, r->nr_cies);
		r->cies = cies;
		if (read_cie(r->s, &rec, &cies[r->nr_cies]))
			r->nr_cies++;
	}
	return xp_cursor_ok(&c) ? 0 : XP_E_FORMAT;
}

/* The CIE at this offset; NULL: none that makes sense. */
static const struct cie *find_cie(const struct reader *r, size_t at)
{
	size_t low = r->first_cie, high = r->nr_cies;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->cies[mid].at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low < r->nr_cies && r->cies[low].at == at ? &r->cies[low] : NULL;
}

/* False: it makes no sense, or is of code that was not linked. */
static bool read_fde(const struct reader *r, struct record *rec, struct fde *fde)
{
	const struct cie *cie = find_cie(r, rec->cie);
	struct xp_cursor *c = &rec->c;
	uint64_t size;

	if (!cie)
		return false;
	fde->start = xp_dwarf_address(c, cie->common.encoding, r->s->addr);
	size = xp_dwarf_address(c, cie->common.encoding & 0x0f, 0);
	if (cie->augmented) {
		uint64_t skip = xp_cursor_varint(c);

		if (skip > c->left)
			return false;
		xp_cursor_bytes(c, (size_t)skip);
	}
	if (!xp_cursor_ok(c) || !size || __builtin_add_overflow(fde->start, size, &fde->end))
		return false;
	fde->program = c->pos;
	fde->len = (uint32_t)c->left;
	fde->cie = (uint32_t)(cie - r->cies);
	fde->at = r->s->addr + xp_cursor_offset(c);
	return fde->start >= r->low && fde->end <= r->high;
}

static int read_fdes(struct reader *r)
{
	struct xp_cursor c;
	struct record rec;

	xp_cursor_init(&c, r->s->name, r->s->bytes, r->s->len, r->err);
	while (next_record(r->s, &c, &rec)) {
		struct fde *fdes;

		if (rec.is_cie)
			continue;
		fdes = grow(r->fdes, r->nr_fdes, &r->room_fdes, XP_CFI_MAX_FDES, sizeof(*fdes));
		if (!fdes)
			return xp_fail(r->err, XP_E_NOMEM, "%s: no room for its %zu FDEs", r->s->name, r->nr_fdes);
		r->fdes = fdes;
		if (read_fde(r, &rec, &fdes[r->nr_fdes]))
			r->nr_fdes++;
	}
	return xp_cursor_ok(&c) ? 0 : XP_E_FORMAT;
}

static int by_start(const void *a, const void *b)
{
	const struct fde *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static int add_rules(struct reader *r, struct xp_unwind_table *t)
{
	uint64_t end = 0;
	size_t i;

	xp_stable_sort(r->fdes, r->nr_fdes, sizeof(*r->fdes), by_start);
	for (i = 0; i < r->nr_fdes; i++) {
		const struct fde *f = &r->fdes[i];

		if (f->start < end)
			continue;
		if (!xp_cfa_run(t, &r->cies[f->cie].common, f->start, f->end, f->program, f->len, f->at) ||
		    t->nr > XP_CFI_MAX_RULES)
			return xp_fail(r->err, XP_E_NOMEM, "no room for more than %zu unwind rules", t->nr);
		end = f->end;
	}
	return 0;
}

static int read_sections(struct reader *r, const struct xp_cfi_section *sections, size_t nr)
{
	int rc = 0;
	size_t i;

	for (i = 0; i < nr && !rc; i++) {
		r->s = &sections[i];
		if (r->s->len > XP_CFI_MAX_BYTES)
			return xp_fail(r->err, XP_E_FORMAT, "%s has %zu bytes: more than are read", r->s->name, r->s->len);
		rc = read_cies(r);
		if (!rc)
			rc = read_fdes(r);
	}
	return rc;
}

int xp_cfi_rules(struct xp_unwind_table *t, const struct xp_cfi_section *sections, size_t nr, struct xp_err *err)
{
	struct reader r = { .low = t->base, .err = err };
	int rc;

	if (__builtin_add_overflow(t->base, UINT32_MAX, &r.high))
		r.high = UINT64_MAX;
	rc = read_sections(&r, sections, nr);
	if (!rc)
		rc = add_rules(&r, t);
	free(r.cies);
	free(r.fdes);
	if (rc)
		xp_unwind_table_release(t);
	return rc;
}
