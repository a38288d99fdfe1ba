// SPDX-License-Identifier: GPL-2.0-or-later
/* perf's form, a paragraph for each domain; then a table of the ratios to compare domains by. */
#include <inttypes.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/report/format.h"
#include "lib/report/table.h"
#include "lib/stat/print.h"

static void text_begin(FILE *out, const struct xp_stat_head *head)
{
	fputs("# counts of ", out);
	xp_text_print(out, head->what);
	fputs(head->estimated ? ", estimated from samples (Xen " : ", exact: read at each vCPU switch (Xen ", out);
	xp_text_print(out, head->version);
	fputs(")\n", out);
	if (head->estimated)
		fprintf(out, "# exact ones cannot be had: %s\n# \302\261 is the 95%% interval\n", head->estimated);
}

static void print_deviation(FILE *out, double deviation)
{
	if (deviation >= 0)
		fprintf(out, "  ( +- %5.2f%% )", 100 * deviation);
}

static void print_who(FILE *out, const struct xp_stat_head *head, const struct xp_run_group *g)
{
	char text[32];

	putc(' ', out);
	xp_text_print(out, xp_stat_name(head, g, text));
	if (g->sum.domid != XPROF_DOMID_IDLE)
		fprintf(out, " (%u)", g->sum.domid);
	if (head->by & XP_STAT_BY_VCPU && g->sum.domid != XPROF_DOMID_IDLE)
		fprintf(out, ", vCPU %u", g->sum.vcpu);
	if (head->by & XP_STAT_BY_CPU)
		fprintf(out, ", on CPU %u", g->sum.cpu);
}

static void print_time(FILE *out, const struct xp_stat_head *head, const struct xp_run_group *g, const struct xp_runs *runs)
{
	uint64_t switches = (g->sum.switches + runs->n / 2) / runs->n;
	char text[XP_FORMAT_TEXT];

	fprintf(out, ": %.2f%% of %u CPU%s, %.3f s", xp_stat_share(g, runs), runs->cpus, runs->cpus == 1 ? "" : "s",
		(double)xp_stat_cpu_ns(head, g, runs) / 1e9);
	if (!head->estimated)
		fprintf(out, ", %s switch%s", xp_format_count(text, switches), switches == 1 ? "" : "es");
	print_deviation(out, xp_spread_relative(&g->ticks));
	putc('\n', out);
}

/* As wide as the longest, if something comes behind it. */
static void print_ratio(FILE *out, const struct xp_figure *f, bool last)
{
	if (f->unit)
		fprintf(out, "  # %8.*f %*s", strcmp(f->unit, "GHz") ? 2 : 3, f->metric, last ? 0 : -14, f->unit);
	else
		fprintf(out, "%27s", "");
}

static void print_event(FILE *out, const struct xp_stat_head *head, const struct xp_run_group *g, size_t i)
{
	char text[XP_FORMAT_TEXT];
	struct xp_figure f;

	xp_stat_figure(&f, head, g, i);
	if (!f.counted) {
		fprintf(out, " %19s  %s\n", "<not counted>", head->events[i]);
		return;
	}
	fprintf(out, " %19s  ", xp_format_count(text, f.value));
	if (f.unit || f.deviation >= 0 || f.interval >= 0 || f.scale < 1) {
		fprintf(out, "%-18s", head->events[i]);
		print_ratio(out, &f, f.deviation < 0 && f.interval < 0 && f.scale >= 1);
	} else {
		fputs(head->events[i], out);
	}
	if (f.interval >= 0)
		fprintf(out, "  \302\261 %.2f%%", 100 * f.interval);
	print_deviation(out, f.deviation);
	if (f.scale < 1)
		fprintf(out, "  (%.2f%%)", 100 * f.scale);
	putc('\n', out);
}

static void print_group(FILE *out, const struct xp_stat_head *head, const struct xp_run_group *g, const struct xp_runs *runs)
{
	print_who(out, head, g);
	print_time(out, head, g, runs);
	for (size_t i = 0; i < head->nr; i++)
		print_event(out, head, g, i);
	putc('\n', out);
}

