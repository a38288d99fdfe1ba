// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/anonymous.h"

#include <string.h>

#include "cli/cli.h"

int cli_anonymous_option(struct cli_anonymous *c, const char *verb, const char *argument)
{
	if (argument && !*argument)
		return cli_usage(verb, "--anonymize=: a salt is missing; without '=' a random one is taken");
	c->wanted = true;
	c->salt = argument;
	return 0;
}

/* By id they are found as they are. */
static bool is_id(const char *domain)
{
	return *domain && !domain[strspn(domain, "0123456789")];
}

int cli_anonymous_apply_all(struct cli_anonymous *c, struct xp_profile *const *profiles, size_t nr, const char **domains,
			    size_t nr_domains)
{
	struct xp_err err = { "" };
	int rc;

	if (!c->wanted)
		return 0;
	rc = xp_anon_init(&c->anon, c->salt, &err);
	if (rc)
		return cli_fail(rc, &err);
	for (size_t i = 0; i < nr_domains; i++)
		if (!is_id(domains[i]))
			domains[i] = xp_anon_domain(&c->anon, domains[i]);
	for (size_t i = 0; i < nr && !rc; i++)
		rc = xp_anonymize(&c->anon, profiles[i], &err);
	return rc ? cli_fail(rc, &err) : 0;
}

int cli_anonymous_apply(struct cli_anonymous *c, struct xp_profile *p, const char **domains, size_t nr_domains)
{
	return cli_anonymous_apply_all(c, &p, 1, domains, nr_domains);
}

void cli_anonymous_release(struct cli_anonymous *c)
{
	if (c->wanted)
		xp_anon_release(&c->anon);
}
