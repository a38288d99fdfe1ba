/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -D NAME|ID[,...], of verbs that read a profile. */
#ifndef XP_CLI_DOMAIN_LIST_H
#define XP_CLI_DOMAIN_LIST_H

#include <stddef.h>

#include "lib/profile/profile.h"

#define CLI_MAX_DOMAINS 64

struct cli_domain_list {
	const char *v[CLI_MAX_DOMAINS];
	size_t nr;
	char *text;     /* what they are parts of */
};

/* Given twice the last one counts. 0, or the exit status; the error has been printed. */
int cli_domain_list_set(struct cli_domain_list *l, const char *verb, const char *text);

/*
 * Is every name among them that of a domain in one of these profiles (NULL: no profile)? Ids need not be. XP_EXIT_USAGE: not; what
 * there is was said.
 */
int cli_domain_list_check(const struct cli_domain_list *l, const char *verb, const struct xp_profile *const *p, size_t nr);
void cli_domain_list_release(struct cli_domain_list *l);

#endif
