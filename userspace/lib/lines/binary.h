/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file that a profile's image was, and the file with its debug data: found
 * again, on this machine, by path and build-id.
 *
 * A file of another build is never used, and named. An image without a
 * build-id is taken to be the file at its path only if that has none either.
 *
 * Looked at, in this order:
 *   of a file        its path
 *   of a kernel      vmlinux-RELEASE in /boot and /usr/lib/debug/boot, vmlinux in /usr/lib/debug/lib/modules/RELEASE
 *                    and /lib/modules/RELEASE/build
 *   of a module      NAME.ko, NAME.ko.debug anywhere below /lib/modules/RELEASE and /usr/lib/debug/lib/modules/RELEASE
 *   of Xen           xen-syms-* in /boot and /usr/lib/debug/boot
 *   of a live patch  payload/ in xprof's own folder
 *   of all           in each --symdir DIR: its path below DIR, its name, NAME.debug, .build-id/xx/yyyy.debug, and for kernel,
 *                    module, Xen and live patch vmlinux*, NAME.ko*, xen-syms*, *.livepatch*; /usr/lib/debug/.build-id/xx/yyyy.debug; debuginfod's cache
 *   for debug data   what .gnu_debuglink of the file names (lib/sym/debugfile.h), in each DIR, too
 */
#ifndef XP_LINES_BINARY_H
#define XP_LINES_BINARY_H

#include "lib/base/error.h"
#include "lib/profile/profile.h"
#include "lib/sym/elf.h"

struct xp_binary_places {
	const char *root;             /* in front of all paths but those of symdirs, libdir and debuginfod; "" */
	const char *const *symdirs;
	size_t nr_symdirs;
	const char *libdir;           /* xprof's own files; NULL: not looked at */
	const char *debuginfod;       /* debuginfod_client's folder; NULL: not looked at */
	bool keep_lines;              /* between runs (lib/lines/cache.h) */
};

struct xp_binary_wanted {
	enum xp_image_kind kind;
	const char *name;             /* the profile's: a path, "vmlinux", "xen" */
	struct xp_build_id build_id;
	const char *release;          /* of the kernel; NULL or "": not known */
};
void xp_binary_wanted_init(struct xp_binary_wanted *w, const struct xp_profile *p, const struct xp_image *image);

enum xp_binary_part {
	XP_BINARY_CODE,               /* sections with code, and their bytes */
	XP_BINARY_DEBUG,              /* .debug_info or .debug_line */
};

struct xp_binary {
	char path[4096];
	struct xp_elf elf;
	int fd;
};

/*
 * 0: *b is open until xp_binary_close(). XP_E_ABSENT: there is no such file here; the text says what was refused, and what
 * to do. XP_E_USAGE: there cannot be one for an image of this kind.
 */
int xp_binary_open(struct xp_binary *b, const struct xp_binary_wanted *w, enum xp_binary_part part,
		   const struct xp_binary_places *places, struct xp_err *err);
void xp_binary_close(struct xp_binary *b);

/*
 * Addresses of a binary are those that it was linked for. What is not linked (ET_REL: modules, live patches) has its code
 * sections one behind the other from XP_ELF_UNLINKED on: the same in all files of a build, debug files included. Where they
 * were when it ran: place.h.
 */

/* The bytes of [start, end), which lie in one section with code; borrowed until it is closed. NULL: they do not. */
const uint8_t *xp_binary_bytes(const struct xp_binary *b, uint64_t start, uint64_t end);

/* The hypervisor itself; of that kind are its live patches, too. */
bool xp_binary_is_xen(const struct xp_binary_wanted *w);

#endif
