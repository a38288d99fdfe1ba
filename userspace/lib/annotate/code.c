// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A symbol's machine code as text. Zydis decodes: it allocates nothing, reads
 * within the bytes it is given, and is linked already (lib/unwind).
 */
#include "lib/annotate/annotate.h"

#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>

#include <Zydis/Zydis.h>

#define MAX_TEXT  512u
#define BAD       "(bad)"

struct reader {
	struct xp_code *c;
	struct xp_binary b;
	struct xp_symtab syms;       /* of the file: what is jumped to and called */
	const struct xp_candidate *of;
	ZydisDecoder decoder;
	ZydisFormatter formatter;
	size_t room;
};

void xp_code_release(struct xp_code *c)
{
	free(c->insns);
	xp_lines_release(&c->lines);
	xp_arena_release(&c->texts);
	*c = (struct xp_code){ 0 };
}

/* ---- names of targets ---- */

static int load_symbols(struct reader *r, struct xp_err *err)
{
	int nr;

	xp_symtab_init(&r->syms, XP_ELF_MAX_SYMBOLS);
	nr = xp_elf_symbols(&r->b.elf, XP_ELF_SYMTAB, &r->syms, err);
	if (!nr)
		nr = xp_elf_symbols(&r->b.elf, XP_ELF_DYNSYM, &r->syms, err);
	if (nr >= 0 && !xp_symtab_seal(&r->syms))
		nr = xp_fail(err, XP_E_NOMEM, "%s: no memory for its symbols", r->b.path);
	return nr < 0 ? nr : 0;
}

/* " <name+0x12>", or "" if addr (in the file) is nobody's. */
static void name_target(const struct reader *r, uint64_t addr, char *text, size_t size)
{
	const struct xp_sym *s = xp_symtab_find(&r->syms, addr);

	*text = '\0';
	if (s && addr == s->start)
		snprintf(text, size, " <%.*s>", (int)s->len, s->name);
	else if (s)
		snprintf(text, size, " <%.*s+0x%" PRIx64 ">", (int)s->len, s->name, addr - s->start);
}

/* ---- one instruction ---- */

static int prepare(struct reader *r, struct xp_err *err)
{
	static const struct { ZydisFormatterProperty property; ZyanUPointer value; } style[] = {
		{ ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE },
		{ ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_ADDR_PADDING_RELATIVE, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED },
	};
	GElf_Ehdr eh;
	bool wide;
	size_t i;

	if (!gelf_getehdr(r->b.elf.elf, &eh) || (eh.e_machine != EM_X86_64 && eh.e_machine != EM_386))
		return xp_fail(err, XP_E_FORMAT, "%s: not code of an x86 CPU", r->b.path);
	wide = eh.e_machine == EM_X86_64;
	ZydisDecoderInit(&r->decoder, wide ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32,
			 wide ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32);
	ZydisFormatterInit(&r->formatter, ZYDIS_FORMATTER_STYLE_ATT);
	for (i = 0; i < sizeof(style) / sizeof(*style); i++)
		ZydisFormatterSetProperty(&r->formatter, style[i].property, style[i].value);
	return 0;
}

/* The address that an operand names by its distance. */
static bool target_of(const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *ops, uint64_t addr, uint64_t *target)
{
	size_t i;

	for (i = 0; i < insn->operand_count_visible; i++) {
		bool relative = ops[i].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && ops[i].imm.is_relative;
		bool by_rip = ops[i].type == ZYDIS_OPERAND_TYPE_MEMORY && ops[i].mem.base == ZYDIS_REGISTER_RIP;

		if ((relative || by_rip) && ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(insn, &ops[i], addr, target)))
			return true;
	}
	return false;
}

