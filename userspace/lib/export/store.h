/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile as stores of profiles take it: one message for each domain, since a domain is a label of their series, and
 * those must be few. vCPU and CPU are left out for the same reason; the process is the outermost frame of each stack.
 * Domains of one name (one that was started anew) are one; idle CPUs are none.
 */
#ifndef XP_EXPORT_STORE_H
#define XP_EXPORT_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/agg/agg.h"
#include "lib/base/buf.h"

struct xp_store_label { const char *name, *value; };

struct xp_store_options {
	const struct xp_store_label *labels; /* of all domains */
	size_t nr_labels;
	uint8_t id[16];                      /* of the profile: each message has one of its own that follows from it */
};

/* Of this domain: its labels are the options' and domain=NAME. data is gzip'ed; all pointers are valid during the call only. */
struct xp_store_message {
	const char *domain;
	const uint8_t *id;                   /* 16 bytes: the same for the same profile, domain and kind of message */
	const void *data;
	size_t len;
};
/* Not 0 ends it all and is returned. */
typedef int (*xp_store_fn)(void *arg, const struct xp_store_message *message, struct xp_err *err);

/* profile.proto, as 'xprof export -f pprof' has it but for the labels. */
int xp_store_pprof(struct xp_profile *p, const struct xp_store_options *o, xp_store_fn each, void *arg, struct xp_err *err);

/*
 * ExportProfilesServiceRequest [open-telemetry/opentelemetry-proto @ac2c4b5, version 1.11, profiles v1development], a
 * Profile for each event. Labels are attributes of the resource.
 */
int xp_store_otlp(struct xp_profile *p, const struct xp_store_options *o, xp_store_fn each, void *arg, struct xp_err *err);

/* ---- for those two (store.c) ---- */

struct xp_stacks;

/* One domain's part of the stacks: for each of the aggregate's domains whether it is of this name. */
struct xp_store_part {
	const char *domain;
	const bool *wanted;
	uint8_t id[16];
};
/* Appends a part's message, gzip'ed, to gz. */
typedef int (*xp_store_encode_fn)(const struct xp_stacks *s, const struct xp_store_options *o, const struct xp_store_part *part,
				  struct xp_buf *gz, struct xp_err *err);
/* Each domain's message, as encode makes it, to each(). */
int xp_store_each_domain(struct xp_profile *p, const struct xp_store_options *o, xp_store_encode_fn encode, xp_store_fn each, void *arg,
			 struct xp_err *err);

/* Appends what b holds, gzip'ed. False: no memory. */
bool xp_store_gzip(struct xp_buf *out, const struct xp_buf *b);

#endif
