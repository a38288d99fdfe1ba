// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: guest-frames DOMID FILE: reads a guest's kernel as the collector's reader does, unwind rules included, and writes the
 * frames that took to FILE, for bench-guest-replay. Pause the guest meanwhile: the frames are of one moment then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench-guest/frames.h"
#include "lib/guest/kernel.h"
#include "lib/guest/xen.h"

#define FRAMES_MAX (64u << 10) /* 256 MiB */

struct recorder {
	struct xp_gframes of; /* where they come from */
	size_t nr;
	struct one { uint64_t frame; uint8_t *bytes; } v[FRAMES_MAX];
};

static int fail(const char *text)
{
	fprintf(stderr, "guest-frames: %s\n", text);
	return 1;
}

static int compare(const void *a, const void *b)
{
	const struct one *x = a, *y = b;

	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static void keep(struct recorder *r, uint64_t frame, const uint8_t *bytes)
{
	uint8_t *copy;

	for (size_t i = 0; i < r->nr; i++)
		if (r->v[i].frame == frame)
			return;
	copy = malloc(XP_GPAGE);
	if (!copy || r->nr == FRAMES_MAX)
		exit(fail("too many frames for memory"));
	memcpy(copy, bytes, XP_GPAGE);
	r->v[r->nr++] = (struct one){ frame, copy };
}

static void read_and_keep(void *arg, const uint64_t *frames, size_t nr, uint8_t *pages, bool *bad)
{
	struct recorder *r = arg;

	r->of.read(r->of.arg, frames, nr, pages, bad);
	for (size_t i = 0; i < nr; i++)
		if (!bad[i])
			keep(r, frames[i], pages + i * XP_GPAGE);
}

static bool read_memory(void *arg, uint64_t address, void *to, size_t len)
{
	return xp_gmemory_read(arg, address, to, len);
}

/* What the reader reads, see lib/guest/reader.c. */
static int read_guest(struct xp_gxen *x, const struct xp_gframes *frames, struct xp_err *err)
{
	static struct xp_gmemory m;
	const struct xp_kmemory memory = { &m, read_memory };
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	struct xp_buf tasks = XP_BUF_INIT;
	int rc = xp_gxen_ask(x, 0, err);

	if (!rc && x->translated)
		x->root &= ~1ull; /* where KPTI is on: the kernel's half of the pair */
	xp_gmemory_init(&m, frames, x->root, x->levels);
	if (!rc)
		rc = xp_gkernel_read(&k, &m, err);
	if (!rc)
		rc = xp_gorc_read(&k.rules, &memory, &k.places.orc, err);
	if (!rc)
		xp_gtasks_read(&m, &k.places.tasks, &tasks);
	xp_buf_release(&tasks);
	xp_gkernel_release(&k);
	return rc;
}

static int write_frames(struct recorder *r, const struct xp_gxen *x, const char *path)
{
	struct guest_frames head = { GUEST_FRAMES_MAGIC, x->root, x->levels, x->translated, r->nr };
	FILE *f = fopen(path, "w");

	if (!f)
		return fail(path);
	qsort(r->v, r->nr, sizeof(r->v[0]), compare);
	fwrite(&head, sizeof(head), 1, f);
	for (size_t i = 0; i < r->nr; i++)
		fwrite(&r->v[i].frame, sizeof(r->v[i].frame), 1, f);
	for (size_t i = 0; i < r->nr; i++)
		fwrite(r->v[i].bytes, XP_GPAGE, 1, f);
	return fclose(f) ? fail(path) : 0;
}

int main(int argc, char **argv)
{
	static struct recorder r;
	const struct xp_gframes frames = { &r, read_and_keep };
	struct xp_gxen x;
	struct xp_err err;

	if (argc != 3)
		return fail("usage: guest-frames DOMID FILE");
	if (xp_gxen_open(&x, (uint32_t)strtoul(argv[1], NULL, 10), &err))
		return fail(err.text);
	r.of = x.frames;
	if (read_guest(&x, &frames, &err))
		return fail(err.text);
	return write_frames(&r, &x, argv[2]);
}
