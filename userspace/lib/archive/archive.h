/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A profile and its binaries as one tar file, to be looked at elsewhere (README.md has what lies where). */
#ifndef XP_ARCHIVE_ARCHIVE_H
#define XP_ARCHIVE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/lines/binary.h"
#include "lib/profile/profile.h"

#define XP_ARCHIVE_PROFILE "profile.xprof"

/* What became of one image. */
struct xp_archived {
	const struct xp_image *image;
	uint64_t samples;          /* of all events */
	bool code, debug;          /* packed; debug: the code's own file has the debug data, or another was packed, too */
	struct xp_err why;         /* without code: why */
};

struct xp_archive {
	struct xp_archived *images; /* those with samples, most samples first */
	size_t nr;
	size_t files;
	uint64_t bytes;            /* of all files, not packed */
};

/*
 * Writes path (mode 0600; a file that is there is replaced only when all is well). file: the profile's own. *a needs release after success.
 */
int xp_archive_write(struct xp_archive *a, const char *path, const char *file, struct xp_profile *p,
		     const struct xp_binary_places *places, struct xp_err *err);
void xp_archive_release(struct xp_archive *a);

/* images.c: images with samples, most first; sets images and nr. */
int xp_archive_images(struct xp_archive *a, struct xp_profile *p, struct xp_err *err);

#endif
