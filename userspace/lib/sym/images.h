/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files (and what else) that processes have mapped for execution.
 *
 * An image is known by kind, name, device and inode, and build-id, as far as
 * whoever saw the mapping knew them. When the first sample lies in it, it is
 * pinned: opened while the process is still there, checked against what is
 * known (another build-id or inode: refused), and kept open, or at least its
 * build-id remembered. So a file that is deleted or replaced later keeps its
 * names, and its successor never gives it wrong ones.
 */
#ifndef XP_SYM_IMAGES_H
#define XP_SYM_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/profile/profile.h"
#include "lib/sym/buildid.h"

#define XP_IMAGES_MAX_OPEN 256u        /* files kept open; the others are opened again by path */
#define XP_IMAGES_MAX_NAMES (32u << 20) /* bytes of all names */
#define XP_IMAGE_NONE UINT32_MAX

struct xp_image_key {
	uint8_t kind;         /* enum xp_image_kind */
	uint32_t major, minor;/* of the device; 0, 0: unknown */
	uint64_t inode;       /* 0: unknown */
	struct xp_build_id build_id; /* len 0: unknown */
	const char *name;
};

struct xp_file_image {
	struct xp_image_key key; /* its name is owned; once pinned, build_id is what the file has */
	bool tried;              /* somebody tried to open it */
	int fd;                  /* -1: not open */
	char *path;              /* where a checked file was found, to open it again; NULL: nowhere */
	const char *why;         /* a literal: why it cannot be read; NULL: no reason yet */
	uint32_t same;           /* the image that this one turned out to be, or itself */
	bool used;               /* finish: samples lie in it */
	uint32_t next;           /* in its bucket */
};

struct xp_images {
	struct xp_file_image *v;
	uint32_t nr, room, max;
	uint32_t *buckets;
	uint32_t nr_open;
	int64_t start_time;      /* CLOCK_REALTIME, s: files changed later prove nothing by their inode */
	char *root;              /* before each path */
	struct xp_arena names;
};

bool xp_images_init(struct xp_images *images, uint32_t max, const char *root);
void xp_images_release(struct xp_images *images);

/* The image with this key, made if it is new; the name is copied. XP_IMAGE_NONE: no room. */
uint32_t xp_images_get(struct xp_images *images, const struct xp_image_key *key);

/* A process in which the image is (or was) mapped at [start, end). */
struct xp_image_place { uint32_t tgid; uint64_t start, end; };

/* Opens and checks the file, once. Cheap when it was tried before. */
void xp_images_pin(struct xp_images *images, uint32_t image, const struct xp_image_place *place);

/* A descriptor for reading a pinned image; -1: see its `why`. Close it with xp_images_close(). */
int xp_images_open(struct xp_images *images, uint32_t image);
void xp_images_close(struct xp_images *images, uint32_t image, int fd);

/* After all used images are pinned: those that turned out to be the same file get one `same`. */
void xp_images_unite(struct xp_images *images);

#endif
