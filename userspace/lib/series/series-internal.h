/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this folder share. Functions that return int return 0, or an error that ends the recording. */
#ifndef XP_SERIES_INTERNAL_H
#define XP_SERIES_INTERNAL_H

#include "lib/series/host.h"
#include "lib/series/series.h"
#include "lib/series/vifs.h"

#define XP_SERIES_FOREIGN 16 /* interfaces of one domain with a backend elsewhere; more are not followed */

struct xp_series_foreign {
	struct xp_host_vif vif;
	uint32_t index;
	bool seen;
};

struct xp_series_domain {
	uint16_t domid, nr_vcpus;
	uint8_t uuid[16];
	uint32_t index;
	bool seen, named;
	unsigned int name_tries; /* left */
	char **pins;             /* of nr_pins vCPUs, as written last; NULL: not yet */
	size_t nr_pins;
	struct xp_series_foreign foreign[XP_SERIES_FOREIGN];
	size_t nr_foreign;
	uint64_t looked;         /* reading at which its interfaces were looked for, plus 1 */
};

struct xp_series {
	struct xp_writer *w;
	struct xp_series_config config;
	uint64_t due_ns, readings;
	char *said[XP_SERIES_NR_WHAT]; /* why, as written last; NULL: nothing yet */
	struct xp_series_domain *domains;
	size_t nr_domains, room;
	uint32_t next_domain, next_vif;
	struct xp_vifs vifs;
};

uint64_t xp_series_tsc(const struct xp_series *s); /* Xen's, now */
int xp_series_put(struct xp_series *s, const struct xp_series_record *r, struct xp_err *err);
int xp_series_source(struct xp_series *s, enum xp_series_what what, const char *why, struct xp_err *err); /* if it changed */
int xp_series_gone(struct xp_series *s, uint8_t of, uint32_t index, struct xp_err *err);

/* domains.c: which domains there are, and their CPU time. */
int xp_series_read_domains(struct xp_series *s, struct xp_err *err);
void xp_series_release_domains(struct xp_series *s);

/* vcpus.c */
int xp_series_read_vcpus(struct xp_series *s, struct xp_err *err);
int xp_series_read_pins(struct xp_series *s, struct xp_err *err);

/* traffic.c: interfaces whose backend is here, and those whose is elsewhere. */
int xp_series_read_links(struct xp_series *s, struct xp_err *err);
int xp_series_read_foreign(struct xp_series *s, struct xp_err *err);
int xp_series_end_foreign(struct xp_series *s, struct xp_series_domain *d, struct xp_err *err);

#endif
