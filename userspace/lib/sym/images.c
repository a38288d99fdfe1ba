// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/images.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/sym/elf.h"

#define BUCKETS 4096u

bool xp_images_init(struct xp_images *images, uint32_t max, const char *root)
{
	size_t i;

	*images = (struct xp_images){ .max = max, .start_time = time(NULL), .root = strdup(root) };
	images->buckets = malloc(BUCKETS * sizeof(*images->buckets));
	xp_arena_init(&images->names, XP_IMAGES_MAX_NAMES);
	if (!images->root || !images->buckets)
		return false;
	for (i = 0; i < BUCKETS; i++)
		images->buckets[i] = XP_IMAGE_NONE;
	return true;
}

void xp_images_release(struct xp_images *images)
{
	uint32_t i;

	for (i = 0; i < images->nr; i++) {
		if (images->v[i].fd >= 0)
			close(images->v[i].fd);
		free(images->v[i].path);
	}
	free(images->v);
	free(images->buckets);
	free(images->root);
	xp_arena_release(&images->names);
	*images = (struct xp_images){ 0 };
}

static uint32_t bucket_of(const struct xp_image_key *key)
{
	uint32_t h = 2166136261u ^ key->kind ^ (uint32_t)key->inode;
	const char *s;

	for (s = key->name; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h % BUCKETS;
}

/*
 * Pinning writes what was found into key.build_id; the key that the image was
 * made with need not have had it, so inode or build-id may vouch for it.
 */
static bool key_is(const struct xp_image_key *a, const struct xp_image_key *b)
{
	if (a->kind != b->kind || strcmp(a->name, b->name))
		return false;
	if (a->inode != b->inode || a->major != b->major || a->minor != b->minor)
		return false;
	return a->inode ? !xp_build_id_conflicts(&a->build_id, &b->build_id) :
			  xp_build_id_is(&a->build_id, &b->build_id);
}

static bool make_room(struct xp_images *images)
{
	uint32_t room = images->room ? 2 * images->room : 64;
	struct xp_file_image *v;

	if (images->nr >= images->max)
		return false;
	if (images->nr < images->room)
		return true;
	v = realloc(images->v, room * sizeof(*v));
	if (!v)
		return false;
	images->v = v;
	images->room = room;
	return true;
}

uint32_t xp_images_get(struct xp_images *images, const struct xp_image_key *key)
{
	uint32_t *bucket = &images->buckets[bucket_of(key)];
	struct xp_file_image *image;
	uint32_t i;

	for (i = *bucket; i != XP_IMAGE_NONE; i = images->v[i].next) {
		if (key_is(&images->v[i].key, key))
			return i;
	}
	if (!make_room(images))
		return XP_IMAGE_NONE;
	image = &images->v[images->nr];
	*image = (struct xp_file_image){ .key = *key, .fd = -1, .same = images->nr, .next = *bucket };
	image->key.name = xp_arena_string(&images->names, key->name, strlen(key->name));
	if (!image->key.name)
		return XP_IMAGE_NONE;
	*bucket = images->nr;
	return images->nr++;
}

/* ---- pinning ---- */

/* What a path leads to. */
enum certainty {
	BY_NAME,   /* to a file of that name */
	BY_MAPPING,/* to the file that is mapped there now: its inode has not been given to another */
	BY_BUILD,  /* to a file whose build-id decides */
};

/*
 * Found by its name, an inode number says something only while the file is
 * unchanged: it may have been given to a successor. Devices are not compared:
 * what /proc/PID/maps shows differs from stat() on overlayfs and btrfs.
 */
static bool inode_vouches(const struct xp_images *images, const struct xp_image_key *key, const struct stat *st,
			  enum certainty how)
{
	return key->inode == st->st_ino && (how == BY_MAPPING || st->st_ctime < images->start_time);
}

static bool is_the_file(const struct xp_images *images, struct xp_file_image *image, int fd, const struct stat *st,
			enum certainty how)
{
	struct xp_build_id found = { 0 };
	struct xp_err ignored;
	struct xp_elf elf;

	if (xp_elf_open(&elf, fd, image->key.name, &ignored)) {
		image->why = "not an ELF file";
		return false;
	}
	found = elf.build_id;
	xp_elf_release(&elf);
	if (xp_build_id_conflicts(&image->key.build_id, &found) || (image->key.build_id.len && !found.len)) {
		image->why = "the file is now another build than the one that ran";
		return false;
	}
	if (how != BY_BUILD && !image->key.build_id.len && !inode_vouches(images, &image->key, st, how)) {
		image->why = "the file was replaced or changed since it was mapped";
		return false;
	}
	image->key.build_id = found;
	image->why = NULL;
	return true;
}

static bool try_path(struct xp_images *images, struct xp_file_image *image, const char *path, enum certainty how)
{
	struct stat st;
	int fd = xp_file_open_regular(path, &st);

	if (fd < 0)
		return false;
	if (!is_the_file(images, image, fd, &st, how)) {
		close(fd);
		return false;
	}
	image->path = strdup(path);
	if (images->nr_open >= XP_IMAGES_MAX_OPEN) {
		close(fd);
		return true;
	}
	image->fd = fd;
	images->nr_open++;
	return true;
}

static bool find_file(struct xp_images *images, struct xp_file_image *image, const struct xp_image_place *place)
{
	char path[PATH_MAX + 128];

	snprintf(path, sizeof(path), "%s/proc/%u/map_files/%llx-%llx", images->root, place->tgid,
		 (unsigned long long)place->start, (unsigned long long)place->end);
	if (try_path(images, image, path, BY_MAPPING))
		return true;
	snprintf(path, sizeof(path), "%s/proc/%u/root%s", images->root, place->tgid, image->key.name);
	if (try_path(images, image, path, BY_NAME))
		return true;
	snprintf(path, sizeof(path), "%s%s", images->root, image->key.name);
	return try_path(images, image, path, BY_NAME);
}

void xp_images_pin(struct xp_images *images, uint32_t i, const struct xp_image_place *place)
{
	struct xp_file_image *image = &images->v[i];

	if (image->tried || image->key.kind != XP_IMAGE_FILE)
		return;
	image->tried = true;
	if (!find_file(images, image, place) && !image->why)
		image->why = "the file has gone";
}

int xp_images_open(struct xp_images *images, uint32_t i)
{
	struct xp_file_image *image = &images->v[i];
	struct xp_build_id pinned = image->key.build_id;
	struct stat st;
	int fd;

	if (image->fd >= 0)
		return image->fd;
	if (!image->path)
		return -1;
	fd = xp_file_open_regular(image->path, &st);
	if (fd < 0) {
		image->why = "the file has gone";
		return -1;
	}
	if (is_the_file(images, image, fd, &st, pinned.len ? BY_BUILD : BY_NAME))
		return fd;
	close(fd);
	return -1;
}

void xp_images_close(struct xp_images *images, uint32_t i, int fd)
{
	if (fd >= 0 && fd != images->v[i].fd)
		close(fd);
}

static bool is_same_file(const struct xp_image_key *a, const struct xp_image_key *b)
{
	if (a->kind != b->kind || strcmp(a->name, b->name))
		return false;
	return a->kind != XP_IMAGE_FILE || (a->build_id.len && xp_build_id_is(&a->build_id, &b->build_id));
}

/* The first used image that is the same file as image i: i itself, if there is none before. */
static uint32_t first_same(const struct xp_images *images, uint32_t i)
{
	uint32_t j;

	for (j = 0; j < i; j++) {
		if (images->v[j].used && is_same_file(&images->v[i].key, &images->v[j].key))
			break;
	}
	return j;
}

void xp_images_unite(struct xp_images *images)
{
	uint32_t i;

	/* The inode is part of the hash, so buckets do not help: compare all used ones; they are few. */
	for (i = 0; i < images->nr; i++) {
		if (images->v[i].used)
			images->v[i].same = first_same(images, i);
	}
}
