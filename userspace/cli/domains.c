// SPDX-License-Identifier: GPL-2.0-or-later
/* --domain: names and ids, as the domains that there are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sampled.h"
#include "lib/base/nearest.h"

#define NAME 128

struct there {
	uint16_t domid;
	char name[NAME];
};

static struct there *list_there(struct xp_xen *xen, int *nr, struct xp_err *err)
{
	struct xp_xen_domain *domains = NULL;
	struct there *there;

	*nr = xp_xen_domains(xen, &domains, err);
	if (*nr < 0)
		return NULL;
	there = calloc((size_t)*nr + 1, sizeof(*there));
	for (int i = 0; there && i < *nr; i++) {
		there[i].domid = domains[i].domid;
		xp_xen_domain_name(xen, domains[i].domid, domains[i].uuid, there[i].name, NAME);
	}
	free(domains);
	if (!there)
		xp_fail(err, XP_E_NOMEM, "no memory for the list of domains");
	else
		there[(*nr)++] = (struct there){ XPROF_DOMID_IDLE, "[idle]" };
	return there;
}

static bool is_meant(const struct there *t, const char *want)
{
	char id[16];

	snprintf(id, sizeof(id), "%u", t->domid);
	return !strcmp(want, t->name) || !strcmp(want, id);
}

static int fail_unknown(const struct there *there, int nr, const char *want, struct xp_err *err)
{
	struct xp_nearest near;

	xp_nearest_init(&near, want);
	for (int i = 0; i < nr; i++)
		if (there[i].name[0])
			xp_nearest_offer(&near, there[i].name);
	if (near.best)
		return xp_fail(err, XP_E_ABSENT, "there is no domain '%s': did you mean '%s'?", want, near.best);
	return xp_fail(err, XP_E_ABSENT, "there is no domain '%s' ('xl list' shows those that there are)", want);
}

static bool has(const struct cli_sampled *s, uint16_t domid)
{
	for (size_t i = 0; i < s->nr_domids; i++)
		if (s->domids[i] == domid)
			return true;
	return false;
}

static void note(struct cli_sampled *s, const struct there *t)
{
	size_t at = strlen(s->domains);

	s->domids[s->nr_domids++] = t->domid;
	snprintf(s->domains + at, sizeof(s->domains) - at, "%s%s (%u)", at ? ", " : "", t->name, t->domid);
}

/* Two domains may have one name: both are meant. */
static int find_one(struct cli_sampled *s, const struct there *there, int nr, const char *want, struct xp_err *err)
{
	bool found = false;

	for (int i = 0; i < nr; i++) {
		if (!is_meant(&there[i], want))
			continue;
		found = true;
		if (s->nr_domids == CLI_MAX_DOMAINS)
			return xp_fail(err, XP_E_USAGE, "--domain: more than %u domains", CLI_MAX_DOMAINS);
		if (!has(s, there[i].domid))
			note(s, &there[i]);
	}
	return found ? 0 : fail_unknown(there, nr, want, err);
}

int cli_find_domains(struct xp_xen *xen, const char *list, struct cli_sampled *s, struct xp_err *err)
{
	char want[NAME];
	int nr = 0, ret = 0;
	struct there *there = list_there(xen, &nr, err);

	if (!there)
		return nr < 0 ? nr : XP_E_NOMEM;
	for (; ret == 0; list++) {
		size_t len = strcspn(list, ",");

		snprintf(want, sizeof(want), "%.*s", (int)(len < NAME ? len : NAME - 1), list);
		ret = find_one(s, there, nr, want, err);
		list += len;
		if (!*list)
			break;
	}
	free(there);
	return ret;
}
