// SPDX-License-Identifier: GPL-2.0-or-later
/* What getopt could not make sense of, said with what was typed and what may have been meant. */
#include <stdio.h>
#include <string.h>

#include "cli/unknown.h"
#include "cli/cli.h"
#include "lib/base/nearest.h"

/* "--colour=x": its name without dashes and value. */
static const char *name_of(const char *typed, char *name, size_t size)
{
	typed += strspn(typed, "-");
	snprintf(name, size, "%.*s", (int)strcspn(typed, "="), typed);
	return name;
}

static int no_such(const char *verb, const char *typed, const struct option *longs)
{
	char name[64], escaped[256];
	struct xp_nearest near;

	xp_nearest_init(&near, name_of(typed, name, sizeof(name)));
	for (; longs->name; longs++)
		xp_nearest_offer(&near, longs->name);
	return cli_usage(verb, "there is no option '%s'%s%s%s", cli_escape(typed, escaped, sizeof(escaped)),
			 near.best ? ": did you mean '--" : "", near.best ? near.best : "", near.best ? "'?" : "");
}

static bool is_long(int value, const struct option *longs)
{
	while (longs->name && longs->val != value)
		longs++;
	return longs->name;
}

int cli_unknown_option(const char *verb, int c, char **argv, const struct option *longs)
{
	const char *typed = argv[optind - 1];
	char letter[] = { '-', (char)optopt, '\0' }, escaped[256];

	if (c == ':')
		return cli_usage(verb, "option '%s' needs a value", cli_escape(typed, escaped, sizeof(escaped)));
	if (optopt && !strncmp(typed, "--", 2) && is_long(optopt, longs))
		return cli_usage(verb, "option '%s' takes no value", cli_escape(typed, escaped, sizeof(escaped)));
	if (optopt)
		return cli_usage(verb, "there is no option '%s'", cli_escape(letter, escaped, sizeof(escaped)));
	return no_such(verb, typed, longs);
}
