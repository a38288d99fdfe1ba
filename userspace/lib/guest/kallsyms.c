// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/kallsyms.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_START XP_GIMAGE_START
#define IMAGE_END   XP_GIMAGE_END
#define IMAGE_MAX   (256ull << 20) /* of mapped pages that are searched */

/*
 * Bytes before the tokens (offsets, 4 a symbol, and names, about 12) and behind
 * them (offsets, since 6.4): enough for most kernels, then for any.  Each page costs a hypercall's share.
 */
static const struct { uint64_t before, behind; } windows[] = { { 2u << 20, 1u << 20 }, { 8u << 20, 6u << 20 } };
#define TOKENS 256u
#define TOKENS_BYTES 4096u   /* of the token table, at most: each is a few letters */
#define PER_MARKER 256u
#define TRIES 16u            /* places that look like the tokens */
#define NAMES_BUDGET (16u << 20) /* names that are looked at for one of them: a kernel has some 100,000 */
#define NAME_MAX_BYTES 512u  /* of one symbol, its type included: KSYM_NAME_LEN */

#define STRETCH (XP_GFRAMES_MAX * XP_GPAGE)

#define ALIGN8(n) (((n) + 7) & ~(size_t)7)

/* A part of the guest's memory, copied. Nothing is read beyond it. */
struct part {
	uint8_t *data;
	size_t len;
	uint64_t address; /* of data */
};

struct table {
	struct part part;
	/* as offsets in the part */
	size_t tokens, index, index_end, names, markers, markers_end, offsets;
	uint32_t nr;
	uint32_t budget;            /* names that may still be looked at */
	unsigned int marker_bytes;  /* 8 up to 4.19 */
	bool long_names;            /* a length of 128 and more has two bytes */
	bool percpu;                /* an offset that is not negative is an absolute value */
	uint64_t base;
};

static bool fits(const struct part *p, size_t at, size_t len)
{
	return at <= p->len && len <= p->len - at;
}

static uint64_t load(const struct part *p, size_t at, size_t bytes)
{
	uint64_t value = 0;

	if (fits(p, at, bytes))
		memcpy(&value, p->data + at, bytes);
	return value;
}

/* ---- the tokens ----------------------------------------------------------*/

/* Letters that occur in names are tokens of themselves, and ten digits always do. */
static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";

static size_t behind_string(const struct part *p, size_t at)
{
	const uint8_t *nul = fits(p, at, 1) ? memchr(p->data + at, 0, p->len - at) : NULL;

	return nul ? (size_t)(nul - p->data) + 1 : SIZE_MAX;
}

/* The index has the offset of each string; the strings are where it says. */
static bool index_fits(const struct part *p, size_t tokens, size_t index)
{
	size_t at = tokens;

	if (!fits(p, index, 2 * TOKENS))
		return false;
	for (size_t i = 0; i < TOKENS; i++) {
		if (load(p, index + 2 * i, 2) != at - tokens)
			return false;
		at = behind_string(p, at);
		if (at > index)
			return false;
	}
	return true;
}

/* zero: where the string "0" is. */
static bool tokens_at(struct table *t, size_t zero)
{
	size_t end = zero, index;

	for (size_t i = '0'; i < TOKENS && end != SIZE_MAX; i++)
		end = behind_string(&t->part, end);
	if (end == SIZE_MAX || end - zero > TOKENS_BYTES)
		return false;
	/* (the part begins at a page) */
	index = ALIGN8(end);
	if (!fits(&t->part, index, 2 * TOKENS) || load(&t->part, index + 2 * '0', 2) > zero)
		return false;
	t->tokens = zero - load(&t->part, index + 2 * '0', 2);
	t->index = index;
	t->index_end = index + 2 * TOKENS;
	return index_fits(&t->part, t->tokens, index);
}

/* ---- the names -----------------------------------------------------------*/

