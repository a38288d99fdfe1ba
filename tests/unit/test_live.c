// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Code of the running kernel: from a root folder whose /proc and /sys say what a kernel's would, of a function whose bytes
 * and instructions stand here. What is not the profile's is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/annotate/annotate.h"
#include "lib/annotate/live.h"
#include "lib/base/file.h"

#define KERNEL 0xffffffff81000000u
#define WORK   (KERNEL + 0x1000)
#define MODULE 0xffffffffc0100000u

/* push %rbp; call _stext; jmp behind itself; ret */
static const uint8_t code[] = { 0x55, 0xe8, 0xfa, 0xef, 0xff, 0xff, 0xeb, 0x00, 0xc3 };
static const uint8_t build_id[20] = "a build-id of 20 by!";

static char root[64];
static struct xp_err err;

/* ---- the root ---- */

static void put(const char *name, const void *data, size_t n)
{
	char path[PATH_MAX], *slash;
	int fd;

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(path, 0700);
	}
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(xp_file_write_all(fd, data, n, path, &err), 0);
	close(fd);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static void put_notes(const char *name, const uint8_t id[20])
{
	struct { Elf64_Nhdr head; char name[4]; uint8_t id[20]; } note = { { 4, 20, NT_GNU_BUILD_ID }, "GNU", { 0 } };

	memcpy(note.id, id, 20);
	put(name, &note, sizeof(note));
}

struct core { Elf64_Ehdr eh; Elf64_Phdr ph[2]; uint8_t code[64]; };

/* WORK in the first segment, MODULE in the second: the same code. */
static struct core make_core(void)
{
	struct core c = { .eh = { .e_machine = EM_X86_64, .e_type = ET_CORE, .e_phoff = offsetof(struct core, ph), .e_phnum = 2,
				  .e_phentsize = sizeof(Elf64_Phdr), .e_ehsize = sizeof(Elf64_Ehdr) } };
	size_t i;

	memcpy(c.eh.e_ident, ELFMAG, SELFMAG);
	c.eh.e_ident[EI_CLASS] = ELFCLASS64;
	c.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	c.eh.e_ident[EI_VERSION] = EV_CURRENT;
	for (i = 0; i < 2; i++)
		c.ph[i] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = i ? MODULE : WORK - 16,
					.p_offset = offsetof(struct core, code) + (i ? 32 : 0), .p_filesz = 32, .p_memsz = 32 };
	memcpy(c.code + 16, code, sizeof(code));
	memcpy(c.code + 32, code, sizeof(code));
	return c;
}

static void put_core(const struct core *c)
{
	put("/proc/kcore", c, sizeof(*c));
}

