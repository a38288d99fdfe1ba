// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Zydis decodes: it allocates nothing, reads within the bytes it is given, and
 * is linked already (lib/unwind).
 */
#include "lib/annotate/disasm.h"

#include <inttypes.h>

#include <Zycore/Format.h>

#define BAD "(bad)"

/* ---- names of targets ---- */

/* " <name+0x12>", or "" if addr (in the file) is nobody's. */
static void name_in_file(const struct xp_disasm *d, uint64_t addr, char *text, size_t size)
{
	const struct xp_sym *s = xp_symtab_find(d->syms, addr);

	*text = '\0';
	if (s && s->name && addr == s->start)
		snprintf(text, size, " <%.*s>", (int)s->len, s->name);
	else if (s && s->name)
		snprintf(text, size, " <%.*s+0x%" PRIx64 ">", (int)s->len, s->name, addr - s->start);
}

static void name_target(const struct xp_disasm *d, uint64_t addr, char *text, size_t size)
{
	uint64_t in_file;

	*text = '\0';
	if (xp_place_in_file(d->place, addr, &in_file))
		name_in_file(d, in_file, text, size);
}

/* "<name-0x4>", "0x1234 <name>": what a relocation refers to, `distance` bytes from its symbol. */
static void name_reloc(const struct xp_disasm *d, const struct xp_reloc *r, int64_t distance, char *text, size_t size)
{
	char sign = distance < 0 ? '-' : '+';
	uint64_t addr, off = distance < 0 ? -(uint64_t)distance : (uint64_t)distance;
	int n = 0;

	if (r->name && off)
		snprintf(text, size, "<%s%c0x%" PRIx64 ">", r->name, sign, off);
	else if (r->name)
		snprintf(text, size, "<%s>", r->name);
	if (r->name)
		return;
	if (xp_place_in_image(d->place, r->target + (uint64_t)distance, &addr))
		n = snprintf(text, size, "0x%" PRIx64, addr);
	if (n >= 0 && (size_t)n < size)
		name_in_file(d, r->target + (uint64_t)distance, text + n, size - (size_t)n);
}

/* ---- Zydis ---- */

/* The instruction at hand, for the hook. */
struct at_hand {
	const struct xp_disasm *d;
	const struct xp_reloc *reloc;  /* relative; or NULL */
	uint64_t end;                  /* in the file */
};

static ZydisFormatterFunc print_address; /* Zydis' own */

/* Where the file has no address yet, the name of what will be there. */
static ZyanStatus print_target(const ZydisFormatter *f, ZydisFormatterBuffer *buffer, ZydisFormatterContext *context)
{
	const struct at_hand *a = context->user_data;
	char text[XP_INSN_TEXT / 2];
	ZyanString *string;

	if (!a || !a->reloc)
		return print_address(f, buffer, context);
	name_reloc(a->d, a->reloc, (int64_t)((uint64_t)a->reloc->addend + (a->end - a->reloc->at)), text, sizeof(text));
	ZYAN_CHECK(ZydisFormatterBufferAppend(buffer, ZYDIS_TOKEN_SYMBOL));
	ZYAN_CHECK(ZydisFormatterBufferGetString(buffer, &string));
	return ZyanStringAppendFormat(string, "%s", *text == ' ' ? text + 1 : text);
}

void xp_disasm_init(struct xp_disasm *d, bool wide, const struct xp_symtab *syms, const struct xp_place *place,
		    const struct xp_relocs *relocs)
{
	static const struct { ZydisFormatterProperty property; ZyanUPointer value; } style[] = {
		{ ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE },
		{ ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_ADDR_PADDING_RELATIVE, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_PADDING_DISABLED },
		{ ZYDIS_FORMATTER_PROP_IMM_PADDING, ZYDIS_PADDING_DISABLED },
	};
	ZydisFormatterFunc hook = print_target;
	size_t i;

	*d = (struct xp_disasm){ .syms = syms, .place = place, .relocs = relocs };
	ZydisDecoderInit(&d->decoder, wide ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32,
			 wide ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32);
	ZydisFormatterInit(&d->formatter, ZYDIS_FORMATTER_STYLE_ATT);
	for (i = 0; i < sizeof(style) / sizeof(*style); i++)
		ZydisFormatterSetProperty(&d->formatter, style[i].property, style[i].value);
	ZydisFormatterSetHook(&d->formatter, ZYDIS_FORMATTER_FUNC_PRINT_ADDRESS_ABS, (const void **)&hook);
	print_address = hook;
}

/* ---- one instruction ---- */

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

/* The instruction's relocations: one of a distance, which print_target() shows, and one of an address. */
static void find_relocs(const struct xp_disasm *d, struct at_hand *a, uint64_t start, const struct xp_reloc **absolute)
{
	const struct xp_reloc *r = xp_relocs_find(d->relocs, start, a->end);

	*absolute = NULL;
	for (; r && r < d->relocs->v + d->relocs->nr && r->at < a->end; r++) {
		if (r->relative)
			a->reloc = r;
		else
			*absolute = r;
	}
}

static void add_names(const struct xp_disasm *d, const ZydisDecodedInstruction *insn, const ZydisDecodedOperand *ops,
		      uint64_t addr, const struct at_hand *a, const struct xp_reloc *absolute, char text[XP_INSN_TEXT])
{
	size_t n = strlen(text);
	uint64_t target;

	if (!a->reloc && target_of(insn, ops, addr, &target))
		name_target(d, target, text + n, XP_INSN_TEXT - n);
	n = strlen(text);
	if (absolute && n + 2 < XP_INSN_TEXT) {
		text[n++] = ' ';
		name_reloc(d, absolute, absolute->addend, text + n, XP_INSN_TEXT - n);
	}
}

uint8_t xp_disasm_one(struct xp_disasm *d, uint64_t addr, const uint8_t *bytes, size_t left, char text[XP_INSN_TEXT])
{
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	const struct xp_reloc *absolute = NULL;
	ZydisDecodedInstruction insn;
	struct at_hand a = { .d = d };
	uint64_t in_file;

	if (ZYAN_FAILED(ZydisDecoderDecodeFull(&d->decoder, bytes, left, &insn, ops))) {
		snprintf(text, XP_INSN_TEXT, BAD);
		return 1;
	}
	if (d->relocs->nr && xp_place_in_file(d->place, addr, &in_file)) {
		a.end = in_file + insn.length;
		find_relocs(d, &a, in_file, &absolute);
	}
	if (ZYAN_FAILED(ZydisFormatterFormatInstruction(&d->formatter, &insn, ops, insn.operand_count_visible, text,
							XP_INSN_TEXT, addr, &a))) {
		snprintf(text, XP_INSN_TEXT, BAD);
		return 1;
	}
	rename_condition(text);
	add_names(d, &insn, ops, addr, &a, absolute, text);
	return insn.length;
}
