// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/host/livepatch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h>

#define ATTEMPTS 6
#define RENDEZVOUS_NS 300000000u /* Xen's default is 30 ms: too short for a large or busy host */
#define DONE_WITHIN_MS 10000     /* from the request to its result; Xen's own limit is the rendezvous */

static char our_name[] = XP_LIVEPATCH_NAME; /* libxenctrl wants it writable */

static void sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

/* ---- the list ------------------------------------------------------------*/

static int fail_absent(struct xp_err *err)
{
	if (errno == ENOSYS || errno == EOPNOTSUPP)
		return xp_fail(err, XP_E_ABSENT, "this Xen cannot load live patches (built without CONFIG_LIVEPATCH): "
			       "use a hypervisor with xprof built in");
	if (errno == EPERM || errno == EACCES)
		return xp_fail_errno(err, XP_E_PERM, "Xen does not let us look at live patches");
	return xp_fail_errno(err, XP_E_SYSTEM, "cannot list Xen's live patches");
}

struct raw_list {
	unsigned int nr;
	uint32_t name_bytes, meta_bytes;
	xen_livepatch_status_t *status;
	uint32_t *len, *meta_len;
	char *name, *meta;
};

static void raw_release(struct raw_list *r)
{
	free(r->status);
	free(r->len);
	free(r->meta_len);
	free(r->name);
	free(r->meta);
}

static int raw_fetch(struct xp_xen *xen, struct raw_list *r, struct xp_err *err)
{
	unsigned int done = 0, left = 0;

	r->status = calloc(r->nr, sizeof(*r->status));
	r->len = calloc(r->nr, sizeof(*r->len));
	r->meta_len = calloc(r->nr, sizeof(*r->meta_len));
	r->name = calloc(1, r->name_bytes + 1);
	r->meta = calloc(1, r->meta_bytes + 1);
	if (!r->status || !r->len || !r->meta_len || !r->name || !r->meta)
		return xp_fail(err, XP_E_NOMEM, "no memory for the list of live patches");
	if (xc_livepatch_list(xen->xch, r->nr, 0, r->status, r->name, r->len, r->name_bytes,
			      r->meta, r->meta_len, r->meta_bytes, &done, &left))
		return xp_fail_errno(err, XP_E_SYSTEM, "cannot list Xen's live patches");
	r->nr = done;
	return 0;
}

static int raw_decode(const struct raw_list *r, struct xp_livepatch **patches, struct xp_err *err)
{
	struct xp_livepatch *p = calloc(r->nr ? r->nr : 1, sizeof(*p));
	size_t at = 0;

	if (!p)
		return xp_fail(err, XP_E_NOMEM, "no memory for the list of live patches");
	for (unsigned int i = 0; i < r->nr && at + r->len[i] <= r->name_bytes; i++) {
		snprintf(p[i].name, sizeof(p[i].name), "%.*s", (int)r->len[i], r->name + at);
		p[i].applied = r->status[i].state == LIVEPATCH_STATE_APPLIED;
		p[i].ours = !strcmp(p[i].name, XP_LIVEPATCH_NAME);
		at += r->len[i];
	}
	*patches = p;
	return r->nr;
}

int xp_livepatch_list(struct xp_xen *xen, struct xp_livepatch **patches, struct xp_err *err)
{
	struct raw_list r = { 0 };
	int ret = 0;

	*patches = NULL;
	if (xc_livepatch_list_get_sizes(xen->xch, &r.nr, &r.name_bytes, &r.meta_bytes))
		return fail_absent(err);
	if (r.nr)
		ret = raw_fetch(xen, &r, err);
	if (ret == 0)
		ret = raw_decode(&r, patches, err);
	raw_release(&r);
	return ret;
}

/* Names of the applied ones that are not ours, "a, b"; only those uploaded after ours if above. */
static void name_others(struct xp_xen *xen, bool above, char *text, size_t size)
{
	struct xp_livepatch *patches;
	struct xp_err ignored;
	int n = xp_livepatch_list(xen, &patches, &ignored);
	bool past_ours = false;
	size_t at = 0;

	text[0] = '\0';
	for (int i = 0; i < n; i++) {
		past_ours |= patches[i].ours;
		if (patches[i].ours || !patches[i].applied || (above && !past_ours) || at >= size)
			continue;
		at += snprintf(text + at, size - at, "%s%s", at ? ", " : "", patches[i].name);
	}
	if (n >= 0)
		free(patches);
}

/* ---- one operation -------------------------------------------------------*/

typedef int (*action_fn)(xc_interface *xch, char *name, uint32_t timeout, uint32_t flags);

/* Waits for the result. 0 or a negative errno. */
static int wait_for_result(struct xp_xen *xen, uint32_t state)
{
	xen_livepatch_status_t status;

	for (int waited = 0; waited < DONE_WITHIN_MS; waited += 10) {
		if (xc_livepatch_get(xen->xch, our_name, &status))
			return -errno;
		if (status.rc != -EAGAIN)
			return status.rc ? status.rc : status.state == state ? 0 : -EIO;
		sleep_ms(10);
	}
	return -ETIMEDOUT;
}

