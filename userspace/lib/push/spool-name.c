// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/push/spool.h"

#include <stdio.h>
#include <string.h>

#include "lib/rotate/name.h"

#define TIME_CHARS 20u  /* 20261128T141542.123Z */
#define BEFORE "xprof-" /* rotate/name.h's */
#define ID_CHARS 32u
#define REJECTED ".rejected"

void xp_spool_format(char text[XP_SPOOL_NAME], const struct xp_spool_name *name)
{
	char profile[XP_ROTATE_NAME_BYTES];
	size_t at;

	xp_rotate_name(profile, name->ms);
	at = (size_t)snprintf(text, XP_SPOOL_NAME, "%.*s-", (int)TIME_CHARS, profile + strlen(BEFORE));
	for (size_t i = 0; i < sizeof(name->id); i++)
		at += (size_t)snprintf(text + at, XP_SPOOL_NAME - at, "%02x", name->id[i]);
	snprintf(text + at, XP_SPOOL_NAME - at, ".%s%s", name->kind->name, name->rejected ? REJECTED : "");
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_time(const char *text, uint64_t *ms)
{
	char profile[XP_ROTATE_NAME_BYTES];

	snprintf(profile, sizeof(profile), BEFORE "%.*s.data", (int)TIME_CHARS, text);
	return xp_rotate_is_name(profile, ms);
}

static bool parse_id(const char *text, uint8_t id[16])
{
	for (size_t i = 0; i < 16; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		id[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool xp_spool_parse(const char *text, struct xp_spool_name *name)
{
	const char *kind = text + TIME_CHARS + 1 + ID_CHARS + 1;
	size_t len;

	if (strnlen(text, XP_SPOOL_NAME) <= TIME_CHARS + 1 + ID_CHARS + 1 || text[TIME_CHARS] != '-' || kind[-1] != '.')
		return false;
	if (!parse_time(text, &name->ms) || !parse_id(text + TIME_CHARS + 1, name->id))
		return false;
	len = strcspn(kind, ".");
	name->kind = xp_push_kind(kind, len);
	name->rejected = kind[len] == '.';
	return name->kind && (!kind[len] || !strcmp(kind + len, REJECTED));
}
