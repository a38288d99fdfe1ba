// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/archive/tar.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 512u
#define MAX_SIZE ((1ull << 33) - 1) /* eleven octal digits */

struct head {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], unused[12];
};
_Static_assert(sizeof(struct head) == BLOCK, "a head is a block");

static int write_failed(const struct xp_tar *t, struct xp_err *err)
{
	int number;
	const char *text = gzerror(t->out, &number);

	if (number == Z_ERRNO)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s", t->path);
	return xp_fail(err, XP_E_SYSTEM, "%s: %s", t->path, text);
}

static int put(struct xp_tar *t, const void *data, unsigned int len, struct xp_err *err)
{
	return gzwrite(t->out, data, len) == (int)len ? 0 : write_failed(t, err);
}

/* digits of them; what follows is zero already, which ends it. */
static void octal(char *field, size_t digits, uint64_t value)
{
	while (digits--) {
		field[digits] = (char)('0' + value % 8);
		value /= 8;
	}
}

/* A field is not terminated where it is full. */
static void set(char *field, size_t size, const char *text)
{
	size_t len = strlen(text);

	memcpy(field, text, len < size ? len : size);
}

static void fill_head(const struct xp_tar *t, struct head *h, const char *name, uint64_t size)
{
	const uint8_t *bytes = (const uint8_t *)h;
	unsigned int sum = 0;
	size_t i;

	memset(h, 0, sizeof(*h));
	set(h->name, sizeof(h->name), name);
	set(h->prefix, sizeof(h->prefix), t->folder);
	octal(h->mode, sizeof(h->mode) - 1, 0644);
	octal(h->uid, sizeof(h->uid) - 1, 0);
	octal(h->gid, sizeof(h->gid) - 1, 0);
	octal(h->size, sizeof(h->size) - 1, size);
	octal(h->mtime, sizeof(h->mtime) - 1, t->time & MAX_SIZE);
	h->type = '0';
	memcpy(h->magic, "ustar", 6);
	memcpy(h->version, "00", 2);
	memset(h->checksum, ' ', sizeof(h->checksum));
	for (i = 0; i < sizeof(*h); i++)
		sum += bytes[i];
	octal(h->checksum, 6, sum); /* then a NUL and a space */
	h->checksum[6] = 0;
}

/* So many bytes as the head has announced, whatever becomes of the file meanwhile. */
static int put_bytes(struct xp_tar *t, int fd, const char *from, uint64_t size, struct xp_err *err)
{
	static const char zeroes[BLOCK];
	char buffer[65536];
	uint64_t at = 0;
	int rc;

	while (at < size) {
		size_t want = size - at < sizeof(buffer) ? (size_t)(size - at) : sizeof(buffer);
		ssize_t n = pread(fd, buffer, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return xp_fail_errno(err, XP_E_SYSTEM, "%s", from);
		if (!n)
			return xp_fail(err, XP_E_TRUNCATED, "%s was cut off at %" PRIu64 " of %" PRIu64 " bytes while it was packed",
				       from, at, size);
		rc = put(t, buffer, (unsigned int)n, err);
		if (rc)
			return rc;
		at += (uint64_t)n;
	}
	return size % BLOCK ? put(t, zeroes, (unsigned int)(BLOCK - size % BLOCK), err) : 0;
}

int xp_tar_begin(struct xp_tar *t, int fd, const char *path, struct xp_err *err)
{
	int own = dup(fd);

	*t = (struct xp_tar){ .path = path };
	if (own < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s", path);
	t->out = gzdopen(own, "wb6");
	if (t->out)
		return 0;
	close(own);
	return xp_fail(err, XP_E_NOMEM, "no memory to write %s", path);
}

int xp_tar_file(struct xp_tar *t, int fd, const char *from, const char *name, uint64_t *size, struct xp_err *err)
{
	struct head h;
	struct stat st;
	int rc;

	if (fstat(fd, &st))
		return xp_fail_errno(err, XP_E_SYSTEM, "%s", from);
	*size = (uint64_t)st.st_size;
	if (*size > MAX_SIZE)
		return xp_fail(err, XP_E_FORMAT, "%s has %" PRIu64 " bytes: a tar file holds at most %llu of one file", from, *size,
			       MAX_SIZE);
	fill_head(t, &h, name, *size);
	rc = put(t, &h, sizeof(h), err);
	return rc ? rc : put_bytes(t, fd, from, *size, err);
}

int xp_tar_end(struct xp_tar *t, int failed, struct xp_err *err)
{
	static const char zeroes[2 * BLOCK];
	int rc = failed ? failed : put(t, zeroes, sizeof(zeroes), err);

	/* What is buffered is written now, or cannot be. */
	if (gzclose(t->out) != Z_OK && !rc)
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s", t->path);
	t->out = NULL;
	return rc;
}
