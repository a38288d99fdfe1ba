/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this host can do, found out without changing it.
 */
#ifndef XP_CLI_CHECK_H
#define XP_CLI_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/host/livepatch.h"
#include "lib/host/xen.h"

enum check_state {
	CHECK_OK,
	CHECK_NOTE, /* worth knowing */
	CHECK_NO,   /* recording is not possible until it is remedied */
};

struct check_item {
	const char *name;   /* for programs; never changes its meaning */
	enum check_state state;
	char text[512];     /* what was seen */
	char remedy[256];   /* what to do, "" where nothing is to be done */
};

struct check {
	struct check_item items[32];
	size_t nr;
	bool has_xen;           /* xen is filled */
	struct xp_xen xen;
	bool has_info;          /* the profiler in the hypervisor answers */
	struct xprof_op_info info;
	struct xp_livepatch *patches;
	int nr_patches;         /* negative: not known */
	char kernel[128], cpu[256], host[128];
};

void check_run(struct check *c);
void check_release(struct check *c);
bool check_can_record(const struct check *c);

#endif
