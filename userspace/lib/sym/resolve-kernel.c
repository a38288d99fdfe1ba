// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dom0's kernel and modules, by /proc/kallsyms as it is when the session
 * ends. A module that went meanwhile, or whose place another took, gets no
 * names: its image says so.
 */
#include "lib/sym/resolve.h"

#include <limits.h>

#include "lib/base/file.h"
#include "lib/sym/seen.h"

/* The kernel's half of the address space, as the map of an image without symbols. */
#define KERNEL_START 0xffff800000000000ULL
#define KERNEL_END   UINT64_MAX

struct kernel {
	const char *root;
	const struct xp_regions *before;
	struct xp_buf text, modules;
	struct xp_kallsyms k;
};

static int read_text(struct kernel *kernel, const char *name, struct xp_buf *b, struct xp_err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", kernel->root, name);
	return xp_file_read(path, b, XP_KALLSYMS_MAX_BYTES, err);
}

static int load(struct kernel *kernel, struct xp_err *err)
{
	struct xp_err ignored; /* a kernel without modules has no such file */
	int rc;

	read_text(kernel, "/proc/modules", &kernel->modules, &ignored);
	rc = read_text(kernel, "/proc/kallsyms", &kernel->text, err);
	if (rc)
		return rc;
	return xp_kallsyms_parse(&kernel->k,
				 (struct xp_span){ (const char *)kernel->text.data, kernel->text.len },
				 (struct xp_span){ (const char *)kernel->modules.data, kernel->modules.len }, err);
}

/* Of the kernel ("") or of a module. */
static void read_build_id(struct kernel *kernel, const char *image, struct xp_build_id *id)
{
	struct xp_buf notes = XP_BUF_INIT;
	struct xp_err ignored;
	char name[128];

	memset(id, 0, sizeof(*id));
	if (*image)
		snprintf(name, sizeof(name), "/sys/module/%s/notes/.note.gnu.build-id", image);
	else
		snprintf(name, sizeof(name), "/sys/kernel/notes");
	if (!read_text(kernel, name, &notes, &ignored))
		xp_build_id_from_notes(id, notes.data, notes.len);
	xp_buf_release(&notes);
}

static bool is_pseudo(const char *image)
{
	return !strcmp(image, "bpf") || !strncmp(image, "__builtin__", 11);
}

/* When the session began something else was there than this region's module: a literal, or NULL. */
static const char *why_not(const struct kernel *kernel, const struct xp_region *region)
{
	size_t i;

	for (i = 0; i < kernel->before->nr; i++) {
		const struct xp_region *b = &kernel->before->v[i];

		if (b->start < region->end && region->start < b->end && strcmp(b->image, region->image))
			return "another module was here when the session began";
	}
	return NULL;
}

static int emit_region_map(struct xp_emit *e, const struct xp_region *r, uint32_t image, struct xp_err *err)
{
	struct xp_map map = { .start = r->start, .end = r->end, .image_addr = r->start, .image = image };

	return xp_emit_map(e, &map, err);
}

/* One image: the addresses `mine` lie in the nr regions at `regions`. */
static int emit_image(struct kernel *kernel, struct xp_emit *e, const struct xp_region *region,
		      const struct xp_addrs *mine, const char *why, uint32_t *image, struct xp_err *err)
{
	static const struct xp_symtab none;
	enum xp_image_kind kind = *region->image ? XP_IMAGE_MODULE : XP_IMAGE_KERNEL;
	struct xp_build_id id = { 0 };
	char name[XP_KERNEL_NAME + 2];
	struct xp_found found;
	int rc = xp_found_init(&found, why ? &none : &kernel->k.syms, mine->v, mine->nr, err);

	if (is_pseudo(region->image)) {
		snprintf(name, sizeof(name), "[%s]", region->image);
	} else {
		snprintf(name, sizeof(name), "%s", *region->image ? region->image : "vmlinux");
		read_build_id(kernel, region->image, &id);
	}
	if (!rc)
		rc = xp_emit_image(e, kind, name, &id, why, &found, image, err);
	xp_found_release(&found);
	return rc;
}

/* The kernel's own regions are one image: all addresses between its first and last byte that are no module's. */
static int emit_core(struct kernel *kernel, struct xp_emit *e, const struct xp_addrs *addrs, struct xp_err *err)
{
	const struct xp_regions *regions = &kernel->k.regions;
	struct xp_region all = { .start = UINT64_MAX };
	struct xp_addrs mine;
	uint32_t image;
	size_t i;
	int rc;

	for (i = 0; i < regions->nr; i++) {
		if (*regions->v[i].image)
			continue;
		if (all.start > regions->v[i].start)
			all.start = regions->v[i].start;
		all.end = regions->v[i].end;
	}
	mine = xp_addrs_in(addrs, XP_SPACE_KERNEL, all.start, all.end);
	if (!mine.nr)
		return 0;
	rc = emit_image(kernel, e, &all, &mine, NULL, &image, err);
	for (i = 0; !rc && i < regions->nr; i++) {
		if (!*regions->v[i].image)
			rc = emit_region_map(e, &regions->v[i], image, err);
	}
	return rc;
}

static int emit_module(struct kernel *kernel, struct xp_emit *e, const struct xp_region *region,
		       const struct xp_addrs *addrs, const char *why, struct xp_err *err)
{
	struct xp_addrs mine = xp_addrs_in(addrs, XP_SPACE_KERNEL, region->start, region->end);
	uint32_t image;
	int rc;

	if (!mine.nr)
		return 0;
	rc = emit_image(kernel, e, region, &mine, why, &image, err);
	return rc ? rc : emit_region_map(e, region, image, err);
}

static int emit_modules(struct kernel *kernel, struct xp_emit *e, const struct xp_addrs *addrs, struct xp_err *err)
{
	const struct xp_regions *now = &kernel->k.regions;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < now->nr; i++) {
		if (*now->v[i].image)
			rc = emit_module(kernel, e, &now->v[i], addrs, why_not(kernel, &now->v[i]), err);
	}
	for (i = 0; !rc && i < kernel->before->nr; i++) {
		const struct xp_region *b = &kernel->before->v[i];

		if (!xp_regions_find(now, b->start))
			rc = emit_module(kernel, e, b, addrs, "the module was removed during the session", err);
	}
	return rc;
}

static int emit_nameless(struct xp_emit *e, const char *why, struct xp_err *err)
{
	struct xp_map map = { .start = KERNEL_START, .end = KERNEL_END, .image_addr = KERNEL_START };
	int rc = xp_emit_image(e, XP_IMAGE_KERNEL, "vmlinux", NULL, why, NULL, &map.image, err);

	return rc ? rc : xp_emit_map(e, &map, err);
}

int xp_resolve_kernel(struct xp_emit *e, const char *root, const struct xp_regions *before,
		      const struct xp_addrs *addrs, struct xp_err *err)
{
	struct kernel kernel = { .root = root, .before = before };
	struct xp_err why;
	int rc;

	if (!xp_addrs_in(addrs, XP_SPACE_KERNEL, 0, UINT64_MAX).nr)
		return 0;
	rc = load(&kernel, &why);
	if (rc)
		rc = emit_nameless(e, why.text, err);
	else
		rc = emit_core(&kernel, e, addrs, err);
	if (!rc)
		rc = emit_modules(&kernel, e, addrs, err);
	xp_kallsyms_release(&kernel.k);
	xp_buf_release(&kernel.text);
	xp_buf_release(&kernel.modules);
	return rc;
}
