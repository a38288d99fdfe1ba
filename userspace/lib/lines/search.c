// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/search.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <fts.h>
#include <gelf.h>
#include <glob.h>
#include <libelf.h>
#include <limits.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/sym/debugfile.h"

/* ---- one candidate ---- */

static bool section_is(Elf *elf, const GElf_Shdr *sh, const char *name)
{
	size_t names;
	const char *s = elf_getshdrstrndx(elf, &names) ? NULL : elf_strptr(elf, names, sh->sh_name);

	return s && !strcmp(s, name);
}

bool xp_binary_is_part(Elf *elf, const GElf_Shdr *sh, enum xp_binary_part part)
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
		if (gelf_getshdr(scn, &sh) && xp_binary_is_part(e->elf, &sh, part))
			return true;
	return false;
}

/* Keeps the first of a kind. */
static void note(char *text, size_t size, const char *path)
{
	if (!*text)
		snprintf(text, size, "%s", path);
}

static void note_link(struct xp_binary_search *s, struct xp_elf *e)
{
	uint32_t crc;
	const char *link = xp_elf_debuglink(e, &crc);

	if (link && *link && !strchr(link, '/') && !*s->link)
		snprintf(s->link, sizeof(s->link), "%s", link);
}

/* Is it of the build, and has it what is wanted? */
static bool is_wanted(struct xp_binary_search *s, struct xp_elf *e, const char *path)
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

static bool take(struct xp_binary_search *s, struct xp_elf *e, int fd, const char *path)
{
	s->b->elf = *e;
	s->b->fd = fd;
	snprintf(s->b->path, sizeof(s->b->path), "%s", path);
	return s->found = true;
}

/* A file of the right build without debug data may name another that has them. */
static bool try_debug_of(struct xp_binary_search *s, struct xp_elf *e, const char *path)
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

static bool try_path(struct xp_binary_search *s, const char *path)
{
	struct stat st;
	int fd = xp_file_open_regular(path, &st);
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
static bool try(struct xp_binary_search *s, const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return n > 0 && (size_t)n < sizeof(path) && try_path(s, path);
}

static bool try_pattern(struct xp_binary_search *s, const char *dir, const char *name)
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

static bool try_kernel(struct xp_binary_search *s)
{
	const char *root = s->places->root, *release = s->w->release;

	if (!release || !*release || strchr(release, '/'))
		return false;
	return try(s, "%s/usr/lib/debug/boot/vmlinux-%s", root, release) ||
	       try(s, "%s/usr/lib/debug/lib/modules/%s/vmlinux", root, release) ||
	       try(s, "%s/boot/vmlinux-%s", root, release) ||
	       try(s, "%s/lib/modules/%s/build/vmlinux", root, release);
}

static bool try_xen(struct xp_binary_search *s)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/usr/lib/debug/boot", s->places->root);
	if (try_pattern(s, dir, "xen-syms*"))
		return true;
	snprintf(dir, sizeof(dir), "%s/boot", s->places->root);
	return try_pattern(s, dir, "xen-syms*");
}

/* File names of a module: the kernel has '_' where they may have '-'. False: not a module's name. */
static bool module_pattern(const char *module, char *pattern, size_t size)
{
	size_t n = 0;

	for (; *module; module++) {
		const char *piece = *module == '_' || *module == '-' ? "[-_]" : (const char[]){ *module, '\0' };

		if (strchr("*?[]\\/", *module) || n + sizeof("[-_].ko.debug") > size)
			return false;
		n += (size_t)snprintf(pattern + n, size - n, "%s", piece);
	}
	snprintf(pattern + n, size - n, ".ko");
	return n > 0;
}

