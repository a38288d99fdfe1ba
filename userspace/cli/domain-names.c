// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/domain-names.h"

#include <stdlib.h>
#include <string.h>

static struct cli_domain_name *find(const struct cli_domain_names *n, uint16_t domid, const uint8_t uuid[16])
{
	for (size_t i = 0; i < n->nr; i++)
		if (n->of[i].domid == domid && !memcmp(n->of[i].uuid, uuid, sizeof(n->of[i].uuid)))
			return &n->of[i];
	return NULL;
}

static struct cli_domain_name *add(struct cli_domain_names *n, uint16_t domid, const uint8_t uuid[16])
{
	void *p = realloc(n->of, (n->nr + 1) * sizeof(*n->of));
	struct cli_domain_name *d;

	if (!p)
		return NULL;
	n->of = p;
	d = &n->of[n->nr++];
	memset(d, 0, sizeof(*d));
	d->domid = domid;
	memcpy(d->uuid, uuid, sizeof(d->uuid));
	return d;
}

void cli_domain_names_refresh(struct cli_domain_names *n, struct xp_xen *xen)
{
	struct xp_xen_domain *domains = NULL;
	struct xp_err ignored;
	int nr = xp_xen_domains(xen, &domains, &ignored);

	for (int i = 0; i < nr; i++) {
		struct cli_domain_name *d = find(n, domains[i].domid, domains[i].uuid);

		if (!d)
			d = add(n, domains[i].domid, domains[i].uuid);
		if (d && !d->name[0])
			xp_xen_domain_name(xen, d->domid, d->uuid, d->name, sizeof(d->name));
	}
	free(domains);
}

const char *cli_domain_names_get(const struct cli_domain_names *n, uint16_t domid, const uint8_t uuid[16])
{
	const struct cli_domain_name *d = find(n, domid, uuid);

	return d ? d->name : "";
}

void cli_domain_names_release(struct cli_domain_names *n)
{
	free(n->of);
	memset(n, 0, sizeof(*n));
}
