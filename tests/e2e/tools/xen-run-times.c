// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Prints Xen's own run-time accounting, which `xl list` and `xl vcpu-list` show rounded, at one moment:
 *
 *   tsc TSC                          before the first of these is read
 *   vcpu DOMID VCPU NANOSECONDS PCPU
 *   tsc TSC                          behind the last one
 */
#include <inttypes.h>
#include <stdio.h>
#include <x86intrin.h>
#include <xenctrl.h>

#define MAX_DOMAINS 64
#define MAX_VCPUS 256

struct row {
	uint32_t domid, vcpu;
	xc_vcpuinfo_t info;
};

static struct row rows[MAX_VCPUS];
static unsigned int nr_rows;

static int read_domain(xc_interface *xch, const xc_domaininfo_t *d)
{
	for (uint32_t vcpu = 0; vcpu <= d->max_vcpu_id && nr_rows < MAX_VCPUS; vcpu++) {
		struct row *r = &rows[nr_rows];

		if (xc_vcpu_getinfo(xch, d->domain, vcpu, &r->info))
			return -1;
		r->domid = d->domain;
		r->vcpu = vcpu;
		nr_rows++;
	}
	return 0;
}

int main(void)
{
	xc_interface *xch = xc_interface_open(NULL, NULL, 0);
	xc_domaininfo_t domains[MAX_DOMAINS];
	uint64_t before, after;
	int n = xch ? xc_domain_getinfolist(xch, 0, MAX_DOMAINS, domains) : -1;

	before = __rdtsc();
	for (int i = 0; i < n; i++)
		if (read_domain(xch, &domains[i]))
			n = -1;
	after = __rdtsc();
	if (n < 0) {
		perror("xen-run-times");
		return 1;
	}
	printf("tsc %" PRIu64 "\n", before);
	for (unsigned int i = 0; i < nr_rows; i++)
		printf("vcpu %u %u %" PRIu64 " %u\n", rows[i].domid, rows[i].vcpu, (uint64_t)rows[i].info.cpu_time, rows[i].info.cpu);
	printf("tsc %" PRIu64 "\n", after);
	xc_interface_close(xch);
	return 0;
}
