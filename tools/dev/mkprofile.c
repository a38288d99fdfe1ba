/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkprofile: writes a profile of a host that does not exist, by the writer
 * that recording uses. For measuring and for trying reports.
 *
 *   mkprofile [--samples N] [--symbols M] [--domains D] [--cpus C] [--seed S] [--run R] [--change NAME=FACTOR]
 *             [--events E] [--vary] [--chains] [--hostile] [-o FILE]
 *
 * The host: domain 0 (PV) with a kernel, 40 processes and their libraries, all
 * with symbols; other domains, PV and PVH in turn, of which addresses are known
 * only. Each CPU stays with a context for a few samples, a third of the time is
 * idle, symbols are hot by Zipf's law, within a symbol some
 * instructions are hotter than others, and the timer (997 Hz of a 2.5 GHz TSC)
 * jitters by some µs and skips a tick now and then. The same seed gives the
 * same bytes; another --run the same host with other samples. --change makes one symbol so many times as hot.
 *
 * With --events there are so many of the counters instead of the timer, taking
 * turns at random; guests with odd numbers miss more in caches, and the last
 * event has a counter for half of the time. --vary changes each period every
 * 100 ms or so, as it does when an event has a rate. --chains gives each sample
 * that is not idle a call chain (mkprofile/chains.h). --hostile gives domains, processes, programs and functions names that a guest
 * would choose that means harm to whoever reads the profile: in a browser window.harmed is set if one succeeds.
 */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>

#include "mkprofile/chains.h"
#include "mkprofile/text.h"

#define TSC_KHZ 2500000u
#define START_TSC 7200000000000ull
#define STEP_TICKS (TSC_KHZ * 1000ull / 997)
#define NR_PROCESSES 40u
#define NR_BUSY 8u /* with call chains: of these in each domain */
#define NR_GUEST_SPOTS 400u

#define MAX_EVENTS 8u
#define CHANGE_TICKS (TSC_KHZ * 100ull)

static const struct { const char *name; uint64_t select, period; } counters[MAX_EVENTS] = {
	{ "cycles", 0x76, 2500000 },     { "instructions", 0xc0, 2000000 }, { "llc-misses", 0x77e, 10000 },
	{ "dtlb-misses", 0x46, 10000 },  { "itlb-misses", 0x85, 5000 },     { "l1d-misses", 0x41, 50000 },
	{ "branches", 0xc2, 300000 },    { "branch-misses", 0xc3, 10000 },
};

static const char *const hostile_names[] = {
	"</script><script>window.harmed=1</script>", "<img src=x onerror=window.harmed=2>", "\"'><svg onload=window.harmed=3>",
	"<!-- {{script}} -->", "\x1b[31mred\x07", "\xff\xfe\xc0\xaf", "\xe2\x80\xaegnp.exe", "__proto__", "constructor", "]]>&lt;b&gt;\\\n",
};
#define NR_HOSTILE (sizeof(hostile_names) / sizeof(hostile_names[0]))

struct options {
	uint64_t samples, symbols, domains, cpus, seed, events, run;
	bool vary, chains, hostile;
	const char *path;
	struct change change;
};

struct host {
	struct options o;
	struct xp_writer *w;
	struct xp_err err;
	struct text xen, kernel, libc, program;
	struct chains chains;
	uint64_t *next_tsc;              /* of each CPU */
	uint64_t *next_change;           /* of each CPU: when periods change */
	struct xprof_sample *context;    /* of each CPU: what it runs */
};

static void die(struct host *h)
{
	fprintf(stderr, "mkprofile: %s\n", h->err.text);
	exit(1);
}

static void check(struct host *h, int rc)
{
	if (rc < 0)
		die(h);
}

/* ---- what does not change ---- */

