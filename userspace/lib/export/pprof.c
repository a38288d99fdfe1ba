// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * profile.proto [github.com/google/pprof, proto/profile.proto @b9395ee], gzip'ed.
 *
 * Sample types: samples (how many), then each event, in what they stand for. Labels: domain, vcpu, pcpu, mode, process. Xen's
 * mapping comes first: pprof takes that for the main binary. What has no symbol is a location without a function, which
 * pprof shows by its mapping.
 */
#include "lib/agg/filter.h"
#include "lib/export/export.h"
#include "lib/export/functions.h"
#include "lib/export/pprof-labels.h"
#include "lib/export/proto.h"
#include "lib/export/store.h"
#include "lib/export/strings.h"
#include "lib/sym/buildid.h"

enum { PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE, PROFILE_MAPPING, PROFILE_LOCATION, PROFILE_FUNCTION, PROFILE_STRING,
       PROFILE_TIME = 9, PROFILE_DURATION, PROFILE_PERIOD_TYPE, PROFILE_PERIOD, PROFILE_COMMENT, PROFILE_DEFAULT_TYPE };

struct pprof {
	struct xp_stacks stacks;
	struct xp_functions functions;
	struct xp_strings strings;
	struct xp_buf out, message, part_message, name;
	struct xp_pprof_labels labels;
	const struct xp_store_part *part; /* for a store: only this domain; NULL: all */
	struct xp_strings roots; /* of it: processes that are outermost frames */
};

#define ROOT_ID(number) ((uint64_t)1 << 32 | (number)) /* of locations and functions: behind all others */

static uint32_t string(struct pprof *p, const char *text)
{
	return xp_strings_add(&p->strings, xp_stack_text(&p->name, text));
}

/* ---- types ---- */

static void put_type(struct pprof *p, unsigned int field, const char *type, const char *unit)
{
	xp_proto_u64(&p->message, 1, string(p, type));
	xp_proto_u64(&p->message, 2, string(p, unit));
	xp_proto_message(&p->out, field, &p->message);
}

static void put_event_type(struct pprof *p, unsigned int field, size_t event)
{
	bool time = xp_stack_is_time(p->stacks.agg, event);
	char text[16];

	put_type(p, field, time ? "cpu" : xp_agg_event_name(p->stacks.agg, event, text), time ? "nanoseconds" : "count");
}

static void put_types(struct pprof *p)
{
	const struct xp_agg *a = p->stacks.agg;
	char text[16];
	size_t e;

	put_type(p, PROFILE_SAMPLE_TYPE, "samples", "count");
	for (e = 0; e < a->nr_events; e++)
		put_event_type(p, PROFILE_SAMPLE_TYPE, e);
	put_event_type(p, PROFILE_PERIOD_TYPE, 0);
	xp_proto_u64(&p->out, PROFILE_PERIOD, a->profile->nr_events ? a->profile->events[0].period : 0);
	xp_proto_u64(&p->out, PROFILE_DEFAULT_TYPE,
		     string(p, xp_stack_is_time(a, 0) ? "cpu" : xp_agg_event_name(a, 0, text)));
}

/* ---- samples ---- */

/* The process as a location, written when it is met first; 0: none. */
static uint64_t root_of(struct pprof *p, const struct xp_row *row)
{
	size_t before = p->roots.nr;
	uint64_t id;

	if (!p->part || !row->comm || !row->comm[0])
		return 0;
	id = ROOT_ID(xp_strings_add(&p->roots, row->comm));
	if (p->roots.nr == before)
		return id;
	xp_proto_u64(&p->message, 1, id);
	xp_proto_u64(&p->part_message, 1, id);
	xp_proto_message(&p->message, 4, &p->part_message);
	xp_proto_message(&p->out, PROFILE_LOCATION, &p->message);
	xp_proto_u64(&p->message, 1, id);
	xp_proto_u64(&p->message, 2, string(p, row->comm));
	xp_proto_u64(&p->message, 3, string(p, row->comm));
	xp_proto_message(&p->out, PROFILE_FUNCTION, &p->message);
	return id;
}

/* Innermost first. False: no memory. */
static bool put_frames(struct pprof *p, uint32_t call, uint64_t root)
{
	while (call) {
		struct xp_stack k = xp_stack_at(&p->stacks, call);
		uint32_t function = xp_function_of(&p->functions, &k.row);

		if (function == XP_NONE)
			return false;
		xp_buf_varint(&p->part_message, function + 1);
		call = k.caller;
	}
	if (root)
		xp_buf_varint(&p->part_message, root);
	xp_proto_message(&p->message, 1, &p->part_message);
	return true;
}

