/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Readings of the host's counters, once a second, into a profile: CPU time, run-state times, place and pinning of each
 * vCPU; packets, bytes and pure ACKs of each virtual network interface. Nothing here needs a session or sampling.
 *
 * What cannot be had is said in the profile (a SOURCE record with the reason) and never guessed: no failure here
 * ends a recording, but for one of the writer.
 */
#ifndef XP_SERIES_SERIES_H
#define XP_SERIES_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/profile/profile.h"

struct xp_series_host;

struct xp_series_config {
	const struct xp_series_host *host; /* who answers; borrowed */
	uint64_t interval_ns;              /* from one reading to the next */
	int64_t tsc_offset;                /* this kernel's TSC minus Xen's */
};

struct xp_series;

/* Borrows the writer. Reads for the first time. XP_E_NOMEM, or an error of the writer. */
int xp_series_open(struct xp_series **s, struct xp_writer *w, const struct xp_series_config *config, struct xp_err *err);

/* Call often: reads when it is time. last: in any case. Errors as above. NULL: does nothing. */
int xp_series_poll(struct xp_series *s, bool last, struct xp_err *err);

void xp_series_close(struct xp_series *s);

#endif
