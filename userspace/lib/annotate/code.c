// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A symbol's instructions: of the running kernel where it is the profile's
 * (live.h), else from the file of its build.
 */
#include "lib/annotate/annotate.h"

#include <gelf.h>
#include <inttypes.h>

#include "lib/annotate/disasm.h"
#include "lib/annotate/live.h"
#include "lib/annotate/relocs.h"

struct reader {
	struct xp_code *c;
	const struct xp_profile *profile;
	const struct xp_candidate *of;
	const struct xp_binary_places *places;
	struct xp_disasm disasm;
	struct xp_relocs relocs;
	struct xp_place place;       /* of the code's file */
	size_t room;
};

void xp_code_release(struct xp_code *c)
{
	free(c->insns);
	xp_image_lines_release(&c->lines);
	xp_arena_release(&c->texts);
	*c = (struct xp_code){ 0 };
}

/* ---- instructions ---- */

static bool add(struct reader *r, uint64_t addr, uint8_t len, const char *text)
{
	struct xp_code *c = r->c;

	if (c->nr == r->room) {
		size_t room = r->room ? 2 * r->room : 256;
		struct xp_code_insn *insns = realloc(c->insns, room * sizeof(*insns));

		if (!insns)
			return false;
		c->insns = insns;
		r->room = room;
	}
	c->insns[c->nr] = (struct xp_code_insn){ addr, len, xp_arena_string(&c->texts, text, strlen(text)) };
	return c->insns[c->nr++].text != NULL;
}

/* All of the symbol's bytes. */
static int disassemble(struct reader *r, const uint8_t *bytes, struct xp_err *err)
{
	const struct xp_symbol *s = r->of->symbol;
	uint64_t size = s->end - s->start, at = 0;
	char text[XP_INSN_TEXT];

	while (at < size) {
		uint8_t len = xp_disasm_one(&r->disasm, s->start + at, bytes + at, size - at, text);

		if (!add(r, s->start + at, len, text))
			return xp_fail(err, XP_E_NOMEM, "no memory for the instructions of %.200s", s->name);
		at += len;
	}
	return 0;
}

/* ---- of the running kernel ---- */

/* XP_E_ABSENT: it is not the profile's. */
static int read_live(struct reader *r, struct xp_err *err)
{
	struct xp_live live;
	int rc = xp_live_read(&live, r->profile, r->of, r->places->root, err);

	if (!rc) {
		xp_place_whole(&r->place, 0);
		xp_disasm_init(&r->disasm, true, &live.k.syms, &r->place, &r->relocs);
		snprintf(r->c->path, sizeof(r->c->path), "%s", XP_LIVE_PATH);
		rc = disassemble(r, live.code.data, err);
	}
	xp_live_release(&live);
	return rc;
}

/* ---- of a file ---- */

static int load_symbols(struct xp_binary *b, struct xp_symtab *syms, struct xp_err *err)
{
	int nr = xp_elf_symbols(&b->elf, XP_ELF_SYMTAB, syms, err);

	if (!nr)
		nr = xp_elf_symbols(&b->elf, XP_ELF_DYNSYM, syms, err);
	if (nr >= 0 && !xp_symtab_seal(syms))
		nr = xp_fail(err, XP_E_NOMEM, "%s: no memory for its symbols", b->path);
	return nr < 0 ? nr : 0;
}

static int check_machine(const struct xp_binary *b, bool *wide, struct xp_err *err)
{
	GElf_Ehdr eh;

	if (!gelf_getehdr(b->elf.elf, &eh) || (eh.e_machine != EM_X86_64 && eh.e_machine != EM_386))
		return xp_fail(err, XP_E_FORMAT, "%s: not code of an x86 CPU", b->path);
	*wide = eh.e_machine == EM_X86_64;
	return 0;
}

