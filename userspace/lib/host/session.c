// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/host/session.h"

#include <string.h>
#include <unistd.h>

#define LOCK "session.lock"

/* ---- to text and back: each pair shares its keys -------------------------*/

static void put_session(struct xp_state_file *f, const struct xp_session *s)
{
	xp_state_put_u64(f, "pid", s->pid);
	xp_state_put_u64(f, "started_ns", s->started_ns);
	xp_state_put_u64(f, "background", s->background);
	xp_state_put_u64(f, "live", s->live);
	xp_state_put(f, "file", s->file);
	xp_state_put(f, "event", s->event);
	xp_state_put(f, "source", s->source);
}

static void get_session(const struct xp_state_file *f, struct xp_session *s)
{
	s->pid = (uint32_t)xp_state_get_u64(f, "pid");
	s->started_ns = xp_state_get_u64(f, "started_ns");
	s->background = xp_state_get_u64(f, "background");
	s->live = xp_state_get_u64(f, "live");
	xp_state_get(f, "file", s->file, sizeof(s->file));
	xp_state_get(f, "event", s->event, sizeof(s->event));
	xp_state_get(f, "source", s->source, sizeof(s->source));
}

static void put_figures(struct xp_state_file *f, const struct xp_figures *g)
{
	xp_state_put_u64(f, "elapsed_ns", g->elapsed_ns);
	xp_state_put_u64(f, "samples", g->samples);
	xp_state_put_u64(f, "lost", g->lost);
	xp_state_put_u64(f, "bytes", g->bytes);
	xp_state_put_u64(f, "overhead_ppm", g->overhead_ppm);
	xp_state_put_u64(f, "handler_max_ns", g->handler_max_ns);
	xp_state_put_u64(f, "coalesced", g->coalesced);
	xp_state_put_u64(f, "domains", g->domains);
	xp_state_put_u64(f, "cpus", g->cpus);
	xp_state_put_u64(f, "finishing", g->finishing);
}

static void get_figures(const struct xp_state_file *f, struct xp_figures *g)
{
	g->elapsed_ns = xp_state_get_u64(f, "elapsed_ns");
	g->samples = xp_state_get_u64(f, "samples");
	g->lost = xp_state_get_u64(f, "lost");
	g->bytes = xp_state_get_u64(f, "bytes");
	g->overhead_ppm = xp_state_get_u64(f, "overhead_ppm");
	g->handler_max_ns = xp_state_get_u64(f, "handler_max_ns");
	g->coalesced = xp_state_get_u64(f, "coalesced");
	g->domains = (uint32_t)xp_state_get_u64(f, "domains");
	g->cpus = (uint32_t)xp_state_get_u64(f, "cpus");
	g->finishing = xp_state_get_u64(f, "finishing");
}

static void save_result(const struct xp_state *s, const struct xp_result *r)
{
	struct xp_state_file f;
	struct xp_err ignored; /* nobody is left to be told */

	xp_state_clear(&f);
	put_session(&f, &r->session);
	put_figures(&f, &r->figures);
	xp_state_put_u64(&f, "status", r->status);
	xp_state_put(&f, "message", r->message);
	xp_state_put(&f, "warnings", r->warnings);
	xp_state_save(s, "result", &f, &ignored);
}

int xp_result_load(const struct xp_state *s, struct xp_result *r, struct xp_err *err)
{
	struct xp_state_file f;
	int ret = xp_state_load(s, "result", &f, err);

	memset(r, 0, sizeof(*r));
	if (ret < 0)
		return ret;
	get_session(&f, &r->session);
	get_figures(&f, &r->figures);
	r->status = xp_state_get_u64(&f, "status");
	xp_state_get(&f, "message", r->message, sizeof(r->message));
	xp_state_get(&f, "warnings", r->warnings, sizeof(r->warnings));
	return 0;
}

void xp_result_remove(const struct xp_state *s)
{
	xp_state_remove(s, "result");
}

int xp_figures_save(const struct xp_state *s, const struct xp_figures *g, struct xp_err *err)
{
	struct xp_state_file f;

	xp_state_clear(&f);
	put_figures(&f, g);
	return xp_state_save(s, "figures", &f, err);
}

int xp_figures_load(const struct xp_state *s, struct xp_figures *g, struct xp_err *err)
{
	struct xp_state_file f;
	int ret = xp_state_load(s, "figures", &f, err);

	memset(g, 0, sizeof(*g));
	if (ret == 0)
		get_figures(&f, g);
	return ret;
}

/* ---- its life ------------------------------------------------------------*/

int xp_session_busy(const struct xp_session *other, struct xp_err *err)
{
	if (other->live)
		return xp_fail(err, XP_E_BUSY, "process %u is sampling already ('xprof top'): end it there with q, or by 'xprof stop'", other->pid);
	if (!other->file[0])
		return xp_fail(err, XP_E_BUSY, "process %u is counting already ('xprof stat'): 'xprof stop' ends it", other->pid);
	return xp_fail(err, XP_E_BUSY, "process %u is recording already (into %s): 'xprof stop' ends it", other->pid, other->file);
}

int xp_session_claim(struct xp_state *s, const struct xp_session *session, struct xp_err *err)
{
	struct xp_session other = { 0 };
	struct xp_state_file f;
	int lock = xp_state_hold(s, LOCK, err);
	int ret;

	if (lock == XP_E_BUSY) {
		xp_session_find(s, &other);
		return xp_session_busy(&other, err);
	}
	if (lock < 0)
		return lock;
	xp_result_remove(s);
	xp_state_clear(&f);
	put_session(&f, session);
	ret = xp_state_save(s, "session", &f, err);
	if (ret < 0) {
		close(lock);
		return ret;
	}
	return lock;
}

void xp_session_end(struct xp_state *s, int lock, const struct xp_result *result)
{
	if (result)
		save_result(s, result);
	xp_session_forget(s);
	close(lock);
}

enum xp_session_state xp_session_find(const struct xp_state *s, struct xp_session *session)
{
	struct xp_state_file f;
	struct xp_err ignored;
	bool held = xp_state_is_held(s, LOCK);

	memset(session, 0, sizeof(*session));
	if (xp_state_load(s, "session", &f, &ignored) < 0)
		return held ? XP_SESSION_RUNNING : XP_SESSION_NONE;
	get_session(&f, session);
	return held ? XP_SESSION_RUNNING : XP_SESSION_DEAD;
}

void xp_session_forget(struct xp_state *s)
{
	xp_state_remove(s, "figures");
	xp_state_remove(s, "session");
}
