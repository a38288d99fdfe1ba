// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Firefox Profiler's processed format, version 60 [github.com/firefox-devtools/profiler,
 * docs-developer/CHANGELOG-formats.md; newer versions are read by fewer]: one event. A process is a domain, a thread its
 * vCPU; the colour of a frame (its category) is whose code it is.
 */
#include <inttypes.h>

#include "lib/base/json.h"
#include "lib/export/clock.h"
#include "lib/export/export.h"
#include "lib/export/functions.h"
#include "lib/export/strings.h"
#include "lib/report/report.h"

#define VERSION 60

enum { CATEGORY_OTHER, CATEGORY_XEN, CATEGORY_KERNEL, CATEGORY_USER };
static const struct { const char *name, *color; } categories[] = {
	{ "Other", "grey" }, { "Xen", "orange" }, { "Kernel", "blue" }, { "User", "green" },
};

struct thread_sample { uint64_t tsc, weight; uint32_t call, domain; uint16_t vcpu; };

struct firefox {
	struct xp_stacks stacks;
	struct xp_functions functions;
	struct xp_strings strings;
	struct xp_span span;
	size_t event;
	struct thread_sample *v;
	size_t nr, room;
	struct xp_json j;
	struct xp_buf b;
};

static int keep(const struct xp_agg_sample *s, void *arg)
{
	struct firefox *f = arg;

	if (!s->call || s->site->event != f->event)
		return 0;
	if (f->nr == f->room) {
		size_t room = f->room ? 2 * f->room : 4096;
		struct thread_sample *v = realloc(f->v, room * sizeof(*v));

		if (!v)
			return XP_E_NOMEM;
		f->v = v;
		f->room = room;
	}
	f->v[f->nr++] = (struct thread_sample){ s->tsc, s->weight, s->call, 0, s->site->vcpu };
	return 0;
}

static int by_thread(const void *pa, const void *pb)
{
	const struct thread_sample *a = pa, *b = pb;

	if (a->domain != b->domain)
		return a->domain < b->domain ? -1 : 1;
	if (a->vcpu != b->vcpu)
		return a->vcpu < b->vcpu ? -1 : 1;
	return a->tsc < b->tsc ? -1 : a->tsc > b->tsc;
}

/* ---- tables ---- */

static void put_null(struct firefox *f)
{
	xp_json_null(&f->j, NULL);
}

/* NAME: [value, value, …], the same nr times; NULL: null. */
static void put_same(struct firefox *f, const char *name, size_t nr, const char *value)
{
	size_t i;

	xp_json_flat_array(&f->j, name);
	for (i = 0; i < nr; i++) {
		if (!value)
			put_null(f);
		else if (!strcmp(value, "false"))
			xp_json_bool(&f->j, NULL, false);
		else
			xp_json_number(&f->j, NULL, strtod(value, NULL), 0);
	}
	xp_json_end_array(&f->j);
}

static void put_calls(struct firefox *f, const char *name, bool prefix)
{
	uint32_t call;

	xp_json_flat_array(&f->j, name);
	for (call = 1; call < f->stacks.nr_calls; call++) {
		struct xp_stack k = xp_stack_at(&f->stacks, call);

		if (!prefix)
			xp_json_u64(&f->j, NULL, xp_function_of(&f->functions, &k.row));
		else if (k.caller)
			xp_json_u64(&f->j, NULL, k.caller - 1);
		else
			put_null(f);
	}
	xp_json_end_array(&f->j);
}

static void put_stack_table(struct firefox *f)
{
	xp_json_object(&f->j, "stackTable");
	put_calls(f, "frame", false);
	put_calls(f, "prefix", true);
	xp_json_u64(&f->j, "length", f->stacks.nr_calls - 1);
	xp_json_end_object(&f->j);
}

static uint64_t category_of(const struct xp_row *row)
{
	if (row->truncated)
		return CATEGORY_OTHER;
	return row->mode == XP_MODE_XEN ? CATEGORY_XEN : row->mode == XP_MODE_KERNEL ? CATEGORY_KERNEL : CATEGORY_USER;
}

