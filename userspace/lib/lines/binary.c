// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/binary.h"

#include <fcntl.h>
#include <gelf.h>
#include <glob.h>
#include <libelf.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sym/debugfile.h"

struct search {
	struct xp_binary *b;
	const struct xp_binary_wanted *w;
	const struct xp_binary_places *places;
	enum xp_binary_part part;
	bool found;
	char refused[256];  /* the first file of another build, "" */
	char lacking[256];  /* the first of this build without the part */
	char link[NAME_MAX + 1]; /* what its .gnu_debuglink names */
};

void xp_binary_wanted_init(struct xp_binary_wanted *w, const struct xp_profile *p, const struct xp_image *image)
{
	*w = (struct xp_binary_wanted){ .kind = image->kind, .name = image->name,
					.release = xp_profile_host(p, "kernel.release") };
	xp_build_id_set(&w->build_id, image->build_id, image->build_id_len);
}

/* ---- one candidate ---- */

static bool section_is(Elf *elf, const GElf_Shdr *sh, const char *name)
{
	size_t names;
	const char *s = elf_getshdrstrndx(elf, &names) ? NULL : elf_strptr(elf, names, sh->sh_name);

	return s && !strcmp(s, name);
}

static bool is_part(Elf *elf, const GElf_Shdr *sh, enum xp_binary_part part)
{
	if (sh->sh_type == SHT_NOBITS || !sh->sh_size)
		return false;
	if (part == XP_BINARY_CODE)
		return (sh->sh_flags & SHF_ALLOC) && (sh->sh_flags & SHF_EXECINSTR);
	return section_is(elf, sh, ".debug_info") || section_is(elf, sh, ".debug_line") ||
	       section_is(elf, sh, ".zdebug_info");
}

static bool has_part(const struct xp_elf *e, enum xp_binary_part part)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;

	while ((scn = elf_nextscn(e->elf, scn)))
		if (gelf_getshdr(scn, &sh) && is_part(e->elf, &sh, part))
			return true;
	return false;
}

static int open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Keeps the first of a kind. */
static void note(char *text, size_t size, const char *path)
{
	if (!*text)
		snprintf(text, size, "%s", path);
}

static void note_link(struct search *s, struct xp_elf *e)
{
	uint32_t crc;
	const char *link = xp_elf_debuglink(e, &crc);

	if (link && *link && !strchr(link, '/') && !*s->link)
		snprintf(s->link, sizeof(s->link), "%s", link);
}

/* Is it of the build, and has it what is wanted? */
static bool is_wanted(struct search *s, struct xp_elf *e, const char *path)
{
	if (!xp_build_id_is(&e->build_id, &s->w->build_id)) {
		note(s->refused, sizeof(s->refused), path);
		return false;
	}
	note_link(s, e);
	if (has_part(e, s->part))
		return true;
	note(s->lacking, sizeof(s->lacking), path);
	return false;
}

static bool take(struct search *s, struct xp_elf *e, int fd, const char *path)
{
	s->b->elf = *e;
	s->b->fd = fd;
	snprintf(s->b->path, sizeof(s->b->path), "%s", path);
	return s->found = true;
}

/* A file of the right build without debug data may name another that has them. */
static bool try_debug_of(struct search *s, struct xp_elf *e, const char *path)
{
	struct xp_debugfile d;

	if (s->part != XP_BINARY_DEBUG || !xp_build_id_is(&e->build_id, &s->w->build_id))
		return false;
	if (!xp_debugfile_open(&d, e, s->places->root, path + strlen(s->places->root)))
		return false;
	if (has_part(&d.elf, s->part))
		return take(s, &d.elf, d.fd, d.elf.name);
	xp_debugfile_release(&d);
	return false;
}

static bool try_path(struct search *s, const char *path)
{
	int fd = open_regular(path);
	struct xp_err ignored;
	struct xp_elf e;

	if (fd < 0)
		return false;
	if (xp_elf_open(&e, fd, path, &ignored)) {
		close(fd);
		return false;
	}
	if (is_wanted(s, &e, path))
		return take(s, &e, fd, path);
	try_debug_of(s, &e, path);
	xp_elf_release(&e);
	close(fd);
	return s->found;
}

/* ---- the candidates ---- */

__attribute__((format(printf, 2, 3)))
static bool try(struct search *s, const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return n > 0 && (size_t)n < sizeof(path) && try_path(s, path);
}

