// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Xen's own code: its symbols as it tells them, else those of a xen-syms file
 * of the same build; and the functions of the live patch.
 */
#include "lib/sym/resolve.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/sym/elf.h"
#include "lib/sym/seen.h"
#include "lib/sym/xensyms.h"

#define SYMS_PATTERN  "/usr/lib/debug/boot/xen-syms-*"

/* Where Xen lives for a 64-bit guest; the map of an image without symbols, so that `why` is found. */
#define XEN_START 0xffff800000000000ULL
#define XEN_END   0xffff880000000000ULL

/* Xen's table of symbols, and what keeps its names alive. */
struct xp_xen_table {
	const struct xp_names_config *cfg;
	const char *root;
	bool loaded;
	struct xp_err why;       /* it is not */
	struct xp_build_id build_id;
	struct xp_buf text;
	struct xp_kallsyms told; /* by Xen */
	struct xp_elf elf;       /* else: xen-syms */
	int fd;
	char *how;
	size_t how_size;
};

/* By hypercall only: Linux's /sys/hypervisor/properties/buildid has the raw bytes, up to the first that is 0. */
static void ask_build_id(struct xp_xen_table *x)
{
	struct xp_err ignored;

	if (!x->cfg->no_hypercall)
		xp_xen_build_id_ask(&x->build_id, &ignored);
}

static int parse_told(struct xp_xen_table *x, const char *source, struct xp_err *err)
{
	struct xp_span text = { (const char *)x->text.data, x->text.len }, none = { "", 0 };
	int rc = xp_kallsyms_parse(&x->told, text, none, err);

	if (!rc)
		snprintf(x->how, x->how_size, "%s", source);
	return rc;
}

static int ask_xen(struct xp_xen_table *x, struct xp_err *err)
{
	char path[PATH_MAX];
	int rc;

	if (x->cfg->xensyms)
		snprintf(path, sizeof(path), "%s", x->cfg->xensyms);
	else
		snprintf(path, sizeof(path), "%s/proc/xen/xensyms", x->root);
	rc = xp_xensyms_read(&x->text, path, err);
	if (!rc)
		return parse_told(x, path, err);
	if (x->cfg->no_hypercall)
		return rc;
	xp_buf_reset(&x->text);
	rc = xp_xensyms_ask(&x->text, err);
	return rc ? rc : parse_told(x, "XENPF_get_symbol", err);
}

/* True: the file is of the running build, and open. */
static bool open_syms(struct xp_xen_table *x, const char *path)
{
	struct xp_err ignored;

	x->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (x->fd < 0)
		return false;
	if (!xp_elf_open(&x->elf, x->fd, path, &ignored)) {
		if (x->build_id.len && xp_build_id_is(&x->elf.build_id, &x->build_id))
			return true;
		xp_elf_release(&x->elf);
	}
	close(x->fd);
	x->fd = -1;
	return false;
}

static bool find_syms(struct xp_xen_table *x)
{
	char pattern[PATH_MAX];
	bool found = false;
	glob_t paths;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s" SYMS_PATTERN, x->root);
	if (glob(pattern, 0, NULL, &paths))
		return false;
	for (i = 0; i < paths.gl_pathc && !found; i++) {
		found = open_syms(x, paths.gl_pathv[i]);
		if (found)
			snprintf(x->how, x->how_size, "%s", paths.gl_pathv[i]);
	}
	globfree(&paths);
	return found;
}

/* Code of xen-syms, as regions and symbols like those that Xen tells. */
static int load_syms(struct xp_xen_table *x, struct xp_err *err)
{
	size_t i;
	int rc;

	xp_symtab_init(&x->told.syms, XP_ELF_MAX_SYMBOLS);
	rc = xp_elf_symbols(&x->elf, XP_ELF_SYMTAB, &x->told.syms, err);
	if (rc < 0)
		return rc;
	for (i = 0; i < x->elf.nr_sections; i++) {
		const struct xp_elf_section *s = &x->elf.sections[i];

		if (s->exec && !xp_regions_add(&x->told.regions, s->addr, s->addr + s->size, ""))
			return xp_fail(err, XP_E_NOMEM, "no memory for Xen's regions");
	}
	return xp_symtab_seal(&x->told.syms) ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for Xen's symbols");
}

static int emit_xen(struct xp_xen_table *x, struct xp_emit *e, const struct xp_addrs *addrs, const char *why,
		    struct xp_err *err)
{
	struct xp_addrs mine = xp_addrs_in(addrs, XP_SPACE_XEN, 0, UINT64_MAX);
	struct xp_found found;
	uint32_t image;
	size_t i;
	int rc = xp_found_init(&found, &x->told.syms, mine.v, mine.nr, err);

	if (!rc && !x->told.regions.nr && !xp_regions_add(&x->told.regions, XEN_START, XEN_END, ""))
		rc = xp_fail(err, XP_E_NOMEM, "no memory for Xen's regions");
	if (!rc)
		rc = xp_emit_image(e, XP_IMAGE_XEN, "xen", &x->build_id, why, &found, &image, err);
	for (i = 0; !rc && i < x->told.regions.nr; i++) {
		const struct xp_region *r = &x->told.regions.v[i];
		struct xp_map map = { .domid = XP_DOMID_XEN, .start = r->start, .end = r->end,
				      .image_addr = r->start, .image = image };

		rc = xp_emit_map(e, &map, err);
	}
	xp_found_release(&found);
	return rc;
}

