/* SPDX-License-Identifier: GPL-2.0-or-later */
/* -D NAME|ID[,...], of verbs that read a profile. */
#ifndef XP_CLI_DOMAIN_LIST_H
#define XP_CLI_DOMAIN_LIST_H

#include <stddef.h>

#define CLI_MAX_DOMAINS 64

struct cli_domain_list {
	const char *v[CLI_MAX_DOMAINS];
	size_t nr;
	char *text;     /* what they are parts of */
};

/* Given twice the last one counts. 0, or the exit status; the error has been printed. */
int cli_domain_list_set(struct cli_domain_list *l, const char *verb, const char *text);
void cli_domain_list_release(struct cli_domain_list *l);

#endif
