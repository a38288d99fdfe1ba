// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-lines: xprof's lines for addresses, as addr2line prints them; for
 * measuring, and for comparing with addr2line.
 *
 *   bench-lines [--cache DIR] [--quiet] FILE <ADDRESSES
 *
 * ADDRESSES are hexadecimal, one a line. For each: "0xADDR", then a line
 * "FUNCTION" and a line "FILE:LINE" for each frame, innermost first; of the
 * outermost the function is "-". Without --cache nothing is kept.
 */
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#include "lib/lines/lines.h"

struct addresses { uint64_t *v; size_t nr, room; };

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int read_addresses(struct addresses *a)
{
	char text[64];
	size_t i, nr = 0;

	while (fgets(text, sizeof(text), stdin)) {
		if (a->nr == a->room) {
			a->room = a->room ? 2 * a->room : 1024;
			a->v = realloc(a->v, a->room * sizeof(*a->v));
			if (!a->v)
				return -1;
		}
		a->v[a->nr++] = strtoull(text, NULL, 16);
	}
	if (!a->nr)
		return -1;
	qsort(a->v, a->nr, sizeof(*a->v), compare);
	for (i = 0; i < a->nr; i++)
		if (!i || a->v[i] != a->v[nr - 1])
			a->v[nr++] = a->v[i];
	a->nr = nr;
	return 0;
}

/* The file as a profile would describe it. */
static int describe(struct xp_binary_wanted *w, const char *path, struct xp_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	static char real[PATH_MAX]; /* *w keeps it */
	struct xp_elf e;

	if (fd < 0 || !realpath(path, real))
		return xp_fail_errno(err, XP_E_SYSTEM, "%s", path);
	rc = xp_elf_open(&e, fd, path, err);
	if (!rc) {
		*w = (struct xp_binary_wanted){ .kind = XP_IMAGE_FILE, .name = real, .build_id = e.build_id };
		xp_elf_release(&e);
	}
	close(fd);
	return rc;
}

static void print(const struct xp_lines *l)
{
	size_t i, j;

	for (i = 0; i < l->nr; i++) {
		printf("0x%" PRIx64 "\n", l->v[i].addr);
		for (j = 0; j < l->v[i].nr; j++) {
			const struct xp_line_frame *f = &l->frames[l->v[i].first + j];

			printf("%s\n%s:%" PRIu32 "\n", f->function ? f->function : "-", f->file ? f->file : "??", f->line);
		}
	}
}

static int usage(void)
{
	fputs("usage: bench-lines [--cache DIR] [--quiet] FILE <ADDRESSES\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "cache", required_argument, NULL, 'c' }, { "quiet", no_argument, NULL, 'q' }, { NULL, 0, NULL, 0 },
	};
	struct xp_binary_places places = { .root = "" };
	struct xp_binary_wanted wanted;
	struct addresses a = { 0 };
	struct xp_lines lines;
	struct xp_err err = { "" };
	bool quiet = false;
	int c, rc;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'c' && c != 'q')
			return usage();
		quiet |= c == 'q';
		if (c == 'c')
			places.keep_lines = !setenv("XPROF_CACHE", optarg, 1);
	}
	if (optind + 1 != argc || read_addresses(&a))
		return usage();
	rc = describe(&wanted, argv[optind], &err);
	if (!rc)
		rc = xp_lines_find(&lines, &wanted, &places, a.v, a.nr, &err);
	free(a.v);
	if (rc || !lines.nr || lines.why.text[0]) {
		fprintf(stderr, "bench-lines: %s\n", rc ? err.text : lines.why.text);
		return 1;
	}
	if (!quiet)
		print(&lines);
	xp_lines_release(&lines);
	return 0;
}
