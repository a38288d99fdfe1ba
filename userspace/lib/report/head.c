/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/report/head.h"

#include <inttypes.h>
#include <string.h>

#include "lib/agg/filter.h"
#include "lib/base/text.h"
#include "lib/report/format.h"

#define MAX_NAMELESS 8u /* lines about kernels without names */

void xp_report_lost(const struct xp_profile *p, struct xp_counts *lost)
{
	struct xp_counts told = { { 0 } };
	size_t i, e;

	memset(lost, 0, sizeof(*lost));
	for (i = 0; i < p->nr_lost; i++)
		told.of[p->lost[i].event] += p->lost[i].count;
	for (i = 0; i < p->nr_stats; i++)
		for (e = 0; e < XPROF_MAX_EVENTS; e++)
			lost->of[e] += p->stats[i].lost[e];
	for (e = 0; e < XPROF_MAX_EVENTS; e++)
		if (told.of[e] > lost->of[e])
			lost->of[e] = told.of[e];
}

static void put_host(FILE *out, const struct xp_profile *p)
{
	const char *host = xp_profile_host(p, "host.name"), *xen = xp_profile_host(p, "xen.version"),
		   *kernel = xp_profile_host(p, "kernel.release"), *cpus = xp_profile_host(p, "host.cpus"),
		   *cpu = xp_profile_host(p, "host.cpu"), *pools = xp_profile_host(p, "xen.pools");

	fputs("# host ", out);
	xp_text_print(out, host ? host : "unknown");
	if (xen) {
		fputs(", Xen ", out);
		xp_text_print(out, xen);
	}
	if (kernel) {
		fputs(", dom0 Linux ", out);
		xp_text_print(out, kernel);
	}
	if (cpus) {
		fputs(", ", out);
		xp_text_print(out, cpus);
		fputs(" CPUs", out);
	}
	if (cpu) {
		fputs(" ", out);
		xp_text_print(out, cpu);
	}
	if (pools && strchr(pools, ';')) {
		fputs("\n# CPU pools: ", out);
		xp_text_print(out, pools);
	}
	fputc('\n', out);
}

static void put_times(FILE *out, const struct xp_agg *a)
{
	const struct xp_profile *p = a->profile;
	uint64_t ns = xp_profile_duration_ns(p, a->first_tsc, a->last_tsc);
	char text[XP_FORMAT_TEXT];

	if (ns)
		fprintf(out, "# recorded %s", xp_format_duration(text, ns));
	else
		fputs("# recorded (how long is not known)", out);
	if (p->nr_clocks && p->clocks[0].realtime_ns)
		fprintf(out, ", from %s", xp_format_time(text, p->clocks[0].realtime_ns));
	fputc('\n', out);
}

static void put_recorded_domains(FILE *out, const struct xp_profile *p)
{
	const char *domains = xp_profile_host(p, "record.domains");

	if (!domains)
		return;
	fputs("# only these domains were recorded: ", out);
	xp_text_print(out, domains);
	fputc('\n', out);
}

static void put_filter(FILE *out, const struct xp_filter *f)
{
	size_t i;

	if (!f->nr_domains && !f->cpus && !f->time && !f->modes)
		return;
	fputs("# only", out);
	for (i = 0; i < f->nr_domains; i++) {
		fputs(i ? "," : " domain ", out);
		xp_text_print(out, f->domains[i]);
	}
	if (f->cpus) {
		fputs(" CPU ", out);
		xp_text_print(out, f->cpus);
	}
	if (f->time) {
		fputs(" time ", out);
		xp_text_print(out, f->time);
	}
	for (i = 0; i < XP_NR_MODES; i++)
		if (f->modes & 1u << i)
			fprintf(out, " %s", xp_mode_names[i]);
	fputs("; lost samples, overhead and gaps are of the whole recording\n", out);
}

/* ---- what the rings' headers said ---- */

static void put_overhead(FILE *out, const struct xp_profile *p)
{
	uint64_t ticks = 0, max = 0, span = 0, khz = 0, stacks = 0;
	const char *text = xp_profile_host(p, "tsc.khz");
	size_t i;

	if (p->nr_clocks > 1 && p->clocks[p->nr_clocks - 1].tsc > p->clocks[0].tsc)
		span = p->clocks[p->nr_clocks - 1].tsc - p->clocks[0].tsc;
	for (i = 0; i < p->nr_stats; i++) {
		ticks += p->stats[i].handler_ticks;
		max = p->stats[i].handler_max > max ? p->stats[i].handler_max : max;
		stacks += p->stats[i].stack_ticks;
	}
	if (!p->nr_stats || !span) {
		fputs("# overhead not known: recording did not end properly\n", out);
		return;
	}
	fprintf(out, "# overhead %.2f%% of all CPUs' time in the NMI handler",
		100.0 * (double)ticks / ((double)span * (double)p->nr_stats));
	khz = text ? strtoull(text, NULL, 10) : 0;
	if (khz)
		fprintf(out, "; the longest took %.1f µs", (double)max * 1000 / (double)khz);
	if (stacks)
		fprintf(out, "; %.2f%% to copy guests' stacks", 100.0 * (double)stacks / ((double)span * (double)p->nr_stats));
	fputc('\n', out);
}

