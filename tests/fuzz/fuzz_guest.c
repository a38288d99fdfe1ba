// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as a guest's memory, page tables included: frame 0 is their root. And as what a reader has left. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/guest/kernel.h"
#include "lib/sym/kallsyms.h"

struct image { const uint8_t *data; size_t size; };

static void read_frames(void *arg, const uint64_t *frames, size_t nr, uint8_t *pages, bool *bad)
{
	const struct image *image = arg;

	memset(pages, 0, nr * XP_GPAGE);
	for (size_t i = 0; i < nr; i++) {
		size_t left = frames[i] < image->size / XP_GPAGE + 1 ? image->size - frames[i] * XP_GPAGE : 0;

		bad[i] = !left;
		if (left)
			memcpy(pages + i * XP_GPAGE, image->data + frames[i] * XP_GPAGE, left < XP_GPAGE ? left : XP_GPAGE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image = { data, size };
	struct xp_gframes frames = { &image, read_frames };
	struct xp_gkernel k = { .kallsyms = XP_BUF_INIT };
	static struct xp_gmemory m;
	struct xp_buf tasks = XP_BUF_INIT;
	struct xp_kallsyms parsed;
	struct xp_err err;

	xp_gmemory_init(&m, &frames, 0, 4);
	if (!xp_gkernel_read(&k, &m, &err) &&
	    !xp_kallsyms_parse(&parsed, (struct xp_span){ (const char *)k.kallsyms.data, k.kallsyms.len },
			       (struct xp_span){ "", 0 }, &err))
		xp_kallsyms_release(&parsed);
	xp_gtasks_read(&m, &k.places.tasks, &tasks);
	xp_buf_release(&tasks);
	xp_gkernel_release(&k);
	xp_gkernel_unpack(&k, data, size, &err);
	xp_gkernel_release(&k);
	return 0;
}
