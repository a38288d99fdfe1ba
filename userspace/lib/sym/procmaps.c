// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/procmaps.h"

#include "lib/profile/profile.h"

#define DELETED " (deleted)"

/* "7f0c9c028000-7f0c9c17d000 r-xp 00026000 fe:01 1234      /usr/lib/libc.so.6" */
static bool parse_line(struct xp_span line, struct xp_procmap *map, bool *executable)
{
	struct xp_span perms;
	uint64_t major, minor;

	if (!xp_span_number(&line, 16, &map->start) || !xp_span_take(&line, '-') ||
	    !xp_span_number(&line, 16, &map->end) || map->start >= map->end)
		return false;
	if (!xp_span_word(&line, &perms) || perms.len < 4)
		return false;
	*executable = perms.at[2] == 'x';
	xp_span_skip_blanks(&line);
	if (!xp_span_number(&line, 16, &map->offset))
		return false;
	xp_span_skip_blanks(&line);
	if (!xp_span_number(&line, 16, &major) || !xp_span_take(&line, ':') || !xp_span_number(&line, 16, &minor))
		return false;
	xp_span_skip_blanks(&line);
	if (!xp_span_number(&line, 10, &map->inode))
		return false;
	xp_span_skip_blanks(&line);
	map->major = (uint32_t)major;
	map->minor = (uint32_t)minor;
	map->name = line;
	return true;
}

bool xp_procmaps_next(struct xp_span *text, struct xp_procmap *map)
{
	struct xp_span line;
	bool executable;

	while (xp_span_line(text, &line)) {
		if (parse_line(line, map, &executable) && executable)
			return true;
	}
	return false;
}

unsigned int xp_map_kind(struct xp_span name)
{
	if (xp_span_is(&name, "[vdso]"))
		return XP_IMAGE_VDSO;
	if (!name.len || name.at[0] != '/' || xp_span_starts(&name, "//anon"))
		return XP_IMAGE_ANON;
	return XP_IMAGE_FILE;
}

void xp_map_name(struct xp_span name, char out[XP_MAP_NAME_MAX])
{
	size_t suffix = strlen(DELETED);

	if (name.len > suffix && !memcmp(name.at + name.len - suffix, DELETED, suffix))
		name.len -= suffix;
	if (!name.len)
		name = xp_span_of("//anon");
	if (name.len >= XP_MAP_NAME_MAX)
		name.len = XP_MAP_NAME_MAX - 1;
	memcpy(out, name.at, name.len);
	out[name.len] = '\0';
}
