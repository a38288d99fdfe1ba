// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/vdso.h"

#include <sys/auxv.h>

#include "lib/base/file.h"
#include "lib/sym/procmaps.h"

/* How long our own vDSO is; 0: there is none at this address. */
static size_t vdso_size(uint64_t start)
{
	struct xp_buf text = XP_BUF_INIT;
	struct xp_procmap m;
	struct xp_span rest;
	struct xp_err ignored;
	size_t size = 0;

	if (!xp_file_read("/proc/self/maps", &text, XP_PROCMAPS_MAX_BYTES, &ignored)) {
		rest = (struct xp_span){ (const char *)text.data, text.len };
		while (!size && xp_procmaps_next(&rest, &m)) {
			if (m.start == start)
				size = m.end - m.start;
		}
	}
	xp_buf_release(&text);
	return size;
}

bool xp_vdso_bytes(const void **bytes, size_t *len)
{
	uint64_t start = getauxval(AT_SYSINFO_EHDR);

	*bytes = (const void *)(uintptr_t)start;
	*len = start ? vdso_size(start) : 0;
	return *len;
}

int xp_vdso_open(struct xp_elf *e)
{
	struct xp_err ignored;
	const void *bytes;
	size_t len;

	if (!xp_vdso_bytes(&bytes, &len))
		return -1;
	return xp_elf_open_memory(e, bytes, len, "[vdso]", &ignored) ? -1 : 0;
}
