// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/host/pools.h"

#include <stdio.h>
#include <stdlib.h>

#include <xenctrl.h>
#include <xenstore.h>

#include "lib/base/cpulist.h"

static char *pool_name(struct xp_xen *xen, uint32_t pool)
{
	char path[64];
	unsigned int len;

	snprintf(path, sizeof(path), "/local/pool/%u/name", pool);
	return xen->xs ? xs_read(xen->xs, XBT_NULL, path, &len) : NULL;
}

static void put_domains(struct xp_xen *xen, FILE *out, uint32_t pool, const struct xp_xen_domain *domains, int nr)
{
	const char *before = " (";

	for (int i = 0; i < nr; i++) {
		char name[256];

		if (domains[i].pool != pool)
			continue;
		xp_xen_domain_name(xen, domains[i].domid, domains[i].uuid, name, sizeof(name));
		fputs(before, out);
		if (name[0])
			fputs(name, out);
		else
			fprintf(out, "domain %u", domains[i].domid);
		before = ", ";
	}
	if (before[0] == ',')
		fputc(')', out);
}

static void put_pool(struct xp_xen *xen, FILE *out, const xc_cpupoolinfo_t *info)
{
	char cpus[512];
	char *name = pool_name(xen, info->cpupool_id);

	if (name)
		fprintf(out, "%s: ", name);
	else
		fprintf(out, "pool %u: ", info->cpupool_id);
	free(name);
	if (!xp_cpu_list(info->cpumap, (size_t)xc_get_max_cpus(xen->xch), cpus, sizeof(cpus)))
		snprintf(cpus, sizeof(cpus), "too many to list");
	fprintf(out, "%s, %s%s", xp_xen_scheduler_name((int)info->sched_id), cpus[0] ? "CPUs " : "no CPU", cpus);
}

static void put_pools(struct xp_xen *xen, FILE *out, const struct xp_xen_domain *domains, int nr)
{
	xc_cpupoolinfo_t *info;
	bool any = false;

	/* The first whose number is this or higher; NULL: there is none. */
	for (uint32_t next = 0; (info = xc_cpupool_getinfo(xen->xch, next)) && info->cpupool_id >= next; any = true) {
		fputs(any ? "; " : "", out);
		put_pool(xen, out, info);
		if (any)
			put_domains(xen, out, info->cpupool_id, domains, nr);
		next = info->cpupool_id + 1;
		xc_cpupool_infofree(xen->xch, info);
	}
	if (info)
		xc_cpupool_infofree(xen->xch, info);
}

char *xp_xen_pools(struct xp_xen *xen)
{
	struct xp_xen_domain *domains = NULL;
	char *text = NULL;
	size_t len = 0;
	struct xp_err err;
	FILE *out = xc_get_max_cpus(xen->xch) > 0 ? open_memstream(&text, &len) : NULL;
	int nr;

	if (!out)
		return NULL;
	nr = xp_xen_domains(xen, &domains, &err);
	put_pools(xen, out, domains, nr > 0 ? nr : 0);
	free(domains);
	if (fclose(out) || !len) {
		free(text);
		return NULL;
	}
	return text;
}