static bool try_pattern(struct search *s, const char *dir, const char *name)
{
	char pattern[PATH_MAX];
	glob_t paths;
	size_t i;

	if ((size_t)snprintf(pattern, sizeof(pattern), "%s/%s", dir, name) >= sizeof(pattern) ||
	    glob(pattern, 0, NULL, &paths))
		return false;
	for (i = 0; i < paths.gl_pathc && !s->found; i++)
		try_path(s, paths.gl_pathv[i]);
	globfree(&paths);
	return s->found;
}

static bool try_kernel(struct search *s)
{
	const char *root = s->places->root, *release = s->w->release;

	if (!release || !*release || strchr(release, '/'))
		return false;
	return try(s, "%s/usr/lib/debug/boot/vmlinux-%s", root, release) ||
	       try(s, "%s/usr/lib/debug/lib/modules/%s/vmlinux", root, release) ||
	       try(s, "%s/boot/vmlinux-%s", root, release) ||
	       try(s, "%s/lib/modules/%s/build/vmlinux", root, release);
}

static bool try_xen(struct search *s)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/usr/lib/debug/boot", s->places->root);
	if (try_pattern(s, dir, "xen-syms*"))
		return true;
	snprintf(dir, sizeof(dir), "%s/boot", s->places->root);
	return try_pattern(s, dir, "xen-syms*");
}

static bool try_own(struct search *s)
{
	switch (s->w->kind) {
	case XP_IMAGE_FILE:
		return s->w->name[0] == '/' && try(s, "%s%s", s->places->root, s->w->name);
	case XP_IMAGE_KERNEL:
		return try_kernel(s);
	default:
		return try_xen(s);
	}
}

static bool try_build_id(struct search *s, const char *dir)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];

	if (s->w->build_id.len < 2)
		return false;
	xp_build_id_hex(&s->w->build_id, hex);
	return try(s, "%s/.build-id/%.2s/%s.debug", dir, hex, hex + 2) || try(s, "%s/.build-id/%.2s/%s", dir, hex, hex + 2);
}

/* As debuginfod's client keeps them, and a server's own tree. */
static bool try_debuginfod(struct search *s, const char *dir)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];

	if (!dir || !s->w->build_id.len)
		return false;
	xp_build_id_hex(&s->w->build_id, hex);
	return try(s, "%s/%s/%s", dir, hex, s->part == XP_BINARY_CODE ? "executable" : "debuginfo") ||
	       try(s, "%s/%s/%s", dir, hex, s->part == XP_BINARY_CODE ? "debuginfo" : "executable");
}

static bool try_symdir(struct search *s, const char *dir)
{
	const char *slash = strrchr(s->w->name, '/'), *name = slash ? slash + 1 : s->w->name;

	if (s->w->kind == XP_IMAGE_KERNEL)
		return try_pattern(s, dir, "vmlinux*") || try_build_id(s, dir) || try_debuginfod(s, dir);
	if (s->w->kind == XP_IMAGE_XEN)
		return try_pattern(s, dir, "xen-syms*") || try_build_id(s, dir) || try_debuginfod(s, dir);
	return (s->w->name[0] == '/' && try(s, "%s%s", dir, s->w->name)) || try(s, "%s/%s", dir, name) ||
	       try(s, "%s/%s.debug", dir, name) || (*s->link && try(s, "%s/%s", dir, s->link)) || try_build_id(s, dir) ||
	       try_debuginfod(s, dir);
}

static bool look(struct search *s)
{
	char dir[PATH_MAX];
	size_t i;

	if (try_own(s))
		return true;
	for (i = 0; i < s->places->nr_symdirs; i++)
		if (try_symdir(s, s->places->symdirs[i]))
			return true;
	snprintf(dir, sizeof(dir), "%s/usr/lib/debug", s->places->root);
	return try_build_id(s, dir) || try_debuginfod(s, s->places->debuginfod);
}

/* ---- what is said ---- */

static const char *kind_has_no_file(const struct xp_binary_wanted *w)
{
	switch (w->kind) {
	case XP_IMAGE_FILE:
	case XP_IMAGE_KERNEL:
		return NULL;
	case XP_IMAGE_XEN:
		return strcmp(w->name, "xen") ? "the profiler's own live patch is not read again" : NULL;
	case XP_IMAGE_MODULE:
		return "kernel modules are not read yet";
	case XP_IMAGE_VDSO:
		return "the vDSO has no file";
	default:
		return "code that was made at run time has no file";
	}
}

