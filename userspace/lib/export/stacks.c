// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/export/stacks.h"

#include "lib/agg/call-graph.h"
#include "lib/base/text.h"

int xp_stacks_init(struct xp_stacks *s, struct xp_profile *p, const struct xp_filter *filter, unsigned int more_keys,
		   int (*each)(const struct xp_agg_sample *, void *), void *arg, struct xp_err *err)
{
	const struct xp_agg_config config = {
		.keys = XP_STACK_KEYS | more_keys, .chains = true, .no_rows = true, .filter = *filter, .each = each, .arg = arg,
	};
	int rc = xp_agg_run(&s->agg, p, &config, err);

	s->nr_calls = rc ? 0 : xp_agg_nr_calls(s->agg);
	return rc;
}

void xp_stacks_release(struct xp_stacks *s)
{
	xp_agg_free(s->agg);
	*s = (struct xp_stacks){ 0 };
}

struct xp_stack xp_stack_at(const struct xp_stacks *s, uint32_t call)
{
	struct xp_call_counts self;
	struct xp_stack k;
	uint32_t row;

	k.caller = xp_agg_call(s->agg, call, &row, &self);
	k.weights = self.weights;
	k.samples = self.samples;
	xp_agg_row_at(s->agg, row, &k.row);
	return k;
}

bool xp_stack_has_samples(const struct xp_stacks *s, const struct xp_stack *k)
{
	size_t e;

	for (e = 0; e < s->agg->nr_events; e++)
		if (k->samples[e])
			return true;
	return false;
}

const char *xp_stack_text(struct xp_buf *b, const char *text)
{
	xp_buf_reset(b);
	xp_text_escape(b, text, strlen(text));
	xp_buf_u8(b, 0);
	return xp_buf_ok(b) ? (const char *)b->data : NULL;
}

const char *xp_stack_function(struct xp_buf *b, const struct xp_row *row)
{
	return xp_stack_text(b, row->symbol ? row->symbol->name : row->truncated ? "[truncated]" : "[unresolved]");
}

const char *xp_stack_image(struct xp_buf *b, const struct xp_row *row)
{
	return xp_stack_text(b, row->image ? xp_text_last_part(row->image->name) : "");
}

const char *xp_stack_domain(struct xp_buf *b, const struct xp_stacks *s, const struct xp_row *row)
{
	return xp_stack_text(b, row->domain == XP_NONE ? "?" : s->agg->domains[row->domain].name);
}

bool xp_stack_is_time(const struct xp_agg *a, size_t event)
{
	char text[16];

	return !strcmp(xp_agg_event_name(a, event, text), "timer");
}
