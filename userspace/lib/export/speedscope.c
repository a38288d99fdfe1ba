// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * speedscope [github.com/jlfwong/speedscope, src/lib/file-format-spec.ts, v1.25.0]: a profile for each event, "sampled":
 * stacks with the domain and the process as their outermost frames, outermost first, and what each stands for.
 */
#include <inttypes.h>

#include "lib/base/json.h"
#include "lib/export/export.h"
#include "lib/export/functions.h"
#include "lib/export/strings.h"

struct speedscope {
	struct xp_stacks stacks;
	struct xp_functions functions;
	struct xp_strings names;   /* of domains and processes: frames before all functions; number 0 is no frame */
	struct xp_json j;
	FILE *out;
	struct xp_buf b;
};

/* All names must be known before the first stack is written. False: no memory. */
static bool collect(struct speedscope *s)
{
	uint32_t call;

	for (call = 1; call < s->stacks.nr_calls; call++) {
		struct xp_stack k = xp_stack_at(&s->stacks, call);

		if (xp_function_of(&s->functions, &k.row) == XP_NONE)
			return false;
		xp_strings_add(&s->names, xp_stack_domain(&s->b, &s->stacks, &k.row));
		if (k.row.comm)
			xp_strings_add(&s->names, xp_stack_text(&s->b, k.row.comm));
	}
	return !s->names.failed;
}

static void put_frames(struct speedscope *s)
{
	size_t i;

	xp_json_object(&s->j, "shared");
	xp_json_array(&s->j, "frames");
	for (i = 1; i < s->names.nr; i++) {
		xp_json_flat_object(&s->j, NULL);
		xp_json_string(&s->j, "name", s->names.v[i]);
		xp_json_end_object(&s->j);
	}
	for (i = 0; i < s->functions.nr; i++) {
		const struct xp_row *row = &s->functions.rows[i];

		xp_json_flat_object(&s->j, NULL);
		xp_json_string(&s->j, "name", xp_stack_function(&s->b, row));
		if (row->image)
			xp_json_string(&s->j, "file", xp_stack_text(&s->b, row->image->name));
		xp_json_end_object(&s->j);
	}
	xp_json_end_array(&s->j);
	xp_json_end_object(&s->j);
}

static void put_stack(struct speedscope *s, uint32_t call)
{
	uint32_t path[XP_FRAMES_MAX + 2], nr = 0, at;
	struct xp_stack k = xp_stack_at(&s->stacks, call);

	for (at = call; at && nr < XP_FRAMES_MAX + 2; at = xp_stack_at(&s->stacks, at).caller)
		path[nr++] = at;
	xp_json_flat_array(&s->j, NULL);
	xp_json_u64(&s->j, NULL, xp_strings_add(&s->names, xp_stack_domain(&s->b, &s->stacks, &k.row)) - 1);
	if (k.row.comm)
		xp_json_u64(&s->j, NULL, xp_strings_add(&s->names, xp_stack_text(&s->b, k.row.comm)) - 1);
	while (nr--) {
		k = xp_stack_at(&s->stacks, path[nr]);
		xp_json_u64(&s->j, NULL, s->names.nr - 1 + xp_function_of(&s->functions, &k.row));
	}
	xp_json_end_array(&s->j);
}

static void put_stacks(struct speedscope *s, size_t event)
{
	uint32_t call;

	xp_json_array(&s->j, "samples");
	for (call = 1; call < s->stacks.nr_calls; call++)
		if (xp_stack_at(&s->stacks, call).weights[event])
			put_stack(s, call);
	xp_json_end_array(&s->j);
}

/* Their sum. */
static uint64_t put_weights(struct speedscope *s, size_t event)
{
	uint64_t total = 0, weight;
	uint32_t call;

	xp_json_flat_array(&s->j, "weights");
	for (call = 1; call < s->stacks.nr_calls; call++) {
		weight = xp_stack_at(&s->stacks, call).weights[event];
		total += weight;
		if (weight)
			xp_json_u64(&s->j, NULL, weight);
	}
	xp_json_end_array(&s->j);
	return total;
}

static void put_profile(struct speedscope *s, size_t event)
{
	bool time = xp_stack_is_time(s->stacks.agg, event);
	uint64_t total;
	char text[16];

	xp_json_object(&s->j, NULL);
	xp_json_string(&s->j, "type", "sampled");
	xp_json_string(&s->j, "name", time ? "CPU time" : xp_stack_text(&s->b, xp_agg_event_name(s->stacks.agg, event, text)));
	xp_json_string(&s->j, "unit", time ? "nanoseconds" : "none");
	put_stacks(s, event);
	total = put_weights(s, event);
	xp_json_u64(&s->j, "startValue", 0);
	xp_json_u64(&s->j, "endValue", total);
	xp_json_end_object(&s->j);
}

static void put_all(struct speedscope *s)
{
	const char *host = xp_profile_host(s->stacks.agg->profile, "host.name");
	size_t e;

	xp_json_init(&s->j, s->out);
	xp_json_object(&s->j, NULL);
	xp_json_string(&s->j, "$schema", "https://www.speedscope.app/file-format-schema.json");
	xp_json_string(&s->j, "exporter", "xprof");
	xp_json_string(&s->j, "name", host ? xp_stack_text(&s->b, host) : "xprof");
	xp_json_u64(&s->j, "activeProfileIndex", 0);
	put_frames(s);
	xp_json_array(&s->j, "profiles");
	for (e = 0; e < s->stacks.agg->nr_events; e++)
		put_profile(s, e);
	xp_json_end_array(&s->j);
	xp_json_end_object(&s->j);
}

int xp_export_speedscope(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err)
{
	struct speedscope s = { .out = out };
	int rc = xp_stacks_init(&s.stacks, p, &o->filter, 0, NULL, NULL, err);

	if (rc)
		return rc;
	xp_strings_init(&s.names);
	rc = xp_functions_init(&s.functions, s.stacks.agg, err);
	if (!rc && !collect(&s))
		rc = xp_fail(err, XP_E_NOMEM, "no memory to write %zu stacks", s.stacks.nr_calls);
	if (!rc)
		put_all(&s);
	xp_buf_release(&s.b);
	xp_strings_release(&s.names);
	xp_functions_release(&s.functions);
	xp_stacks_release(&s.stacks);
	return rc;
}
