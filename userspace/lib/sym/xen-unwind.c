// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/xen-unwind.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/sym/elf.h"
#include "lib/unwind/xen.h"

#define MAX_FILE (256u << 20)

static const char *const patterns[] = { "/usr/lib/debug/boot/xen-syms*", "/boot/xen-syms*" };

static bool is_running(const char *path, const struct xp_build_id *id)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct xp_err ignored;
	struct xp_elf elf;
	bool is = false;

	if (fd < 0)
		return false;
	if (!xp_elf_open(&elf, fd, path, &ignored)) {
		is = id->len && xp_build_id_is(&elf.build_id, id);
		xp_elf_release(&elf);
	}
	close(fd);
	return is;
}

/* 0: rules. */
static int read_rules(struct xp_xen_unwind *u, const char *path, struct xp_err *err)
{
	struct xp_buf file = XP_BUF_INIT;
	struct xp_unwind_code code;
	int rc = xp_file_read(path, &file, MAX_FILE, err);

	if (!rc)
		rc = xp_unwind_code_load(&code, file.data, file.len, path, err);
	if (!rc) {
		rc = xp_xen_rules(&u->table, &code, err);
		xp_unwind_code_release(&code);
	}
	xp_buf_release(&file);
	return rc;
}

/* What the pattern finds is looked at; *seen: how many there were. 1: found. */
static int try_pattern(struct xp_xen_unwind *u, const char *root, const char *pattern, const struct xp_build_id *id, size_t *seen,
		       struct xp_err *err)
{
	char text[PATH_MAX];
	int found = 0;
	glob_t paths;

	snprintf(text, sizeof(text), "%s%s", root, pattern);
	if (glob(text, 0, NULL, &paths))
		return 0;
	for (size_t i = 0; i < paths.gl_pathc && !found; i++) {
		++*seen;
		found = is_running(paths.gl_pathv[i], id) && !read_rules(u, paths.gl_pathv[i], err);
	}
	globfree(&paths);
	return found;
}

void xp_xen_unwind_init(struct xp_xen_unwind *u, const char *root, const struct xp_build_id *id)
{
	struct xp_err err = { "" };
	size_t seen = 0;

	memset(u, 0, sizeof(*u));
	xp_unwind_table_init(&u->table, 0);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (try_pattern(u, root, patterns[i], id, &seen, &err))
			return;
	xp_unwind_table_init(&u->table, 0);
	if (err.text[0])
		snprintf(u->why, sizeof(u->why), "%.500s", err.text);
	else if (!id->len)
		snprintf(u->why, sizeof(u->why), "the hypervisor does not tell its build-id");
	else
		snprintf(u->why, sizeof(u->why), "there is no xen-syms%s in /usr/lib/debug/boot or /boot (Debian: xen-hypervisor-*-dbg has it)",
			 seen ? " of the running hypervisor's build-id" : "");
}

void xp_xen_unwind_release(struct xp_xen_unwind *u)
{
	xp_unwind_table_release(&u->table);
}
