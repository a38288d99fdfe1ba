// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/profile/profile.h"
#include "lib/sym/emit-kernel.h"
#include "lib/sym/seen.h"

#define TRIES 6u                  /* a kernel that is not up: after 1, 2, 4, … seconds again */
#define SECOND_NS 1000000000ull
#define LAST_WAIT_NS (10 * SECOND_NS)
#define OFF "guests' memory is not read (--no-guest-memory)"

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

void xp_guests_init(struct xp_guests *g, bool off)
{
	memset(g, 0, sizeof(*g));
	g->reader.fd = -1;
	g->off = off;
}

void xp_guests_release(struct xp_guests *g)
{
	xp_greader_stop(&g->reader);
	for (size_t i = 0; i < g->nr; i++)
		if (g->v[i].fd >= 0)
			close(g->v[i].fd);
	free(g->v);
	g->v = NULL;
	g->nr = g->room = 0;
}

static struct xp_guest *find(struct xp_guests *g, const struct xp_domain *d)
{
	for (size_t i = 0; i < g->nr; i++)
		if (g->v[i].domid == d->domid && !memcmp(g->v[i].uuid, d->uuid, sizeof(d->uuid)))
			return &g->v[i];
	return NULL;
}

static struct xp_guest *add(struct xp_guests *g)
{
	if (g->nr == g->room) {
		size_t room = g->room ? 2 * g->room : 16;
		struct xp_guest *v = realloc(g->v, room * sizeof(*v));

		if (!v)
			return NULL;
		g->v = v;
		g->room = room;
	}
	memset(&g->v[g->nr], 0, sizeof(g->v[0]));
	return &g->v[g->nr++];
}

int xp_guests_note(struct xp_guests *g, const struct xp_domain *d, struct xp_err *err)
{
	struct xp_guest *guest;

	if (d->domid == 0 || d->domid == XPROF_DOMID_IDLE)
		return 0;
	guest = find(g, d);
	if (guest) {
		guest->from = d->from;
		return 0;
	}
	if (g->nr >= XP_GUESTS_MAX)
		return 0;
	guest = add(g);
	if (!guest)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu guests", g->nr);
	guest->domid = d->domid;
	memcpy(guest->uuid, d->uuid, sizeof(guest->uuid));
	guest->from = d->from;
	guest->state = g->off ? XP_GUEST_NAMELESS : XP_GUEST_WAITS;
	guest->tries = TRIES;
	guest->fd = -1;
	if (g->off)
		snprintf(guest->why, sizeof(guest->why), OFF);
	return 0;
}

/* ---- reading -------------------------------------------------------------*/

static void failed(struct xp_guest *guest, int rc, const struct xp_err *why)
{
	snprintf(guest->why, sizeof(guest->why), "%.*s", (int)sizeof(guest->why) - 1, why->text);
	guest->tries--;
	guest->next_ns = now_ns() + (SECOND_NS << (TRIES - 1 - guest->tries));
	/* (One in which no Linux is found may still be in its boot loader.) */
	guest->state = guest->tries && (rc == XP_E_BUSY || rc == XP_E_ABSENT) ? XP_GUEST_WAITS : XP_GUEST_NAMELESS;
}

static void start(struct xp_guests *g, size_t i)
{
	struct xp_err err;
	int rc = xp_greader_start(&g->reader, g->v[i].domid, &err);

	if (rc) {
		failed(&g->v[i], rc, &err);
		return;
	}
	g->reading = i;
	g->v[i].state = XP_GUEST_IS_READ;
}

/* True: the reader is free. */
static bool take(struct xp_guests *g)
{
	struct xp_guest *guest = &g->v[g->reading];
	struct xp_err err;
	int rc;

	if (!g->reader.pid)
		return true;
	rc = xp_greader_poll(&g->reader, &err);
	if (rc == 1)
		return false;
	if (rc) {
		failed(guest, rc, &err);
		return true;
	}
	guest->state = XP_GUEST_KNOWN;
	guest->fd = g->reader.fd;
	g->reader.fd = -1;
	return true;
}