static void put_image(struct host *h, uint32_t id, int kind, const char *name, const struct text *t)
{
	struct xp_image image = { .kind = (uint8_t)kind, .build_id_len = 20, .name = name };
	size_t i;

	for (i = 0; i < sizeof(image.build_id); i++)
		image.build_id[i] = (uint8_t)draw();
	check(h, xp_write_image(h->w, &image, &h->err));
	check(h, xp_write_symbols(h->w, id, t->symbols, t->nr, &h->err));
}

static void put_map(struct host *h, uint16_t domid, uint32_t tgid, uint32_t image, const struct text *t)
{
	struct xp_map map = {
		.domid = domid, .tgid = tgid, .image = image,
		.start = t->base + t->symbols[0].start,
		.end = t->base + t->symbols[t->nr - 1].end,
		.image_addr = t->symbols[0].start,
	};

	check(h, xp_write_map(h->w, &map, &h->err));
}

static void put_images(struct host *h)
{
	size_t m = (size_t)h->o.symbols;
	uint32_t i;

	text_init(&h->o.change, &h->xen, "xen", 0, 0xffff82d040200000u, m * 2 / 10);
	text_init(&h->o.change, &h->kernel, "linux", 0, 0xffffffff81000000u, m * 5 / 10);
	text_init(&h->o.change, &h->libc, "libc", 0x7f0000000000u, 0x28000, m * 2 / 10);
	text_init(&h->o.change, &h->program, h->o.hostile ? hostile_names[1] : "main", 0x555555554000u, 0x1000, m - m * 9 / 10);
	put_image(h, 0, XP_IMAGE_XEN, "xen", &h->xen);
	put_image(h, 1, XP_IMAGE_KERNEL, "vmlinux", &h->kernel);
	put_image(h, 2, XP_IMAGE_FILE, "/usr/lib/x86_64-linux-gnu/libc.so.6", &h->libc);
	put_image(h, 3, XP_IMAGE_FILE, h->o.hostile ? hostile_names[0] : "/usr/bin/worker", &h->program);
	put_map(h, XP_DOMID_XEN, 0, 0, &h->xen);
	put_map(h, 0, 0, 1, &h->kernel);
	for (i = 0; i < NR_PROCESSES; i++) {
		put_map(h, 0, 100 + i, 2, &h->libc);
		put_map(h, 0, 100 + i, 3, &h->program);
	}
}

static uint64_t process_cr3(uint64_t domid, uint64_t i)
{
	return (domid * 1000 + i + 77) * 0x37000;
}

static void put_tasks(struct host *h)
{
	char comm[64];
	uint32_t i;

	for (i = 0; i < NR_PROCESSES; i++) {
		struct xp_task task = {
			.tsc = START_TSC, .cr3 = process_cr3(0, i), .type = 1, /* a snapshot */
			.pid = 100 + i, .tgid = 100 + i, .ppid = 1, .comm = comm,
		};

		snprintf(comm, sizeof(comm), "%s%u", h->o.hostile ? hostile_names[i % NR_HOSTILE] : "worker/", i);
		check(h, xp_write_task(h->w, &task, &h->err));
	}
}

static void put_domains(struct host *h)
{
	char name[64];
	uint64_t d;
	size_t i;

	for (d = 0; d < h->o.domains; d++) {
		struct xp_domain domain = {
			.domid = (uint16_t)d, .vcpus = 2, .name = name, .from = START_TSC,
			.type = d % 2 ? XPROF_DOMAIN_PVH : XPROF_DOMAIN_PV,
			.flags = d ? 0 : XPROF_DOMAIN_F_CONTROL,
		};

		for (i = 0; i < sizeof(domain.uuid) && d; i++)
			domain.uuid[i] = (uint8_t)draw();
		if (d && h->o.hostile)
			snprintf(name, sizeof(name), "%s%" PRIu64, hostile_names[d % NR_HOSTILE], d);
		else if (d)
			snprintf(name, sizeof(name), "guest%" PRIu64, d);
		else
			snprintf(name, sizeof(name), "Domain-0");
		check(h, xp_write_domain(h->w, &domain, &h->err));
	}
}

