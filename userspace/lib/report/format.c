/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/report/format.h"

#include <inttypes.h>

const char *xp_format_count(char text[XP_FORMAT_TEXT], uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n), i;
	char *p = text;

	for (i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*p++ = ',';
		*p++ = digits[i];
	}
	*p = '\0';
	return text;
}

double xp_percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

const char *xp_format_share(char text[XP_FORMAT_TEXT], uint64_t part, uint64_t whole)
{
	snprintf(text, XP_FORMAT_TEXT, "%.2f%%", xp_percent(part, whole));
	return text;
}

const char *xp_format_duration(char text[XP_FORMAT_TEXT], uint64_t ns)
{
	static const struct { double ns; const char *unit; } units[] = {
		{ 1e9, "s" }, { 1e6, "ms" }, { 1e3, "µs" }, { 1, "ns" },
	};
	size_t i = 0;

	while (i < 3 && (double)ns < units[i].ns)
		i++;
	snprintf(text, XP_FORMAT_TEXT, "%.*f %s", i < 3 ? 1 : 0, (double)ns / units[i].ns, units[i].unit);
	return text;
}

const char *xp_format_time(char text[XP_FORMAT_TEXT], uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000u);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || !strftime(text, XP_FORMAT_TEXT, "%Y-%m-%d %H:%M:%S UTC", &tm))
		snprintf(text, XP_FORMAT_TEXT, "?");
	return text;
}