void xp_guests_poll(struct xp_guests *g)
{
	uint64_t now;

	if (!g->nr || !take(g))
		return;
	now = now_ns();
	for (size_t i = 0; i < g->nr; i++) {
		if (g->v[i].state != XP_GUEST_WAITS || g->v[i].next_ns > now)
			continue;
		start(g, i);
		return;
	}
}

static void wait_for_reader(struct xp_guests *g)
{
	const struct timespec tick = { 0, 5000000 };
	uint64_t end = now_ns() + LAST_WAIT_NS;
	struct xp_err err;

	while (!take(g) && now_ns() < end)
		nanosleep(&tick, NULL);
	if (!g->reader.pid)
		return;
	xp_greader_stop(&g->reader);
	g->v[g->reading].tries = 1;
	failed(&g->v[g->reading], xp_fail(&err, XP_E_SYSTEM, "reading its memory took too long"), &err);
}

void xp_guests_finish(struct xp_guests *g)
{
	wait_for_reader(g);
	for (size_t i = 0; i < g->nr; i++) {
		if (g->v[i].state != XP_GUEST_WAITS)
			continue;
		g->v[i].tries = 1; /* there is no later */
		start(g, i);
		wait_for_reader(g);
	}
}

/* ---- names ---------------------------------------------------------------*/

struct guest_kernel {
	struct xp_kernel of; /* its first member */
	struct xp_gkernel read;
};

static void read_build_id(struct xp_kernel *of, const char *image, struct xp_build_id *id)
{
	struct guest_kernel *kernel = (struct guest_kernel *)of;

	if (!*image)
		xp_build_id_from_notes(id, kernel->read.notes.data, kernel->read.notes.len);
}

static struct xp_span span_of(const struct xp_buf *b)
{
	return (struct xp_span){ (const char *)b->data, b->len };
}

static int emit_all(struct xp_emit *e, struct guest_kernel *kernel, const struct xp_addrs *addrs, struct xp_err *err)
{
	const struct xp_regions *regions = &kernel->of.k.regions;
	int rc = xp_emit_kernel(e, &kernel->of, addrs, err);

	for (size_t i = 0; !rc && i < regions->nr; i++)
		if (*regions->v[i].image)
			rc = xp_emit_module(e, &kernel->of, &regions->v[i], addrs, NULL, err);
	return rc;
}

static int load(const struct xp_guest *guest, struct guest_kernel *kernel, struct xp_err *err)
{
	int rc;

	if (guest->state != XP_GUEST_KNOWN)
		return xp_fail(err, XP_E_ABSENT, "%s", guest->why);
	rc = xp_greader_load(guest->fd, &kernel->read, err);
	return rc ? rc : xp_kallsyms_parse(&kernel->of.k, span_of(&kernel->read.kallsyms), span_of(&kernel->read.modules), err);
}

static int resolve(struct xp_emit *e, const struct xp_guest *guest, const struct xp_addrs *addrs, struct xp_err *err)
{
	struct guest_kernel kernel = {
		.of = { .space = XP_SPACE_GUEST_KERNEL(guest->domid), .domid = guest->domid, .tsc = guest->from,
			.build_id = read_build_id },
	};
	struct xp_err why;
	int rc;

	if (!xp_addrs_in(addrs, kernel.of.space, 0, UINT64_MAX).nr)
		return 0;
	rc = load(guest, &kernel, &why);
	if (rc)
		rc = xp_emit_kernel_without_names(e, &kernel.of, why.text, err);
	else
		rc = emit_all(e, &kernel, addrs, err);
	xp_kallsyms_release(&kernel.of.k);
	xp_gkernel_release(&kernel.read);
	return rc;
}

int xp_resolve_guests(struct xp_emit *e, struct xp_guests *g, const struct xp_addrs *addrs, struct xp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < g->nr; i++)
		rc = resolve(e, &g->v[i], addrs, err);
	return rc;
}
