// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/annotate/live.h"

#include <limits.h>

#include "lib/base/file.h"
#include "lib/sym/kcore.h"

#define MAX_NOTES 65536u

void xp_live_release(struct xp_live *l)
{
	xp_kallsyms_release(&l->k);
	xp_buf_release(&l->kallsyms);
	xp_buf_release(&l->modules);
	xp_buf_release(&l->code);
	*l = (struct xp_live){ .kallsyms = XP_BUF_INIT };
}

static int read_text(struct xp_buf *b, const char *root, const char *name, size_t max, struct xp_err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s", root, name);
	return xp_file_read(path, b, max, err);
}

/* ---- is it the profile's? ---- */

/* dom0's, and nobody else's: guests may run the same build. */
static bool is_of_dom0(const struct xp_profile *p, const struct xp_image *image)
{
	bool any = false;
	size_t i;

	for (i = 0; i < p->nr_maps; i++) {
		if (&p->images[p->maps[i].image] != image)
			continue;
		if (p->maps[i].domid)
			return false;
		any = true;
	}
	return any;
}

static bool is_this_boot(const struct xp_profile *p, const char *root)
{
	const char *then = xp_profile_host(p, "boot_id");
	struct xp_buf now = XP_BUF_INIT;
	struct xp_err ignored;
	size_t len = then ? strlen(then) : 0;
	bool same;

	same = len && !read_text(&now, root, "/proc/sys/kernel/random/boot_id", 256, &ignored) && now.len >= len &&
	       !memcmp(now.data, then, len) && (now.len == len || now.data[len] == '\n');
	xp_buf_release(&now);
	return same;
}

static bool is_this_build(const struct xp_image *image, const char *root)
{
	struct xp_build_id then, now = { 0 };
	struct xp_buf notes = XP_BUF_INIT;
	struct xp_err ignored;
	char name[256];

	xp_build_id_set(&then, image->build_id, image->build_id_len);
	if (image->kind == XP_IMAGE_MODULE)
		snprintf(name, sizeof(name), "/sys/module/%.128s/notes/.note.gnu.build-id", image->name);
	else
		snprintf(name, sizeof(name), "/sys/kernel/notes");
	if (!strchr(image->name, '/') && !read_text(&notes, root, name, MAX_NOTES, &ignored))
		xp_build_id_from_notes(&now, notes.data, notes.len);
	xp_buf_release(&notes);
	return then.len && xp_build_id_is(&then, &now);
}

/* Does the symbol lie where it lay? A module may have been loaded again. */
static bool is_there(const struct xp_live *l, const struct xp_candidate *of)
{
	const struct xp_sym *s = xp_symtab_find(&l->k.syms, of->symbol->start);
	const struct xp_region *r = xp_regions_find(&l->k.regions, of->symbol->start);
	const char *module = of->image->kind == XP_IMAGE_MODULE ? of->image->name : "";

	return s && r && s->name && s->start == of->symbol->start && s->len == strlen(of->symbol->name) &&
	       !memcmp(s->name, of->symbol->name, s->len) && !strcmp(r->image, module);
}

static int load_names(struct xp_live *l, const char *root, struct xp_err *err)
{
	struct xp_err ignored; /* a kernel without modules has no such file */
	int rc;

	read_text(&l->modules, root, "/proc/modules", XP_KALLSYMS_MAX_BYTES, &ignored);
	rc = read_text(&l->kallsyms, root, "/proc/kallsyms", XP_KALLSYMS_MAX_BYTES, err);
	if (rc)
		return rc;
	return xp_kallsyms_parse(&l->k, (struct xp_span){ (const char *)l->kallsyms.data, l->kallsyms.len },
				 (struct xp_span){ (const char *)l->modules.data, l->modules.len }, err);
}

static int check_profile(const struct xp_profile *p, const struct xp_candidate *of, const char *root, struct xp_err *err)
{
	const char *why = NULL;

	if (of->image->kind != XP_IMAGE_KERNEL && of->image->kind != XP_IMAGE_MODULE)
		why = "it is not the kernel's";
	else if (!is_of_dom0(p, of->image))
		why = "it is a guest's";
	else if (!is_this_boot(p, root))
		why = "the profile is of another boot";
	else if (!is_this_build(of->image, root))
		why = "it has another build-id, or none";
	return why ? xp_fail(err, XP_E_ABSENT, XP_LIVE_PATH ": %s", why) : 0;
}

/* ---- its memory ---- */

static int read_code(struct xp_live *l, const struct xp_symbol *s, const char *root, struct xp_err *err)
{
	uint64_t size = s->end - s->start;
	struct xp_kcore core;
	uint8_t *to;
	bool ok;
	int rc;

	if (size > XP_CODE_MAX_BYTES)
		return xp_fail(err, XP_E_ABSENT, XP_LIVE_PATH ": a function of %llu bytes", (unsigned long long)size);
	to = xp_buf_reserve(&l->code, size);
	if (!to)
		return xp_fail(err, XP_E_NOMEM, "no memory for code");
	rc = xp_kcore_open(&core, root, err);
	if (rc)
		return rc;
	ok = core.memory.read(core.memory.arg, s->start, to, size);
	xp_kcore_close(&core);
	if (!ok)
		return xp_fail(err, XP_E_ABSENT, XP_LIVE_PATH ": it has nothing at 0x%llx", (unsigned long long)s->start);
	l->code.len = size;
	return 0;
}

int xp_live_read(struct xp_live *l, const struct xp_profile *p, const struct xp_candidate *of, const char *root, struct xp_err *err)
{
	int rc = check_profile(p, of, root, err);

	*l = (struct xp_live){ .kallsyms = XP_BUF_INIT };
	if (!rc)
		rc = load_names(l, root, err);
	if (!rc && !is_there(l, of))
		rc = xp_fail(err, XP_E_ABSENT, XP_LIVE_PATH ": the symbol is not where it was");
	if (!rc)
		rc = read_code(l, of->symbol, root, err);
	return rc && rc != XP_E_NOMEM ? XP_E_ABSENT : rc;
}
