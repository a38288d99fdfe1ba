// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/host/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_WAIT_MS 10000

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/* ---- the folder ----------------------------------------------------------*/

/* Nobody but its owner may have put anything there: what is read decides what is unloaded and which PID is signalled. */
static bool is_private(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022);
}

int xp_state_init(struct xp_state *s, const char *path, struct xp_err *err)
{
	s->lock = -1;
	s->dir = -1;
	if (mkdir(path, 0700) && errno != EEXIST)
		return xp_fail_errno(err, errno == EACCES || errno == EPERM ? XP_E_PERM : XP_E_SYSTEM, "cannot make %s", path);
	s->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir < 0)
		return xp_fail_errno(err, errno == EACCES || errno == EPERM ? XP_E_PERM : XP_E_SYSTEM, "cannot open %s", path);
	if (!is_private(s->dir)) {
		xp_state_release(s);
		return xp_fail(err, XP_E_PERM, "%s belongs to somebody else or others may write it: remove it", path);
	}
	return 0;
}

void xp_state_release(struct xp_state *s)
{
	if (s->lock >= 0)
		close(s->lock);
	if (s->dir >= 0)
		close(s->dir);
	s->lock = s->dir = -1;
}

/* ---- locks ---------------------------------------------------------------*/

static int lock_file(const struct xp_state *s, const char *name, int wait_ms)
{
	int fd = openat(s->dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		int why = errno;

		if ((why != EWOULDBLOCK && why != EINTR) || wait_ms <= 0) {
			close(fd);
			return -why;
		}
		sleep_ms(20);
		wait_ms -= 20;
	}
	return fd;
}

int xp_state_lock(struct xp_state *s, struct xp_err *err)
{
	int fd;

	if (s->lock >= 0)
		return 0;
	fd = lock_file(s, "lock", LOCK_WAIT_MS);
	if (fd == -EWOULDBLOCK)
		return xp_fail(err, XP_E_BUSY, "another xprof command is at work on this host for more than %d s: wait for it, "
			       "or look for it with ps", LOCK_WAIT_MS / 1000);
	if (fd < 0) {
		errno = -fd;
		return xp_fail_errno(err, XP_E_SYSTEM, "cannot lock xprof's state folder");
	}
	s->lock = fd;
	return 0;
}

void xp_state_unlock(struct xp_state *s)
{
	if (s->lock < 0)
		return;
	flock(s->lock, LOCK_UN); /* also for a child that inherited it */
	close(s->lock);
	s->lock = -1;
}

int xp_state_hold(struct xp_state *s, const char *name, struct xp_err *err)
{
	int fd = lock_file(s, name, 0);

	if (fd == -EWOULDBLOCK)
		return xp_fail(err, XP_E_BUSY, "another process holds %s", name);
	if (fd < 0) {
		errno = -fd;
		return xp_fail_errno(err, XP_E_SYSTEM, "cannot lock %s in xprof's state folder", name);
	}
	return fd;
}

bool xp_state_is_held(const struct xp_state *s, const char *name)
{
	int fd = openat(s->dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool held;

	if (fd < 0)
		return false;
	held = flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
	close(fd);
	return held;
}

/* ---- files ---------------------------------------------------------------*/

void xp_state_clear(struct xp_state_file *f)
{
	f->len = 0;
	f->text[0] = '\0';
}

static bool is_plain(unsigned char c)
{
	return c >= ' ' && c != '\\' && c != 0x7f;
}

static bool put_bytes(struct xp_state_file *f, const char *bytes, size_t n)
{
	if (f->len + n >= sizeof(f->text))
		return false;
	memcpy(f->text + f->len, bytes, n);
	f->len += n;
	f->text[f->len] = '\0';
	return true;
}

static bool put_escaped(struct xp_state_file *f, const char *text)
{
	char hex[5];
	bool ok = true;

	for (; ok && *text; text++) {
		if (is_plain((unsigned char)*text)) {
			ok = put_bytes(f, text, 1);
		} else {
			snprintf(hex, sizeof(hex), "\\x%02x", (unsigned char)*text);
			ok = put_bytes(f, hex, 4);
		}
	}
	return ok;
}

void xp_state_put(struct xp_state_file *f, const char *key, const char *value)
{
	size_t start = f->len;

	if (put_escaped(f, key) && put_bytes(f, "=", 1) && put_escaped(f, value) && put_bytes(f, "\n", 1))
		return;
	f->len = start;
	f->text[start] = '\0';
}

void xp_state_put_u64(struct xp_state_file *f, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	xp_state_put(f, key, text);
}

/* The value of key, up to the end of its line; NULL: not there. */
static const char *find(const struct xp_state_file *f, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = f->text; *line; ) {
		const char *end = strchr(line, '\n');

		if (!end)
			return NULL;
		if (!strncmp(line, key, len) && line[len] == '=')
			return line + len + 1;
		line = end + 1;
	}
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One character, escaped or not; moves *p behind it. */
static char unescape(const char **p)
{
	const char *s = *p;

	if (s[0] == '\\' && s[1] == 'x' && hex_digit(s[2]) >= 0 && hex_digit(s[3]) >= 0) {
		*p += 4;
		return (char)(hex_digit(s[2]) << 4 | hex_digit(s[3]));
	}
	*p += 1;
	return *s;
}

bool xp_state_get(const struct xp_state_file *f, const char *key, char *value, size_t size)
{
	const char *p = find(f, key);
	size_t n = 0;

	while (p && *p && *p != '\n' && n + 1 < size)
		value[n++] = unescape(&p);
	value[n] = '\0';
	return p != NULL;
}

uint64_t xp_state_get_u64(const struct xp_state_file *f, const char *key)
{
	const char *p = find(f, key);

	return p ? strtoull(p, NULL, 10) : 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int xp_state_save(const struct xp_state *s, const char *name, const struct xp_state_file *f, struct xp_err *err)
{
	char temp[64];
	int fd, ret;

	snprintf(temp, sizeof(temp), ".%s.%ld", name, (long)getpid());
	fd = openat(s->dir, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "cannot write xprof's state (%s)", name);
	ret = write_all(fd, f->text, f->len);
	if (close(fd) || ret || renameat(s->dir, temp, s->dir, name)) {
		ret = xp_fail_errno(err, XP_E_SYSTEM, "cannot write xprof's state (%s)", name);
		unlinkat(s->dir, temp, 0);
	}
	return ret;
}

int xp_state_load(const struct xp_state *s, const char *name, struct xp_state_file *f, struct xp_err *err)
{
	int fd = openat(s->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	xp_state_clear(f);
	if (fd < 0)
		return xp_fail_errno(err, errno == ENOENT ? XP_E_ABSENT : XP_E_SYSTEM, "xprof's state (%s)", name);
	n = read(fd, f->text, sizeof(f->text) - 1);
	close(fd);
	if (n < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "xprof's state (%s)", name);
	f->len = (size_t)n;
	f->text[n] = '\0';
	return 0;
}

void xp_state_remove(const struct xp_state *s, const char *name)
{
	unlinkat(s->dir, name, 0);
}
