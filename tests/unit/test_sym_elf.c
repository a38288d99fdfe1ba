// SPDX-License-Identifier: GPL-2.0-or-later
/* ELF files: this test's own program, and small ones made here with libelf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/sym/debugfile.h"
#include "lib/sym/elf.h"

static struct xp_err err;

/* ---- a small ELF file: two code sections, one of data, and symbols ---- */

static const char section_names[] = "\0.text\0.text.b\0.data\0.symtab\0.strtab\0.note.gnu.build-id\0.gnu_debuglink";
enum { N_TEXT = 1, N_TEXT_B = 7, N_DATA = 15, N_SYMTAB = 21, N_STRTAB = 29, N_NOTE = 37, N_LINK = 56 };
static const char symbol_names[] = "\0sized\0open\0label\0beyond\0data\0undefined";
enum { S_SIZED = 1, S_OPEN = 7, S_LABEL = 12, S_BEYOND = 18, S_DATA = 25, S_UNDEFINED = 30 };

static uint8_t note[] = { 4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0, 0xaa, 0xbb, 0xcc, 0xdd };
static uint8_t link_section[12]; /* "x.debug", NUL, CRC */
static uint8_t code[0x100];

static size_t add_section(Elf *elf, GElf_Word name, GElf_Word type, GElf_Xword flags, GElf_Addr addr, void *data,
			  size_t size, GElf_Xword align, GElf_Word link)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *d = elf_newdata(scn);
	GElf_Shdr sh;

	d->d_buf = data;
	d->d_size = size;
	d->d_align = align;
	d->d_type = type == SHT_SYMTAB ? ELF_T_SYM : ELF_T_BYTE;
	d->d_version = EV_CURRENT;
	assert_non_null(gelf_getshdr(scn, &sh));
	sh.sh_name = name;
	sh.sh_type = type;
	sh.sh_flags = flags;
	sh.sh_addr = addr;
	sh.sh_addralign = align;
	sh.sh_link = link;
	sh.sh_entsize = type == SHT_SYMTAB ? sizeof(Elf64_Sym) : 0;
	assert_int_not_equal(gelf_update_shdr(scn, &sh), 0);
	return elf_ndxscn(scn);
}

static Elf64_Sym symbol(Elf64_Word name, unsigned char bind, unsigned char type, Elf64_Section shndx, Elf64_Addr value,
			Elf64_Xword size)
{
	return (Elf64_Sym){ .st_name = name, .st_info = ELF64_ST_INFO(bind, type), .st_shndx = shndx,
			    .st_value = value, .st_size = size };
}

/* relocatable: section addresses are 0, as in a live patch. */
static void write_elf(const char *path, bool relocatable, bool with_symbols)
{
	GElf_Addr a = relocatable ? 0 : 0x1000, b = relocatable ? 0 : 0x2000;
	Elf64_Sym syms[] = {
		{ 0 },
		symbol(S_SIZED, STB_GLOBAL, STT_FUNC, 1, a + 0x10, 0x10),
		symbol(S_OPEN, STB_LOCAL, STT_FUNC, 1, a + 0x40, 0),
		symbol(S_LABEL, STB_LOCAL, STT_NOTYPE, 1, a + 0x50, 0),
		symbol(S_BEYOND, STB_GLOBAL, STT_FUNC, 2, b + 0x10, 0x1000),
		symbol(S_DATA, STB_GLOBAL, STT_OBJECT, 3, 0x3000, 8),
		symbol(S_UNDEFINED, STB_GLOBAL, STT_FUNC, SHN_UNDEF, 0, 8),
		symbol(0xffff, STB_GLOBAL, STT_FUNC, 1, a, 8), /* a name beyond the table */
		symbol(S_SIZED, STB_GLOBAL, STT_FUNC, 0x1234, a, 8), /* no such section */
	};
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	GElf_Ehdr eh;
	Elf *elf;
	size_t strtab;

	assert_true(fd >= 0);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	assert_non_null(gelf_newehdr(elf, ELFCLASS64));
	add_section(elf, N_TEXT, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, a, code, 0x91, 16, 0);
	add_section(elf, N_TEXT_B, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, b, code, 0x20, 32, 0);
	add_section(elf, N_DATA, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0x3000, code, 0x10, 16, 0);
	strtab = add_section(elf, N_STRTAB, SHT_STRTAB, 0, 0, (void *)symbol_names, sizeof(symbol_names), 1, 0);
	if (with_symbols)
		add_section(elf, N_SYMTAB, SHT_SYMTAB, 0, 0, syms, sizeof(syms), 8, (GElf_Word)strtab);
	add_section(elf, N_NOTE, SHT_NOTE, SHF_ALLOC, 0x4000, note, sizeof(note), 4, 0);
	add_section(elf, N_LINK, SHT_PROGBITS, 0, 0, link_section, sizeof(link_section), 4, 0);
	assert_non_null(gelf_getehdr(elf, &eh));
	eh.e_type = relocatable ? ET_REL : ET_EXEC;
	eh.e_machine = EM_X86_64;
	eh.e_shstrndx = (Elf64_Half)add_section(elf, 0, SHT_STRTAB, 0, 0, (void *)section_names, sizeof(section_names),
						1, 0);
	assert_int_not_equal(gelf_update_ehdr(elf, &eh), 0);
	assert_true(elf_update(elf, ELF_C_WRITE) > 0);
	elf_end(elf);
	close(fd);
}

