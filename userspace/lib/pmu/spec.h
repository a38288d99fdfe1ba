/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands after -e: NAME[:PERIOD][:MODIFIERS][,NAME…], as values. Names
 * are not looked up: that needs a CPU.
 */
#ifndef XP_PMU_SPEC_H
#define XP_PMU_SPEC_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "xprof.h"

#define XP_EVENT_LETTERS "xkuGH" /* x Xen, k kernel, u user, G guests, H dom0 */
#define XP_EVENT_TIMER "timer"   /* time, not a counter */

struct xp_event_spec {
	char name[32];
	uint64_t period;   /* events (nanoseconds for the timer); 0: none was given */
	char modifiers[8]; /* of XP_EVENT_LETTERS, each once, in that order */
};

struct xp_event_specs {
	size_t nr;
	struct xp_event_spec of[XPROF_MAX_EVENTS];
};

/* Appends the events of text. XP_E_USAGE shows what was typed and what would have been right. */
int xp_event_specs_add(struct xp_event_specs *s, const char *text, struct xp_err *err);

/* One event; text is all of it. */
int xp_event_spec_parse(struct xp_event_spec *spec, const char *text, size_t len, struct xp_err *err);

#endif
