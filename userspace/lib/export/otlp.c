// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * OpenTelemetry profiles, for stores: ExportProfilesServiceRequest [open-telemetry/opentelemetry-proto @ac2c4b5, 1.11].
 * Everything that is referred to stands in tables of the dictionary, whose element 0 is the empty one. A Profile has one
 * sample type: there is one for each event, all of one domain's resource.
 */
#include "lib/agg/filter.h"
#include "lib/export/functions.h"
#include "lib/export/proto.h"
#include "lib/export/stacks.h"
#include "lib/export/store.h"
#include "lib/export/strings.h"
#include "lib/sym/buildid.h"

enum { REQUEST_RESOURCE = 1, REQUEST_DICTIONARY };
enum { DICT_MAPPING = 1, DICT_LOCATION, DICT_FUNCTION, DICT_LINK, DICT_STRING, DICT_ATTRIBUTE, DICT_STACK };
enum { PROFILE_TYPE = 1, PROFILE_SAMPLE, PROFILE_TIME, PROFILE_DURATION, PROFILE_PERIOD_TYPE, PROFILE_PERIOD, PROFILE_ID };

struct otlp {
	const struct xp_stacks *stacks;
	const struct xp_store_options *o;
	const struct xp_store_part *part;
	struct xp_functions functions;
	struct xp_strings strings, roots;
	struct xp_buf dictionary, profiles, profile, message, inner, value, name;
	uint32_t *stack_of;      /* of each call: in the table of stacks; 0: not there */
	uint32_t nr_stacks;
	uint32_t *mapping_of;    /* of each image; 0: not there */
	uint32_t nr_mappings;
	uint32_t nr_attributes;
};

static uint32_t string(struct otlp *t, const char *text)
{
	return xp_strings_add(&t->strings, xp_stack_text(&t->name, text));
}

static void put_fixed64(struct xp_buf *b, unsigned int field, uint64_t value)
{
	xp_buf_varint(b, field << 3 | 1u);
	xp_buf_u64(b, value);
}

/* ---- attributes ---- */

/* KeyValueAndUnit of a text, in the dictionary. Its index. */
static uint32_t put_attribute(struct otlp *t, const char *key, const char *text)
{
	xp_proto_text(&t->value, 1, text);
	xp_proto_u64(&t->message, 1, string(t, key));
	xp_proto_message(&t->message, 2, &t->value);
	xp_proto_message(&t->dictionary, DICT_ATTRIBUTE, &t->message);
	return t->nr_attributes++;
}

/* KeyValue of a text, into b. */
static void put_label(struct otlp *t, struct xp_buf *b, const char *name, const char *text)
{
	xp_proto_text(&t->value, 1, xp_stack_text(&t->name, text));
	xp_proto_text(&t->inner, 1, name);
	xp_proto_message(&t->inner, 2, &t->value);
	xp_proto_message(b, 1, &t->inner);
}

/* ---- mappings, locations, functions ---- */

static void put_mapping(struct otlp *t, const struct xp_image *image)
{
	char hex[2 * XP_BUILD_ID_MAX + 1];
	struct xp_build_id id;
	uint32_t attribute = 0;

	xp_build_id_set(&id, image->build_id, image->build_id_len);
	xp_build_id_hex(&id, hex);
	if (*hex)
		attribute = put_attribute(t, "process.executable.build_id.gnu", hex);
	if (image->nr_symbols) {
		xp_proto_u64(&t->message, 1, image->symbols[0].start);
		xp_proto_u64(&t->message, 2, image->symbols[image->nr_symbols - 1].end);
	}
	xp_proto_u64(&t->message, 4, string(t, image->name));
	if (attribute) {
		xp_buf_varint(&t->inner, attribute);
		xp_proto_message(&t->message, 5, &t->inner);
	}
	xp_proto_message(&t->dictionary, DICT_MAPPING, &t->message);
}

static uint32_t mapping_of(struct otlp *t, const struct xp_image *image)
{
	uint32_t *index = image ? &t->mapping_of[image - t->stacks->agg->profile->images] : NULL;

	if (!index)
		return 0;
	if (!*index) {
		*index = ++t->nr_mappings;
		put_mapping(t, image);
	}
	return *index;
}

/* A location and its function, both of the same index: number + 1. name is not in t->name. */
static void put_place(struct otlp *t, uint32_t index, uint32_t name, uint32_t mapping, uint64_t address)
{
	xp_proto_u64(&t->inner, 1, index);
	xp_proto_u64(&t->message, 1, mapping);
	xp_proto_u64(&t->message, 2, address);
	xp_proto_message(&t->message, 3, &t->inner);
	xp_proto_message(&t->dictionary, DICT_LOCATION, &t->message);
	xp_proto_u64(&t->message, 1, name);
	xp_proto_u64(&t->message, 2, name);
	xp_proto_message(&t->dictionary, DICT_FUNCTION, &t->message);
}