/* Does it, again while Xen says that it is busy. 0 or a negative errno. */
static int act(struct xp_xen *xen, action_fn action, uint32_t flags, uint32_t state)
{
	long pause = 100;
	int ret = -EBUSY;

	for (int i = 0; i < ATTEMPTS && (ret == -EBUSY || ret == -EAGAIN || ret == -ETIMEDOUT); i++) {
		if (i) {
			sleep_ms(pause);
			pause = pause * 2 > 1000 ? 1000 : pause * 2;
		}
		ret = action(xen->xch, our_name, RENDEZVOUS_NS, flags) ? -errno : wait_for_result(xen, state);
	}
	return ret;
}

static int unload_uploaded(struct xp_xen *xen)
{
	return xc_livepatch_unload(xen->xch, our_name, RENDEZVOUS_NS, 0) && errno != ENOENT ? -errno : 0;
}

/* ---- load ----------------------------------------------------------------*/

static int fail_upload(const char *path, struct xp_xen *xen, struct xp_err *err)
{
	switch (errno) {
	case EINVAL:
	case ENOENT: /* a symbol that this hypervisor does not have */
		return xp_fail_errno(err, XP_E_VERSION, "Xen does not take %s: it was not built for this hypervisor "
				     "(%s, build id %s; 'xl dmesg' has Xen's reason)", path, xen->version, xen->build_id);
	case EEXIST:
		return xp_fail(err, XP_E_BUSY, "a live patch named %s is in Xen already: 'xprof detach' first", our_name);
	default:
		return xp_fail_errno(err, XP_E_SYSTEM, "cannot upload %s into Xen", path);
	}
}

static int upload(struct xp_xen *xen, const char *path, struct xp_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *data;
	int ret = 0;

	if (fd < 0)
		return xp_fail_errno(err, XP_E_ABSENT, "%s", path);
	if (fstat(fd, &st) || st.st_size <= 0 || st.st_size > INT32_MAX) {
		close(fd);
		return xp_fail(err, XP_E_FORMAT, "%s is not a live patch (size)", path);
	}
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (data == MAP_FAILED)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s", path);
	if (xc_livepatch_upload(xen->xch, our_name, data, st.st_size))
		ret = fail_upload(path, xen, err);
	munmap(data, st.st_size);
	return ret;
}

static int fail_apply(struct xp_xen *xen, int why, struct xp_err *err)
{
	char others[512];

	errno = -why;
	if (why == -EBUSY || why == -EAGAIN || why == -ETIMEDOUT)
		return xp_fail(err, XP_E_BUSY, "the host was too busy to apply the live patch, %d times in a row: "
			       "try again", ATTEMPTS);
	name_others(xen, false, others, sizeof(others));
	if (why == -EINVAL && others[0])
		return xp_fail(err, XP_E_BUSY, "a live patch that is applied (%s) has changed a function that xprof hooks; "
			       "xprof does not undo others' fixes: a payload built on top of it is needed", others);
	return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not apply xprof's live patch ('xl dmesg' has its reason)");
}

int xp_livepatch_load(struct xp_xen *xen, const char *path, struct xp_err *err)
{
	int ret = upload(xen, path, err);

	if (ret < 0)
		return ret;
	ret = act(xen, xc_livepatch_apply, LIVEPATCH_ACTION_APPLY_NODEPS, LIVEPATCH_STATE_APPLIED);
	if (ret == 0)
		return 0;
	ret = fail_apply(xen, ret, err);
	unload_uploaded(xen);
	return ret;
}

/* ---- unload --------------------------------------------------------------*/

static int fail_revert(struct xp_xen *xen, int why, struct xp_err *err)
{
	char above[512];

	name_others(xen, true, above, sizeof(above));
	if (above[0])
		return xp_fail(err, XP_E_BUSY, "another live patch lies on top of xprof's (%s) and must be reverted first, "
			       "with the tool that applied it", above);
	if (why == -EBUSY)
		return xp_fail(err, XP_E_BUSY, "Xen keeps xprof's live patch: a session is open, a ring is still mapped, "
			       "or the host was too busy: try again");
	errno = -why;
	return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not revert xprof's live patch ('xl dmesg' has its reason)");
}

int xp_livepatch_unload(struct xp_xen *xen, struct xp_err *err)
{
	xen_livepatch_status_t status;
	int ret = 0;

	if (xc_livepatch_get(xen->xch, our_name, &status))
		return errno == ENOENT || errno == ENOSYS || errno == EOPNOTSUPP ? 0 : fail_absent(err);
	if (status.state == LIVEPATCH_STATE_APPLIED)
		ret = act(xen, xc_livepatch_revert, 0, LIVEPATCH_STATE_CHECKED);
	if (ret < 0)
		return fail_revert(xen, ret, err);
	ret = unload_uploaded(xen);
	if (ret < 0) {
		errno = -ret;
		return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not unload xprof's live patch");
	}
	return 0;
}