static int make_root(void **state)
{
	struct core c = make_core();

	(void)state;
	snprintf(root, sizeof(root), "/tmp/xprof-test-XXXXXX");
	assert_non_null(mkdtemp(root));
	put_text("/proc/kallsyms", "ffffffff81000000 T _stext\nffffffff81000000 T first\nffffffff81001000 T work\n"
				   "ffffffff81001009 T next\nffffffff81002000 T _etext\n"
				   "ffffffffc0100000 t work\t[my_mod]\nffffffffc0100009 t next\t[my_mod]\n");
	put_text("/proc/modules", "my_mod 16384 0 - Live 0xffffffffc0100000\n");
	put_text("/proc/sys/kernel/random/boot_id", "0b5e-this-boot\n");
	put_notes("/sys/kernel/notes", build_id);
	put_notes("/sys/module/my_mod/notes/.note.gnu.build-id", build_id);
	put_core(&c);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- the profile ---- */

struct recorded {
	struct xp_symbol symbol;
	struct xp_image image;
	struct xp_map map;
	struct { const char *key, *value; } host[1];
	struct xp_profile profile;
	struct xp_candidate candidate;
};

static void record(struct recorded *r, enum xp_image_kind kind)
{
	uint64_t at = kind == XP_IMAGE_MODULE ? MODULE : WORK;

	*r = (struct recorded){ .symbol = { at, at + sizeof(code), "work" }, .map = { .start = KERNEL, .end = UINT64_MAX },
				.host = { { "boot_id", "0b5e-this-boot" } } };
	r->image = (struct xp_image){ .kind = (uint8_t)kind, .name = kind == XP_IMAGE_MODULE ? "my_mod" : "vmlinux", .why = "",
				      .build_id_len = 20, .symbols = &r->symbol, .nr_symbols = 1 };
	memcpy(r->image.build_id, build_id, 20);
	r->profile = (struct xp_profile){ .host = (void *)r->host, .nr_host = 1, .images = &r->image, .nr_images = 1,
					  .maps = &r->map, .nr_maps = 1 };
	r->candidate = (struct xp_candidate){ .image = &r->image, .symbol = &r->symbol };
}

static int read_code(struct xp_code *c, const struct recorded *r)
{
	const struct xp_binary_places places = { .root = root };

	return xp_code_read(c, &r->profile, &r->candidate, &places, &err);
}

static void assert_is_code(struct recorded *r, uint64_t at, const char *call)
{
	struct xp_code c;

	assert_int_equal(read_code(&c, r), 0);
	assert_string_equal(c.path, "/proc/kcore");
	assert_int_equal(c.nr, 4);
	assert_string_equal(c.insns[0].text, "push %rbp");
	assert_string_equal(c.insns[1].text, call);
	assert_int_equal(c.insns[2].addr, at + 6);
	assert_int_equal(c.insns[2].len, 2);
	assert_string_equal(c.insns[3].text, "ret");
	xp_code_release(&c);
}

static void assert_refused(struct recorded *r, const char *why)
{
	struct xp_code c;

	assert_int_equal(read_code(&c, r), XP_E_ABSENT);
	if (!strstr(err.text, why))
		fail_msg("'%s' is not in '%s'", why, err.text);
	assert_int_equal(c.nr, 0);
	xp_code_release(&c);
}

/* ---- tests ---- */

static void test_live__a_function_of_the_kernel(void **state)
{
	struct recorded r;

	(void)state;
	record(&r, XP_IMAGE_KERNEL);
	assert_is_code(&r, WORK, "call 0xffffffff81000000 <first>");
}

static void test_live__a_function_of_a_module_where_the_kernel_has_one_of_that_name(void **state)
{
	struct recorded r;

	(void)state;
	record(&r, XP_IMAGE_MODULE);
	assert_is_code(&r, MODULE, "call 0xffffffffc00ff000");
}

static void test_live__what_is_not_the_profiles_is_refused(void **state)
{
	struct recorded r;

	(void)state;
	record(&r, XP_IMAGE_KERNEL);
	r.host[0].value = "0b5e-this-boo";
	assert_refused(&r, "another boot");
	r.host[0].key = "other";
	assert_refused(&r, "another boot");
	record(&r, XP_IMAGE_KERNEL);
	r.image.build_id[19] ^= 1;
	assert_refused(&r, "another build-id");
	r.image.build_id_len = 0;
	assert_refused(&r, "another build-id, or none");
	record(&r, XP_IMAGE_KERNEL);
	r.map.domid = 3;
	assert_refused(&r, "a guest's");
	record(&r, XP_IMAGE_KERNEL);
	r.symbol.name = "worc";
	assert_refused(&r, "not where it was");
	record(&r, XP_IMAGE_KERNEL);
	r.symbol.start += 4;
	assert_refused(&r, "not where it was");
	record(&r, XP_IMAGE_MODULE);
	r.symbol.start = WORK;
	r.symbol.end = WORK + sizeof(code);
	assert_refused(&r, "not where it was");
	record(&r, XP_IMAGE_MODULE);
	r.image.name = "../kernel";
	assert_refused(&r, "another build-id, or none");
}

static void test_live__hidden_addresses_and_no_core(void **state)
{
	struct core c = make_core();
	char path[PATH_MAX];
	struct recorded r;

	(void)state;
	record(&r, XP_IMAGE_KERNEL);
	snprintf(path, sizeof(path), "%s/proc/kcore", root);
	unlink(path);
	assert_refused(&r, "/proc/kcore cannot be opened");
	put_core(&c);
	put_text("/proc/kallsyms", "0000000000000000 T _stext\n0000000000000000 T work\n0000000000000000 T _etext\n");
	assert_refused(&r, "nor from memory");
	remove_root(NULL);
	make_root(NULL);
}

static void test_live__a_core_that_lies_or_ends(void **state)
{
	struct core good = make_core(), c;
	struct recorded r;
	size_t n;

	(void)state;
	record(&r, XP_IMAGE_KERNEL);
	for (n = 0; n < offsetof(struct core, code) + 16 + sizeof(code); n += 3) {
		put("/proc/kcore", &good, n);
		assert_refused(&r, "/proc/kcore");
	}
	c = good;
	c.eh.e_phoff = UINT64_MAX - 8;
	put_core(&c);
	assert_refused(&r, "cannot be read");
	c = good;
	c.eh.e_phnum = UINT16_MAX;
	c.ph[0].p_type = PT_NOTE;
	put_core(&c);
	assert_refused(&r, "is no ELF core");
	c = good;
	c.ph[0].p_offset = UINT64_MAX - 4;
	put_core(&c);
	assert_refused(&r, "it has nothing");
	c = good;
	c.ph[0].p_filesz = 20; /* ends within the function */
	put_core(&c);
	assert_refused(&r, "it has nothing");
	record(&r, XP_IMAGE_KERNEL);
	r.symbol.end = UINT64_MAX;
	assert_refused(&r, "a function of");
	put_core(&good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live__a_function_of_the_kernel),
		cmocka_unit_test(test_live__a_function_of_a_module_where_the_kernel_has_one_of_that_name),
		cmocka_unit_test(test_live__what_is_not_the_profiles_is_refused),
		cmocka_unit_test(test_live__hidden_addresses_and_no_core),
		cmocka_unit_test(test_live__a_core_that_lies_or_ends),
	};

	return cmocka_run_group_tests(tests, make_root, remove_root);
}