/* 0, and x->why says if there is nothing. */
static int load(struct xp_xen_table *x, struct xp_err *err)
{
	int rc = 0;

	x->loaded = true;
	ask_build_id(x);
	if (ask_xen(x, &x->why)) {
		if (find_syms(x)) {
			rc = load_syms(x, err);
		} else {
			snprintf(x->how, x->how_size, "none: %s; no xen-syms of this build-id in %s", x->why.text,
				 "/usr/lib/debug/boot");
			return 0;
		}
	}
	x->why.text[0] = '\0';
	return rc;
}

static int resolve_core(struct xp_xen_table *x, struct xp_emit *e, const struct xp_addrs *addrs, struct xp_err *err)
{
	int rc = x->loaded ? 0 : load(x, err);

	return rc ? rc : emit_xen(x, e, addrs, x->why.text[0] ? x->how : "", err);
}

void xp_xen_table_free(struct xp_xen_table *x)
{
	if (!x)
		return;
	xp_kallsyms_release(&x->told);
	xp_elf_release(&x->elf);
	xp_buf_release(&x->text);
	if (x->fd >= 0)
		close(x->fd);
	free(x);
}

/* ---- the live patch ---- */

static int load_payload(const struct xp_names_config *cfg, struct xp_elf *elf, int *fd, struct xp_symtab *syms,
			struct xp_err *err)
{
	int rc;

	*fd = open(cfg->payload, O_RDONLY | O_CLOEXEC);
	if (*fd < 0)
		return xp_fail_errno(err, XP_E_ABSENT, "%s", cfg->payload);
	rc = xp_elf_open(elf, *fd, cfg->payload, err);
	if (!rc)
		rc = xp_elf_place_text(elf, cfg->payload_text, cfg->payload_size, err);
	if (!rc)
		rc = xp_elf_symbols(elf, XP_ELF_SYMTAB, syms, err);
	if (rc >= 0 && !xp_symtab_seal(syms))
		rc = xp_fail(err, XP_E_NOMEM, "%s: no memory for its symbols", cfg->payload);
	return rc < 0 ? rc : 0;
}

static int emit_payload(struct xp_emit *e, const struct xp_names_config *cfg, const struct xp_addrs *addrs,
			const struct xp_symtab *syms, const struct xp_build_id *id, const char *why,
			struct xp_err *err)
{
	struct xp_map map = { .domid = XP_DOMID_XEN, .start = cfg->payload_text,
			      .end = cfg->payload_text + cfg->payload_size, .image_addr = cfg->payload_text };
	struct xp_addrs mine = xp_addrs_in(addrs, XP_SPACE_XEN, map.start, map.end);
	struct xp_found found;
	int rc = xp_found_init(&found, syms, mine.v, mine.nr, err);

	if (!rc)
		rc = xp_emit_image(e, XP_IMAGE_XEN, "xen:xprof", id, why, &found, &map.image, err);
	if (!rc)
		rc = xp_emit_map(e, &map, err);
	xp_found_release(&found);
	return rc;
}

static int resolve_payload(struct xp_emit *e, const struct xp_names_config *cfg, const struct xp_addrs *addrs,
			   struct xp_err *err)
{
	struct xp_err why = { "" };
	struct xp_elf elf = { 0 };
	struct xp_symtab syms;
	int fd = -1, rc;

	if (!cfg->payload_text || !cfg->payload_size)
		return 0;
	xp_symtab_init(&syms, XP_ELF_MAX_SYMBOLS);
	if (!cfg->payload)
		snprintf(why.text, sizeof(why.text), "its file is not known");
	else if (load_payload(cfg, &elf, &fd, &syms, &why))
		xp_symtab_release(&syms);
	rc = emit_payload(e, cfg, addrs, &syms, &elf.build_id, why.text, err);
	xp_symtab_release(&syms);
	xp_elf_release(&elf);
	if (fd >= 0)
		close(fd);
	return rc;
}

static struct xp_xen_table *new_table(const struct xp_names_config *cfg, char *how, size_t how_size)
{
	struct xp_xen_table *x = calloc(1, sizeof(*x));

	if (x)
		*x = (struct xp_xen_table){ .cfg = cfg, .root = cfg->sysroot ? cfg->sysroot : "", .fd = -1, .how = how, .how_size = how_size };
	return x;
}

int xp_resolve_xen(struct xp_emit *e, const struct xp_names_config *cfg, const struct xp_addrs *addrs, struct xp_xen_table **kept,
		   char *how, size_t how_size, struct xp_err *err)
{
	struct xp_xen_table *x = kept ? *kept : NULL;
	int rc;

	if (!xp_addrs_in(addrs, XP_SPACE_XEN, 0, UINT64_MAX).nr)
		return 0;
	if (!x)
		x = new_table(cfg, how, how_size);
	if (!x)
		return xp_fail(err, XP_E_NOMEM, "no memory for Xen's symbols");
	rc = resolve_core(x, e, addrs, err);
	if (kept)
		*kept = x;
	else
		xp_xen_table_free(x);
	return rc ? rc : resolve_payload(e, cfg, addrs, err);
}
