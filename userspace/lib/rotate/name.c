// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/rotate/name.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_MS 253402300799999u /* 9999-12-31T23:59:59.999Z */

static void put(char out[XP_ROTATE_NAME_BYTES], uint64_t ms, const char *before, const char *after)
{
	time_t s = (time_t)((ms < LAST_MS ? ms : LAST_MS) / 1000);
	struct tm tm = { .tm_year = 0 };
	char text[24];

	gmtime_r(&s, &tm);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%S", &tm);
	snprintf(out, XP_ROTATE_NAME_BYTES, "%s%s.%03uZ.data%s", before, text, (unsigned int)((ms < LAST_MS ? ms : LAST_MS) % 1000), after);
}

void xp_rotate_name(char name[XP_ROTATE_NAME_BYTES], uint64_t ms)
{
	put(name, ms, "xprof-", "");
}

void xp_rotate_part(char part[XP_ROTATE_NAME_BYTES], uint64_t ms)
{
	put(part, ms, ".xprof-", ".part");
}

/* n digits at *at, which moves on; -1: they are none. */
static int digits(const char **at, unsigned int n)
{
	int value = 0;

	for (; n; n--, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

/* What makes the same name again is a time: so a 31st of February is none. */
static bool parse(const char *name, const char *before, uint64_t *ms)
{
	const char *at = name + strlen(before);
	struct tm tm = { .tm_year = 0 };
	int millis;
	time_t s;

	if (strncmp(name, before, strlen(before)))
		return false;
	tm.tm_year = digits(&at, 4) - 1900;
	tm.tm_mon = tm.tm_year < -1900 ? -1 : digits(&at, 2) - 1;
	tm.tm_mday = tm.tm_mon < 0 ? -1 : digits(&at, 2);
	if (tm.tm_mday < 1 || *at++ != 'T')
		return false;
	tm.tm_hour = digits(&at, 2);
	tm.tm_min = tm.tm_hour < 0 ? -1 : digits(&at, 2);
	tm.tm_sec = tm.tm_min < 0 ? -1 : digits(&at, 2);
	if (tm.tm_sec < 0 || *at++ != '.')
		return false;
	millis = digits(&at, 3);
	s = timegm(&tm);
	if (millis < 0 || s < 0)
		return false;
	*ms = (uint64_t)s * 1000 + (uint64_t)millis;
	return true;
}

bool xp_rotate_is_name(const char *name, uint64_t *ms)
{
	char again[XP_ROTATE_NAME_BYTES];

	if (!parse(name, "xprof-", ms))
		return false;
	xp_rotate_name(again, *ms);
	return !strcmp(name, again);
}

bool xp_rotate_is_part(const char *name, uint64_t *ms)
{
	char again[XP_ROTATE_NAME_BYTES];

	if (!parse(name, ".xprof-", ms))
		return false;
	xp_rotate_part(again, *ms);
	return !strcmp(name, again);
}
