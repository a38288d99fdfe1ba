/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/series/host-xen.h"

#include <ctype.h>
#include <stdio.h>

#include <xenctrl.h>
#include <xenstore.h>

#include "lib/base/cpulist.h"
#include "lib/series/run-states.h"

#define MAX_DOMAINS 32768u
#define MAX_VCPUS 4096u /* of a domain; Xen's own limit is lower */

/* ---- domains -------------------------------------------------------------*/

/* As many as there are: the list was whole when it leaves room. */
static xc_domaininfo_t *domain_infos(xc_interface *xch, int *nr)
{
	xc_domaininfo_t *list = NULL;
	unsigned int room = 32;

	do {
		room *= 2;
		free(list);
		list = calloc(room, sizeof(*list));
		if (!list)
			return NULL;
		*nr = xc_domain_getinfolist(xch, 0, room, list);
	} while (*nr == (int)room && room < MAX_DOMAINS);
	return list;
}

static void set_domain(struct xp_host_domain *d, const xc_domaininfo_t *info)
{
	d->domid = info->domain;
	memcpy(d->uuid, info->handle, sizeof(d->uuid));
	d->vcpus_online = (uint16_t)info->nr_online_vcpus;
	/* max_vcpu_id of a domain without vCPUs is all ones */
	d->nr_vcpus = info->max_vcpu_id < MAX_VCPUS ? (uint16_t)(info->max_vcpu_id + 1) : 0;
	d->flags = (uint8_t)((info->flags & XEN_DOMINF_paused ? XP_SERIES_PAUSED : 0) |
			     (info->flags & XEN_DOMINF_dying ? XP_SERIES_DYING : 0));
	d->cpu_ns = info->cpu_time;
	d->running = info->flags & XEN_DOMINF_running;
	d->blocked = info->flags & XEN_DOMINF_blocked;
	d->shut_down = info->flags & XEN_DOMINF_shutdown;
	d->crashed = d->shut_down && (info->flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask) == SHUTDOWN_crash;
	d->memory_kib = info->tot_pages * (XC_PAGE_SIZE / 1024);
	d->max_memory_kib = info->max_pages < UINT32_MAX ? info->max_pages * (XC_PAGE_SIZE / 1024) : UINT64_MAX;
}

static int host_domains(void *arg, struct xp_host_domain **list, size_t *nr, struct xp_err *err)
{
	struct xp_host_xen *x = arg;
	struct xp_host_domain *d;
	xc_domaininfo_t *infos;
	int n = -1;

	infos = domain_infos(x->xch, &n);
	d = calloc(n > 0 ? (size_t)n : 1, sizeof(*d));
	if (!infos || !d || n < 0) {
		int ret = infos && d ? xp_fail_errno(err, XP_E_SYSTEM, "Xen does not list its domains")
				     : xp_fail(err, XP_E_NOMEM, "no memory for the list of domains");

		free(infos);
		free(d);
		return ret;
	}
	for (int i = 0; i < n; i++)
		set_domain(&d[i], &infos[i]);
	free(infos);
	*list = d;
	*nr = (size_t)n;
	return 0;
}

/* ---- vCPUs ---------------------------------------------------------------*/

static int host_run_states(void *arg, struct xp_host_vcpu **list, size_t *nr, struct xp_err *err)
{
	struct xp_host_xen *x = arg;

	return xp_xen_run_states(x->xch, list, nr, err);
}

static uint8_t state_of(const xc_vcpuinfo_t *info)
{
	if (!info->online)
		return XP_OFFLINE;
	if (info->running)
		return XP_RUNNING;
	return info->blocked ? XP_BLOCKED : XP_RUNNABLE;
}

static int host_vcpu(void *arg, uint16_t domid, uint16_t vcpu, struct xp_host_vcpu *out, struct xp_err *err)
{
	struct xp_host_xen *x = arg;
	xc_vcpuinfo_t info;

	if (xc_vcpu_getinfo(x->xch, domid, vcpu, &info))
		return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not tell vCPU %u of domain %u", vcpu, domid);
	memset(out, 0, sizeof(*out));
	out->domid = domid;
	out->vcpu = vcpu;
	out->cpu = info.cpu;
	out->state = state_of(&info);
	out->nr = 1;
	out->ns[XP_RUNNING] = info.cpu_time;
	return 0;
}

/* ---- pinning -------------------------------------------------------------*/