/* The length of the compressed name at *at, which goes behind the length. */
static size_t name_length(const struct table *t, size_t *at)
{
	size_t len = load(&t->part, (*at)++, 1);

	if (t->long_names && len >= 0x80)
		len = (len & 0x7f) | load(&t->part, (*at)++, 1) << 7;
	return len;
}

/* Type and name of the symbol at `at`, which must hold NAME_MAX_BYTES; its length. 0: it is none. */
static size_t expand(const struct table *t, size_t at, size_t len, char *to)
{
	size_t nr = 0;

	if (!fits(&t->part, at, len))
		return 0;
	for (size_t i = 0; i < len; i++) {
		size_t token = t->tokens + load(&t->part, t->index + 2 * t->part.data[at + i], 2);
		size_t bytes = behind_string(&t->part, token) - 1 - token;

		if (bytes >= NAME_MAX_BYTES - nr)
			return 0;
		memcpy(to + nr, t->part.data + token, bytes);
		nr += bytes;
	}
	to[nr] = '\0';
	return nr;
}

/* Whether the first letter can be a symbol's type. */
static bool begins_well(const struct table *t, size_t at)
{
	size_t token = t->tokens + load(&t->part, t->index + 2 * load(&t->part, at, 1), 2);
	char type = (char)load(&t->part, token, 1);

	return type && strchr("AaBbDdRrTtVvWwUuNnIiSsGg", type);
}

/* All nr names from t->names on lead to markers that tell the same. */
static bool names_fit(struct table *t)
{
	size_t nr_markers = (t->nr + PER_MARKER - 1) / PER_MARKER;
	uint32_t *starts = malloc(nr_markers * sizeof(*starts));
	size_t at = t->names;
	bool ok = starts;

	for (uint32_t i = 0; ok && i < t->nr; i++) {
		size_t len;

		ok = t->budget > 0;
		t->budget -= ok;
		if (i % PER_MARKER == 0)
			starts[i / PER_MARKER] = (uint32_t)(at - t->names);
		len = name_length(t, &at);
		ok &= len && at + len <= t->tokens && begins_well(t, at);
		at += len;
	}
	t->markers = ALIGN8(at);
	for (t->marker_bytes = 4; ok && t->marker_bytes <= 8; t->marker_bytes += 4) {
		size_t i = 0;

		t->markers_end = t->markers + nr_markers * t->marker_bytes;
		while (i < nr_markers && t->markers_end <= t->tokens &&
		       load(&t->part, t->markers + i * t->marker_bytes, t->marker_bytes) == starts[i])
			i++;
		if (i == nr_markers)
			break;
	}
	ok &= t->marker_bytes <= 8;
	free(starts);
	return ok;
}

/* Names begin behind their number; both at multiples of 8, before the tokens. */
static bool find_names(struct table *t)
{
	for (size_t at = t->tokens & ~(size_t)7; at >= 8 && t->budget; at -= 8) {
		uint64_t nr = load(&t->part, at - 8, 8);

		if (nr < XP_GKALLSYMS_MIN || nr > XP_GKALLSYMS_MAX)
			continue;
		t->nr = (uint32_t)nr;
		t->names = at;
		for (int i = 0; i < 2; i++) {
			t->long_names = i == 0;
			if (names_fit(t))
				return true;
		}
	}
	return false;
}

/* ---- the addresses -------------------------------------------------------*/

static int32_t offset_of(const struct table *t, uint32_t i)
{
	return (int32_t)load(&t->part, t->offsets + 4 * (size_t)i, 4);
}

static uint64_t address_of(const struct table *t, uint32_t i)
{
	int32_t offset = offset_of(t, i);

	if (!t->percpu)
		return t->base + (uint32_t)offset;
	return offset >= 0 ? (uint64_t)offset : t->base - 1 - (int64_t)offset;
}

