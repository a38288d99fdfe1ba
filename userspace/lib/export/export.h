/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile in another tool's format. Names come from the profile alone and are
 * escaped (lib/base/text.h) before they get anywhere.
 */
#ifndef XP_EXPORT_EXPORT_H
#define XP_EXPORT_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/agg/agg.h"

struct xp_export_options {
	struct xp_filter filter;
	size_t event;             /* of formats that hold one: which */
};

struct xp_export_format {
	const char *name;         /* as users write it */
	const char *suffix;       /* of files: ".pb.gz" */
	const char *what;         /* one line, for help */
	bool one_event;           /* holds only one */
	bool binary;              /* nothing for a terminal */
	int (*write)(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
};

/* Ends with a NULL name. */
extern const struct xp_export_format xp_export_formats[];

/* NULL: there is none of that name. */
const struct xp_export_format *xp_export_format(const char *name);

/* Writes p to out, whose errors (ferror()) are the caller's to look at. 0 or an error. */
int xp_export_pprof(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
int xp_export_folded(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
int xp_export_speedscope(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
int xp_export_firefox(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
int xp_export_callgrind(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
int xp_export_chrome(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
int xp_export_perf_script(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
int xp_export_csv(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);
int xp_export_json(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err);

#endif