/* A tree of modules has thousands of files: one walk tries those of the name. */
static void try_tree(struct xp_binary_search *s, char *dir, const char *pattern)
{
	char *const dirs[] = { dir, NULL };
	char debug[NAME_MAX + 8];
	FTS *tree = fts_open(dirs, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	FTSENT *f;

	snprintf(debug, sizeof(debug), "%s.debug", pattern);
	while (tree && !s->found && (f = fts_read(tree)))
		if (!fnmatch(pattern, f->fts_name, 0) || !fnmatch(debug, f->fts_name, 0))
			try_path(s, f->fts_path);
	if (tree)
		fts_close(tree);
}

static bool try_module(struct xp_binary_search *s)
{
	static const char *const trees[] = { "/lib/modules", "/usr/lib/debug/lib/modules" };
	const char *root = s->places->root, *release = s->w->release;
	char dir[PATH_MAX], pattern[NAME_MAX];
	size_t i;

	if (!release || !*release || strchr(release, '/') || *release == '.' ||
	    !module_pattern(s->w->name, pattern, sizeof(pattern)))
		return false;
	for (i = 0; i < sizeof(trees) / sizeof(*trees) && !s->found; i++) {
		snprintf(dir, sizeof(dir), "%s%s/%s", root, trees[i], release);
		try_tree(s, dir, pattern);
	}
	return s->found;
}

/* xprof's own, as it was installed: one for each hypervisor. */
static bool try_payload(struct xp_binary_search *s)
{
	char dir[PATH_MAX];

	if (!s->places->libdir)
		return false;
	snprintf(dir, sizeof(dir), "%s/payload", s->places->libdir);
	return try_pattern(s, dir, "*.livepatch");
}

static bool try_own(struct xp_binary_search *s)
{
	switch (s->w->kind) {
	case XP_IMAGE_FILE:
		return s->w->name[0] == '/' && try(s, "%s%s", s->places->root, s->w->name);
	case XP_IMAGE_KERNEL:
		return try_kernel(s);
	case XP_IMAGE_MODULE:
		return try_module(s);
	default:
		return xp_binary_is_xen(s->w) ? try_xen(s) : try_payload(s);
	}
}

static bool try_build_id(struct xp_binary_search *s, const char *dir)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];

	if (s->w->build_id.len < 2)
		return false;
	xp_build_id_hex(&s->w->build_id, hex);
	return try(s, "%s/.build-id/%.2s/%s.debug", dir, hex, hex + 2) || try(s, "%s/.build-id/%.2s/%s", dir, hex, hex + 2);
}

/* As debuginfod's client keeps them, and a server's own tree. */
static bool try_debuginfod(struct xp_binary_search *s, const char *dir)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];

	if (!dir || !s->w->build_id.len)
		return false;
	xp_build_id_hex(&s->w->build_id, hex);
	return try(s, "%s/%s/%s", dir, hex, s->part == XP_BINARY_CODE ? "executable" : "debuginfo") ||
	       try(s, "%s/%s/%s", dir, hex, s->part == XP_BINARY_CODE ? "debuginfo" : "executable");
}

/* What a file of the image may be called in a symdir. */
static bool name_pattern(const struct xp_binary_search *s, char pattern[NAME_MAX])
{
	switch (s->w->kind) {
	case XP_IMAGE_KERNEL:
		snprintf(pattern, NAME_MAX, "vmlinux*");
		return true;
	case XP_IMAGE_MODULE:
		if (!module_pattern(s->w->name, pattern, NAME_MAX - 1))
			return false;
		pattern[strlen(pattern) + 1] = '\0';
		pattern[strlen(pattern)] = '*';
		return true;
	default:
		snprintf(pattern, NAME_MAX, "%s", xp_binary_is_xen(s->w) ? "xen-syms*" : "*.livepatch*");
		return true;
	}
}

static bool try_symdir(struct xp_binary_search *s, const char *dir)
{
	const char *slash = strrchr(s->w->name, '/'), *name = slash ? slash + 1 : s->w->name;
	char pattern[NAME_MAX];

	if (s->w->kind != XP_IMAGE_FILE)
		return (name_pattern(s, pattern) && try_pattern(s, dir, pattern)) || try_build_id(s, dir) ||
		       try_debuginfod(s, dir);
	return (s->w->name[0] == '/' && try(s, "%s%s", dir, s->w->name)) || try(s, "%s/%s", dir, name) ||
	       try(s, "%s/%s.debug", dir, name) || (*s->link && try(s, "%s/%s", dir, s->link)) || try_build_id(s, dir) ||
	       try_debuginfod(s, dir);
}

bool xp_binary_search(struct xp_binary_search *s)
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