static void put_frame_table(struct firefox *f)
{
	size_t nr = f->functions.nr, i;

	xp_json_object(&f->j, "frameTable");
	put_same(f, "address", nr, "-1");
	put_same(f, "inlineDepth", nr, "0");
	xp_json_flat_array(&f->j, "category");
	for (i = 0; i < nr; i++)
		xp_json_u64(&f->j, NULL, category_of(&f->functions.rows[i]));
	xp_json_end_array(&f->j);
	put_same(f, "subcategory", nr, "0");
	xp_json_flat_array(&f->j, "func");
	for (i = 0; i < nr; i++)
		xp_json_u64(&f->j, NULL, i);
	xp_json_end_array(&f->j);
	put_same(f, "nativeSymbol", nr, NULL);
	put_same(f, "innerWindowID", nr, NULL);
	put_same(f, "line", nr, NULL);
	put_same(f, "column", nr, NULL);
	xp_json_u64(&f->j, "length", nr);
	xp_json_end_object(&f->j);
}

static void put_func_table(struct firefox *f)
{
	size_t nr = f->functions.nr, i;

	xp_json_object(&f->j, "funcTable");
	xp_json_flat_array(&f->j, "name");
	for (i = 0; i < nr; i++)
		xp_json_u64(&f->j, NULL, xp_strings_add(&f->strings, xp_stack_function(&f->b, &f->functions.rows[i])));
	xp_json_end_array(&f->j);
	put_same(f, "isJS", nr, "false");
	put_same(f, "relevantForJS", nr, "false");
	xp_json_flat_array(&f->j, "resource");
	for (i = 0; i < nr; i++) {
		const struct xp_image *image = f->functions.rows[i].image;

		if (image)
			xp_json_u64(&f->j, NULL, (uint64_t)(image - f->stacks.agg->profile->images));
		else
			xp_json_number(&f->j, NULL, -1, 0);
	}
	xp_json_end_array(&f->j);
	put_same(f, "source", nr, NULL);
	put_same(f, "lineNumber", nr, NULL);
	put_same(f, "columnNumber", nr, NULL);
	xp_json_u64(&f->j, "length", nr);
	xp_json_end_object(&f->j);
}

/* A resource is an image (type 1: a library). */
static void put_resources(struct firefox *f)
{
	const struct xp_profile *p = f->stacks.agg->profile;
	size_t i;

	xp_json_object(&f->j, "resourceTable");
	xp_json_flat_array(&f->j, "name");
	for (i = 0; i < p->nr_images; i++) {
		const struct xp_row row = { .image = &p->images[i] };

		xp_json_u64(&f->j, NULL, xp_strings_add(&f->strings, xp_stack_image(&f->b, &row)));
	}
	xp_json_end_array(&f->j);
	put_same(f, "lib", p->nr_images, NULL);
	put_same(f, "host", p->nr_images, NULL);
	put_same(f, "type", p->nr_images, "1");
	xp_json_u64(&f->j, "length", p->nr_images);
	xp_json_end_object(&f->j);
}

static void put_empty(struct firefox *f, const char *name, const char *const *columns)
{
	xp_json_flat_object(&f->j, name);
	for (; *columns; columns++) {
		xp_json_flat_array(&f->j, *columns);
		xp_json_end_array(&f->j);
	}
	xp_json_u64(&f->j, "length", 0);
	xp_json_end_object(&f->j);
}

static void put_shared(struct firefox *f)
{
	static const char *const native[] = { "libIndex", "address", "name", "functionSize", NULL };
	static const char *const sources[] = { "uuid", "filename", NULL };
	size_t i;

	xp_json_object(&f->j, "shared");
	put_stack_table(f);
	put_frame_table(f);
	put_func_table(f);
	put_resources(f);
	put_empty(f, "nativeSymbols", native);
	put_empty(f, "sources", sources);
	xp_json_array(&f->j, "stringArray");
	for (i = 0; i < f->strings.nr; i++)
		xp_json_string(&f->j, NULL, f->strings.v[i]);
	xp_json_end_array(&f->j);
	xp_json_end_object(&f->j);
}

/* ---- threads ---- */

