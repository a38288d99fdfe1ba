/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/series/run-states.h"

#include <errno.h>

#include <xenctrl.h>

#include "xprof.h"

#define MAX_ROWS 1048576u /* of all domains: a hypervisor that has no end of them is not believed */

struct rows {
	struct xp_host_vcpu *list;
	size_t nr, room;
};

static int fail(struct xp_err *err)
{
	switch (errno) {
	case ENOSYS: /* no profiler is there */
	case EINVAL: /* or an older one */
	case ENOENT:
	case EOPNOTSUPP:
	case EOVERFLOW:
		return xp_fail(err, XP_E_ABSENT, "the profiler in the hypervisor does not tell run states");
	default:
		return xp_fail_errno(err, XP_E_SYSTEM, "the profiler in the hypervisor does not tell run states");
	}
}

static struct xp_host_vcpu *add(struct rows *r)
{
	if (r->nr == r->room) {
		size_t room = r->room ? r->room * 2 : XPROF_MAX_RUNSTATES;
		struct xp_host_vcpu *list = realloc(r->list, room * sizeof(*list));

		if (!list)
			return NULL;
		r->list = list;
		r->room = room;
	}
	return &r->list[r->nr++];
}

static bool take(struct rows *r, const struct xprof_runstate *from, uint64_t tsc)
{
	struct xp_host_vcpu *v = add(r);

	if (!v)
		return false;
	*v = (struct xp_host_vcpu){
		.domid = from->domid, .vcpu = from->vcpu, .cpu = from->cpu, .nr = XP_NR_RUN_STATES, .tsc = tsc,
		.state = from->state < XP_NR_RUN_STATES ? (uint8_t)from->state : XP_RUN_STATE_UNKNOWN,
	};
	memcpy(v->uuid, from->handle, sizeof(v->uuid));
	memcpy(v->ns, from->time, sizeof(v->ns));
	return true;
}

/* One request after the other, each for what is behind the last row of the one before. */
static int ask_all(xc_interface *xch, struct xprof_runstate *buffer, struct rows *r, struct xp_err *err)
{
	struct xen_sysctl sysctl = { .cmd = XEN_SYSCTL_xprof_op };
	struct xprof_sysctl *body = (struct xprof_sysctl *)&sysctl.u;
	struct xprof_op_runstates *op = &body->u.runstates;

	do {
		body->magic = XPROF_MAGIC;
		body->abi = XPROF_ABI_VERSION;
		body->op = XPROF_OP_RUNSTATE;
		op->nr = XPROF_MAX_RUNSTATES;
		op->rows = (uintptr_t)buffer;
		if (xc_sysctl(xch, &sysctl))
			return fail(err);
		for (uint32_t i = 0; i < op->nr && i < XPROF_MAX_RUNSTATES; i++)
			if (!take(r, &buffer[i], op->tsc))
				return xp_fail(err, XP_E_NOMEM, "no memory for %zu vCPUs", r->nr);
	} while (op->domid < XPROF_DOMID_IDLE && op->nr && r->nr < MAX_ROWS);
	return 0;
}

int xp_xen_run_states(void *handle, struct xp_host_vcpu **list, size_t *nr, struct xp_err *err)
{
	DECLARE_HYPERCALL_BUFFER(struct xprof_runstate, buffer);
	xc_interface *xch = handle;
	struct rows r = { NULL, 0, 0 };
	int ret;

	buffer = xc_hypercall_buffer_alloc(xch, buffer, XPROF_MAX_RUNSTATES * sizeof(*buffer));
	if (!buffer)
		return xp_fail(err, XP_E_NOMEM, "no memory that Xen can write to");
	ret = ask_all(xch, buffer, &r, err);
	xc_hypercall_buffer_free(xch, buffer);
	if (ret < 0) {
		free(r.list);
		return ret;
	}
	*list = r.list;
	*nr = r.nr;
	return 0;
}
