// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * dom0's kernel and modules, by /proc/kallsyms as it is when the session
 * ends. A module that went meanwhile, or whose place another took, gets no
 * names: its image says so.
 */
#include "lib/sym/emit-kernel.h"

#include <limits.h>

#include "lib/base/file.h"
#include "lib/sym/seen.h"

struct kernel {
	struct xp_kernel of; /* its first member */
	const char *root;
	const struct xp_regions *before;
	struct xp_buf text, modules;
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
	return xp_kallsyms_parse(&kernel->of.k,
				 (struct xp_span){ (const char *)kernel->text.data, kernel->text.len },
				 (struct xp_span){ (const char *)kernel->modules.data, kernel->modules.len }, err);
}

/* Of the kernel ("") or of a module. */
static void read_build_id(struct xp_kernel *of, const char *image, struct xp_build_id *id)
{
	struct kernel *kernel = (struct kernel *)of;
	struct xp_buf notes = XP_BUF_INIT;
	struct xp_err ignored;
	char name[128];

	if (*image)
		snprintf(name, sizeof(name), "/sys/module/%s/notes/.note.gnu.build-id", image);
	else
		snprintf(name, sizeof(name), "/sys/kernel/notes");
	if (!read_text(kernel, name, &notes, &ignored))
		xp_build_id_from_notes(id, notes.data, notes.len);
	xp_buf_release(&notes);
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

static int emit_modules(struct kernel *kernel, struct xp_emit *e, const struct xp_addrs *addrs, struct xp_err *err)
{
	const struct xp_regions *now = &kernel->of.k.regions;
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < now->nr; i++) {
		if (*now->v[i].image)
			rc = xp_emit_module(e, &kernel->of, &now->v[i], addrs, why_not(kernel, &now->v[i]), err);
	}
	for (i = 0; !rc && i < kernel->before->nr; i++) {
		const struct xp_region *b = &kernel->before->v[i];

		if (!xp_regions_find(now, b->start))
			rc = xp_emit_module(e, &kernel->of, b, addrs, "the module was removed during the session", err);
	}
	return rc;
}

int xp_resolve_kernel(struct xp_emit *e, const char *root, const struct xp_regions *before,
		      const struct xp_addrs *addrs, struct xp_err *err)
{
	struct kernel kernel = {
		.of = { .space = XP_SPACE_KERNEL, .build_id = read_build_id }, .root = root, .before = before,
	};
	struct xp_err why;
	int rc;

	if (!xp_addrs_in(addrs, XP_SPACE_KERNEL, 0, UINT64_MAX).nr)
		return 0;
	rc = load(&kernel, &why);
	if (rc)
		rc = xp_emit_kernel_without_names(e, &kernel.of, why.text, err);
	else
		rc = xp_emit_kernel(e, &kernel.of, addrs, err);
	if (!rc)
		rc = emit_modules(&kernel, e, addrs, err);
	xp_kallsyms_release(&kernel.of.k);
	xp_buf_release(&kernel.text);
	xp_buf_release(&kernel.modules);
	return rc;
}