static void put_events(struct host *h)
{
	const struct xp_event timer = { .name = "timer", .period = 1000000000u / 997, .source = "ipi", .modifiers = "" };
	uint64_t i;

	if (!h->o.events)
		check(h, xp_write_event(h->w, &timer, &h->err));
	for (i = 0; i < h->o.events; i++) {
		const struct xp_event e = {
			.name = counters[i].name, .period = counters[i].period, .source = "pmu", .modifiers = "",
			.select = counters[i].select, .hz = h->o.vary ? 997 : 0,
			.flags = XPROF_EVENT_USR | XPROF_EVENT_OS | (h->o.vary ? XPROF_EVENT_RATE : 0),
		};

		check(h, xp_write_event(h->w, &e, &h->err));
	}
}

static void put_host(struct host *h)
{
	const struct xp_clock clock = { START_TSC, 1700000000000000000u, 3600000000000u };
	char cpus[16];

	snprintf(cpus, sizeof(cpus), "%" PRIu64, h->o.cpus);
	check(h, xp_write_host(h->w, "host.name", "synthetic", &h->err));
	check(h, xp_write_host(h->w, "host.cpus", cpus, &h->err));
	check(h, xp_write_host(h->w, "xen.version", "4.17.0", &h->err));
	check(h, xp_write_host(h->w, "command", "mkprofile", &h->err));
	check(h, xp_write_host(h->w, "tsc.khz", "2500000", &h->err));
	put_events(h);
	check(h, xp_write_clock(h->w, &clock, &h->err));
}

/* ---- samples ---- */

/* Where a guest of which nothing is known spends its time: some hundred places. */
static uint64_t guest_ip(uint64_t domid, bool kernel)
{
	double u = draw_unit();
	uint64_t spot = (uint64_t)(u * u * NR_GUEST_SPOTS) * 0x9d1 + domid * 0x100000;

	return (kernel ? 0xffffffff81000000u : 0x400000u) + spot;
}

static void new_context(struct host *h, struct xprof_sample *s)
{
	uint64_t u = draw_below(100), domid = draw_below(2) ? 0 : draw_below(h->o.domains);

	memset(s, 0, sizeof(*s));
	s->rec.type = XPROF_REC_SAMPLE;
	s->rec.size = sizeof(*s) / 8;
	if (u < 33) {
		s->rec.domid = XPROF_DOMID_IDLE;
		return;
	}
	s->rec.domid = (uint16_t)domid;
	s->rec.vcpu = (uint16_t)draw_below(2);
	s->cr3 = process_cr3(domid, draw_below(h->o.chains ? NR_BUSY : NR_PROCESSES));
	s->rec.mode = domid % 2 ? XPROF_MODE_HVM : 0;
}

static uint64_t context_ip(struct host *h, struct xprof_sample *s)
{
	uint64_t u = draw_below(100);
	bool kernel = u < 60;

	s->rec.mode &= (uint8_t)~XPROF_MODE_CODE;
	if (s->rec.domid == XPROF_DOMID_IDLE)
		return h->xen.symbols[0].start + 8;
	if (u < 20)
		return draw_ip(&h->xen);
	s->rec.mode |= kernel ? XPROF_MODE_KERNEL : XPROF_MODE_USER;
	if (s->rec.domid)
		return guest_ip(s->rec.domid, kernel);
	if (kernel)
		return draw_ip(&h->kernel);
	return draw_below(3) ? draw_ip(&h->program) : draw_ip(&h->libc);
}

/* Guests with odd numbers miss in caches and TLBs four times as often as they compute. */
static uint8_t draw_event(struct host *h, uint16_t domid)
{
	uint64_t event;

	if (!h->o.events)
		return 0;
	event = draw_below(h->o.events);
	if (domid % 2 && event < 2 && h->o.events > 2 && draw_below(4))
		event = 2 + draw_below(h->o.events - 2);
	return (uint8_t)event;
}