static int say_absent(const struct search *s, struct xp_err *err)
{
	const char *what = s->part == XP_BINARY_CODE ? "code" : "debug data";
	char hex[2 * XP_BUILD_ID_MAX + 1] = "";

	xp_build_id_hex(&s->w->build_id, hex);
	if (*s->lacking)
		return xp_fail(err, XP_E_ABSENT, "%s: %s has no %s, and there is no other file of build-id %s: name a folder with "
			       "one by --symdir DIR", s->w->name, s->lacking, what, *hex ? hex : "(none)");
	if (*s->refused)
		return xp_fail(err, XP_E_ABSENT, "%s: %s is of another build than the profile's (build-id %s) and is not used: "
			       "name a folder with the right one by --symdir DIR", s->w->name, s->refused, *hex ? hex : "(none)");
	return xp_fail(err, XP_E_ABSENT, "%s: no file with its %s is here (build-id %s): name a folder with one by --symdir DIR",
		       s->w->name, what, *hex ? hex : "(none)");
}

int xp_binary_open(struct xp_binary *b, const struct xp_binary_wanted *w, enum xp_binary_part part,
		   const struct xp_binary_places *places, struct xp_err *err)
{
	struct search s = { .b = b, .w = w, .places = places, .part = part };
	const char *why = kind_has_no_file(w);

	*b = (struct xp_binary){ .fd = -1 };
	if (why)
		return xp_fail(err, XP_E_USAGE, "%s: %s", w->name, why);
	return look(&s) ? 0 : say_absent(&s, err);
}

void xp_binary_close(struct xp_binary *b)
{
	xp_elf_release(&b->elf);
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

const uint8_t *xp_binary_bytes(const struct xp_binary *b, uint64_t start, uint64_t end)
{
	Elf_Scn *scn = NULL;

	while (b->elf.elf && (scn = elf_nextscn(b->elf.elf, scn))) {
		Elf_Data *data;
		GElf_Shdr sh;

		if (!gelf_getshdr(scn, &sh) || !is_part(b->elf.elf, &sh, XP_BINARY_CODE) || start < sh.sh_addr ||
		    end < start || end - sh.sh_addr > sh.sh_size || sh.sh_size > XP_ELF_MAX_TABLE)
			continue;
		data = elf_rawdata(scn, NULL);
		if (data && data->d_buf && end - sh.sh_addr <= data->d_size)
			return (const uint8_t *)data->d_buf + (start - sh.sh_addr);
	}
	return NULL;
}

/* ---- where a kernel runs ---- */

#define WITNESSES 32u /* symbols that are asked */

/* The only symbol of that name in the table; NULL: there is none, or another one. */
static const struct xp_sym *only_one(const struct xp_symtab *t, const char *name)
{
	const struct xp_sym *found = NULL;
	size_t len = strlen(name), i;

	for (i = 0; i < t->nr; i++) {
		if (t->syms[i].len != len || memcmp(t->syms[i].name, name, len))
			continue;
		if (found)
			return NULL;
		found = &t->syms[i];
	}
	return found;
}

static bool ask_witnesses(const struct xp_symtab *t, const struct xp_image *image, uint64_t *slide)
{
	bool known = false;
	size_t i;

	for (i = 0; i < image->nr_symbols && i < WITNESSES; i++) {
		const struct xp_sym *s = only_one(t, image->symbols[i].name);

		if (!s)
			continue;
		if (known && image->symbols[i].start - s->start != *slide)
			return false;
		*slide = image->symbols[i].start - s->start;
		known = true;
	}
	return known;
}

bool xp_binary_slide(struct xp_binary *b, const struct xp_image *image, uint64_t *slide)
{
	struct xp_symtab t;
	struct xp_err ignored;
	bool ok;

	*slide = 0;
	if (image->kind != XP_IMAGE_KERNEL)
		return true;
	xp_symtab_init(&t, XP_ELF_MAX_SYMBOLS);
	ok = xp_elf_symbols(&b->elf, XP_ELF_SYMTAB, &t, &ignored) > 0 && ask_witnesses(&t, image, slide);
	xp_symtab_release(&t);
	return ok;
}
