// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/guests-impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/xprof.h>

#include "lib/base/clock.h"
#include "lib/profile/profile.h"

#define TRIES 6u                  /* a kernel that is not up: after 1, 2, 4, … seconds again */
#define SECOND_NS 1000000000ull
#define REST 200u                 /* times as long as a reading took, of CPU time; … */
#define REST_CHAINS 50u           /* … with chains: what is not known cannot be unwound later */
#define LATE_NS (10 * SECOND_NS)
#define LAST_WAIT_NS (30 * SECOND_NS) /* a host that is busy gives a reader little of its time */
#define OFF "guests' memory is not read (--no-guest-memory)"

void xp_guests_init(struct xp_guests *g, struct xp_writer *w, bool off)
{
	memset(g, 0, sizeof(*g));
	g->w = w;
	g->reader.fd = -1;
	g->off = off;
}

void xp_guests_release(struct xp_guests *g)
{
	xp_greader_stop(&g->reader);
	for (size_t i = 0; i < g->nr; i++) {
		if (g->v[i].fd >= 0)
			close(g->v[i].fd);
		xp_unwind_space_clear(&g->v[i].unwind);
		xp_guest_spaces_release(&g->v[i].spaces);
		if (g->v[i].modules_fd >= 0)
			close(g->v[i].modules_fd);
		free(g->v[i].tasks);
		xp_guest_kernel_free(g->v[i].kernel);
		xp_guest_processes_release(&g->v[i].processes);
	}
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

static void name_guest(struct xp_guest *guest)
{
	static const uint8_t none[sizeof(guest->uuid)];

	for (size_t i = 0; i < sizeof(guest->uuid) && memcmp(guest->uuid, none, sizeof(none)); i++)
		snprintf(guest->name + 2 * i, 3, "%02x", guest->uuid[i]);
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
	if (g->nr >= XP_GUESTS_NOTED)
		return 0;
	guest = add(g);
	if (!guest)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu guests", g->nr);
	guest->domid = d->domid;
	memcpy(guest->uuid, d->uuid, sizeof(guest->uuid));
	guest->from = d->from;
	guest->state = g->off || g->nr > XP_GUESTS_MAX ? XP_GUEST_NAMELESS : XP_GUEST_WAITS;
	guest->tries = TRIES;
	guest->came = g->polled;
	guest->records = XP_GUEST_RECORDS;
	guest->fd = guest->modules_fd = -1;
	name_guest(guest);
	if (g->off)
		snprintf(guest->why, sizeof(guest->why), OFF);
	else if (guest->state == XP_GUEST_NAMELESS)
		snprintf(guest->why, sizeof(guest->why), "more than %u guests in one session: it was not read", XP_GUESTS_MAX);
	return 0;
}

/* ---- processes -----------------------------------------------------------*/

static int by_tgid(const void *pa, const void *pb)
{
	const struct xp_gtask *a = pa, *b = pb;

	return a->tgid < b->tgid ? -1 : a->tgid > b->tgid;
}

static int write_task(struct xp_guests *g, struct xp_guest *guest, const struct xp_gtask *t, uint16_t type, uint64_t tsc,
		      struct xp_err *err)
{
	char comm[XP_GCOMM + 1] = "";
	struct xp_task out = {
		.tsc = tsc, .cr3 = t->cr3, .domid = guest->domid, .type = type,
		.pid = t->tgid, .tgid = t->tgid, .ppid = t->ppid, .comm = comm,
	};

	if (!guest->records && !g->live) {
		guest->places.tasks.init_task = 0;
		return 0;
	}
	guest->records -= !g->live;
	memcpy(comm, t->comm, XP_GCOMM);
	return xp_write_task(g->w, &out, err);
}

static bool is_the_same(const struct xp_gtask *a, const struct xp_gtask *b)
{
	return a->cr3 == b->cr3 && a->started == b->started && !memcmp(a->comm, b->comm, XP_GCOMM);
}

/*
 * What has changed between two readings. One that has gone was there until the first of them, for all that is known; what ran
 * under its page tables afterwards may have been another's.
 */
static int write_changes(struct xp_guests *g, struct xp_guest *guest, const struct xp_gtask *now, size_t nr,
			 struct xp_err *err)
{
	const struct xp_gtask *was = guest->tasks;
	size_t i = 0, k = 0;
	int rc = 0;

	while (!rc && (i < guest->nr_tasks || k < nr)) {
		int order = i == guest->nr_tasks ? 1 : k == nr ? -1 : by_tgid(&was[i], &now[k]);

		if (order < 0)
			rc = write_task(g, guest, &was[i], XPROF_TASK_EXIT, guest->tasks_tsc, err);
		else if (order > 0)
			rc = write_task(g, guest, &now[k], XPROF_TASK_SNAPSHOT, g->started_tsc, err);
		else if (!is_the_same(&was[i], &now[k]))
			rc = write_task(g, guest, &now[k], XPROF_TASK_EXEC, g->started_tsc, err);
		i += order <= 0;
		k += order >= 0;
	}
	return rc;
}

/* Takes the reading over. */
static int note_processes(struct xp_guests *g, struct xp_guest *guest, struct xp_gresult *p, struct xp_err *err)
{
	struct xp_gtask *now = (struct xp_gtask *)(void *)p->tasks.data;
	size_t nr = p->tasks.len / sizeof(*now);
	int rc;

	if (nr)
		qsort(now, nr, sizeof(*now), by_tgid);
	rc = write_changes(g, guest, now, nr, err);
	if (!rc)
		rc = xp_guest_processes_note(&guest->processes, p, g->started_tsc, err);
	free(guest->tasks);
	guest->tasks = now;
	guest->nr_tasks = nr;
	guest->tasks_tsc = g->started_tsc;
	p->tasks = (struct xp_buf)XP_BUF_INIT;
	return rc;
}

/* ---- reading -------------------------------------------------------------*/

static void failed(struct xp_guest *guest, int rc, const struct xp_err *why)
{
	if (guest->state == XP_GUEST_KNOWN) {
		guest->gone = true;
		guest->places.tasks.init_task = 0; /* no more of its processes */
		return;
	}
	snprintf(guest->why, sizeof(guest->why), "%.*s", (int)sizeof(guest->why) - 1, why->text);
	guest->tries--;
	guest->next_ns = xp_clock_ns(CLOCK_MONOTONIC) + (SECOND_NS << (TRIES - 1 - guest->tries));
	/* (One in which no Linux is found may still be in its boot loader.) */
	guest->early = rc == XP_E_BUSY || rc == XP_E_ABSENT;
	guest->state = guest->tries && guest->early ? XP_GUEST_WAITS : XP_GUEST_NAMELESS;
}

/* all: processes that are known are asked for again; last: there is no later, modules are read, too. */
static void start(struct xp_guests *g, size_t i, bool all, bool last, uint64_t tsc)
{
	struct xp_guest *guest = &g->v[i];
	struct xp_gjob job = {
		.domid = guest->domid,
		.places = guest->state == XP_GUEST_KNOWN ? &guest->places : NULL,
		.rules = g->rules,
		.modules = last && guest->state == XP_GUEST_KNOWN && guest->modules_sampled,
		.guest = *guest->name && !guest->forgotten ? guest->name : NULL,
	};
	uint64_t *roots = NULL;
	struct xp_err err;
	int rc = xp_guest_processes_ask(&guest->processes, all || last, &job.ask, &roots, &err);

	if (!rc)
		rc = xp_greader_start(&g->reader, &job, &err);
	free(roots);
	if (rc) {
		failed(guest, rc, &err);
		return;
	}
	g->reading = i;
	g->reads_modules = job.modules;
	g->started_tsc = tsc;
	guest->wanted = false;
	if (guest->state != XP_GUEST_KNOWN)
		guest->state = XP_GUEST_IS_READ;
}

static void end_reading(struct xp_guests *g, struct xp_guest *guest)
{
	guest->next_ns = xp_clock_ns(CLOCK_MONOTONIC) + SECOND_NS;
	guest->late_ns = xp_clock_ns(CLOCK_MONOTONIC) + LATE_NS;
	if (guest->state == XP_GUEST_KNOWN && g->reads_modules && guest->modules_fd < 0) {
		guest->modules_fd = g->reader.fd;
	} else if (guest->state == XP_GUEST_KNOWN) {
		close(g->reader.fd); /* (the kernel was read before) */
	} else {
		guest->state = XP_GUEST_KNOWN;
		guest->fd = g->reader.fd;
	}
	g->reader.fd = -1;
}

/* With chains the first reading after the kernel's does not wait: by then the guest's processes have been sampled. */
static void rest(struct xp_guests *g, const struct xp_guest *guest, uint64_t cpu_ns)
{
	uint64_t now = xp_clock_ns(CLOCK_MONOTONIC);

	if (!g->rules)
		g->rest_until_ns = now + REST * cpu_ns;
	else if (guest->state == XP_GUEST_KNOWN)
		g->rest_until_ns = now + REST_CHAINS * cpu_ns;
}

/* 1: the reader is free. */
static int take(struct xp_guests *g, struct xp_err *err)
{
	struct xp_gresult p = { .tasks = XP_BUF_INIT };
	struct xp_guest *guest = &g->v[g->reading];
	struct xp_err why;
	int rc;

	if (!g->reader.pid)
		return 1;
	rc = xp_greader_poll(&g->reader, &p, &why);
	if (rc == 1)
		return 0;
	rest(g, guest, p.cpu_ns);
	if (rc) {
		failed(guest, rc, &why);
	} else {
		end_reading(g, guest);
		guest->places = p.places;
		rc = note_processes(g, guest, &p, err);
		if (rc) {
			xp_gresult_release(&p);
			return rc;
		}
	}
	xp_gresult_release(&p);
	return 1;
}

static bool is_due(const struct xp_guests *g, const struct xp_guest *guest, uint64_t now)
{
	if (guest->next_ns > now)
		return false;
	if (guest->state == XP_GUEST_WAITS)
		return true;
	return guest->state == XP_GUEST_KNOWN && guest->places.tasks.init_task && g->rest_until_ns <= now &&
	       (guest->wanted || (guest->sampled && guest->late_ns <= now));
}

bool xp_guests_sampled(struct xp_guests *g, uint16_t domid, uint64_t cr3, uint64_t ip)
{
	for (size_t i = g->nr; i-- > 0;) {
		struct xp_guest *guest = &g->v[i];

		if (guest->domid != domid)
			continue;
		guest->sampled = true;
		guest->wanted |= xp_guest_processes_sampled(&guest->processes, cr3, ip);
		return true;
	}
	return false;
}

bool xp_guests_module_sampled(struct xp_guests *g, uint16_t domid)
{
	for (size_t i = g->nr; i-- > 0;) {
		if (g->v[i].domid != domid)
			continue;
		g->v[i].modules_sampled = true;
		return true;
	}
	return false;
}

int xp_guests_poll(struct xp_guests *g, uint64_t tsc, struct xp_err *err)
{
	size_t first = g->reading + 1; /* all get their turn */
	uint64_t now;
	int rc;

	g->polled = true;
	if (!g->nr)
		return 0;
	rc = take(g, err);
	if (rc < 0)
		return rc;
	now = xp_clock_ns(CLOCK_MONOTONIC);
	for (size_t i = 0; i < g->nr; i++) {
		size_t next = (first + i) % g->nr;

		g->v[next].processes.checks = 0;
		if (!g->reader.pid && is_due(g, &g->v[next], now))
			start(g, next, g->v[next].late_ns <= now, false, tsc);
	}
	return 0;
}

static int wait_for_reader(struct xp_guests *g, struct xp_err *err)
{
	const struct timespec tick = { 0, 5000000 };
	uint64_t end = xp_clock_ns(CLOCK_MONOTONIC) + LAST_WAIT_NS;
	struct xp_err why;
	int rc;

	while (!(rc = take(g, err)) && xp_clock_ns(CLOCK_MONOTONIC) < end)
		nanosleep(&tick, NULL);
	if (rc)
		return rc < 0 ? rc : 0;
	xp_greader_stop(&g->reader);
	g->v[g->reading].tries = 1;
	failed(&g->v[g->reading], xp_fail(&why, XP_E_SYSTEM, "reading its memory took too long"), &why);
	return 0;
}

/* In the end: one that came meanwhile and was not up yet may be by now (firmware and boot loaders take their time). */
static bool is_worth_it(const struct xp_guest *guest)
{
	if (guest->state == XP_GUEST_KNOWN)
		return (guest->sampled || guest->modules_sampled) && !guest->gone;
	return guest->state == XP_GUEST_WAITS || (guest->early && guest->came);
}

int xp_guests_finish(struct xp_guests *g, uint64_t tsc, struct xp_err *err)
{
	int rc = g->nr ? wait_for_reader(g, err) : 0;

	for (size_t i = 0; !rc && i < g->nr; i++) {
		struct xp_guest *guest = &g->v[i];

		if (!is_worth_it(guest))
			continue;
		guest->tries = 1; /* there is no later */
		start(g, i, true, true, tsc);
		rc = wait_for_reader(g, err);
	}
	return rc;
}

/* What was kept was there when the session began, and is not now: so it is read after all. */
int xp_guests_read_again(struct xp_guests *g, size_t i, struct xp_err *err)
{
	struct xp_guest *guest = &g->v[i];

	close(guest->fd);
	guest->fd = -1;
	guest->state = XP_GUEST_WAITS;
	guest->tries = 1;
	start(g, i, true, true, g->started_tsc);
	return wait_for_reader(g, err);
}