static void put_dropped(FILE *out, const struct xp_profile *p)
{
	uint64_t ticks = 0, dropped = 0, coalesced = 0;
	char a[XP_FORMAT_TEXT], b[XP_FORMAT_TEXT], c[XP_FORMAT_TEXT];
	size_t i;

	for (i = 0; i < p->nr_stats; i++) {
		const struct xp_cpu_stats *s = &p->stats[i];

		ticks += s->ticks;
		coalesced += s->coalesced;
		dropped += s->ticks > s->nmis ? s->ticks - s->nmis : 0;
	}
	if (dropped)
		fprintf(out, "# %s of %s ticks made no NMI of their own (%s found the ones before still pending)\n",
			xp_format_count(a, dropped), xp_format_count(b, ticks), xp_format_count(c, coalesced));
}

static const char *gap_reason(uint8_t reason)
{
	switch (reason) {
	case XPROF_GAP_LIVEPATCH: return "a live patch was applied or reverted";
	case XPROF_GAP_CALLBACK:  return "another had Xen's NMI callback";
	case XPROF_GAP_OFFLINE:   return "offline";
	case XPROF_GAP_COUNTERS:  return "its counters were changed by another, and set up anew";
	case XPROF_GAP_OVERFLOW:  return "a counter had overflowed without an NMI, and was armed anew";
	case XPROF_GAP_VPMU:      return "Xen's vPMU was switched on, and guests had its counters";
	case XPROF_GAP_SOURCE:    return "CPUs came or went, so the ticks are the neighbour's IPI from here on, at 1 kHz at most";
	default:                  return "reason not known";
	}
}

static void put_gaps(FILE *out, const struct xp_profile *p)
{
	const char *text = xp_profile_host(p, "tsc.khz");
	uint64_t khz = text ? strtoull(text, NULL, 10) : 0;
	size_t i, shown = p->nr_gaps < 8 ? p->nr_gaps : 8;

	for (i = 0; i < shown; i++) {
		const struct xp_gap *g = &p->gaps[i];

		fprintf(out, "# CPU %u was not sampled", g->cpu);
		if (khz && g->last > g->first)
			fprintf(out, " for %.1f ms", (double)(g->last - g->first) / (double)khz);
		fprintf(out, ": %s\n", gap_reason(g->reason));
	}
	if (shown < p->nr_gaps)
		fprintf(out, "# and %zu more gaps\n", p->nr_gaps - shown);
}

#define KERNEL_HALF 0xffff800000000000ull

/* The kernel's map of a whole half of the address space, or of where it has modules: no symbols, and its image says why. */
static bool is_nameless_kernel(const struct xp_profile *p, const struct xp_map *m)
{
	const struct xp_image *image = m->image < p->nr_images ? &p->images[m->image] : NULL;

	return image && m->tgid == 0 && m->domid != XP_DOMID_XEN && image->kind == XP_IMAGE_KERNEL && image->why[0];
}

static const struct xp_domain *domain_of(const struct xp_profile *p, const struct xp_map *m)
{
	size_t i;

	for (i = 0; i < p->nr_domains; i++) {
		const struct xp_domain *d = &p->domains[i];

		if (d->domid == m->domid && (!m->tsc || (d->from <= m->tsc && (!d->to || m->tsc <= d->to))))
			return d;
	}
	return NULL;
}

static void put_nameless_kernels(FILE *out, const struct xp_profile *p)
{
	size_t i, nr = 0;

	for (i = 0; i < p->nr_maps; i++) {
		const struct xp_map *m = &p->maps[i];
		const struct xp_domain *d;

		if (!is_nameless_kernel(p, m) || ++nr > MAX_NAMELESS)
			continue;
		d = domain_of(p, m);
		fputs("# ", out);
		if (d && d->name[0])
			xp_text_print(out, d->name);
		else
			fprintf(out, "d%u", m->domid);
		fputs(m->start == KERNEL_HALF ? ": functions of its kernel have no names: " :
						": its modules and processes have no names: ", out);
		xp_text_print(out, p->images[m->image].why);
		fputc('\n', out);
	}
	if (nr > MAX_NAMELESS)
		fprintf(out, "# and %zu more domains whose kernels have no names\n", nr - MAX_NAMELESS);
}

void xp_report_head(FILE *out, const struct xp_agg *a)
{
	const struct xp_profile *p = a->profile;

	put_host(out, p);
	put_times(out, a);
	put_recorded_domains(out, p);
	put_filter(out, &a->config.filter);
	put_overhead(out, p);
	put_dropped(out, p);
	put_gaps(out, p);
	put_nameless_kernels(out, p);
	if (p->damage) {
		fputs("# NOT WHOLE: ", out);
		xp_text_print(out, p->damage);
		fputc('\n', out);
	}
}