static bool is_wanted(const struct pprof *p, const struct xp_row *row)
{
	return !p->part || (row->domain != XP_NONE && p->part->wanted[row->domain]);
}

static bool put_sample(struct pprof *p, uint32_t call)
{
	struct xp_stack k = xp_stack_at(&p->stacks, call);
	size_t events = p->stacks.agg->nr_events, e;
	uint64_t samples = 0, root;

	for (e = 0; e < events; e++)
		samples += k.samples[e];
	if (!samples || !is_wanted(p, &k.row))
		return true;
	root = root_of(p, &k.row);
	if (!put_frames(p, call, root))
		return false;
	xp_buf_varint(&p->part_message, samples);
	for (e = 0; e < events; e++)
		xp_buf_varint(&p->part_message, k.weights[e]);
	xp_proto_message(&p->message, 2, &p->part_message);
	xp_pprof_labels_put(&p->labels, &p->message, &k.row, !p->part);
	xp_proto_message(&p->out, PROFILE_SAMPLE, &p->message);
	return true;
}

/* ---- locations, functions, mappings ---- */

static uint64_t mapping_id(const struct pprof *p, const struct xp_image *image)
{
	return image ? (uint64_t)(image - p->stacks.agg->profile->images) + 1 : 0;
}

static void put_function(struct pprof *p, size_t number)
{
	const struct xp_row *row = &p->functions.rows[number];
	uint64_t id = number + 1;

	xp_proto_u64(&p->message, 1, id);
	xp_proto_u64(&p->message, 2, mapping_id(p, row->image));
	xp_proto_u64(&p->message, 3, row->symbol ? row->symbol->start : 0);
	if (row->symbol || row->truncated || !row->image) {
		xp_proto_u64(&p->part_message, 1, id);
		xp_proto_message(&p->message, 4, &p->part_message);
	}
	xp_proto_message(&p->out, PROFILE_LOCATION, &p->message);
	if (!row->symbol && !row->truncated && row->image)
		return;
	xp_proto_u64(&p->message, 1, id);
	xp_proto_u64(&p->message, 2, xp_strings_add(&p->strings, xp_stack_function(&p->name, row)));
	xp_proto_u64(&p->message, 3, xp_strings_add(&p->strings, xp_stack_function(&p->name, row)));
	xp_proto_message(&p->out, PROFILE_FUNCTION, &p->message);
}

/* Of Xen the host's description tells it, too. */
static const char *build_id_of(const struct pprof *p, const struct xp_image *image, char hex[2 * XP_BUILD_ID_MAX + 1])
{
	const char *told = NULL;
	struct xp_build_id id;

	xp_build_id_set(&id, image->build_id, image->build_id_len);
	xp_build_id_hex(&id, hex);
	if (!*hex && image->kind == XP_IMAGE_XEN && !strcmp(image->name, "xen"))
		told = xp_profile_host(p->stacks.agg->profile, "xen.build_id");
	return told ? told : hex;
}

static void put_mapping(struct pprof *p, const struct xp_image *image)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];

	xp_proto_u64(&p->message, 1, mapping_id(p, image));
	if (image->nr_symbols) {
		xp_proto_u64(&p->message, 2, image->symbols[0].start);
		xp_proto_u64(&p->message, 3, image->symbols[image->nr_symbols - 1].end);
	}
	xp_proto_u64(&p->message, 5, string(p, image->name));
	xp_proto_u64(&p->message, 6, string(p, build_id_of(p, image, hex)));
	xp_proto_u64(&p->message, 7, 1);
	xp_proto_message(&p->out, PROFILE_MAPPING, &p->message);
}

/* For a store only those of functions: each domain's profile would have those of all. */
static bool *used_images(const struct pprof *p)
{
	const struct xp_profile *profile = p->stacks.agg->profile;
	bool *used = calloc(profile->nr_images + 1, sizeof(*used));
	size_t i;

	for (i = 0; used && i < profile->nr_images; i++)
		used[i] = !p->part;
	for (i = 0; used && p->part && i < p->functions.nr; i++)
		if (p->functions.rows[i].image)
			used[p->functions.rows[i].image - profile->images] = true;
	return used;
}

