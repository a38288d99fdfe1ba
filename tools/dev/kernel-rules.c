// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: kernel-rules DOMID >FILE: the unwind rules of a running kernel as the collector gets them, of dom0's (0) or of a
 * guest's, as lib/guest/orc.h has them; a line for each region on stderr. For tests, and for a look at a kernel without chains.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/guest/reader.h"
#include "lib/sym/unwinder.h"

static int read_guest(uint32_t domid, struct xp_buf *regions, struct xp_err *err)
{
	const struct timespec tick = { 0, 5000000 };
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_gresult p = { .tasks = XP_BUF_INIT };
	struct xp_gjob job = { .domid = domid, .rules = true };
	struct xp_greader r;
	int rc = xp_greader_start(&r, &job, err);

	if (rc)
		return rc;
	while ((rc = xp_greader_poll(&r, &p, err)) == 1)
		nanosleep(&tick, NULL);
	if (!rc)
		rc = xp_greader_load(r.fd, &k, err);
	xp_buf_add(regions, k.rules.data, k.rules.len);
	xp_greader_stop(&r);
	return rc;
}

static void print_regions(const struct xp_buf *regions)
{
	struct xp_gorc_region r;
	struct xp_cursor c;
	struct xp_err err;

	xp_cursor_init(&c, "regions", regions->data, regions->len, &err);
	while (xp_gorc_next(&c, &r)) {
		struct xp_unwind_table t;

		if (!r.rules.left || xp_unwind_table_decode(&t, r.rules.pos, r.rules.left, &err))
			xp_unwind_table_init(&t, 0);
		fprintf(stderr, "%#llx-%#llx %zu rules\n", (unsigned long long)r.start, (unsigned long long)r.end, t.nr);
		xp_unwind_table_release(&t);
	}
}

int main(int argc, char **argv)
{
	struct xp_buf regions = XP_BUF_INIT;
	uint32_t domid = argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
	const char *how = "";
	struct xp_err err;
	int rc;

	if (argc != 2) {
		fprintf(stderr, "usage: kernel-rules DOMID >FILE\n");
		return 2;
	}
	rc = domid ? read_guest(domid, &regions, &err) : xp_unwinder_read_regions(&regions, "", &how, &err);
	if (!rc)
		rc = xp_file_write_all(STDOUT_FILENO, regions.data, regions.len, "stdout", &err);
	if (rc) {
		fprintf(stderr, "kernel-rules: %s\n", err.text);
		return 1;
	}
	print_regions(&regions);
	return 0;
}
