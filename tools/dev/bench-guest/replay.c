// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lib/guest/xen.h, of a guest whose frames lie in a file (guest-frames wrote it; BENCH_GUEST_FRAMES names it): linked in place of
 * the library's, so that the reader itself runs as it does in dom0. A frame is copied with one pread(), where dom0 asks Xen for a
 * mapping of up to 256.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench-guest/frames.h"
#include "lib/guest/xen.h"

static struct guest_frames head;
static uint64_t *numbers;
static int file = -1;

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void read_frames(void *arg, const uint64_t *frames, size_t nr, uint8_t *pages, bool *bad)
{
	const off_t first = (off_t)(sizeof(head) + head.nr * sizeof(*numbers));

	(void)arg;
	for (size_t i = 0; i < nr; i++) {
		const uint64_t *at = bsearch(&frames[i], numbers, head.nr, sizeof(*numbers), compare);

		bad[i] = !at || pread(file, pages + i * XP_GPAGE, XP_GPAGE, first + (at - numbers) * (off_t)XP_GPAGE) != XP_GPAGE;
		if (bad[i])
			memset(pages + i * XP_GPAGE, 0, XP_GPAGE);
	}
}

static bool load(void)
{
	const char *path = getenv("BENCH_GUEST_FRAMES");
	size_t len;

	file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (file < 0 || read(file, &head, sizeof(head)) != sizeof(head) || head.magic != GUEST_FRAMES_MAGIC || head.nr >> 32)
		return false;
	len = head.nr * sizeof(*numbers);
	numbers = malloc(len);
	return numbers && read(file, numbers, len) == (ssize_t)len;
}

int xp_gxen_open(struct xp_gxen *x, uint32_t domid, struct xp_err *err)
{
	if (!load())
		return xp_fail(err, XP_E_ABSENT, "BENCH_GUEST_FRAMES names no file of guest-frames");
	*x = (struct xp_gxen){ .domid = domid, .translated = head.translated, .frames = { NULL, read_frames }, .vcpus = 1 };
	return 0;
}

int xp_gxen_ask(struct xp_gxen *x, uint32_t vcpu, struct xp_err *err)
{
	(void)vcpu;
	(void)err;
	x->root = head.root;
	x->levels = head.levels;
	return 0;
}

void xp_gxen_close(struct xp_gxen *x)
{
	(void)x;
	free(numbers);
	close(file);
}
