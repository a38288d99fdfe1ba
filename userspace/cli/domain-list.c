// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/domain-list.h"

#include "cli/cli.h"

int cli_domain_list_set(struct cli_domain_list *l, const char *verb, const char *text)
{
	char *name, *next;

	cli_domain_list_release(l);
	l->text = strdup(text);
	if (!l->text)
		return cli_usage(verb, "no memory");
	for (name = l->text; name; name = next) {
		next = strchr(name, ',');
		if (next)
			*next++ = '\0';
		if (l->nr == CLI_MAX_DOMAINS)
			return cli_usage(verb, "more than %d domains", CLI_MAX_DOMAINS);
		l->v[l->nr++] = name;
	}
	return 0;
}

void cli_domain_list_release(struct cli_domain_list *l)
{
	free(l->text);
	l->text = NULL;
	l->nr = 0;
}