static void put_samples(struct firefox *f, const struct thread_sample *v, size_t nr)
{
	bool time = xp_stack_is_time(f->stacks.agg, f->event);
	size_t i;

	xp_json_object(&f->j, "samples");
	xp_json_flat_array(&f->j, "stack");
	for (i = 0; i < nr; i++)
		xp_json_u64(&f->j, NULL, v[i].call - 1);
	xp_json_end_array(&f->j);
	xp_json_flat_array(&f->j, "time");
	for (i = 0; i < nr; i++)
		xp_json_number(&f->j, NULL, xp_export_us(&f->span, v[i].tsc) / 1000, 6);
	xp_json_end_array(&f->j);
	/* Weights are a number of samples for it, or milliseconds, or bytes. */
	xp_json_flat_array(&f->j, "weight");
	for (i = 0; i < nr; i++)
		if (time)
			xp_json_number(&f->j, NULL, (double)v[i].weight / 1e6, 6);
		else
			xp_json_u64(&f->j, NULL, v[i].weight);
	xp_json_end_array(&f->j);
	xp_json_string(&f->j, "weightType", time ? "tracing-ms" : "samples");
	xp_json_u64(&f->j, "length", nr);
	xp_json_end_object(&f->j);
}

static void put_thread(struct firefox *f, const struct thread_sample *v, size_t nr)
{
	static const char *const markers[] = { "data", "name", "startTime", "endTime", "phase", "category", NULL };
	const struct xp_agg_domain *d = &f->stacks.agg->domains[v->domain];
	char text[64];

	xp_json_object(&f->j, NULL);
	xp_json_string(&f->j, "processType", "default");
	xp_json_string(&f->j, "processName", xp_stack_text(&f->b, d->name));
	snprintf(text, sizeof(text), "vCPU %u", v->vcpu);
	xp_json_string(&f->j, "name", text);
	snprintf(text, sizeof(text), "%" PRIu32, v->domain);
	xp_json_string(&f->j, "pid", text);
	xp_json_u64(&f->j, "tid", v->domain * 10000ull + v->vcpu);
	xp_json_bool(&f->j, "isMainThread", v->vcpu == 0);
	xp_json_number(&f->j, "processStartupTime", 0, 0);
	xp_json_null(&f->j, "processShutdownTime");
	xp_json_number(&f->j, "registerTime", 0, 0);
	xp_json_null(&f->j, "unregisterTime");
	xp_json_flat_array(&f->j, "pausedRanges");
	xp_json_end_array(&f->j);
	put_samples(f, v, nr);
	put_empty(f, "markers", markers);
	xp_json_end_object(&f->j);
}

static void put_threads(struct firefox *f)
{
	size_t from, to;

	xp_json_array(&f->j, "threads");
	for (from = 0; from < f->nr; from = to) {
		for (to = from; to < f->nr && f->v[to].domain == f->v[from].domain && f->v[to].vcpu == f->v[from].vcpu; to++)
			;
		put_thread(f, &f->v[from], to - from);
	}
	xp_json_end_array(&f->j);
}

/* ---- meta ---- */

static void put_categories(struct firefox *f)
{
	size_t i;

	xp_json_array(&f->j, "categories");
	for (i = 0; i < sizeof(categories) / sizeof(categories[0]); i++) {
		xp_json_flat_object(&f->j, NULL);
		xp_json_string(&f->j, "name", categories[i].name);
		xp_json_string(&f->j, "color", categories[i].color);
		xp_json_flat_array(&f->j, "subcategories");
		xp_json_string(&f->j, NULL, "Other");
		xp_json_end_array(&f->j);
		xp_json_end_object(&f->j);
	}
	xp_json_end_array(&f->j);
}

static void put_fact(struct firefox *f, const char *label, const char *value)
{
	xp_json_flat_object(&f->j, NULL);
	xp_json_string(&f->j, "label", label);
	xp_json_string(&f->j, "format", "string");
	xp_json_string(&f->j, "value", xp_stack_text(&f->b, value));
	xp_json_end_object(&f->j);
}

