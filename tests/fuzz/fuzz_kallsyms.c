// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as /proc/kallsyms, /proc/modules (behind the first NUL), /proc/PID/maps, notes and perf records. */
#include <stddef.h>
#include <stdint.h>

#include "lib/sym/buildid.h"
#include "lib/sym/kallsyms.h"
#include "lib/sym/perf.h"
#include "lib/sym/procmaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct xp_span all = { (const char *)data, size }, symbols = all, modules = all;
	struct xp_mm_event event;
	struct xp_build_id id;
	struct xp_kallsyms k;
	struct xp_procmap map;
	struct xp_err err;
	char name[XP_MAP_NAME_MAX];
	uint64_t lost = 0;

	symbols.len = strnlen(symbols.at, size);
	modules.at += symbols.len;
	modules.len -= symbols.len;
	if (!xp_kallsyms_parse(&k, symbols, modules, &err)) {
		xp_symtab_find(&k.syms, 0xffffffff81000000);
		xp_kallsyms_release(&k);
	}
	while (xp_procmaps_next(&all, &map))
		xp_map_name(map.name, name);
	xp_build_id_from_notes(&id, data, size);
	if (xp_perf_decode(data, size, &event, &lost))
		xp_map_name(event.name, name);
	return 0;
}