static int host_pin(void *arg, uint16_t domid, uint16_t vcpu, char *text, size_t size, struct xp_err *err)
{
	struct xp_host_xen *x = arg;
	int nr_cpus = xc_get_max_cpus(x->xch);

	if (!x->cpumap)
		x->cpumap = xc_cpumap_alloc(x->xch);
	if (nr_cpus <= 0 || !x->cpumap || xc_vcpu_getaffinity(x->xch, domid, vcpu, x->cpumap, NULL, XEN_VCPUAFFINITY_HARD))
		return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not tell vCPUs' affinity");
	if (!xp_cpu_list(x->cpumap, (size_t)nr_cpus, text, size))
		return xp_fail(err, XP_E_SYSTEM, "a vCPU's affinity is too long a list");
	return 0;
}

/* ---- the store -----------------------------------------------------------*/

static char *store_read(struct xp_host_xen *x, const char *path)
{
	unsigned int len;

	return xs_read(x->xs, XBT_NULL, path, &len);
}

static bool parse_u16(const char *text, uint16_t *n)
{
	unsigned int value;
	char rest;

	if (!text || sscanf(text, "%u%c", &value, &rest) != 1 || value > UINT16_MAX)
		return false;
	*n = (uint16_t)value;
	return true;
}

/* What the toolstack wrote; the guest's own folder (its frontend) is not asked, it may say anything. */
static bool read_vif(struct xp_host_xen *x, uint16_t domid, const char *devid, struct xp_host_vif *vif)
{
	char path[96], *text;
	unsigned int backend, dom;
	bool ok;

	snprintf(path, sizeof(path), "/libxl/%u/device/vif/%.8s/backend", domid, devid);
	text = store_read(x, path);
	ok = text && sscanf(text, "/local/domain/%u/backend/vif/%u/", &backend, &dom) == 2 && backend <= UINT16_MAX &&
	     parse_u16(devid, &vif->devid);
	if (ok)
		vif->backend = (uint16_t)backend;
	free(text);
	return ok;
}

static size_t host_vifs(void *arg, uint16_t domid, struct xp_host_vif *list, size_t room)
{
	struct xp_host_xen *x = arg;
	unsigned int n = 0;
	size_t nr = 0;
	char path[64], **names;

	if (!x->xs)
		return 0;
	snprintf(path, sizeof(path), "/libxl/%u/device/vif", domid);
	names = xs_directory(x->xs, XBT_NULL, path, &n);
	for (unsigned int i = 0; names && i < n && nr < room; i++)
		nr += read_vif(x, domid, names[i], &list[nr]);
	free(names);
	return nr;
}

/* Digits and single spaces, nothing else: a domain wrote it. */
static int parse_numbers(const char *text, uint64_t *n, int room)
{
	int got = 0;

	while (got < room && isdigit((unsigned char)*text)) {
		char *end;

		n[got++] = strtoull(text, &end, 10);
		if (!*end)
			return got;
		text = end + (*end == ' ');
	}
	return -1;
}

bool xp_host_parse_told(const char *text, struct xp_series_record *r)
{
	uint64_t n[6] = { 0 };
	int got = parse_numbers(text, n, 6);

	if (got != 4 && got != 6)
		return false;
	memset(r, 0, sizeof(*r));
	r->u.traffic.sent_packets = n[0];
	r->u.traffic.sent_bytes = n[1];
	r->u.traffic.received_packets = n[2];
	r->u.traffic.received_bytes = n[3];
	r->u.traffic.has_acks = got == 6;
	r->u.traffic.sent_acks = n[4];
	r->u.traffic.received_acks = n[5];
	return true;
}

static bool host_told(void *arg, uint16_t backend, uint16_t domid, uint16_t devid, struct xp_series_record *traffic)
{
	struct xp_host_xen *x = arg;
	char path[96], *text;
	bool ok;

	if (!x->xs)
		return false;
	snprintf(path, sizeof(path), "/local/domain/%u/data/xprof/vif/%u/%u", backend, domid, devid);
	text = store_read(x, path);
	ok = text && xp_host_parse_told(text, traffic);
	free(text);
	return ok;
}

static void host_name(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size)
{
	struct xp_host_xen *x = arg;

	x->name(x->name_arg, domid, uuid, name, size);
}

/* ---- the whole -----------------------------------------------------------*/

void xp_host_xen_init(struct xp_host_xen *x)
{
	x->cpumap = NULL;
	x->host = (struct xp_series_host){
		.arg = x, .domains = host_domains, .run_states = host_run_states, .vcpu = host_vcpu, .pin = host_pin,
		.name = host_name, .vifs = host_vifs, .told = host_told,
	};
}

void xp_host_xen_release(struct xp_host_xen *x)
{
	free(x->cpumap);
	x->cpumap = NULL;
}