/* The symbol's bytes, and what they refer to; NULL: they are not in the file. */
static const uint8_t *find_bytes(struct reader *r, const struct xp_binary *b, struct xp_err *err)
{
	const struct xp_symbol *s = r->of->symbol;
	uint64_t size = s->end - s->start, from = 0;
	const uint8_t *bytes = NULL;
	bool there = xp_place_in_file(&r->place, s->start, &from);

	if (there && size <= XP_CODE_MAX_BYTES)
		bytes = xp_binary_bytes(b, from, from + size);
	if (!bytes) {
		xp_fail(err, XP_E_FORMAT, "%s: it has no code at 0x%" PRIx64 ", where the profile has %.200s", b->path,
			there ? from : s->start, s->name);
		return NULL;
	}
	return xp_relocs_read(&r->relocs, b, from, from + size, err) ? NULL : bytes;
}

static int read_open(struct reader *r, struct xp_binary *b, struct xp_symtab *syms, struct xp_err *err)
{
	const uint8_t *bytes;
	bool wide = true;
	int rc = load_symbols(b, syms, err);

	if (!rc)
		rc = check_machine(b, &wide, err);
	if (!rc)
		rc = xp_place_find(&r->place, b, r->of->image, err);
	if (rc)
		return rc;
	xp_disasm_init(&r->disasm, wide, syms, &r->place, &r->relocs);
	bytes = find_bytes(r, b, err);
	return bytes ? disassemble(r, bytes, err) : XP_E_FORMAT;
}

static int read_file(struct reader *r, struct xp_err *err)
{
	struct xp_binary_wanted w;
	struct xp_symtab syms;
	struct xp_binary b;
	int rc;

	xp_binary_wanted_init(&w, r->profile, r->of->image);
	rc = xp_binary_open(&b, &w, XP_BINARY_CODE, r->places, err);
	if (rc)
		return rc;
	snprintf(r->c->path, sizeof(r->c->path), "%s", b.path);
	xp_symtab_init(&syms, XP_ELF_MAX_SYMBOLS);
	rc = read_open(r, &b, &syms, err);
	xp_relocs_release(&r->relocs);
	xp_symtab_release(&syms);
	xp_binary_close(&b);
	return rc;
}

/* ---- the whole ---- */

static bool can_be_live(const struct xp_image *image)
{
	return image->kind == XP_IMAGE_KERNEL || image->kind == XP_IMAGE_MODULE;
}

static int read_code(struct reader *r, struct xp_err *err)
{
	struct xp_err why = { "" };
	int rc = can_be_live(r->of->image) ? read_live(r, &why) : XP_E_ABSENT;

	if (rc != XP_E_ABSENT)
		return rc ? xp_fail(err, rc, "%s", why.text) : 0;
	rc = read_file(r, err);
	if (rc == XP_E_ABSENT && why.text[0]) {
		struct xp_err file = *err;

		xp_fail(err, rc, "%.600s (nor from memory: %.300s)", file.text, why.text);
	}
	return rc;
}

static int find_lines(struct reader *r, struct xp_err *err)
{
	struct xp_code *c = r->c;
	uint64_t *addrs = malloc((c->nr + 1) * sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return xp_fail(err, XP_E_NOMEM, "no memory for lines");
	for (i = 0; i < c->nr; i++)
		addrs[i] = c->insns[i].addr;
	rc = xp_image_lines_find(&c->lines, r->profile, r->of->image, r->places, addrs, c->nr, err);
	free(addrs);
	return rc;
}

const struct xp_line *xp_code_line(const struct xp_code *c, const struct xp_code_insn *insn)
{
	const struct xp_line *line = xp_image_lines_at(&c->lines, insn->addr);

	return line && line->nr ? line : NULL;
}

int xp_code_read(struct xp_code *c, const struct xp_profile *p, const struct xp_candidate *of,
		 const struct xp_binary_places *places, struct xp_err *err)
{
	struct reader r = { .c = c, .profile = p, .of = of, .places = places };
	int rc;

	*c = (struct xp_code){ 0 };
	xp_arena_init(&c->texts, 64 * (size_t)XP_CODE_MAX_BYTES);
	rc = read_code(&r, err);
	return rc ? rc : find_lines(&r, err);
}
