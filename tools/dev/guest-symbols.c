// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: guest-symbols DOMID [kallsyms|modules|notes|processes]: what the collector's reader reads of a guest's kernel, on stdout.
 * For tests, and for a look at a guest whose kernel gets no names.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/guest/reader.h"

static int read_guest(uint32_t domid, struct xp_gkernel *k, struct xp_gresult *p, struct xp_err *err)
{
	const struct timespec tick = { 0, 5000000 };
	struct xp_gjob job = { .domid = domid }; /* what it kept is another's affair: all is read */
	struct xp_greader r;
	int rc = xp_greader_start(&r, &job, err);

	if (rc)
		return rc;
	while ((rc = xp_greader_poll(&r, p, err)) == 1)
		nanosleep(&tick, NULL);
	if (!rc)
		rc = xp_greader_load(r.fd, k, err);
	if (!rc)
		xp_buf_add(&k->kallsyms, k->module_symbols.data, k->module_symbols.len);
	xp_greader_stop(&r);
	return rc;
}

/* "PID PPID CR3 COMM" */
static void print_processes(const struct xp_gresult *p)
{
	for (size_t at = 0; at < p->tasks.len; at += sizeof(struct xp_gtask)) {
		struct xp_gtask t;

		memcpy(&t, p->tasks.data + at, sizeof(t));
		printf("%u %u 0x%llx %.*s\n", t.tgid, t.ppid, (unsigned long long)t.cr3, (int)sizeof(t.comm), t.comm);
	}
}

int main(int argc, char **argv)
{
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_gresult p = { .tasks = XP_BUF_INIT };
	const char *what = argc > 2 ? argv[2] : "kallsyms";
	const struct xp_buf *b = !strcmp(what, "kallsyms") ? &k.kallsyms : !strcmp(what, "modules") ? &k.modules :
				 !strcmp(what, "notes") ? &k.notes : NULL;
	bool processes = !strcmp(what, "processes");
	struct xp_err err;

	if (argc < 2 || (!b && !processes)) {
		fprintf(stderr, "usage: guest-symbols DOMID [kallsyms|modules|notes|processes]\n");
		return 2;
	}
	if (read_guest((uint32_t)strtoul(argv[1], NULL, 10), &k, &p, &err)) {
		fprintf(stderr, "guest-symbols: %s\n", err.text);
		return 1;
	}
	if (processes)
		print_processes(&p);
	else
		fwrite(b->data, 1, b->len, stdout);
	xp_gresult_release(&p);
	xp_gkernel_release(&k);
	return 0;
}
