// SPDX-License-Identifier: GPL-2.0-or-later
/* One object a line (xprof-stat(1) has the fields): a head, then one for each group and block. */
#include <stdio.h>

#include "lib/base/json.h"
#include "lib/stat/print.h"

static void line_begin(struct xp_json *j, FILE *out, const char *type)
{
	xp_json_init(j, out);
	xp_json_flat_object(j, NULL);
	xp_json_string(j, "type", type);
}

static void json_begin(FILE *out, const struct xp_stat_head *head)
{
	struct xp_json j;

	line_begin(&j, out, "head");
	xp_json_u64(&j, "schema_version", 1);
	xp_json_bool(&j, "exact", !head->estimated);
	xp_json_string(&j, "why", head->estimated);
	xp_json_string(&j, "what", head->what);
	xp_json_string(&j, "xen", head->version);
	xp_json_u64(&j, "tsc_khz", head->tsc_khz);
	xp_json_array(&j, "events");
	for (size_t i = 0; i < head->nr; i++)
		xp_json_string(&j, NULL, head->events[i]);
	xp_json_end_array(&j);
	xp_json_end_object(&j);
}

static void put_uuid(struct xp_json *j, const uint8_t *u)
{
	char text[40];

	snprintf(text, sizeof(text), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u[0], u[1], u[2], u[3],
		 u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
	xp_json_string(j, "uuid", text);
}

static void put_who(struct xp_json *j, const struct xp_stat_head *head, const struct xp_run_group *g)
{
	bool idle = g->sum.domid == XPROF_DOMID_IDLE;
	char text[32];

	xp_json_u64(j, "domid", g->sum.domid);
	xp_json_string(j, "domain", xp_stat_name(head, g, text));
	xp_json_bool(j, "idle", idle);
	if (!idle)
		put_uuid(j, g->sum.handle);
	if (head->by & XP_STAT_BY_VCPU && !idle)
		xp_json_u64(j, "vcpu", g->sum.vcpu);
	if (head->by & XP_STAT_BY_CPU)
		xp_json_u64(j, "cpu", g->sum.cpu);
}

static void put_deviation(struct xp_json *j, double deviation)
{
	if (deviation >= 0)
		xp_json_number(j, "deviation_percent", 100 * deviation, 4);
}

static void put_event(struct xp_json *j, const struct xp_stat_head *head, const struct xp_run_group *g, size_t i)
{
	struct xp_figure f;

	xp_stat_figure(&f, head, g, i);
	xp_json_object(j, head->events[i]);
	if (f.counted)
		xp_json_u64(j, "value", f.value);
	else
		xp_json_null(j, "value");
	xp_json_number(j, "counted_percent", 100 * f.scale, 4);
	put_deviation(j, f.deviation);
	if (f.interval >= 0)
		xp_json_number(j, "interval95_percent", 100 * f.interval, 4);
	if (f.unit)
		xp_json_number(j, f.key, f.metric, 6);
	xp_json_end_object(j);
}

static void put_group(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *b, const struct xp_run_group *g)
{
	struct xp_json j;

	line_begin(&j, out, "counts");
	xp_json_number(&j, "time_s", b->time, 9);
	xp_json_number(&j, "seconds", b->seconds, 9);
	xp_json_u64(&j, "runs", b->runs->n);
	put_who(&j, head, g);
	xp_json_u64(&j, "cpu_time_ns", xp_stat_cpu_ns(head, g, b->runs));
	put_deviation(&j, xp_spread_relative(&g->ticks));
	xp_json_number(&j, "cpu_percent", xp_stat_share(g, b->runs), 4);
	if (!head->estimated)
		xp_json_u64(&j, "switches", (g->sum.switches + b->runs->n / 2) / b->runs->n);
	xp_json_object(&j, "events");
	for (size_t i = 0; i < head->nr; i++)
		put_event(&j, head, g, i);
	xp_json_end_object(&j);
	xp_json_end_object(&j);
}

static void put_total(FILE *out, const struct xp_stat_block *b)
{
	struct xp_json j;

	line_begin(&j, out, "block");
	xp_json_number(&j, "time_s", b->time, 9);
	xp_json_number(&j, "seconds", b->seconds, 9);
	xp_json_u64(&j, "runs", b->runs->n);
	put_deviation(&j, xp_spread_relative(&b->runs->seconds));
	xp_json_u64(&j, "cpus", b->runs->cpus);
	xp_json_number(&j, "missed_percent", xp_stat_missed(b->runs), 4);
	if (b->runs->lost)
		xp_json_u64(&j, "lost_samples", b->runs->lost);
	xp_json_end_object(&j);
}

static void json_block(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *b)
{
	for (size_t i = 0; i < b->runs->nr; i++)
		put_group(out, head, b, &b->runs->of[i]);
	put_total(out, b);
}

static void json_end(FILE *out, const struct xp_stat_head *head)
{
	(void)out;
	(void)head;
}

const struct xp_stat_printer xp_stat_json = { json_begin, json_block, json_end };