/*
 * The table's order is that of the numbers, so roots come behind all functions: those must be known before the first
 * stack is written.
 */
static bool number_all(struct otlp *t, const bool *is_used)
{
	for (uint32_t call = 1; call < t->stacks->nr_calls; call++) {
		struct xp_stack k = xp_stack_at(t->stacks, call);

		if (!is_used[call])
			continue;
		if (xp_function_of(&t->functions, &k.row) == XP_NONE)
			return false;
		if (k.row.comm && k.row.comm[0])
			xp_strings_add(&t->roots, k.row.comm);
	}
	return true;
}

static void put_places(struct otlp *t)
{
	for (size_t i = 0; i < t->functions.nr; i++) {
		const struct xp_row *row = &t->functions.rows[i];
		uint32_t name = xp_strings_add(&t->strings, xp_stack_function(&t->name, row));

		put_place(t, (uint32_t)i + 1, name, mapping_of(t, row->image), row->symbol ? row->symbol->start : 0);
	}
	for (size_t i = 1; i < t->roots.nr; i++)
		put_place(t, (uint32_t)(t->functions.nr + i), string(t, t->roots.v[i]), 0, 0);
}

/* ---- stacks ---- */

static void put_stack(struct otlp *t, uint32_t call)
{
	struct xp_stack k = xp_stack_at(t->stacks, call);
	const char *comm = k.row.comm;

	t->stack_of[call] = ++t->nr_stacks;
	for (uint32_t at = call; at; at = k.caller) {
		k = xp_stack_at(t->stacks, at);
		xp_buf_varint(&t->inner, xp_function_of(&t->functions, &k.row) + 1);
	}
	if (comm && comm[0])
		xp_buf_varint(&t->inner, t->functions.nr + xp_strings_add(&t->roots, comm));
	xp_proto_message(&t->message, 1, &t->inner);
	xp_proto_message(&t->dictionary, DICT_STACK, &t->message);
}

static bool is_wanted(const struct otlp *t, const struct xp_stack *k)
{
	return k->row.domain != XP_NONE && t->part->wanted[k->row.domain] && xp_stack_has_samples(t->stacks, k);
}

/* Calls in which samples of this domain lie, and their callers. NULL: no memory. */
static bool *used_calls(const struct otlp *t)
{
	bool *used = calloc(t->stacks->nr_calls + 1, sizeof(*used));

	for (uint32_t call = 1; used && call < t->stacks->nr_calls; call++) {
		struct xp_stack k = xp_stack_at(t->stacks, call);

		if (!is_wanted(t, &k))
			continue;
		for (uint32_t at = call; at && !used[at]; at = xp_stack_at(t->stacks, at).caller)
			used[at] = true;
	}
	return used;
}

static bool put_stacks(struct otlp *t)
{
	bool *used = used_calls(t), ok = used && number_all(t, used);

	for (uint32_t call = 1; ok && call < t->stacks->nr_calls; call++) {
		struct xp_stack k = xp_stack_at(t->stacks, call);

		if (is_wanted(t, &k))
			put_stack(t, call);
	}
	free(used);
	return ok;
}

/* ---- profiles ---- */

static void put_type(struct otlp *t, unsigned int field, const char *type, const char *unit)
{
	xp_proto_u64(&t->message, 1, string(t, type));
	xp_proto_u64(&t->message, 2, string(t, unit));
	xp_proto_message(&t->profile, field, &t->message);
}

static void put_event_type(struct otlp *t, unsigned int field, size_t event)
{
	bool time = xp_stack_is_time(t->stacks->agg, event);
	char text[16];

	put_type(t, field, time ? "cpu" : xp_agg_event_name(t->stacks->agg, event, text), time ? "nanoseconds" : "count");
}

/* attributes: of each mode, in the dictionary. */
static void put_samples(struct otlp *t, size_t event, const uint32_t *attributes)
{
	for (uint32_t call = 1; call < t->stacks->nr_calls; call++) {
		struct xp_stack k = xp_stack_at(t->stacks, call);

		if (!t->stack_of[call] || !k.weights[event])
			continue;
		xp_proto_u64(&t->message, 1, t->stack_of[call]);
		if (k.row.mode < XP_NR_MODES) {
			xp_buf_varint(&t->inner, attributes[k.row.mode]);
			xp_proto_message(&t->message, 2, &t->inner);
		}
		xp_buf_varint(&t->inner, k.weights[event]);
		xp_proto_message(&t->message, 4, &t->inner);
		xp_proto_message(&t->profile, PROFILE_SAMPLE, &t->message);
	}
}

