// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Folded stacks: "domain;process;outer;…;leaf COUNT". Suffixes as flamegraph.pl
 * colours them: _[k] the kernel; and _[x] Xen, which is ours. A ';' in a name becomes ':'.
 */
#include <inttypes.h>

#include "lib/export/export.h"
#include "lib/export/stacks.h"

static void put_name(FILE *out, const char *name)
{
	for (; name && *name; name++)
		fputc(*name == ';' ? ':' : *name, out);
}

static const char *suffix(const struct xp_row *row)
{
	return row->truncated ? "" : row->mode == XP_MODE_XEN ? "_[x]" : row->mode == XP_MODE_KERNEL ? "_[k]" : "";
}

/* Outermost first. */
static void put_frames(FILE *out, const struct xp_stacks *s, uint32_t call, struct xp_buf *b)
{
	uint32_t path[XP_FRAMES_MAX + 2], nr = 0;

	for (; call && nr < XP_FRAMES_MAX + 2; call = xp_stack_at(s, call).caller)
		path[nr++] = call;
	while (nr--) {
		struct xp_stack k = xp_stack_at(s, path[nr]);

		fputc(';', out);
		put_name(out, xp_stack_function(b, &k.row));
		if (!k.row.symbol && k.row.image) {
			fputs(" in ", out);
			put_name(out, xp_stack_image(b, &k.row));
		}
		fputs(suffix(&k.row), out);
	}
}

int xp_export_folded(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err)
{
	struct xp_buf b = XP_BUF_INIT;
	struct xp_stacks s;
	uint32_t call;
	int rc = xp_stacks_init(&s, p, &o->filter, 0, NULL, NULL, err);

	if (rc)
		return rc;
	for (call = 1; call < s.nr_calls; call++) {
		struct xp_stack k = xp_stack_at(&s, call);

		if (!k.weights[o->event])
			continue;
		put_name(out, xp_stack_domain(&b, &s, &k.row));
		fputc(';', out);
		put_name(out, k.row.comm ? xp_stack_text(&b, k.row.comm) : "-");
		put_frames(out, &s, call, &b);
		fprintf(out, " %" PRIu64 "\n", k.weights[o->event]);
	}
	xp_buf_release(&b);
	xp_stacks_release(&s);
	return 0;
}
