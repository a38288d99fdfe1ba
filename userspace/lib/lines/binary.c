// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/binary.h"

#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include "lib/lines/search.h"

void xp_binary_wanted_init(struct xp_binary_wanted *w, const struct xp_profile *p, const struct xp_image *image)
{
	*w = (struct xp_binary_wanted){ .kind = image->kind, .name = image->name,
					.release = xp_profile_host(p, "kernel.release") };
	xp_build_id_set(&w->build_id, image->build_id, image->build_id_len);
}

/* ---- what is said ---- */

static const char *kind_has_no_file(const struct xp_binary_wanted *w)
{
	switch (w->kind) {
	case XP_IMAGE_FILE:
	case XP_IMAGE_KERNEL:
	case XP_IMAGE_XEN:
	case XP_IMAGE_MODULE:
		return NULL;
	case XP_IMAGE_VDSO:
		return "the vDSO has no file";
	default:
		return "code that was made at run time has no file";
	}
}

static int say_absent(const struct xp_binary_search *s, struct xp_err *err)
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
	struct xp_binary_search s = { .b = b, .w = w, .places = places, .part = part };
	const char *why = kind_has_no_file(w);

	*b = (struct xp_binary){ .fd = -1 };
	if (why)
		return xp_fail(err, XP_E_USAGE, "%s: %s", w->name, why);
	if (!xp_binary_search(&s))
		return say_absent(&s, err);
	if (b->elf.relocatable)
		xp_elf_place_sections(&b->elf, XP_ELF_UNLINKED);
	return 0;
}

bool xp_binary_is_xen(const struct xp_binary_wanted *w)
{
	return w->kind == XP_IMAGE_XEN && !strcmp(w->name, "xen");
}

void xp_binary_close(struct xp_binary *b)
{
	xp_elf_release(&b->elf);
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

/* The address of a section with code; of one that is not linked where it was put (xp_elf_place_sections()). */
static bool code_at(const struct xp_binary *b, Elf_Scn *scn, GElf_Shdr *sh, uint64_t *addr)
{
	size_t i = elf_ndxscn(scn);

	if (!gelf_getshdr(scn, sh) || !xp_binary_is_part(b->elf.elf, sh, XP_BINARY_CODE) || i >= b->elf.nr_sections)
		return false;
	*addr = b->elf.sections[i].addr;
	return true;
}

const uint8_t *xp_binary_bytes(const struct xp_binary *b, uint64_t start, uint64_t end)
{
	Elf_Scn *scn = NULL;
	uint64_t addr;

	while (b->elf.elf && (scn = elf_nextscn(b->elf.elf, scn))) {
		Elf_Data *data;
		GElf_Shdr sh;

		if (!code_at(b, scn, &sh, &addr) || start < addr || end < start || end - addr > sh.sh_size ||
		    sh.sh_size > XP_ELF_MAX_TABLE)
			continue;
		data = elf_rawdata(scn, NULL);
		if (data && data->d_buf && end - addr <= data->d_size)
			return (const uint8_t *)data->d_buf + (start - addr);
	}
	return NULL;
}
