// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/exporter/directory.h"

#include <limits.h>
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/rotate/list.h"

#define SECOND_NS 1000000000ull /* the recorder writes about once a second */
#define REST 9u
#define TRIES 5u                /* for all of it to stay as it is while it is read */

void xp_directory_release(struct xp_directory *d)
{
	xp_metrics_release(&d->whole);
	xp_metrics_release(&d->now);
}

static int open_profile(const struct xp_directory *d, const char *name, struct xp_profile **p, struct xp_err *err)
{
	char file[PATH_MAX + XP_ROTATE_NAME_BYTES + 1];

	snprintf(file, sizeof(file), "%s/%s", d->path, name);
	return xp_profile_open(p, file, err);
}

/* ---- whole ones ----------------------------------------------------------*/

/* One that is not there any more was removed by its recorder meanwhile. */
static void take_whole(struct xp_directory *d, const struct xp_rotate_file *f)
{
	struct xp_profile *p = NULL;
	struct xp_err err = { "" };
	int ret = open_profile(d, f->name, &p, &err);

	if (p)
		ret = xp_metrics_take(&d->whole, p, &err);
	if (ret < 0 && ret != XP_E_ABSENT && ret != XP_E_TRUNCATED) {
		d->whole.unreadable++;
		if (d->say)
			d->say(d->arg, err.text);
	}
	xp_profile_free(p);
	d->taken_ms = f->ms;
	d->due_ns = 0;
}

int xp_directory_take(struct xp_directory *d, struct xp_err *err)
{
	struct xp_rotate_list l;
	int ret = xp_rotate_list_read(&l, d->dir, d->path, false, err);

	if (ret < 0)
		return ret;
	for (size_t i = !d->began && l.nr ? l.nr - 1 : 0; i < l.nr; i++)
		if (!d->began || l.v[i].ms > d->taken_ms)
			take_whole(d, &l.v[i]);
	d->began |= l.nr;
	xp_rotate_list_release(&l);
	return 0;
}

/* ---- parts ---------------------------------------------------------------*/

/* What cannot be read of a part is not there yet. 1: it has become whole; negative: no memory, say. */
static int take_part(const struct xp_directory *d, const char *name, struct xp_metrics *m, struct xp_err *err)
{
	struct xp_profile *p = NULL;
	int ret = open_profile(d, name, &p, err);

	if (p)
		ret = xp_metrics_take_part(m, p, err);
	xp_profile_free(p);
	if (ret == XP_E_ABSENT)
		return 1;
	return ret == XP_E_NOMEM || ret == XP_E_SYSTEM ? ret : 0;
}

/* As take_part(). */
static int take_parts(const struct xp_directory *d, const struct xp_rotate_list *parts, struct xp_metrics *m, struct xp_err *err)
{
	int ret = xp_metrics_copy(m, &d->whole, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; ret == 0 && i < parts->nr; i++)
		if (!d->began || parts->v[i].ms > d->taken_ms)
			ret = take_part(d, parts->v[i].name, m, err);
	if (ret)
		xp_metrics_release(m);
	return ret;
}

static int try_to_look(struct xp_directory *d, struct xp_metrics *m, struct xp_err *err)
{
	struct xp_rotate_list parts;
	int ret = xp_rotate_list_read(&parts, d->dir, d->path, true, err);

	if (ret < 0)
		return ret;
	ret = xp_directory_take(d, err);
	if (ret == 0)
		ret = take_parts(d, &parts, m, err);
	xp_rotate_list_release(&parts);
	return ret;
}

/* When it cannot be done it stays as it was: counters must not go down. */
int xp_directory_look(struct xp_directory *d, struct xp_err *err)
{
	uint64_t began = xp_clock_ns(CLOCK_MONOTONIC), took;
	struct xp_metrics m;
	int ret = xp_directory_take(d, err);

	if (ret < 0 || began < d->due_ns)
		return ret;
	for (unsigned int i = 0; i < TRIES && (ret = try_to_look(d, &m, err)) == 1; i++)
		;
	if (ret == 0) {
		xp_metrics_release(&d->now);
		d->now = m;
	}
	took = xp_clock_ns(CLOCK_MONOTONIC) - began;
	d->due_ns = began + (REST * took > SECOND_NS ? REST * took : SECOND_NS);
	return ret < 0 ? ret : 0;
}