static void print_elapsed(FILE *out, const struct xp_stat_block *b)
{
	if (b->runs->n == 1)
		fprintf(out, "   %.6f seconds\n", b->seconds);
	else
		fprintf(out, "   %.6f seconds, mean of %u runs", b->seconds, (unsigned int)b->runs->n);
	if (b->runs->n > 1) {
		print_deviation(out, xp_spread_relative(&b->runs->seconds));
		putc('\n', out);
	}
	if (b->runs->lost)
		fprintf(out, "   %" PRIu64 " samples were lost: the figures are too low by that much\n", b->runs->lost);
	if (b->runs->missed)
		fprintf(out, "   %.2f%% of the CPUs' time is not counted: there are more vCPUs than Xen keeps counts of (%u on a CPU)\n",
			xp_stat_missed(b->runs), XPROF_MAX_ROWS);
}

/* ---- the table of ratios -------------------------------------------------*/

static void table_columns(struct xp_table *t, const struct xp_stat_head *head)
{
	xp_table_column(t, "Domain", false, true);
	if (head->by & XP_STAT_BY_VCPU)
		xp_table_column(t, "vCPU", true, false);
	if (head->by & XP_STAT_BY_CPU)
		xp_table_column(t, "on CPU", true, false);
	xp_table_column(t, "CPU", true, false);
}

/* As many events as a table has columns for. */
static size_t table_events(const struct xp_stat_head *head)
{
	size_t taken = 2 + !!(head->by & XP_STAT_BY_VCPU) + !!(head->by & XP_STAT_BY_CPU);

	return head->nr < XP_TABLE_COLUMNS - taken ? head->nr : XP_TABLE_COLUMNS - taken;
}

static const char *column_head(const char *event)
{
	if (!strcmp(event, "cycles"))
		return "GHz";
	return strcmp(event, "instructions") ? event : "IPC";
}

static void table_number(struct xp_table *t, unsigned int n)
{
	char text[32];

	snprintf(text, sizeof(text), "%u", n);
	xp_table_cell(t, text);
}

static bool has_instructions(const struct xp_stat_head *head)
{
	for (size_t i = 0; i < head->nr; i++)
		if (!strcmp(head->events[i], "instructions"))
			return true;
	return false;
}

/* What the line above the table says of its columns, or nothing. */
static void table_figure(struct xp_table *t, const struct xp_figure *f, bool instructions)
{
	char text[32];

	if (!f->unit || (instructions && !strcmp(f->key, "million_per_second"))) {
		xp_table_cell(t, "-");
		return;
	}
	snprintf(text, sizeof(text), "%.*f%s", strcmp(f->unit, "GHz") ? 2 : 3, f->metric, f->unit[0] == '%' ? "%" : "");
	xp_table_cell(t, text);
}

static void table_row(struct xp_table *t, const struct xp_stat_head *head, const struct xp_run_group *g, const struct xp_runs *runs)
{
	char text[32];

	xp_table_name(t, xp_stat_name(head, g, text));
	if (head->by & XP_STAT_BY_VCPU)
		table_number(t, g->sum.vcpu);
	if (head->by & XP_STAT_BY_CPU)
		table_number(t, g->sum.cpu);
	snprintf(text, sizeof(text), "%.2f%%", xp_stat_share(g, runs));
	xp_table_cell(t, text);
	for (size_t i = 0; i < table_events(head); i++) {
		struct xp_figure f;

		xp_stat_figure(&f, head, g, i);
		table_figure(t, &f, has_instructions(head));
	}
}

static void print_table(FILE *out, const struct xp_stat_head *head, const struct xp_runs *runs)
{
	struct xp_table t;

	fprintf(out, "\n# side by side; events %s\n", has_instructions(head) ? "per 1000 instructions" : "in millions a second");
	xp_table_init(&t);
	table_columns(&t, head);
	for (size_t i = 0; i < table_events(head); i++)
		xp_table_column(&t, column_head(head->events[i]), true, false);
	for (size_t i = 0; i < runs->nr; i++)
		table_row(&t, head, &runs->of[i], runs);
	xp_table_print(out, &t, head->columns, 0);
	xp_table_release(&t);
}

static void text_block(FILE *out, const struct xp_stat_head *head, const struct xp_stat_block *b)
{
	if (head->intervals)
		fprintf(out, "#\n# at %.6f s\n", b->time);
	else
		fputs("#\n", out);
	for (size_t i = 0; i < b->runs->nr; i++)
		print_group(out, head, &b->runs->of[i], b->runs);
	print_elapsed(out, b);
	if (b->runs->nr > 1 && !head->intervals)
		print_table(out, head, b->runs);
}

static void text_end(FILE *out, const struct xp_stat_head *head)
{
	(void)out;
	(void)head;
}

const struct xp_stat_printer xp_stat_text = { text_begin, text_block, text_end };