static void put_facts(struct firefox *f)
{
	static const char *const keys[] = { "host.name", "xen.version", "xen.command_line", "xen.scheduler", "kernel.release", "command" };
	const struct xp_profile *p = f->stacks.agg->profile;
	struct xp_counts lost;
	char text[32];
	size_t i;

	xp_report_lost(p, &lost);
	xp_json_array(&f->j, "extra");
	xp_json_object(&f->j, NULL);
	xp_json_string(&f->j, "label", "Host");
	xp_json_array(&f->j, "entries");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (xp_profile_host(p, keys[i]))
			put_fact(f, keys[i], xp_profile_host(p, keys[i]));
	snprintf(text, sizeof(text), "%" PRIu64, lost.of[f->event]);
	put_fact(f, "lost samples", text);
	xp_json_end_array(&f->j);
	xp_json_end_object(&f->j);
	xp_json_end_array(&f->j);
}

static double interval_ms(const struct firefox *f)
{
	const struct xp_profile *p = f->stacks.agg->profile;
	const struct xp_event *e = f->event < p->nr_events ? &p->events[f->event] : NULL;

	if (e && e->hz)
		return 1000.0 / e->hz;
	return e && xp_stack_is_time(f->stacks.agg, f->event) ? (double)e->period / 1e6 : 1;
}

static void put_meta(struct firefox *f)
{
	const struct xp_profile *p = f->stacks.agg->profile;
	const char *cpu = xp_profile_host(p, "host.cpu");

	xp_json_object(&f->j, "meta");
	xp_json_number(&f->j, "interval", interval_ms(f), 6);
	xp_json_number(&f->j, "startTime", p->nr_clocks ? (double)p->clocks[0].realtime_ns / 1e6 : 0, 3);
	xp_json_u64(&f->j, "processType", 0);
	xp_json_string(&f->j, "product", "xprof");
	xp_json_u64(&f->j, "stackwalk", 1);
	xp_json_u64(&f->j, "version", 36);
	xp_json_u64(&f->j, "preprocessedProfileVersion", VERSION);
	xp_json_bool(&f->j, "symbolicated", true);
	xp_json_bool(&f->j, "keepProfileThreadOrder", true);
	xp_json_bool(&f->j, "usesOnlyOneStackType", true);
	xp_json_bool(&f->j, "sourceCodeIsNotOnSearchfox", true);
	xp_json_string(&f->j, "importedFrom", "xprof");
	if (cpu)
		xp_json_string(&f->j, "CPUName", xp_stack_text(&f->b, cpu));
	xp_json_flat_array(&f->j, "markerSchema");
	xp_json_end_array(&f->j);
	put_categories(f);
	put_facts(f);
	xp_json_end_object(&f->j);
}

/* ---- the whole ---- */

/* Strings and functions have their numbers before anything is written. False: no memory. */
static bool collect(struct firefox *f)
{
	uint32_t call;
	size_t i;

	for (call = 1; call < f->stacks.nr_calls; call++) {
		struct xp_stack k = xp_stack_at(&f->stacks, call);

		if (xp_function_of(&f->functions, &k.row) == XP_NONE)
			return false;
	}
	for (i = 0; i < f->nr; i++)
		f->v[i].domain = xp_stack_at(&f->stacks, f->v[i].call).row.domain;
	qsort(f->v, f->nr, sizeof(*f->v), by_thread);
	return !f->strings.failed;
}

static void put_all(struct firefox *f, FILE *out)
{
	xp_json_init(&f->j, out);
	xp_json_object(&f->j, NULL);
	put_meta(f);
	xp_json_flat_array(&f->j, "libs");
	xp_json_end_array(&f->j);
	put_shared(f);
	put_threads(f);
	xp_json_end_object(&f->j);
}

int xp_export_firefox(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err)
{
	struct firefox f = { .event = o->event };
	int rc = xp_profile_span(p, &f.span, err);

	if (!rc)
		rc = xp_stacks_init(&f.stacks, p, &o->filter, 0, keep, &f, err);
	if (rc) {
		free(f.v);
		return rc;
	}
	xp_strings_init(&f.strings);
	rc = xp_functions_init(&f.functions, f.stacks.agg, err);
	if (!rc && !collect(&f))
		rc = xp_fail(err, XP_E_NOMEM, "no memory to write %zu stacks", f.stacks.nr_calls);
	if (!rc)
		put_all(&f, out);
	xp_functions_release(&f.functions);
	xp_strings_release(&f.strings);
	xp_stacks_release(&f.stacks);
	xp_buf_release(&f.b);
	free(f.v);
	return rc;
}
