// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/modules.h"

#include <elf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 56u          /* MODULE_NAME_LEN of a 64-bit kernel */
#define SYMBOL_BYTES 512u       /* KSYM_NAME_LEN */
#define STRINGS_MAX (4u << 20)  /* of one module */

struct module {
	char name[NAME_BYTES];
	uint64_t base, symtab, strtab, typetab;
	uint32_t size, nr;
};

/* Where the code is: core_layout up to 6.3, mem[MOD_TEXT] since, which is the first of them. */
static bool find_code(const struct xp_btf *b, struct xp_gmodule_layout *l)
{
	uint32_t outer;

	if (xp_btf_offset(b, "module", "mem", &outer) && xp_btf_offset(b, "module_memory", "base", &l->base) &&
	    xp_btf_offset(b, "module_memory", "size", &l->size))
		;
	else if (!xp_btf_offset(b, "module", "core_layout", &outer) || !xp_btf_offset(b, "module_layout", "base", &l->base) ||
		 !xp_btf_offset(b, "module_layout", "text_size", &l->size))
		return false;
	l->base += outer;
	l->size += outer;
	return true;
}

bool xp_gmodules_layout(struct xp_gmodule_layout *l, const struct xp_btf *b, uint64_t head)
{
	bool ok = xp_btf_offset(b, "module", "list", &l->list) && xp_btf_offset(b, "module", "name", &l->name) &&
	       xp_btf_offset(b, "module", "kallsyms", &l->kallsyms) && xp_btf_offset(b, "mod_kallsyms", "symtab", &l->symtab) &&
	       xp_btf_offset(b, "mod_kallsyms", "num_symtab", &l->num_symtab) &&
	       xp_btf_offset(b, "mod_kallsyms", "strtab", &l->strtab) &&
	       xp_btf_offset(b, "mod_kallsyms", "typetab", &l->typetab) && find_code(b, l);

	l->head = ok ? head : 0;
	return ok;
}

/* A word that a line can hold. */
static bool is_word(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] == 0x7f)
			return false;
	return len;
}

static bool read_module(struct xp_gmemory *m, const struct xp_gmodule_layout *l, uint64_t at, struct module *mod)
{
	uint64_t kallsyms, end;

	return xp_gmemory_read(m, at + l->name, mod->name, sizeof(mod->name)) && xp_gmemory_u64(m, at + l->base, &mod->base) &&
	       xp_gmemory_read(m, at + l->size, &mod->size, sizeof(mod->size)) &&
	       is_word(mod->name, strnlen(mod->name, NAME_BYTES)) && strnlen(mod->name, NAME_BYTES) < NAME_BYTES &&
	       mod->base && mod->size && mod->size <= XP_GMODULE_TEXT_MAX && !__builtin_add_overflow(mod->base, mod->size, &end) &&
	       xp_gmemory_u64(m, at + l->kallsyms, &kallsyms) && xp_gmemory_u64(m, kallsyms + l->symtab, &mod->symtab) &&
	       xp_gmemory_u64(m, kallsyms + l->strtab, &mod->strtab) && xp_gmemory_u64(m, kallsyms + l->typetab, &mod->typetab) &&
	       xp_gmemory_read(m, kallsyms + l->num_symtab, &mod->nr, sizeof(mod->nr)) && mod->nr <= XP_GMODULE_SYMBOLS_MAX;
}

/* What belongs to a module's table of symbols, copied. */
struct tables {
	Elf64_Sym *symbols;
	char *types, *strings;
	size_t strings_len;
};

static void release_tables(struct tables *t)
{
	free(t->symbols);
	free(t->types);
	free(t->strings);
}

/* Strings lie one behind the other: the last one's start, and as much as a name can be. */
static bool read_strings(struct xp_gmemory *m, const struct module *mod, struct tables *t)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < mod->nr; i++)
		last = t->symbols[i].st_name > last ? t->symbols[i].st_name : last;
	if (last >= STRINGS_MAX)
		return false;
	t->strings_len = (size_t)last + SYMBOL_BYTES;
	t->strings = malloc(t->strings_len);
	if (!t->strings)
		return false;
	xp_gmemory_read(m, mod->strtab, t->strings, t->strings_len); /* its end need not be mapped: zeroes */
	t->strings[t->strings_len - 1] = '\0';
	return true;
}

static bool read_tables(struct xp_gmemory *m, const struct module *mod, struct tables *t)
{
	t->symbols = malloc((size_t)mod->nr * sizeof(*t->symbols));
	t->types = malloc(mod->nr);
	return t->symbols && t->types && xp_gmemory_read(m, mod->symtab, t->symbols, (size_t)mod->nr * sizeof(*t->symbols)) &&
	       xp_gmemory_read(m, mod->typetab, t->types, mod->nr) && read_strings(m, mod, t);
}

static void write_symbols(const struct module *mod, const struct tables *t, struct xp_buf *text)
{
	for (uint32_t i = 0; i < mod->nr; i++) {
		const char *name = t->strings + t->symbols[i].st_name;
		size_t len = strnlen(name, SYMBOL_BYTES - 1);
		char line[SYMBOL_BYTES + NAME_BYTES + 32];

		if (!is_word(name, len) || !is_word(t->types + i, 1))
			continue;
		xp_buf_add(text, line, (size_t)snprintf(line, sizeof(line), "%016" PRIx64 " %c %.*s\t[%s]\n", t->symbols[i].st_value,
							t->types[i], (int)len, name, mod->name));
	}
}

static void write_module(struct xp_gmemory *m, const struct module *mod, struct xp_buf *modules, struct xp_buf *symbols)
{
	struct tables t = { 0 };
	char line[NAME_BYTES + 64];

	xp_buf_add(modules, line, (size_t)snprintf(line, sizeof(line), "%s %" PRIu32 " 0 - Live 0x%016" PRIx64 "\n", mod->name,
						   mod->size, mod->base));
	if (symbols && mod->nr && read_tables(m, mod, &t))
		write_symbols(mod, &t, symbols);
	release_tables(&t);
}

int xp_gmodules_read(struct xp_gmemory *m, const struct xp_gmodule_layout *l, struct xp_buf *modules, struct xp_buf *symbols,
		     struct xp_err *err)
{
	uint64_t at = l->head;

	for (unsigned int i = 0; l->head && i < XP_GMODULES_MAX; i++) {
		struct module mod;

		if (!xp_gmemory_u64(m, at, &at) || at == l->head || !at)
			break;
		if (read_module(m, l, at - l->list, &mod))
			write_module(m, &mod, modules, symbols);
	}
	return xp_buf_ok(modules) && (!symbols || xp_buf_ok(symbols)) ?
		       0 : xp_fail(err, XP_E_NOMEM, "no memory for symbols of a guest's modules");
}