static void change_periods(struct host *h, uint32_t cpu)
{
	uint64_t i;

	if (!h->o.vary || h->next_tsc[cpu] < h->next_change[cpu])
		return;
	h->next_change[cpu] = h->next_tsc[cpu] + CHANGE_TICKS;
	for (i = 0; i < h->o.events; i++) {
		const struct xp_period p = {
			cpu, (uint8_t)i, XPROF_PERIOD_RATE, h->next_tsc[cpu],
			counters[i].period / 2 + draw_below(counters[i].period),
		};

		check(h, xp_write_period(h->w, &p, &h->err));
	}
}

static void put_sample(struct host *h, uint32_t cpu, uint64_t *produced)
{
	struct xprof_sample s;
	uint32_t chain;

	if (draw_below(5) == 0)
		new_context(h, &h->context[cpu]);
	s = h->context[cpu];
	s.ip = context_ip(h, &s);
	h->context[cpu].rec.mode = s.rec.mode;
	s.rec.event = draw_event(h, s.rec.domid);
	produced[s.rec.event]++;
	change_periods(h, cpu);
	/* A sum of uniform numbers is about normal: a deviation of 2 µs. */
	s.tsc = h->next_tsc[cpu] + (draw_below(6000) + draw_below(6000) + draw_below(6000));
	h->next_tsc[cpu] += STEP_TICKS * (draw_below(500) ? 1 : 2);
	if (!h->o.chains) {
		check(h, xp_write_samples(h->w, cpu, &s, 1, &h->err));
		return;
	}
	check(h, chains_write(&h->chains, h->w, &s, &chain, &h->err));
	check(h, xp_write_chained_samples(h->w, cpu, &s, &chain, 1, &h->err));
}

static void put_counters(struct host *h, struct xp_cpu_stats *stats)
{
	uint64_t i;

	stats->ticks = 0; /* there is no timer */
	stats->active = h->next_tsc[stats->cpu] - START_TSC;
	for (i = 0; i < h->o.events; i++)
		stats->running[i] = i && i + 1 == h->o.events ? stats->active / 2 : stats->active;
}

static void put_stats(struct host *h, uint64_t (*produced)[MAX_EVENTS])
{
	uint32_t cpu, i;

	for (cpu = 0; cpu < h->o.cpus; cpu++) {
		struct xp_cpu_stats stats = { .cpu = cpu, .handler_max = 9000 };

		for (i = 0; i < MAX_EVENTS; i++) {
			stats.produced[i] = produced[cpu][i];
			stats.nmis += produced[cpu][i];
		}
		stats.ticks = stats.nmis;
		stats.handler_ticks = stats.nmis * 2000;
		if (h->o.events)
			put_counters(h, &stats);
		check(h, xp_write_cpu_stats(h->w, &stats, &h->err));
	}
}

static void put_samples(struct host *h)
{
	uint64_t (*produced)[MAX_EVENTS] = must(calloc(h->o.cpus, sizeof(*produced)));
	uint64_t i, second = 997 * h->o.cpus;
	struct xp_clock end = { 0 };
	uint32_t cpu;

	h->next_tsc = must(calloc(h->o.cpus, sizeof(*h->next_tsc)));
	h->next_change = must(calloc(h->o.cpus, sizeof(*h->next_change)));
	h->context = must(calloc(h->o.cpus, sizeof(*h->context)));
	for (cpu = 0; cpu < h->o.cpus; cpu++) {
		h->next_tsc[cpu] = START_TSC + 1000000 + draw_below(STEP_TICKS);
		new_context(h, &h->context[cpu]);
	}
	for (i = 0; i < h->o.samples; i++) {
		cpu = (uint32_t)(i % h->o.cpus);
		put_sample(h, cpu, produced[cpu]);
		if (i % second == second - 1)
			check(h, xp_writer_flush(h->w, &h->err));
	}
	end.tsc = h->next_tsc[0] + STEP_TICKS;
	end.monotonic_ns = 3600000000000u + (end.tsc - START_TSC) * 1000 / (TSC_KHZ / 1000);
	end.realtime_ns = 1700000000000000000u + (end.tsc - START_TSC) * 1000 / (TSC_KHZ / 1000);
	check(h, xp_write_clock(h->w, &end, &h->err));
	put_stats(h, produced);
	free(produced);
}

