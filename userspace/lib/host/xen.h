/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running hypervisor says about itself and its domains.
 *
 * Through libxenctrl and libxenstore, as root of the control domain. Strings
 * come from Xen, its boot loader, or (names) from whoever made a domain.
 */
#ifndef XP_HOST_XEN_H
#define XP_HOST_XEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "xprof.h"

struct xp_xen {
	void *xch;          /* libxenctrl's handle */
	void *xs;           /* libxenstore's; NULL when the store cannot be reached */
	char version[64];   /* "4.17.5" */
	char changeset[64];
	char command_line[1024];
	char build_id[65];  /* hex, "" when the binary has none */
	char scheduler[16];
	uint32_t nr_cpus;   /* physical, online */
	uint32_t cpu_khz;
};

/* Can this be the control domain of a Xen host at all? Needs no privilege. XP_E_NOXEN says what was seen. */
int xp_xen_present(struct xp_err *err);

/* XP_E_NOXEN, XP_E_PERM, XP_E_VERSION (libxenctrl is not the hypervisor's). Release it after success. */
int xp_xen_init(struct xp_xen *xen, struct xp_err *err);
void xp_xen_release(struct xp_xen *xen);

/* Of an XEN_SCHEDULER_* number: "credit2"; "unknown". */
const char *xp_xen_scheduler_name(int id);

/* The host's memory now, KiB. */
int xp_xen_memory(struct xp_xen *xen, uint64_t *total, uint64_t *unused, struct xp_err *err);

/*
 * Asks the profiler in the hypervisor, without the module. XP_E_ABSENT: none
 * is loaded or built in; XP_E_PERM: XSM (FLASK) forbids it; XP_E_VERSION: it
 * speaks another ABI.
 */
int xp_xen_info(struct xp_xen *xen, struct xprof_op_info *info, struct xp_err *err);

/* The same way: this host's performance counters, whether they can be had or not (pmu->why). */
int xp_xen_pmu(struct xp_xen *xen, struct xprof_op_pmu *pmu, struct xp_err *err);

struct xp_xen_domain {
	uint16_t domid;
	uint8_t uuid[16];
	bool dying;
	uint64_t cpu_ns; /* CPU time used so far */
	uint32_t pool;   /* of CPUs */
};

/* The domains that exist. Returns how many, *domains is to be freed by the caller. */
int xp_xen_domains(struct xp_xen *xen, struct xp_xen_domain **domains, struct xp_err *err);

/*
 * The name of domid in xenstore, if its uuid there is this one; "" if it is
 * not known. One or two round trips to xenstored: not for every sample.
 */
void xp_xen_domain_name(struct xp_xen *xen, uint16_t domid, const uint8_t uuid[16], char *name, size_t size);

#endif
