// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: bench-guest DOMID GUEST [chains]: what it costs to read a guest's kernel, "NAME VALUE" a line on stdout; with chains: its
 * unwind rules, too. GUEST is its UUID in hexadecimal digits: what is kept of it in $XPROF_CACHE is used, and kept.
 *
 *   reader_ns, reader_kb   CPU time and peak resident set of the reader, which is a process of its own
 *   result_kb              what it leaves in memory until the session ends
 *   names_ns, names_kb     CPU time to load that (and what was kept) when the session ends, and the peak resident set of that process
 *   idle_kb                resident set before all that: the program and its libraries
 *   symbols, modules, tasks    what was read
 *
 * In dom0 of a running Xen; bench-guest-replay is the same of recorded frames (bench-guest/replay.c), anywhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "lib/guest/reader.h"
#include "lib/guest/recall.h"

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static long peak_kb(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return u.ru_maxrss;
}

static size_t lines(const struct xp_buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

static int read_guest(struct xp_greader *r, const struct xp_gjob *job, struct xp_err *err)
{
	const struct timespec tick = { 0, 1000000 };
	struct xp_gresult p = { .tasks = XP_BUF_INIT };
	int rc = xp_greader_start(r, job, err);

	if (rc)
		return rc;
	while ((rc = xp_greader_poll(r, &p, err)) == 1)
		nanosleep(&tick, NULL);
	printf("reader_ns %llu\nreader_kb %ld\n", (unsigned long long)p.cpu_ns, peak_kb(RUSAGE_CHILDREN));
	if (!rc)
		printf("result_kb %lld\ntasks %zu\n", (long long)lseek(r->fd, 0, SEEK_END) / 1024, p.tasks.len / sizeof(struct xp_gtask));
	xp_gresult_release(&p);
	return rc;
}

static int load_names(int fd, const char *guest, struct xp_err *err)
{
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	uint64_t begin = cpu_ns();
	int rc = xp_greader_load(fd, &k, err);

	if (!rc && !xp_gkernel_fill(&k, guest))
		rc = xp_fail(err, XP_E_FORMAT, "what was kept of it is broken");
	printf("names_ns %llu\nnames_kb %ld\n", (unsigned long long)(cpu_ns() - begin), peak_kb(RUSAGE_SELF));
	printf("symbols %zu\nmodules %zu\n", lines(&k.kallsyms) + lines(&k.module_symbols), lines(&k.modules));
	xp_gkernel_release(&k);
	return rc;
}

int main(int argc, char **argv)
{
	struct xp_greader r;
	struct xp_gjob job = { .rules = argc > 3 };
	struct xp_err err;

	if (argc < 3 || (argc > 3 && strcmp(argv[3], "chains"))) {
		fprintf(stderr, "usage: bench-guest DOMID GUEST [chains]\n");
		return 2;
	}
	job.domid = (uint32_t)strtoul(argv[1], NULL, 10);
	job.guest = argv[2];
	printf("idle_kb %ld\n", peak_kb(RUSAGE_SELF));
	fflush(stdout);
	if (read_guest(&r, &job, &err) || load_names(r.fd, job.guest, &err)) {
		fprintf(stderr, "bench-guest: %s\n", err.text);
		return 1;
	}
	xp_greader_stop(&r);
	return 0;
}
