// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/emit-kernel.h"

#include <stdio.h>
#include <string.h>

#include "lib/sym/seen.h"

#define KERNEL_START 0xffff800000000000ULL
#define KERNEL_END   UINT64_MAX

static bool is_pseudo(const char *image)
{
	return !strcmp(image, "bpf") || !strncmp(image, "__builtin__", 11);
}

static int emit_region_map(struct xp_emit *e, const struct xp_kernel *kernel, const struct xp_region *r, uint32_t image,
			   struct xp_err *err)
{
	struct xp_map map = {
		.tsc = kernel->tsc, .domid = kernel->domid,
		.start = r->start, .end = r->end, .image_addr = r->start, .image = image,
	};

	return xp_emit_map(e, &map, err);
}

/* One image: the addresses `mine` lie in the regions of that name. */
static int emit_image(struct xp_emit *e, struct xp_kernel *kernel, const struct xp_region *region,
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
		kernel->build_id(kernel, region->image, &id);
	}
	if (!rc)
		rc = xp_emit_image(e, kind, name, &id, why, &found, image, err);
	xp_found_release(&found);
	return rc;
}

int xp_emit_kernel(struct xp_emit *e, struct xp_kernel *kernel, const struct xp_addrs *addrs, struct xp_err *err)
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
	mine = xp_addrs_in(addrs, kernel->space, all.start, all.end);
	if (!mine.nr)
		return 0;
	rc = emit_image(e, kernel, &all, &mine, NULL, &image, err);
	for (i = 0; !rc && i < regions->nr; i++) {
		if (!*regions->v[i].image)
			rc = emit_region_map(e, kernel, &regions->v[i], image, err);
	}
	return rc;
}

int xp_emit_module(struct xp_emit *e, struct xp_kernel *kernel, const struct xp_region *region,
		   const struct xp_addrs *addrs, const char *why, struct xp_err *err)
{
	struct xp_addrs mine = xp_addrs_in(addrs, kernel->space, region->start, region->end);
	uint32_t image;
	int rc;

	if (!mine.nr)
		return 0;
	rc = emit_image(e, kernel, region, &mine, why, &image, err);
	return rc ? rc : emit_region_map(e, kernel, region, image, err);
}

static int emit_without_names(struct xp_emit *e, const struct xp_kernel *kernel, uint64_t start, uint64_t end, const char *why,
			      struct xp_err *err)
{
	struct xp_map map = { .tsc = kernel->tsc, .domid = kernel->domid, .start = start, .end = end, .image_addr = start };
	int rc = xp_emit_image(e, XP_IMAGE_KERNEL, "vmlinux", NULL, why, NULL, &map.image, err);

	return rc ? rc : xp_emit_map(e, &map, err);
}

int xp_emit_kernel_without_names(struct xp_emit *e, const struct xp_kernel *kernel, const char *why, struct xp_err *err)
{
	return emit_without_names(e, kernel, KERNEL_START, KERNEL_END, why, err);
}

int xp_emit_modules_without_names(struct xp_emit *e, const struct xp_kernel *kernel, const char *why, struct xp_err *err)
{
	return emit_without_names(e, kernel, XP_GUEST_MODULES, XP_GUEST_MODULES_END, why, err);
}
