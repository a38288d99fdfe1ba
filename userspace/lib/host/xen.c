// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/host/xen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xenctrl.h>
#include <xenstore.h>
#include <xentoollog.h>

/* ---- is there a Xen? -----------------------------------------------------*/

static bool file_says(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return false;
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
	return true;
}

int xp_xen_present(struct xp_err *err)
{
	char text[256];

	if (!file_says("/sys/hypervisor/type", text, sizeof(text)) && !file_says("/proc/xen/capabilities", text, sizeof(text)))
		return xp_fail(err, XP_E_NOXEN, "this machine does not run under Xen (no /sys/hypervisor/type): "
			       "xprof profiles Xen hosts, from their control domain");
	if (!file_says("/proc/xen/capabilities", text, sizeof(text))) {
		if (!strncmp(text, "xen", 3) && access("/dev/xen/privcmd", F_OK) && access("/proc/xen/privcmd", F_OK))
			return xp_fail(err, XP_E_NOXEN, "this is a Xen guest, not the control domain: run xprof in Domain-0");
		return 0;
	}
	if (!strstr(text, "control_d"))
		return xp_fail(err, XP_E_NOXEN, "this is a Xen guest, not the control domain (/proc/xen/capabilities "
			       "lacks control_d): run xprof in Domain-0");
	return 0;
}

/* ---- the handle ----------------------------------------------------------*/

/* libxenctrl prints on stderr unless told otherwise. A library must not. */
static void log_nothing(struct xentoollog_logger *logger, xentoollog_level level, int errnoval,
			const char *context, const char *format, va_list al)
{
	(void)logger, (void)level, (void)errnoval, (void)context, (void)format, (void)al;
}

static void no_progress(struct xentoollog_logger *logger, const char *context, const char *doing,
			int percent, unsigned long done, unsigned long total)
{
	(void)logger, (void)context, (void)doing, (void)percent, (void)done, (void)total;
}

static void no_destroy(struct xentoollog_logger *logger)
{
	(void)logger;
}

static struct xentoollog_logger silent_logger = { log_nothing, no_progress, no_destroy };

static void read_version(struct xp_xen *xen)
{
	xen_extraversion_t extra = "";
	xen_changeset_info_t changeset = "";
	xen_commandline_t command_line = "";
	int version = xc_version(xen->xch, XENVER_version, NULL);

	xc_version(xen->xch, XENVER_extraversion, &extra);
	snprintf(xen->version, sizeof(xen->version), "%d.%d%.*s", version >> 16, version & 0xffff,
		 (int)sizeof(extra), extra);
	xc_version(xen->xch, XENVER_changeset, &changeset);
	snprintf(xen->changeset, sizeof(xen->changeset), "%.*s", (int)sizeof(changeset) - 1, changeset);
	xc_version(xen->xch, XENVER_commandline, &command_line);
	snprintf(xen->command_line, sizeof(xen->command_line), "%.*s", (int)sizeof(command_line) - 1, command_line);
}

static void read_build_id(struct xp_xen *xen)
{
	struct { xen_build_id_t id; unsigned char room[64]; } b = { .id.len = 32 };
	int n = xc_version(xen->xch, XENVER_build_id, &b.id);

	for (int i = 0; i < n && i < 32; i++)
		snprintf(xen->build_id + 2 * i, 3, "%02x", b.id.buf[i]);
}

const char *xp_xen_scheduler_name(int id)
{
	switch (id) {
	case XEN_SCHEDULER_CREDIT:
		return "credit";
	case XEN_SCHEDULER_CREDIT2:
		return "credit2";
	case XEN_SCHEDULER_RTDS:
		return "rtds";
	case XEN_SCHEDULER_ARINC653:
		return "arinc653";
	case XEN_SCHEDULER_NULL:
		return "null";
	default:
		return "unknown";
	}
}

static int fail_sysctl(struct xp_xen *xen, struct xp_err *err)
{
	switch (errno) {
	case EACCES:
		return xp_fail(err, XP_E_VERSION, "Xen %s does not answer this libxenctrl: install the xen-utils "
			       "of the running hypervisor and an xprof built for it", xen->version);
	case EPERM:
		return xp_fail(err, XP_E_PERM, "Xen refuses control operations: run xprof as root in Domain-0");
	default:
		return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not tell its CPUs (physinfo)");
	}
}

static int read_host(struct xp_xen *xen, struct xp_err *err)
{
	xc_physinfo_t phys = { 0 };
	int sched = -1;

	if (xc_physinfo(xen->xch, &phys))
		return fail_sysctl(xen, err);
	xen->nr_cpus = phys.nr_cpus;
	xen->cpu_khz = phys.cpu_khz;
	xc_sched_id(xen->xch, &sched);
	snprintf(xen->scheduler, sizeof(xen->scheduler), "%s", xp_xen_scheduler_name(sched));
	return 0;
}

int xp_xen_memory(struct xp_xen *xen, uint64_t *total, uint64_t *unused, struct xp_err *err)
{
	xc_physinfo_t phys = { 0 };

	if (xc_physinfo(xen->xch, &phys))
		return fail_sysctl(xen, err);
	*total = phys.total_pages * (XC_PAGE_SIZE / 1024);
	*unused = phys.free_pages * (XC_PAGE_SIZE / 1024);
	return 0;
}

