// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/push/push.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/profile/profile.h"
#include "lib/rotate/list.h"

#define SERVICE "xprof" /* unless a label says otherwise */

void xp_push_init(struct xp_push *p, uint64_t seed)
{
	xp_backoff_init(&p->backoff, seed);
}

__attribute__((format(printf, 2, 3)))
static void say(struct xp_push *p, const char *format, ...)
{
	char line[1200];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	if (p->say)
		p->say(p->arg, line);
}

/* ---- into the spool ------------------------------------------------------*/

/* The same bytes are the same profile. */
static int id_of_file(const char *path, uint8_t id[16], struct xp_err *err)
{
	uint8_t digest[SHA256_DIGEST_SIZE], part[65536];
	struct sha256_ctx ctx;
	struct stat st;
	ssize_t n;
	int fd = xp_file_open_regular(path, &st);

	if (fd < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot open", path);
	sha256_init(&ctx);
	while ((n = read(fd, part, sizeof(part))) > 0)
		sha256_update(&ctx, (size_t)n, part);
	close(fd);
	if (n < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot read", path);
	sha256_digest(&ctx, sizeof(digest), digest);
	memcpy(id, digest, 16);
	return 0;
}

struct spooling {
	struct xp_push *p;
	const struct xp_store_options *o;
};

static void say_dropped(struct xp_push *p)
{
	if (p->spool->dropped > p->told_dropped)
		say(p, "the spool is full: %" PRIu64 " messages, the oldest, were dropped unsent (%" PRIu64 " in all)",
		    p->spool->dropped - p->told_dropped, p->spool->dropped);
	p->told_dropped = p->spool->dropped;
}

static int spool_message(void *arg, const struct xp_store_message *m, struct xp_err *err)
{
	struct spooling *s = arg;
	struct xp_spool_name name = { .ms = s->p->ms, .kind = s->p->kind };
	struct xp_buf body = XP_BUF_INIT;
	int ret;

	memcpy(name.id, m->id, sizeof(name.id));
	if (name.kind->body)
		name.kind->body(&body, m, s->o);
	else
		xp_buf_add(&body, m->data, m->len);
	ret = xp_buf_ok(&body) ? xp_spool_put(s->p->spool, &name, &body, err) : xp_fail(err, XP_E_NOMEM, "no memory for a message");
	xp_buf_release(&body);
	s->p->spool_failed = ret == XP_E_SYSTEM;
	s->p->spooled += ret == 0;
	say_dropped(s->p);
	return ret;
}

static bool has_label(const struct xp_push *p, const char *name)
{
	for (size_t i = 0; i < p->nr_labels; i++)
		if (!strcmp(p->labels[i].name, name))
			return true;
	return false;
}

static int spool_all(struct xp_push *p, struct xp_profile *profile, struct xp_store_options *o, struct xp_err *err)
{
	struct xp_store_label *labels = calloc(p->nr_labels + 2, sizeof(*labels));
	const char *host = xp_profile_host(profile, "host.name");
	struct spooling s = { p, o };
	size_t nr = 0;
	int ret;

	if (!labels)
		return xp_fail(err, XP_E_NOMEM, "no memory for labels");
	if (!has_label(p, p->kind->service))
		labels[nr++] = (struct xp_store_label){ p->kind->service, SERVICE };
	if (host && !has_label(p, p->kind->host))
		labels[nr++] = (struct xp_store_label){ p->kind->host, host };
	for (size_t i = 0; i < p->nr_labels; i++)
		labels[nr++] = p->labels[i];
	o->labels = labels;
	o->nr_labels = nr;
	p->ms = profile->nr_clocks ? profile->clocks[0].realtime_ns / 1000000 : 0;
	ret = p->kind->each(profile, o, spool_message, &s, err);
	if (p->spool_failed)
		xp_spool_take_back(p->spool, p->kind, p->ms);
	free(labels);
	return ret;
}

int xp_push_profile(struct xp_push *p, const char *path, struct xp_err *err)
{
	struct xp_store_options o = { .labels = NULL };
	struct xp_profile *profile = NULL;
	int ret = id_of_file(path, o.id, err);

	p->ms = UINT64_MAX;
	p->spool_failed = false;
	if (ret == 0)
		ret = xp_profile_open(&profile, path, err);
	if (profile) {
		if (ret < 0)
			say(p, "%s", err->text);
		ret = spool_all(p, profile, &o, err);
		p->profiles += ret == 0;
	}
	xp_profile_free(profile);
	return ret;
}

/* ---- following -----------------------------------------------------------*/

/* The oldest behind the one that was taken last; "": none. */
static int find_next(struct xp_push *p, int dir, const char *path, char next[XP_ROTATE_NAME_BYTES], struct xp_err *err)
{
	struct xp_rotate_list l;
	char taken[64];
	int ret = xp_spool_taken(p->spool, taken, err);

	next[0] = '\0';
	if (ret == 0)
		ret = xp_rotate_list_read(&l, dir, path, false, err);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < l.nr && !next[0]; i++)
		if (strcmp(l.v[i].name, taken) > 0)
			memcpy(next, l.v[i].name, sizeof(l.v[i].name));
	xp_rotate_list_release(&l);
	return 0;
}

/* The room may come back; the profile stays where it is until then, or until its recorder removes it. */
static int put_off(struct xp_push *p, const char *file, const struct xp_err *why)
{
	xp_spool_take_back(p->spool, p->kind, p->ms);
	if (!p->spool_due_ns)
		say(p, "%s waits, and those behind it: the spool cannot be written (it is tried every %u s): %s", file,
		    XP_PUSH_SPOOL_AGAIN_S, why->text);
	p->spool_due_ns = xp_clock_ns(CLOCK_MONOTONIC) + XP_PUSH_SPOOL_AGAIN_S * 1000000000ull;
	return 0;
}

static int take(struct xp_push *p, const char *name, const char *file, struct xp_err *err)
{
	int ret = xp_push_profile(p, file, err);

	if (p->spool_failed)
		return ret;
	if (ret < 0)
		say(p, "left behind: %s", err->text);
	ret = xp_spool_take(p->spool, name, err);
	p->spool_failed = ret == XP_E_SYSTEM;
	return ret;
}

/* That it was taken is on disk before any of it is sent: after a crash it is spooled again, under the same names, or sent, never both. */
int xp_push_follow(struct xp_push *p, int dir, const char *path, struct xp_err *err)
{
	char next[XP_ROTATE_NAME_BYTES], file[PATH_MAX + XP_ROTATE_NAME_BYTES + 1];
	int ret;

	if (p->spool_due_ns > xp_clock_ns(CLOCK_MONOTONIC))
		return 0;
	ret = find_next(p, dir, path, next, err);
	if (ret < 0 || !next[0])
		return ret;
	snprintf(file, sizeof(file), "%s/%s", path, next);
	ret = take(p, next, file, err);
	if (p->spool_failed)
		return put_off(p, file, err);
	p->spool_due_ns = 0;
	return ret < 0 ? ret : 1;
}

/* ---- out of it -----------------------------------------------------------*/

static void failed(struct xp_push *p, const struct xp_store_answer *a)
{
	uint64_t wait = xp_backoff_next(&p->backoff, a->retry_after_ms);

	p->failed++;
	p->refused = a->what == XP_SENT_REFUSED;
	p->due_ns = xp_clock_ns(CLOCK_MONOTONIC) + wait * 1000000;
	if (strcmp(p->last_failure, a->text))
		say(p, "%s%s; the next try is in %.1f s", a->text, p->refused ? " (look at --to, --header-file and --token-file)" : "",
		    (double)wait / 1e3);
	snprintf(p->last_failure, sizeof(p->last_failure), "%s", a->text);
}

static void say_twice(struct xp_push *p, const struct xp_spool_name *name)
{
	char uuid[XP_PUSH_UUID];

	p->maybe_twice++;
	xp_push_uuid(uuid, name->id);
	say(p, "all of message %s was sent, but no answer came: the store may have it, and gets it again with the same id", uuid);
}

static int take_answer(struct xp_push *p, const struct xp_spool_name *name, size_t bytes, const struct xp_store_answer *a,
		       struct xp_err *err)
{
	char uuid[XP_PUSH_UUID];

	if (a->maybe_taken)
		say_twice(p, name);
	if (a->what == XP_SENT_AGAIN || a->what == XP_SENT_REFUSED) {
		failed(p, a);
		return 0;
	}
	xp_backoff_reset(&p->backoff);
	p->due_ns = 0;
	p->refused = false;
	p->last_failure[0] = '\0';
	if (a->what == XP_SENT) {
		p->sent++;
		p->sent_bytes += bytes;
		if (a->text[0] && strcmp(p->last_warning, a->text))
			say(p, "%s", a->text);
		snprintf(p->last_warning, sizeof(p->last_warning), "%s", a->text);
		return xp_spool_sent(p->spool, name, err);
	}
	p->rejected++;
	xp_push_uuid(uuid, name->id);
	say(p, "message %s is rejected: %s; it is kept in %s and not sent again", uuid, a->text, p->spool->path);
	return xp_spool_reject(p->spool, name, err);
}

int xp_push_step(struct xp_push *p, int stop_fd, struct xp_err *err)
{
	struct xp_buf body = XP_BUF_INIT;
	struct xp_store_answer answer;
	struct xp_spool_name name;
	size_t others;
	int ret;

	if (!xp_spool_oldest(p->spool, p->kind, &name, &others))
		return XP_PUSH_EMPTY;
	if (p->due_ns > xp_clock_ns(CLOCK_MONOTONIC))
		return XP_PUSH_WAITS;
	ret = xp_spool_read(p->spool, &name, &body, err);
	if (ret == 0) {
		xp_store_send(p->store, &body, name.id, stop_fd, &answer);
		ret = take_answer(p, &name, body.len, &answer, err);
	}
	xp_buf_release(&body);
	if (ret < 0)
		return ret;
	return p->due_ns ? XP_PUSH_WAITS : XP_PUSH_SENT;
}
