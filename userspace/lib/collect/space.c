// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/collect/space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define RESERVE (2u << 20) /* names of a busy host: about 1 MB */

/* Bytes that we may still write. False: it is not told. */
static bool space_left(const char *path, uint64_t *left)
{
	struct statvfs v;

	if (statvfs(path, &v) || !v.f_blocks)
		return false;
	*left = (uint64_t)v.f_frsize * (geteuid() == 0 ? v.f_bfree : v.f_bavail);
	return true;
}

void xp_space_init(struct xp_space *s, const char *path)
{
	struct stat st;
	uint64_t left;

	s->path = path;
	s->reserve = s->written = s->second = 0;
	if (stat(path, &st) || !S_ISREG(st.st_mode) || !space_left(path, &left))
		return;
	s->reserve = left / 4 < RESERVE ? left / 4 : RESERVE;
}

void xp_space_move(struct xp_space *s, const char *path)
{
	s->path = path;
	s->written = s->second = 0;
}

bool xp_space_is_still_short(const struct xp_space *s, uint64_t *left)
{
	return s->reserve && space_left(s->path, left) && *left < s->reserve + 2 * s->second;
}

bool xp_space_is_short(struct xp_space *s, uint64_t written, uint64_t *left)
{
	s->second = written - s->written;
	s->written = written;
	return xp_space_is_still_short(s, left);
}
