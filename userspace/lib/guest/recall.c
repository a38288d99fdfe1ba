// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/recall.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/cursor.h"
#include "lib/guest/kallsyms.h"
#include "lib/guest/kept.h"

#define NAME_BYTES 96
#define DIGITS 16u /* of an address at a line's beginning */

struct name { char text[NAME_BYTES]; };

static struct name name_of(const char *guest, const char *what)
{
	struct name n;

	snprintf(n.text, sizeof(n.text), "%s.%s", guest, what);
	return n;
}

/* The head of a kernel: its places, its notes. */
static void put_head(const struct xp_gkernel *k, struct xp_buf *head)
{
	xp_buf_blob(head, &k->places, sizeof(k->places));
	xp_buf_blob(head, k->notes.data, k->notes.len);
}

static bool read_head(const struct xp_buf *head, struct xp_gplaces *places, struct xp_cursor *notes)
{
	struct xp_cursor c, p;

	xp_cursor_init(&c, "what is kept of a kernel", head->data, head->len, NULL);
	if (!xp_cursor_sub(&c, &p) || !xp_cursor_sub(&c, notes) || p.left != sizeof(*places))
		return false;
	memcpy(places, p.pos, sizeof(*places));
	return true;
}

/* ---- the kernel ----------------------------------------------------------*/

static bool has_these_notes(struct xp_gmemory *m, uint64_t address, const struct xp_cursor *notes)
{
	struct xp_buf now = XP_BUF_INIT;
	uint8_t *to = xp_buf_reserve(&now, notes->left + 1);
	bool same = to && notes->left && xp_gmemory_read(m, address, to, notes->left) && !memcmp(to, notes->pos, notes->left);

	xp_buf_release(&now);
	return same;
}

static bool recall_kernel(struct xp_gkernel *k, struct xp_gmemory *m, const struct xp_gkept *kept)
{
	struct xp_gplaces places;
	struct xp_cursor notes;
	uint64_t image;

	if (!read_head(&kept->head, &places, &notes) || !xp_gkernel_image(m, &image))
		return false;
	k->kept.shift = image - places.image;
	if (!has_these_notes(m, places.notes + k->kept.shift, &notes))
		return false;
	k->kept.kernel = kept->body_crc;
	k->places = places;
	xp_gplaces_shift(&k->places, k->kept.shift);
	xp_gplaces_find_root(&k->places, m);
	xp_buf_add(&k->notes, notes.pos, notes.left);
	return true;
}

/* ---- modules -------------------------------------------------------------*/

static bool are_the_same(const struct xp_buf *a, const struct xp_buf *b)
{
	return a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len));
}

/* Those that it has now: their symbols were kept, or are read. */
static void recall_modules(struct xp_gkernel *k, struct xp_gmemory *m, const char *guest)
{
	struct xp_gkept kept;
	struct xp_err ignored;

	xp_gmodules_read(m, &k->places.modules, &k->modules, NULL, &ignored);
	if (xp_gkept_open(&kept, name_of(guest, "modules").text)) {
		if (are_the_same(&kept.head, &k->modules))
			k->kept.modules = kept.body_crc;
		xp_gkept_release(&kept);
	}
	if (k->kept.modules || !k->modules.len)
		return;
	xp_buf_reset(&k->modules);
	xp_gmodules_read(m, &k->places.modules, &k->modules, &k->module_symbols, &ignored);
}

bool xp_gkernel_recall(struct xp_gkernel *k, struct xp_gmemory *m, const char *guest)
{
	struct xp_gkept kept;
	bool known;

	if (!xp_gkept_open(&kept, name_of(guest, "kernel").text))
		return false;
	known = recall_kernel(k, m, &kept);
	xp_gkept_release(&kept);
	if (known)
		recall_modules(k, m, guest);
	else
		memset(&k->kept, 0, sizeof(k->kept));
	return known;
}

/* ---- keeping -------------------------------------------------------------*/

static bool has_build_id(const struct xp_buf *notes)
{
	static const uint8_t gnu[] = { 3, 0, 0, 0, 'G', 'N', 'U', 0 };

	return notes->len && memmem(notes->data, notes->len, gnu, sizeof(gnu));
}

void xp_gkernel_keep(const struct xp_gkernel *k, const char *guest)
{
	struct xp_buf head = XP_BUF_INIT;

	if (!has_build_id(&k->notes))
		return;
	if (!k->kept.kernel) {
		put_head(k, &head);
		xp_gkept_store(name_of(guest, "kernel").text, &head, &k->kallsyms);
		xp_buf_release(&head);
	}
	if (!k->kept.modules && k->modules.len)
		xp_gkept_store(name_of(guest, "modules").text, &k->modules, &k->module_symbols);
}

/* ---- filling in ----------------------------------------------------------*/

static bool fill(struct xp_buf *to, const char *name, uint32_t crc)
{
	struct xp_gkept kept;
	bool ok = xp_gkept_open(&kept, name);

	if (!ok)
		return false;
	ok = kept.body_crc == crc && xp_gkept_body(&kept, to);
	xp_gkept_release(&kept);
	return ok;
}

/* Addresses of the image move with it; others (of per-CPU data) are no addresses in it. */
static void shift_lines(struct xp_buf *text, uint64_t shift)
{
	char *at = (char *)text->data, *end = at + text->len;

	while (at && end - at > (ptrdiff_t)DIGITS) {
		uint64_t address = strtoull(at, NULL, 16);
		char digits[DIGITS + 1], *line_end = memchr(at, '\n', (size_t)(end - at));

		if (address >= XP_GIMAGE_START && address < XP_GIMAGE_END) {
			snprintf(digits, sizeof(digits), "%016" PRIx64, address + shift);
			memcpy(at, digits, DIGITS);
		}
		at = line_end ? line_end + 1 : NULL;
	}
}

bool xp_gkernel_fill(struct xp_gkernel *k, const char *guest)
{
	bool ok = true;

	if (k->kept.kernel) {
		ok = fill(&k->kallsyms, name_of(guest, "kernel").text, k->kept.kernel);
		if (ok && k->kept.shift)
			shift_lines(&k->kallsyms, k->kept.shift);
	}
	if (k->kept.modules)
		ok &= fill(&k->module_symbols, name_of(guest, "modules").text, k->kept.modules);
	return ok;
}
