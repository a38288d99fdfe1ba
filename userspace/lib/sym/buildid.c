// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/buildid.h"

#include <elf.h>
#include <stdio.h>

void xp_build_id_set(struct xp_build_id *id, const void *bytes, size_t len)
{
	memset(id, 0, sizeof(*id));
	id->len = (uint8_t)(len < XP_BUILD_ID_MAX ? len : XP_BUILD_ID_MAX);
	if (id->len)
		memcpy(id->bytes, bytes, id->len);
}

/* Bytes of a name or descriptor with its padding to 4. */
static size_t padded(uint32_t size)
{
	return ((size_t)size + 3) & ~(size_t)3;
}

static bool is_build_id(const Elf64_Nhdr *note, const uint8_t *name)
{
	return note->n_type == NT_GNU_BUILD_ID && note->n_descsz && note->n_namesz == 4 && !memcmp(name, "GNU", 4);
}

bool xp_build_id_from_notes(struct xp_build_id *id, const void *notes, size_t len)
{
	const uint8_t *at = notes;
	Elf64_Nhdr note; /* the same for 32 bits */

	while (len >= sizeof(note)) {
		size_t name, desc;

		memcpy(&note, at, sizeof(note));
		at += sizeof(note);
		len -= sizeof(note);
		name = padded(note.n_namesz);
		desc = padded(note.n_descsz);
		if (name > len || note.n_descsz > len - name)
			return false;
		if (is_build_id(&note, at)) {
			xp_build_id_set(id, at + name, note.n_descsz);
			return true;
		}
		if (desc > len - name)
			return false;
		at += name + desc;
		len -= name + desc;
	}
	return false;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool xp_build_id_from_hex(struct xp_build_id *id, const char *hex, size_t len)
{
	size_t i;

	memset(id, 0, sizeof(*id));
	for (i = 0; i + 1 < len && id->len < XP_BUILD_ID_MAX; i += 2) {
		int high = nibble(hex[i]), low = nibble(hex[i + 1]);

		if (high < 0 || low < 0)
			break;
		id->bytes[id->len++] = (uint8_t)(high << 4 | low);
	}
	return id->len != 0;
}

void xp_build_id_hex(const struct xp_build_id *id, char hex[2 * XP_BUILD_ID_MAX + 1])
{
	size_t i;

	hex[0] = '\0';
	for (i = 0; i < id->len; i++)
		snprintf(hex + 2 * i, 3, "%02x", id->bytes[i]);
}