/* Symbols are sorted by their addresses, and nearly all are the image's. */
static bool addresses_fit(const struct table *t)
{
	uint64_t last = 0;
	uint32_t in_image = 0;

	for (uint32_t i = 0; i < t->nr; i++) {
		uint64_t address = address_of(t, i);

		if (address < last)
			return false;
		last = address;
		in_image += address >= IMAGE_START && address < IMAGE_END;
	}
	return in_image > t->nr / 2;
}

static bool offsets_at(struct table *t, size_t offsets, size_t base)
{
	if (!fits(&t->part, offsets, 4 * (size_t)t->nr) || !fits(&t->part, base, 8))
		return false;
	t->offsets = offsets;
	t->base = load(&t->part, base, 8);
	if (t->base < IMAGE_START || t->base >= IMAGE_END)
		return false;
	for (int i = 0; i < 2; i++) {
		t->percpu = i == 0;
		if (addresses_fit(t))
			return true;
	}
	return false;
}

static bool find_offsets(struct table *t)
{
	size_t bytes = ALIGN8(4 * (size_t)t->nr);
	size_t number = t->names - 8; /* where the number of symbols is */

	/* since 6.4: behind the tokens: offsets, base */
	if (offsets_at(t, ALIGN8(t->index_end), ALIGN8(t->index_end) + bytes))
		return true;
	/* before: in front of the number: offsets, base */
	return number >= 8 + bytes && offsets_at(t, number - 8 - bytes, number - 8);
}

/* ---- the search ----------------------------------------------------------*/

static int load_part(struct xp_gmemory *m, struct part *p, uint64_t from, uint64_t to, struct xp_err *err)
{
	p->address = from;
	p->len = to - from;
	p->data = malloc(p->len);
	if (!p->data)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu bytes of a guest's kernel", p->len);
	xp_gmemory_read(m, from, p->data, p->len);
	return 0;
}

static void write_symbol(struct xp_buf *text, uint64_t address, const char *name)
{
	char line[NAME_MAX_BYTES + 32];
	int len = snprintf(line, sizeof(line), "%016" PRIx64 " %c %s\n", address, name[0], name + 1);

	/* A name with blanks or line breaks would be another line: it is no symbol of Linux. */
	if (strcspn(name, " \t\n\r") == strlen(name))
		xp_buf_add(text, line, (size_t)len);
}

static int write_text(const struct table *t, struct xp_buf *text, struct xp_err *err)
{
	char name[NAME_MAX_BYTES];
	size_t at = t->names;

	for (uint32_t i = 0; i < t->nr && text->len < XP_GKALLSYMS_TEXT_MAX; i++) {
		size_t len = name_length(t, &at);

		if (expand(t, at, len, name) > 1)
			write_symbol(text, address_of(t, i), name);
		at += len;
	}
	return xp_buf_ok(text) ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for a guest's %u symbols", t->nr);
}

struct search {
	struct xp_gmemory *m;
	struct xp_buf *text;
	uint8_t bytes[STRETCH + XP_GPAGE];
	unsigned int tries; /* left */
};

/* What is around the tokens' digits, which are at `address`. */
static int load_around(struct search *s, struct part *p, uint64_t address, uint64_t before, uint64_t behind, struct xp_err *err)
{
	uint64_t from = address - before < IMAGE_START ? IMAGE_START : (address - before) & -(uint64_t)XP_GPAGE;

	return load_part(s->m, p, from, (address + behind) & -(uint64_t)XP_GPAGE, err);
}

/* A kernel has such digits elsewhere, too: that is seen before megabytes are read for them. 1: these are no tokens. */
static int try_tokens(struct search *s, uint64_t address, struct xp_err *err)
{
	struct table t = { .nr = 0 };
	int rc = load_around(s, &t.part, address, 2 * TOKENS_BYTES, 3 * TOKENS_BYTES, err);

	if (!rc)
		rc = !tokens_at(&t, address - t.part.address);
	free(t.part.data);
	return rc;
}

