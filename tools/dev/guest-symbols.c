// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: guest-symbols DOMID [kallsyms|modules|notes]: what the collector's reader reads of a guest's kernel, on stdout.
 * For tests, and for a look at a guest whose kernel gets no names.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/guest/reader.h"

static int read_guest(uint32_t domid, struct xp_gkernel *k, struct xp_err *err)
{
	const struct timespec tick = { 0, 5000000 };
	struct xp_greader r;
	int rc = xp_greader_start(&r, domid, err);

	if (rc)
		return rc;
	while ((rc = xp_greader_poll(&r, err)) == 1)
		nanosleep(&tick, NULL);
	if (!rc)
		rc = xp_greader_load(r.fd, k, err);
	xp_greader_stop(&r);
	return rc;
}

int main(int argc, char **argv)
{
	struct xp_gkernel k = { XP_BUF_INIT, XP_BUF_INIT, XP_BUF_INIT };
	const char *what = argc > 2 ? argv[2] : "kallsyms";
	const struct xp_buf *b = !strcmp(what, "kallsyms") ? &k.kallsyms : !strcmp(what, "modules") ? &k.modules :
				 !strcmp(what, "notes") ? &k.notes : NULL;
	struct xp_err err;

	if (argc < 2 || !b) {
		fprintf(stderr, "usage: guest-symbols DOMID [kallsyms|modules|notes]\n");
		return 2;
	}
	if (read_guest((uint32_t)strtoul(argv[1], NULL, 10), &k, &err)) {
		fprintf(stderr, "guest-symbols: %s\n", err.text);
		return 1;
	}
	fwrite(b->data, 1, b->len, stdout);
	xp_gkernel_release(&k);
	return 0;
}