int xp_xen_init(struct xp_xen *xen, struct xp_err *err)
{
	int ret;

	memset(xen, 0, sizeof(*xen));
	xen->xch = xc_interface_open(&silent_logger, &silent_logger, 0);
	if (!xen->xch) {
		if (errno == EACCES || errno == EPERM)
			return xp_fail(err, XP_E_PERM, "only root may talk to Xen: run xprof as root");
		return xp_fail_errno(err, XP_E_NOXEN, "cannot open Xen's control interface (/dev/xen/privcmd)");
	}
	read_version(xen);
	read_build_id(xen);
	ret = read_host(xen, err);
	if (ret < 0) {
		xp_xen_release(xen);
		return ret;
	}
	xen->xs = xs_open(XS_OPEN_READONLY);
	return 0;
}

void xp_xen_release(struct xp_xen *xen)
{
	if (xen->xs)
		xs_close(xen->xs);
	if (xen->xch)
		xc_interface_close(xen->xch);
	xen->xs = xen->xch = NULL;
}

/* ---- the profiler --------------------------------------------------------*/

_Static_assert(sizeof(((struct xen_sysctl *)0)->u) >= sizeof(struct xprof_sysctl), "the body must fit");

static int fail_profiler(const struct xprof_sysctl *body, struct xp_err *err)
{
	switch (errno) {
	case EOVERFLOW:
		return xp_fail(err, XP_E_VERSION, "the profiler in the hypervisor has ABI version %u, this xprof has %u: "
			       "'xprof detach' with the xprof that loaded it, then start again", body->abi, XPROF_ABI_VERSION);
	case EPERM:
		return xp_fail(err, XP_E_PERM, "Xen's security policy (XSM/FLASK) forbids the profiler's sysctl: "
			       "boot with flask=permissive or allow sysctl %#x in the policy", XEN_SYSCTL_xprof_op);
	case ENOSYS:
	case EOPNOTSUPP:
	case EINVAL:
		return xp_fail(err, XP_E_ABSENT, "the profiler is not in the hypervisor: 'xprof attach' loads it");
	default:
		return xp_fail_errno(err, XP_E_SYSTEM, "the profiler in the hypervisor does not answer");
	}
}

/* An operation that needs no session. */
static int ask_profiler(struct xp_xen *xen, uint16_t op, struct xprof_sysctl *answer, struct xp_err *err)
{
	struct xen_sysctl sysctl = { .cmd = XEN_SYSCTL_xprof_op };
	struct xprof_sysctl *body = (struct xprof_sysctl *)&sysctl.u;

	body->magic = XPROF_MAGIC;
	body->abi = XPROF_ABI_VERSION;
	body->op = op;
	if (xc_sysctl(xen->xch, &sysctl))
		return fail_profiler(body, err);
	*answer = *body;
	return 0;
}

int xp_xen_info(struct xp_xen *xen, struct xprof_op_info *info, struct xp_err *err)
{
	struct xprof_sysctl answer;
	int ret = ask_profiler(xen, XPROF_OP_INFO, &answer, err);

	if (ret == 0)
		*info = answer.u.info;
	return ret;
}

int xp_xen_pmu(struct xp_xen *xen, struct xprof_op_pmu *pmu, struct xp_err *err)
{
	struct xprof_sysctl answer;
	int ret = ask_profiler(xen, XPROF_OP_PMU, &answer, err);

	if (ret == 0)
		*pmu = answer.u.pmu;
	return ret;
}

/* ---- domains -------------------------------------------------------------*/

#define MAX_DOMAINS 4096u

int xp_xen_domains(struct xp_xen *xen, struct xp_xen_domain **domains, struct xp_err *err)
{
	xc_domaininfo_t *list = NULL;
	struct xp_xen_domain *d;
	unsigned int room = 32;
	int n;

	do { /* until the list leaves room: then it was whole */
		room *= 2;
		free(list);
		list = calloc(room, sizeof(*list));
		if (!list)
			return xp_fail(err, XP_E_NOMEM, "no memory for the list of domains");
		n = xc_domain_getinfolist(xen->xch, 0, room, list);
	} while (n == (int)room && room < MAX_DOMAINS);
	if (n < 0) {
		free(list);
		return xp_fail_errno(err, XP_E_SYSTEM, "Xen does not list its domains");
	}
	d = calloc(n ? n : 1, sizeof(*d));
	for (int i = 0; d && i < n; i++) {
		d[i].domid = list[i].domain;
		d[i].dying = list[i].flags & XEN_DOMINF_dying;
		d[i].cpu_ns = list[i].cpu_time;
		d[i].pool = list[i].cpupool;
		memcpy(d[i].uuid, list[i].handle, sizeof(d[i].uuid));
	}
	free(list);
	*domains = d;
	return d ? n : xp_fail(err, XP_E_NOMEM, "no memory for the list of domains");
}

static char *store_read(struct xp_xen *xen, uint16_t domid, const char *key)
{
	char path[64];
	unsigned int len;

	snprintf(path, sizeof(path), "/local/domain/%u/%s", domid, key);
	return xs_read(xen->xs, XBT_NULL, path, &len);
}

/* Is the domain that xenstore describes the one with this uuid? dom0 has no "vm" node and needs none. */
static bool store_means(struct xp_xen *xen, uint16_t domid, const uint8_t u[16])
{
	char want[64];
	char *vm;
	bool same;

	if (domid == 0)
		return true;
	vm = store_read(xen, domid, "vm");
	if (!vm)
		return false;
	snprintf(want, sizeof(want), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
	same = strstr(vm, want) != NULL;
	free(vm);
	return same;
}

void xp_xen_domain_name(struct xp_xen *xen, uint16_t domid, const uint8_t uuid[16], char *name, size_t size)
{
	char *found = NULL;

	name[0] = '\0';
	if (xen->xs)
		found = store_read(xen, domid, "name");
	if (found && store_means(xen, domid, uuid))
		snprintf(name, size, "%s", found);
	free(found);
	if (domid == 0 && !name[0])
		snprintf(name, size, "Domain-0");
}
