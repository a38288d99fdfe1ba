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

struct xp_kernel_table {
	struct xp_kernel of; /* its first member */
	const char *root;
	const struct xp_regions *before;
	struct xp_buf text, modules;
	bool loaded;
	struct xp_err why;   /* it is not */
};

static int read_text(const struct xp_kernel_table *kernel, const char *name, struct xp_buf *b, struct xp_err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", kernel->root, name);
	return xp_file_read(path, b, XP_KALLSYMS_MAX_BYTES, err);
}

static void load(struct xp_kernel_table *kernel)
{
	struct xp_err ignored; /* a kernel without modules has no such file */

	read_text(kernel, "/proc/modules", &kernel->modules, &ignored);
	kernel->loaded = !read_text(kernel, "/proc/kallsyms", &kernel->text, &kernel->why) &&
			 !xp_kallsyms_parse(&kernel->of.k, (struct xp_span){ (const char *)kernel->text.data, kernel->text.len },
					    (struct xp_span){ (const char *)kernel->modules.data, kernel->modules.len }, &kernel->why);
}

static void release(struct xp_kernel_table *kernel)
{
	xp_kallsyms_release(&kernel->of.k);
	memset(&kernel->of.k, 0, sizeof(kernel->of.k));
	xp_buf_release(&kernel->text);
	xp_buf_release(&kernel->modules);
	kernel->loaded = false;
}

static bool are_alike(const struct xp_regions *a, const struct xp_regions *b)
{
	size_t i = 0;

	while (i < a->nr && i < b->nr && a->v[i].start == b->v[i].start && !strcmp(a->v[i].image, b->v[i].image))
		i++;
	return i == a->nr && i == b->nr;
}

/* Are there other modules now than those whose symbols were read? (The text has their counts of users, too.) */
static bool is_old(const struct xp_kernel_table *kernel)
{
	const struct xp_span had = { (const char *)kernel->modules.data, kernel->modules.len };
	struct xp_regions before = { 0 }, now = { 0 };
	struct xp_buf text = XP_BUF_INIT;
	struct xp_err ignored;
	bool old;

	read_text(kernel, "/proc/modules", &text, &ignored);
	old = !xp_regions_from_modules(&before, had) ||
	      !xp_regions_from_modules(&now, (struct xp_span){ (const char *)text.data, text.len }) || !are_alike(&before, &now);
	xp_regions_release(&before);
	xp_regions_release(&now);
	xp_buf_release(&text);
	return old;
}

/* Of the kernel ("") or of a module. */
static void read_build_id(struct xp_kernel *of, const char *image, struct xp_build_id *id)
{
	struct xp_kernel_table *kernel = (struct xp_kernel_table *)of;
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
static const char *why_not(const struct xp_kernel_table *kernel, const struct xp_region *region)
{
	size_t i;

	for (i = 0; i < kernel->before->nr; i++) {
		const struct xp_region *b = &kernel->before->v[i];

		if (b->start < region->end && region->start < b->end && strcmp(b->image, region->image))
			return "another module was here when the session began";
	}
	return NULL;
}

static int emit_modules(struct xp_kernel_table *kernel, struct xp_emit *e, const struct xp_addrs *addrs, struct xp_err *err)
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

static int resolve(struct xp_kernel_table *kernel, struct xp_emit *e, const struct xp_addrs *addrs, struct xp_err *err)
{
	int rc;

	if (kernel->loaded && is_old(kernel))
		release(kernel);
	if (!kernel->loaded)
		load(kernel);
	rc = kernel->loaded ? xp_emit_kernel(e, &kernel->of, addrs, err)
			    : xp_emit_kernel_without_names(e, &kernel->of, kernel->why.text, err);
	return rc ? rc : emit_modules(kernel, e, addrs, err);
}

void xp_kernel_table_free(struct xp_kernel_table *kernel)
{
	if (kernel)
		release(kernel);
	free(kernel);
}

int xp_resolve_kernel(struct xp_emit *e, const char *root, const struct xp_regions *before, const struct xp_addrs *addrs,
		      struct xp_kernel_table **kept, struct xp_err *err)
{
	struct xp_kernel_table *kernel = kept ? *kept : NULL;
	int rc;

	if (!xp_addrs_in(addrs, XP_SPACE_KERNEL, 0, UINT64_MAX).nr)
		return 0;
	if (!kernel)
		kernel = calloc(1, sizeof(*kernel));
	if (!kernel)
		return xp_fail(err, XP_E_NOMEM, "no memory for the kernel's symbols");
	kernel->of.space = XP_SPACE_KERNEL;
	kernel->of.build_id = read_build_id;
	kernel->root = root;
	kernel->before = before;
	rc = resolve(kernel, e, addrs, err);
	if (kept)
		*kept = kernel;
	else
		xp_kernel_table_free(kernel);
	return rc;
}