static void put_profile(struct otlp *t, size_t event, const uint32_t *attributes)
{
	const struct xp_agg *a = t->stacks->agg;
	uint8_t id[16];

	put_event_type(t, PROFILE_TYPE, event);
	put_samples(t, event, attributes);
	put_fixed64(&t->profile, PROFILE_TIME, a->profile->nr_clocks ? a->profile->clocks[0].realtime_ns : 0);
	xp_proto_u64(&t->profile, PROFILE_DURATION, xp_profile_duration_ns(a->profile, a->first_tsc, a->last_tsc));
	put_event_type(t, PROFILE_PERIOD_TYPE, event);
	xp_proto_u64(&t->profile, PROFILE_PERIOD, event < a->profile->nr_events ? a->profile->events[event].period : 0);
	memcpy(id, t->part->id, sizeof(id));
	id[15] ^= (uint8_t)event; /* a message's events have one each */
	xp_proto_bytes(&t->profile, PROFILE_ID, id, sizeof(id));
	xp_proto_message(&t->profiles, 2, &t->profile);
}

static void put_profiles(struct otlp *t)
{
	const struct xp_agg *a = t->stacks->agg;
	uint32_t attributes[XP_NR_MODES];

	for (size_t i = 0; i < XP_NR_MODES; i++)
		attributes[i] = put_attribute(t, "xprof.mode", xp_mode_names[i]);
	xp_proto_text(&t->inner, 1, "xprof");
	xp_proto_message(&t->profiles, 1, &t->inner);
	for (size_t e = 0; e < a->nr_events; e++)
		put_profile(t, e, attributes);
}

/* ---- the whole ---- */

static void put_zero_elements(struct otlp *t)
{
	static const uint8_t no_link[] = { 1 << 3 | 2, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
					   2 << 3 | 2, 8, 0, 0, 0, 0, 0, 0, 0, 0 };

	for (unsigned int field = DICT_MAPPING; field <= DICT_STACK; field++)
		if (field == DICT_LINK)
			xp_proto_bytes(&t->dictionary, field, no_link, sizeof(no_link));
		else if (field != DICT_STRING)
			xp_proto_bytes(&t->dictionary, field, "", 0);
	t->nr_attributes = 1;
}

static void put_resource(struct otlp *t, struct xp_buf *out)
{
	struct xp_buf resource = XP_BUF_INIT, all = XP_BUF_INIT;

	for (size_t i = 0; i < t->o->nr_labels; i++)
		put_label(t, &resource, t->o->labels[i].name, t->o->labels[i].value);
	put_label(t, &resource, "domain", t->part->domain);
	xp_proto_message(&all, 1, &resource);
	xp_proto_message(&all, 2, &t->profiles);
	xp_proto_message(out, REQUEST_RESOURCE, &all);
	xp_buf_release(&resource);
	xp_buf_release(&all);
}

static bool build(struct otlp *t, struct xp_buf *out)
{
	put_zero_elements(t);
	if (!put_stacks(t))
		return false;
	put_places(t);
	put_profiles(t);
	put_resource(t, out);
	for (size_t i = 0; i < t->strings.nr; i++)
		xp_proto_text(&t->dictionary, DICT_STRING, t->strings.v[i]);
	xp_proto_message(out, REQUEST_DICTIONARY, &t->dictionary);
	return xp_buf_ok(out) && !t->strings.failed && !t->roots.failed;
}

static void release(struct otlp *t)
{
	xp_functions_release(&t->functions);
	xp_strings_release(&t->strings);
	xp_strings_release(&t->roots);
	xp_buf_release(&t->dictionary);
	xp_buf_release(&t->profiles);
	xp_buf_release(&t->profile);
	xp_buf_release(&t->message);
	xp_buf_release(&t->inner);
	xp_buf_release(&t->value);
	xp_buf_release(&t->name);
	free(t->stack_of);
	free(t->mapping_of);
}

static int encode(const struct xp_stacks *stacks, const struct xp_store_options *o, const struct xp_store_part *part, struct xp_buf *gz,
		  struct xp_err *err)
{
	struct otlp t = { .stacks = stacks, .o = o, .part = part };
	struct xp_buf out = XP_BUF_INIT;
	int rc;

	xp_strings_init(&t.strings);
	xp_strings_init(&t.roots);
	t.stack_of = calloc(t.stacks->nr_calls + 1, sizeof(*t.stack_of));
	t.mapping_of = calloc(t.stacks->agg->profile->nr_images + 1, sizeof(*t.mapping_of));
	rc = xp_functions_init(&t.functions, t.stacks->agg, err);
	if (!rc && (!t.stack_of || !t.mapping_of || !build(&t, &out) || !xp_store_gzip(gz, &out)))
		rc = xp_fail(err, XP_E_NOMEM, "no memory to write %zu stacks", t.stacks->nr_calls);
	xp_buf_release(&out);
	release(&t);
	return rc;
}

int xp_store_otlp(struct xp_profile *p, const struct xp_store_options *o, xp_store_fn each, void *arg, struct xp_err *err)
{
	return xp_store_each_domain(p, o, encode, each, arg, err);
}
