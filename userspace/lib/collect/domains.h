/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which domain had which id, and when: from Xen's DOMAIN records.
 *
 * The rings are read one after the other, so the records of one moment come in
 * any order. A domain is written to the profile one pass after it was first
 * seen: by then every record that was older has been read, and its `from` is
 * final. Another handle under the same id ends the one before.
 */
#ifndef XP_COLLECT_DOMAINS_H
#define XP_COLLECT_DOMAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/profile/profile.h"

struct xp_domain_entry {
	struct xp_domain domain; /* name is owned */
	unsigned int seen_pass;
	unsigned int name_tries; /* left, while it has no name */
	bool changed;            /* since it was written */
};

struct xp_domains {
	struct xp_domain_entry *entries;
	size_t nr, room;
	unsigned int pass;
};

/* Copies the name of (domid, uuid), "" if it is not known (yet). */
typedef void (*xp_domain_name_fn)(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size);

void xp_domains_init(struct xp_domains *d);
void xp_domains_release(struct xp_domains *d);

/* Takes in one record. */
int xp_domains_note(struct xp_domains *d, const struct xprof_domain *record, struct xp_err *err);

/* All rings have been read once more. */
void xp_domains_next_pass(struct xp_domains *d);

/* Who wants to know of domains: sink in collect.h. Any function may be NULL. */
struct xp_domains_sink {
	void *arg;
	xp_domain_name_fn name;
	int (*written)(void *arg, const struct xp_domain *domain, struct xp_err *err);
};

/* About once a second: looks names up, writes what is new or has changed. last: all, whatever the pass. */
int xp_domains_write(struct xp_domains *d, struct xp_writer *w, const struct xp_domains_sink *sink, bool last,
		     struct xp_err *err);

/* Another profile is begun: all are written again. */
void xp_domains_forget_written(struct xp_domains *d);

#endif
