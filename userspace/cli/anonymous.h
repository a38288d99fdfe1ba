/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --anonymize[=SALT], for verbs that print a profile. */
#ifndef XP_CLI_ANONYMOUS_H
#define XP_CLI_ANONYMOUS_H

#include "lib/agg/agg.h"
#include "lib/anon/anon.h"

struct cli_anonymous {
	bool wanted;
	const char *salt;     /* NULL: a random one */
	struct xp_anon anon;
};

/* The option was given, with what getopt has as its argument. 0, or the exit status: an empty salt is none. */
int cli_anonymous_option(struct cli_anonymous *c, const char *verb, const char *argument);

/*
 * If it was wanted: replaces the names in p (which must not be used after cli_anonymous_release()), and those of domains
 * in domains[], which are as the user knows them. 0 or the exit status; the error has been printed.
 */
int cli_anonymous_apply(struct cli_anonymous *c, struct xp_profile *p, const char **domains, size_t nr_domains);
/* The same for several profiles: what is the same in them stays the same. */
int cli_anonymous_apply_all(struct cli_anonymous *c, struct xp_profile *const *profiles, size_t nr, const char **domains,
			    size_t nr_domains);
void cli_anonymous_release(struct cli_anonymous *c);

#endif