static char dir[64], path[128];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/xprof-elf-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/x", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int open_elf(struct xp_elf *e, const char *file)
{
	int fd = open(file, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(xp_elf_open(e, fd, file, &err), 0);
	return fd;
}

static void assert_name(const struct xp_symtab *t, uint64_t addr, const char *name)
{
	const struct xp_sym *sym = xp_symtab_find(t, addr);
	char found[64] = "";

	if (sym)
		snprintf(found, sizeof(found), "%.*s", (int)sym->len, sym->name);
	assert_string_equal(found, name ? name : "");
}

static void test_elf__a_function_ends_at_its_size_or_section(void **state)
{
	struct xp_symtab t;
	struct xp_elf e;
	int fd;

	(void)state;
	write_elf(path, false, true);
	fd = open_elf(&e, path);
	xp_symtab_init(&t, XP_ELF_MAX_SYMBOLS);
	assert_int_equal(xp_elf_symbols(&e, XP_ELF_SYMTAB, &t, &err), 3);
	assert_int_equal(xp_elf_symbols(&e, XP_ELF_DYNSYM, &t, &err), 0);
	assert_true(xp_symtab_seal(&t));
	assert_name(&t, 0x100f, NULL);
	assert_name(&t, 0x1010, "sized");
	assert_name(&t, 0x1020, NULL);
	assert_name(&t, 0x1040, "open");
	assert_name(&t, 0x1090, "open"); /* a local label does not end it */
	assert_name(&t, 0x1091, NULL);
	assert_name(&t, 0x2010, "beyond");
	assert_name(&t, 0x201f, "beyond");
	assert_name(&t, 0x2020, NULL);
	assert_name(&t, 0x3000, NULL);
	assert_int_equal(e.build_id.len, 4);
	assert_int_equal(e.build_id.bytes[3], 0xdd);
	xp_symtab_release(&t);
	xp_elf_release(&e);
	close(fd);
}

static void test_elf__live_patch_lies_as_xen_loads_it(void **state)
{
	const uint64_t text = 0xffff82d040800000;
	struct xp_symtab t;
	struct xp_elf e;
	int fd;

	(void)state;
	write_elf(path, true, true);
	fd = open_elf(&e, path);
	assert_int_equal(xp_elf_place_text(&e, text, 0x1000, &err), XP_E_FORMAT); /* another size: another build */
	assert_int_equal(xp_elf_place_text(&e, text, 0xc0, &err), 0); /* 0x91, up to 0xa0, 0x20 */
	xp_symtab_init(&t, XP_ELF_MAX_SYMBOLS);
	assert_int_equal(xp_elf_symbols(&e, XP_ELF_SYMTAB, &t, &err), 3);
	assert_true(xp_symtab_seal(&t));
	assert_name(&t, text + 0x1f, "sized");
	assert_name(&t, text + 0x90, "open");
	assert_name(&t, text + 0xb0, "beyond");
	assert_name(&t, text + 0xc0, NULL);
	xp_symtab_release(&t);
	xp_elf_release(&e);
	close(fd);
}

static void test_elf__own_program_has_its_functions_and_addresses(void **state)
{
	uint64_t ip = (uint64_t)(uintptr_t)add_section;
	struct xp_symtab t;
	struct xp_elf e;
	uint64_t addr;
	size_t i;
	bool found = false;
	int fd;

	(void)state;
	fd = open_elf(&e, "/proc/self/exe");
	xp_symtab_init(&t, XP_ELF_MAX_SYMBOLS);
	assert_true(xp_elf_symbols(&e, XP_ELF_SYMTAB, &t, &err) > 0);
	assert_true(xp_symtab_seal(&t));
	for (i = 0; i < t.nr && !found; i++) /* moved by whole pages only */
		found = t.syms[i].len == 11 && !memcmp(t.syms[i].name, "add_section", 11) &&
			!((ip - t.syms[i].start) & 0xfff);
	assert_true(found);
	assert_true(xp_elf_address(&e, 0, &addr));
	assert_false(xp_elf_address(&e, UINT64_MAX, &addr));
	xp_symtab_release(&t);
	xp_elf_release(&e);
	close(fd);
}

static void read_symbols(const void *data, size_t len)
{
	struct xp_symtab t;
	struct xp_elf e;

	if (xp_elf_open_memory(&e, data, len, "damaged", &err))
		return;
	xp_symtab_init(&t, XP_ELF_MAX_SYMBOLS);
	xp_elf_symbols(&e, XP_ELF_SYMTAB, &t, &err);
	xp_symtab_seal(&t);
	xp_symtab_release(&t);
	xp_elf_release(&e);
}

static void test_elf__cut_at_every_byte_and_each_byte_flipped(void **state)
{
	struct xp_buf b = XP_BUF_INIT;
	uint8_t *copy;
	size_t i;

	(void)state;
	write_elf(path, false, true);
	assert_int_equal(xp_file_read(path, &b, 1 << 20, &err), 0);
	for (i = 0; i < b.len; i++) {
		copy = malloc(i + 1); /* so that a sanitizer sees what is read beyond */
		memcpy(copy, b.data, i);
		read_symbols(copy, i);
		free(copy);
		b.data[i] ^= 0xff;
		read_symbols(b.data, b.len);
		b.data[i] ^= 0xff;
	}
	xp_buf_release(&b);
}

static void test_elf__what_is_no_elf_file_is_said(void **state)
{
	struct xp_elf e;

	(void)state;
	assert_int_equal(xp_elf_open_memory(&e, "#!/bin/sh\n", 10, "/bin/script", &err), XP_E_FORMAT);
	assert_string_equal(err.text, "/bin/script: not an ELF file");
	assert_int_equal(xp_elf_open_memory(&e, "", 0, "empty", &err), XP_E_FORMAT);
}

static void test_debugfile__found_by_build_id_or_link_and_refused_otherwise(void **state)
{
	struct xp_debugfile d;
	char debug[160];
	struct xp_elf e;
	int fd;

	(void)state;
	memcpy(link_section, "x.debug", 8);
	snprintf(debug, sizeof(debug), "%s/x.debug", dir);
	write_elf(path, false, false);
	fd = open_elf(&e, path);
	assert_false(xp_debugfile_open(&d, &e, "", path));
	write_elf(debug, false, true);
	assert_true(xp_debugfile_open(&d, &e, "", path));
	xp_debugfile_release(&d);
	note[16] ^= 1; /* another build */
	write_elf(debug, false, true);
	note[16] ^= 1;
	assert_false(xp_debugfile_open(&d, &e, "", path));
	xp_elf_release(&e);
	close(fd);
	unlink(debug);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_elf__a_function_ends_at_its_size_or_section),
		cmocka_unit_test(test_elf__live_patch_lies_as_xen_loads_it),
		cmocka_unit_test(test_elf__own_program_has_its_functions_and_addresses),
		cmocka_unit_test(test_elf__cut_at_every_byte_and_each_byte_flipped),
		cmocka_unit_test(test_elf__what_is_no_elf_file_is_said),
		cmocka_unit_test(test_debugfile__found_by_build_id_or_link_and_refused_otherwise),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