/* Conditions as the GNU tools write them: je, setae, cmovg, where Zydis says jz, setnb, cmovnle. */
static void rename_condition(char *text)
{
	static const char *const heads[] = { "j", "set", "cmov" };
	static const char *const names[][2] = { /* none gets longer */
		{ "nbe", "a" }, { "nle", "g" }, { "nz", "ne" }, { "nb", "ae" }, { "nl", "ge" }, { "z", "e" },
	};
	char *space = strchr(text, ' '), *at = NULL;
	size_t i, len;

	for (i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (!strncmp(text, heads[i], strlen(heads[i])))
			at = text + strlen(heads[i]);
	for (i = 0; at && space && i < sizeof(names) / sizeof(*names); i++) {
		len = strlen(names[i][0]);
		if (strncmp(at, names[i][0], len) || at + len + 1 < space)
			continue;
		memcpy(at, names[i][1], strlen(names[i][1]));
		memmove(at + strlen(names[i][1]), at + len, strlen(at + len) + 1);
		return;
	}
}

/* At addr in the file. Its length; what is none is one byte long. */
static uint8_t decode(struct reader *r, uint64_t addr, const uint8_t *bytes, size_t left, char text[MAX_TEXT])
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction insn;
	uint64_t target;
	size_t n;

	if (ZYAN_FAILED(ZydisDecoderDecodeFull(&r->decoder, bytes, left, &insn, ops)) ||
	    ZYAN_FAILED(ZydisFormatterFormatInstruction(&r->formatter, &insn, ops, insn.operand_count_visible, text, MAX_TEXT,
							addr, NULL))) {
		snprintf(text, MAX_TEXT, BAD);
		return 1;
	}
	rename_condition(text);
	n = strlen(text);
	if (target_of(&insn, ops, addr, &target))
		name_target(r, target, text + n, MAX_TEXT - n);
	return insn.length;
}

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

static int disassemble(struct reader *r, struct xp_err *err)
{
	const struct xp_symbol *s = r->of->symbol;
	uint64_t from = s->start - r->c->slide, size = s->end - s->start, at = 0;
	const uint8_t *bytes = NULL;
	char text[MAX_TEXT];

	if (size <= XP_CODE_MAX_BYTES)
		bytes = xp_binary_bytes(&r->b, from, from + size);
	if (!bytes)
		return xp_fail(err, XP_E_FORMAT, "%s: it has no code at 0x%" PRIx64 ", where the profile has %.200s", r->b.path,
			       from, s->name);
	while (at < size) {
		uint8_t len = decode(r, from + at, bytes + at, size - at, text);

		if (!add(r, s->start + at, len, text))
			return xp_fail(err, XP_E_NOMEM, "no memory for the instructions of %.200s", s->name);
		at += len;
	}
	return 0;
}

/* ---- lines ---- */

static int find_lines(struct xp_code *c, const struct xp_binary_wanted *w, const struct xp_binary_places *places,
		      struct xp_err *err)
{
	uint64_t *addrs = malloc((c->nr + 1) * sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return xp_fail(err, XP_E_NOMEM, "no memory for lines");
	for (i = 0; i < c->nr; i++)
		addrs[i] = c->insns[i].addr - c->slide;
	rc = xp_lines_find(&c->lines, w, places, addrs, c->nr, err);
	free(addrs);
	return rc;
}

const struct xp_line *xp_code_line(const struct xp_code *c, const struct xp_code_insn *insn)
{
	const struct xp_line *line = xp_lines_at(&c->lines, insn->addr - c->slide);

	return line && line->nr ? line : NULL;
}

/* ---- the whole ---- */

static int read_open(struct reader *r, struct xp_err *err)
{
	int rc;

	if (r->b.elf.relocatable)
		return xp_fail(err, XP_E_FORMAT, "%s: not linked yet (ET_REL): its code is not read", r->b.path);
	rc = load_symbols(r, err);
	if (!rc)
		rc = prepare(r, err);
	if (rc)
		return rc;
	if (!xp_binary_slide(&r->b, r->of->image, &r->c->slide))
		return xp_fail(err, XP_E_FORMAT, "%s: cannot tell from its symbols where the kernel was when it ran", r->b.path);
	return disassemble(r, err);
}

int xp_code_read(struct xp_code *c, const struct xp_profile *p, const struct xp_candidate *of,
		 const struct xp_binary_places *places, struct xp_err *err)
{
	struct reader r = { .c = c, .of = of };
	struct xp_binary_wanted w;
	int rc;

	*c = (struct xp_code){ 0 };
	xp_arena_init(&c->texts, 64 * (size_t)XP_CODE_MAX_BYTES);
	xp_binary_wanted_init(&w, p, of->image);
	rc = xp_binary_open(&r.b, &w, XP_BINARY_CODE, places, err);
	if (rc)
		return rc;
	snprintf(c->path, sizeof(c->path), "%s", r.b.path);
	rc = read_open(&r, err);
	xp_symtab_release(&r.syms);
	xp_binary_close(&r.b);
	return rc ? rc : find_lines(c, &w, places, err);
}