/* ---- main ---- */

static void host_release(struct host *h)
{
	text_release(&h->xen);
	text_release(&h->kernel);
	text_release(&h->libc);
	text_release(&h->program);
	free(h->next_tsc);
	free(h->next_change);
	free(h->context);
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);

	if (*end || end == text || value < min || value > max) {
		fprintf(stderr, "mkprofile: %s: not a number from %" PRIu64 " to %" PRIu64 "\n", text, min, max);
		exit(2);
	}
	return value;
}

/* NAME=FACTOR */
static void parse_change(struct options *o, char *text)
{
	char *equals = strchr(text, '='), *end;

	o->change.factor = equals ? strtod(equals + 1, &end) : 0;
	if (!equals || *end || !(o->change.factor >= 0)) {
		fprintf(stderr, "mkprofile: --change %s: NAME=FACTOR is wanted\n", text);
		exit(2);
	}
	*equals = '\0';
	o->change.name = text;
}

static void parse(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "samples", required_argument, NULL, 'n' }, { "symbols", required_argument, NULL, 'm' },
		{ "domains", required_argument, NULL, 'd' }, { "cpus", required_argument, NULL, 'c' },
		{ "seed", required_argument, NULL, 's' },    { "events", required_argument, NULL, 'e' },
		{ "vary", no_argument, NULL, 'v' },          { "run", required_argument, NULL, 'r' },
		{ "change", required_argument, NULL, 'x' },  { "chains", no_argument, NULL, 'g' },
		{ "hostile", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		switch (c) {
		case 'n': o->samples = number(optarg, 0, UINT64_MAX); break;
		case 'm': o->symbols = number(optarg, 10, 10000000); break;
		case 'd': o->domains = number(optarg, 1, 30000); break;
		case 'c': o->cpus = number(optarg, 1, 4096); break;
		case 's': o->seed = number(optarg, 0, UINT64_MAX); break;
		case 'e': o->events = number(optarg, 1, MAX_EVENTS); break;
		case 'v': o->vary = true; break;
		case 'g': o->chains = true; break;
		case 'h': o->hostile = true; break;
		case 'r': o->run = number(optarg, 0, UINT64_MAX); break;
		case 'x': parse_change(o, optarg); break;
		case 'o': o->path = optarg; break;
		default:
			fprintf(stderr, "usage: mkprofile [--samples N] [--symbols M] [--domains D] [--cpus C] [--seed S] [--run R] "
				"[--change NAME=FACTOR] [--events E] [--vary] [--chains] [--hostile] [-o FILE]\n");
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	struct host h = { .o = { .samples = 100000, .symbols = 10000, .domains = 4, .cpus = 4, .seed = 1, .path = "xprof.data" } };
	uint64_t bytes;

	parse(&h.o, argc, argv);
	draw_begin(h.o.seed);
	check(&h, (h.o.chains ? xp_writer_open_chains : xp_writer_open)(&h.w, h.o.path, &h.err));
	put_host(&h);
	put_domains(&h);
	put_images(&h);
	put_tasks(&h);
	if (h.o.run)
		draw_begin((h.o.seed + h.o.run * 0xd1342543de82ef95u) * 0xaf251af3b0f025b5u);
	h.chains = (struct chains){ &h.xen, &h.kernel, &h.program };
	put_samples(&h);
	check(&h, xp_writer_flush(h.w, &h.err));
	bytes = xp_writer_bytes(h.w);
	check(&h, xp_writer_close(h.w, &h.err));
	host_release(&h);
	if (h.o.samples)
		printf("%s: %" PRIu64 " bytes, %.2f a sample\n", h.o.path, bytes,
		       (double)bytes / (double)h.o.samples);
	return 0;
}
