// SPDX-License-Identifier: GPL-2.0-or-later
/* The path of a file, from its entry up through the mounts above it. */
#include <string.h>

#include "lib/guest/user.h"

#define STEPS 128u /* entries and mounts above a file */
#define NAME_BYTES 256u

/* In front of what is there. False: no room, or it is no name. */
static bool prepend(char path[XP_GPATH_MAX], size_t *at, const char *name)
{
	size_t len = strnlen(name, NAME_BYTES);

	if (!len || len == NAME_BYTES || memchr(name, '/', len) || len + 1 > *at)
		return false;
	*at -= len;
	memcpy(path + *at, name, len);
	path[--*at] = '/';
	return true;
}

static bool add_name(const struct xp_guser *u, uint64_t dentry, char path[XP_GPATH_MAX], size_t *at)
{
	char name[NAME_BYTES] = "";
	uint64_t text;

	if (!xp_gmemory_u64(u->kernel, dentry + u->l->d_name, &text) || !text)
		return false;
	xp_gmemory_read(u->kernel, text, name, sizeof(name)); /* (what follows its NUL need not be there) */
	return prepend(path, at, name);
}

/* One step up. False: it is broken. *top: there is nothing above. */
static bool step(const struct xp_guser *u, uint64_t *dentry, uint64_t *mount, char path[XP_GPATH_MAX], size_t *at, bool *top)
{
	const struct xp_guser_layout *l = u->l;
	uint64_t root, parent;

	if (!xp_gmemory_u64(u->kernel, *mount + l->mnt + l->mnt_root, &root))
		return false;
	if (*dentry == root) {
		if (!xp_gmemory_u64(u->kernel, *mount + l->mnt_parent, &parent))
			return false;
		*top = parent == *mount;
		if (*top)
			return true;
		root = *mount;
		*mount = parent;
		return xp_gmemory_u64(u->kernel, root + l->mnt_mountpoint, dentry);
	}
	if (!xp_gmemory_u64(u->kernel, *dentry + l->d_parent, &parent))
		return false;
	if (parent == *dentry) { /* of no mount */
		*top = true;
		return *at < XP_GPATH_MAX - 1 || add_name(u, *dentry, path, at);
	}
	if (!add_name(u, *dentry, path, at))
		return false;
	*dentry = parent;
	return true;
}

bool xp_gpath_read(const struct xp_guser *u, uint64_t file, char path[XP_GPATH_MAX])
{
	size_t at = XP_GPATH_MAX - 1;
	uint64_t dentry, mount;
	bool top = false, ok;

	path[at] = '\0';
	ok = xp_gmemory_u64(u->kernel, file + u->l->file_dentry, &dentry) && xp_gmemory_u64(u->kernel, file + u->l->file_mnt, &mount);
	mount -= ok ? u->l->mnt : 0;
	for (unsigned int i = 0; ok && !top; i++)
		ok = i < STEPS && step(u, &dentry, &mount, path, &at, &top);
	if (!ok)
		at = XP_GPATH_MAX - 1;
	memmove(path, path + at, XP_GPATH_MAX - at);
	return ok && path[0];
}
