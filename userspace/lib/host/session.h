/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one session of this host, as other commands see it: who collects what
 * into which file, how far it is, and what came of it. On top of state.h.
 */
#ifndef XP_HOST_SESSION_H
#define XP_HOST_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/host/state.h"

struct xp_session {
	uint32_t pid;            /* the collector */
	uint64_t started_ns;     /* CLOCK_REALTIME */
	bool background;         /* by 'start', else by 'record' */
	bool live;               /* by 'top': it is looked at, and not recorded */
	char file[4096];         /* absolute; "": it counts ('stat'), or is live, and records nothing */
	char event[256];         /* as users write them: "timer", "cycles,llc-misses" */
	char source[16];
};

struct xp_figures {
	uint64_t elapsed_ns;
	uint64_t samples;        /* delivered and kept */
	uint64_t lost;
	uint64_t bytes;          /* of the file so far */
	uint64_t overhead_ppm;   /* share of all CPUs' time that the NMI handler took, in millionths */
	uint64_t handler_max_ns; /* the longest single run of the handler */
	uint64_t coalesced;      /* ticks that found the ones before still pending */
	uint32_t domains;
	uint32_t cpus;
	bool finishing;          /* sampling is over, names and the rest are being written */
};

struct xp_result {
	struct xp_session session;
	struct xp_figures figures;
	uint64_t status;         /* exit status of the collector */
	char message[1024];      /* why it ended, "" if it was told to */
	char warnings[4096];     /* lines */
};

/* XP_E_BUSY, and the text says whose this session is and what ends it. */
int xp_session_busy(const struct xp_session *other, struct xp_err *err);

/*
 * Becomes the session: takes session.lock for the life of this process and
 * publishes who it is. Returns the lock's descriptor; XP_E_BUSY names the
 * PID that has it.
 */
int xp_session_claim(struct xp_state *s, const struct xp_session *session, struct xp_err *err);

/* Ends it: figures and session go; result, if not NULL, is left for 'stop'. */
void xp_session_end(struct xp_state *s, int lock, const struct xp_result *result);

enum xp_session_state {
	XP_SESSION_NONE,
	XP_SESSION_RUNNING,
	XP_SESSION_DEAD,     /* its collector was killed: *session says which */
};
enum xp_session_state xp_session_find(const struct xp_state *s, struct xp_session *session);
void xp_session_forget(struct xp_state *s); /* a dead one */

int xp_figures_save(const struct xp_state *s, const struct xp_figures *f, struct xp_err *err);
int xp_figures_load(const struct xp_state *s, struct xp_figures *f, struct xp_err *err);
int xp_result_load(const struct xp_state *s, struct xp_result *r, struct xp_err *err); /* XP_E_ABSENT */
void xp_result_remove(const struct xp_state *s);

#endif