/* Xen first. False: no memory. */
static bool put_mappings(struct pprof *p)
{
	const struct xp_profile *profile = p->stacks.agg->profile;
	bool *used = used_images(p);
	size_t i;
	int pass;

	for (pass = 0; used && pass < 2; pass++)
		for (i = 0; i < profile->nr_images; i++)
			if (used[i] && (profile->images[i].kind == XP_IMAGE_XEN) == !pass)
				put_mapping(p, &profile->images[i]);
	free(used);
	return used;
}

/* ---- the whole ---- */

static void put_times(struct pprof *p)
{
	const struct xp_agg *a = p->stacks.agg;

	if (a->profile->nr_clocks)
		xp_proto_u64(&p->out, PROFILE_TIME, a->profile->clocks[0].realtime_ns);
	xp_proto_u64(&p->out, PROFILE_DURATION, xp_profile_duration_ns(a->profile, a->first_tsc, a->last_tsc));
}

static void put_comments(struct pprof *p)
{
	static const char *const keys[] = { "host.name", "xen.version", "kernel.release", "host.cpu", "command" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *value = xp_profile_host(p->stacks.agg->profile, keys[i]);
		char text[1024];

		if (!value)
			continue;
		snprintf(text, sizeof(text), "%s: %s", keys[i], value);
		xp_buf_varint(&p->out, PROFILE_COMMENT << 3 | XP_PROTO_VARINT);
		xp_buf_varint(&p->out, string(p, text));
	}
}

static bool build(struct pprof *p)
{
	uint32_t call;
	size_t i;

	put_types(p);
	for (call = 1; call < p->stacks.nr_calls; call++)
		if (!put_sample(p, call))
			return false;
	if (!put_mappings(p))
		return false;
	for (i = 0; i < p->functions.nr; i++)
		put_function(p, i);
	put_times(p);
	put_comments(p);
	for (i = 0; i < p->strings.nr; i++)
		xp_proto_text(&p->out, PROFILE_STRING, p->strings.v[i]);
	return xp_buf_ok(&p->out) && xp_buf_ok(&p->message) && !p->strings.failed;
}

/* All but the stacks, which are shared by the parts. */
static void release(struct pprof *p)
{
	xp_pprof_labels_release(&p->labels);
	xp_functions_release(&p->functions);
	xp_strings_release(&p->strings);
	xp_strings_release(&p->roots);
	xp_buf_release(&p->out);
	xp_buf_release(&p->message);
	xp_buf_release(&p->part_message);
	xp_buf_release(&p->name);
}

/* Appends the whole, gzip'ed, to gz. */
static int make(struct xp_stacks stacks, const struct xp_store_part *part, struct xp_buf *gz, struct xp_err *err)
{
	struct pprof p = { .stacks = stacks, .part = part };
	int rc;

	xp_strings_init(&p.strings);
	xp_strings_init(&p.roots);
	rc = xp_functions_init(&p.functions, stacks.agg, err);
	if (!rc && (!xp_pprof_labels_init(&p.labels, stacks.agg, &p.strings) || !build(&p) || !xp_store_gzip(gz, &p.out)))
		rc = xp_fail(err, XP_E_NOMEM, "no memory to write %zu stacks", stacks.nr_calls);
	release(&p);
	return rc;
}

int xp_export_pprof(FILE *out, struct xp_profile *profile, const struct xp_export_options *o, struct xp_err *err)
{
	struct xp_buf gz = XP_BUF_INIT;
	struct xp_stacks stacks;
	int rc = xp_stacks_init(&stacks, profile, &o->filter, XP_KEY_VCPU | XP_KEY_CPU, NULL, NULL, err);

	if (rc)
		return rc;
	rc = make(stacks, NULL, &gz, err);
	if (!rc)
		fwrite(gz.data, 1, gz.len, out);
	xp_buf_release(&gz);
	xp_stacks_release(&stacks);
	return rc;
}

/* ---- for stores: a domain after the other ---- */

static int encode(const struct xp_stacks *stacks, const struct xp_store_options *o, const struct xp_store_part *part, struct xp_buf *gz,
		  struct xp_err *err)
{
	(void)o; /* whose labels the store is told otherwise */
	return make(*stacks, part, gz, err);
}

int xp_store_pprof(struct xp_profile *p, const struct xp_store_options *o, xp_store_fn each, void *arg, struct xp_err *err)
{
	return xp_store_each_domain(p, o, encode, each, arg, err);
}
