// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fields with a separator, as perf stat -x has them from the value on:
 *
 *   [time,]domid,domain,[vcpu,][cpu,]value,unit,event,[deviation%,]running,percent,metric,unit
 *
 * The first line of each group is its CPU time.
 */
#include <inttypes.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/stat/print.h"

/* Escaped as everywhere, and in quotes where it could be taken for more than one field. */
static void print_name(FILE *out, const char *name, const char *separator)
{
	struct xp_buf b = XP_BUF_INIT;

	xp_text_escape(&b, name, strlen(name));
	xp_buf_u8(&b, 0);
	if (!xp_buf_ok(&b)) {
		xp_text_print(out, name);
	} else if (!strstr((const char *)b.data, separator) && !strchr((const char *)b.data, '"')) {
		fputs((const char *)b.data, out);
	} else {
		putc('"', out);
		for (const char *p = (const char *)b.data; *p; p++) {
			if (*p == '"')
				putc('"', out);
			putc(*p, out);
		}
		putc('"', out);
	}
	xp_buf_release(&b);
}

static void print_who(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *b, const struct xp_run_group *g)
{
	const char *s = head->separator;
	char text[32];

	if (head->intervals)
		fprintf(out, "%.9f%s", b->time, s);
	fprintf(out, "%u%s", g->sum.domid, s);
	print_name(out, xp_stat_name(head, g, text), s);
	fputs(s, out);
	if (head->by & XP_STAT_BY_VCPU)
		fprintf(out, "%u%s", g->sum.vcpu, s);
	if (head->by & XP_STAT_BY_CPU)
		fprintf(out, "%u%s", g->sum.cpu, s);
}

/* Of runs; of one run that is an estimate, its interval. */
static void print_deviation(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *b, double deviation, const char *s)
{
	if (b->runs->n > 1 || head->estimated)
		fprintf(out, "%.2f%%%s", deviation < 0 ? 0 : 100 * deviation, s);
}

static void print_time(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *b, const struct xp_run_group *g)
{
	const char *s = head->separator;
	uint64_t ns = xp_stat_cpu_ns(head, g, b->runs);

	print_who(out, head, b, g);
	fprintf(out, "%" PRIu64 "%sns%scpu-time%s", ns, s, s, s);
	print_deviation(out, head, b, xp_spread_relative(&g->ticks), s);
	fprintf(out, "%" PRIu64 "%s100.00%s%.4f%s%% of all CPUs\n", ns, s, s, xp_stat_share(g, b->runs), s);
}

static void print_event(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *b, const struct xp_run_group *g,
			size_t i)
{
	const char *s = head->separator;
	struct xp_figure f;

	xp_stat_figure(&f, head, g, i);
	print_who(out, head, b, g);
	if (f.counted)
		fprintf(out, "%" PRIu64, f.value);
	else
		fputs("<not counted>", out);
	fprintf(out, "%s%s%s%s", s, s, head->events[i], s);
	print_deviation(out, head, b, b->runs->n > 1 ? f.deviation : f.interval, s);
	fprintf(out, "%.0f%s%.2f%s", f.scale * (double)xp_stat_cpu_ns(head, g, b->runs), s, 100 * f.scale, s);
	if (f.unit)
		fprintf(out, "%.6f%s%s\n", f.metric, s, f.unit);
	else
		fprintf(out, "%s\n", s);
}

static void csv_block(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *b)
{
	for (size_t g = 0; g < b->runs->nr; g++) {
		print_time(out, head, b, &b->runs->of[g]);
		for (size_t i = 0; i < head->nr; i++)
			print_event(out, head, b, &b->runs->of[g], i);
	}
}

static void csv_nothing(FILE *out, const struct xp_stat_head *head)
{
	(void)out;
	(void)head;
}

const struct xp_stat_printer xp_stat_csv = { csv_nothing, csv_block, csv_nothing };