/* 1: no table. */
static int try_window(struct search *s, uint64_t address, uint64_t before, uint64_t behind, struct xp_err *err)
{
	struct table t = { .budget = NAMES_BUDGET };
	int rc = load_around(s, &t.part, address, before, behind, err);

	if (!rc)
		rc = tokens_at(&t, address - t.part.address) && find_names(&t) && find_offsets(&t) ? write_text(&t, s->text, err) : 1;
	free(t.part.data);
	return rc;
}

static int try_at(struct search *s, uint64_t address, struct xp_err *err)
{
	int rc = try_tokens(s, address, err);

	if (rc)
		return rc;
	rc = 1;
	for (size_t i = 0; rc == 1 && i < sizeof(windows) / sizeof(windows[0]); i++)
		rc = try_window(s, address, windows[i].before, windows[i].behind, err);
	return rc;
}

static int search_bytes(struct search *s, uint64_t address, size_t len, struct xp_err *err)
{
	uint8_t *at = s->bytes, *end = s->bytes + len;
	int rc = 1;

	while (rc == 1 && s->tries && (at = memmem(at, (size_t)(end - at), digits, sizeof(digits)))) {
		s->tries--;
		rc = try_at(s, address + (uint64_t)(at - s->bytes), err);
		at++;
	}
	return rc;
}

/* As many pages one behind the other as are asked for at once, alike in what may be done with them. */
static size_t stretch(struct xp_gmemory *m, uint64_t address, bool constant)
{
	struct xp_gpage page;
	size_t nr = 0;

	while (nr < XP_GFRAMES_MAX && xp_gmemory_page(m, address + nr * XP_GPAGE, &page) &&
	       constant == (!page.writable && !page.executable))
		nr++;
	return nr;
}

/* constant: pages that can only be read, in which the table is once a kernel is up; else all others. */
static int search_image(struct search *s, bool constant, struct xp_err *err)
{
	uint64_t address = IMAGE_START, searched = 0;
	struct xp_gpage page;
	int rc = 1;

	while (rc == 1 && searched < IMAGE_MAX && xp_gmemory_next(s->m, address, IMAGE_END, &address, &page)) {
		size_t nr = stretch(s->m, address, constant);

		if (nr) {
			/* one page more: the digits may lie across the end */
			size_t len = nr * XP_GPAGE + (nr == XP_GFRAMES_MAX ? XP_GPAGE : 0);

			xp_gmemory_read(s->m, address, s->bytes, len);
			rc = search_bytes(s, address, len, err);
		}
		searched += (nr ? nr : 1) * XP_GPAGE;
		address += (nr ? nr : 1) * XP_GPAGE;
	}
	return rc;
}

int xp_gkallsyms_read(struct xp_gmemory *m, struct xp_buf *text, struct xp_err *err)
{
	struct search *s = malloc(sizeof(*s));
	int rc;

	if (!s)
		return xp_fail(err, XP_E_NOMEM, "no memory to read a guest's kernel");
	s->m = m;
	s->text = text;
	s->tries = TRIES;
	rc = search_image(s, true, err);
	if (rc == 1)
		rc = search_image(s, false, err);
	free(s);
	return rc == 1 ? xp_fail(err, XP_E_ABSENT, "no table of symbols of a Linux kernel was found in its memory") : rc;
}

bool xp_gkallsyms_find(const struct xp_buf *text, const char *name, uint64_t *address)
{
	size_t len = strlen(name);
	const char *at = (const char *)text->data, *end = at + text->len;

	/* "ADDRESS(16) TYPE NAME\n" */
	while (at && end - at > 19) {
		const char *line_end = memchr(at, '\n', (size_t)(end - at));

		if (!line_end)
			break;
		if ((size_t)(line_end - at) == 19 + len && !memcmp(at + 19, name, len)) {
			*address = strtoull(at, NULL, 16);
			return true;
		}
		at = line_end + 1;
	}
	return false;
}
