/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compute A:B: two functions with the same loop share the CPU's time in the ratio A:B.
 *
 * Work comes in slices of one length (about --slice microseconds), drawn from bags that hold A slices of
 * work_a and B of work_b in random order: whatever a profiler's period, it cannot fall in step, and the shares
 * are exact at the end of each bag. Both loops are the same machine code, so iterations are time. The report
 * at the end is the truth that a profile is compared with:
 *   iterations_X  what was really done in each function
 *   tsc_X         TSC ticks spent in it; contains what interrupted it
 *   thread_ns     the thread's CPU time, everything included
 *
 * With --rounds N it does work_a(N) again and again instead, and prints a line for each: "round NANOSECONDS ns". What
 * sampling costs a guest is seen from those.
 */
#include "common.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_BAG 1000

struct share {
	uint64_t iterations, slices, tsc;
};

struct options {
	unsigned a, b, slice_us;
	double seconds;
	uint64_t seed, round;
	int cpu;
};

/* Sinks that keep the loops from being optimized away. */
volatile uint64_t sink_a, sink_b;

/* One multiply, add and rotate per iteration: no memory, no branch but the loop's. Kept identical in both. */
#define WORK(name, sink)                                                       \
	__attribute__((noinline, noipa, aligned(64))) void name(uint64_t n)    \
	{                                                                      \
		uint64_t x = n;                                                \
                                                                               \
		while (n--) {                                                  \
			x = x * 6364136223846793005ULL + 1442695040888963407ULL; \
			__asm__ volatile("" : "+r"(x));                        \
		}                                                              \
		sink = x;                                                      \
	}

WORK(work_a, sink_a)
WORK(work_b, sink_b)

static void run_slice(void (*work)(uint64_t), uint64_t iterations, struct share *s)
{
	uint64_t start = wl_tsc();

	work(iterations);
	s->tsc += wl_tsc() - start;
	s->iterations += iterations;
	s->slices++;
}

/* Iterations that take about `us` microseconds; the fastest of several tries, since any may be interrupted. */
static uint64_t calibrate(unsigned us)
{
	const uint64_t probe = 20000;
	uint64_t best = UINT64_MAX, n;

	for (int i = 0; i < 20; i++) {
		uint64_t start = wl_clock_ns(CLOCK_MONOTONIC), took;

		work_a(probe);
		took = wl_clock_ns(CLOCK_MONOTONIC) - start;
		if (took && took < best)
			best = took;
	}
	n = probe * us * 1000u / best;
	return n ? n : 1;
}

static void fill_bag(bool *is_b, const struct options *o, uint64_t *random)
{
	unsigned n = o->a + o->b;

	for (unsigned i = 0; i < n; i++)
		is_b[i] = i >= o->a;
	for (unsigned i = n - 1; i > 0; i--) {
		unsigned j = (unsigned)(wl_random(random) % (i + 1));
		bool t = is_b[i];

		is_b[i] = is_b[j];
		is_b[j] = t;
	}
}

static void work(const struct options *o, uint64_t iterations, struct share *a, struct share *b)
{
	uint64_t random = o->seed * 2 + 1;
	bool is_b[MAX_BAG];

	while (!wl_stopped) {
		fill_bag(is_b, o, &random);
		for (unsigned i = 0; i < o->a + o->b && !wl_stopped; i++) {
			if (is_b[i])
				run_slice(work_b, iterations, b);
			else
				run_slice(work_a, iterations, a);
		}
	}
}

static void rounds(uint64_t iterations)
{
	while (!wl_stopped) {
		uint64_t start = wl_clock_ns(CLOCK_MONOTONIC);

		work_a(iterations);
		printf("round %" PRIu64 " ns\n", wl_clock_ns(CLOCK_MONOTONIC) - start);
		fflush(stdout);
	}
}

static void usage(void)
{
	fprintf(stderr, "usage: compute [A:B] [--seconds S] [--cpu N] [--seed X] [--slice MICROSECONDS] [--rounds ITERATIONS]\n"
			"  A:B      whole numbers, together at most %d (default 3:1)\n"
			"  without --seconds it works until SIGTERM\n", MAX_BAG);
	exit(2);
}

static void parse_ratio(struct options *o, const char *text)
{
	char rest;

	if (sscanf(text, "%u:%u%c", &o->a, &o->b, &rest) != 2 || o->a + o->b == 0 || o->a > MAX_BAG || o->b > MAX_BAG ||
	    o->a + o->b > MAX_BAG)
		usage();
}

static void parse(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
		{ "seconds", required_argument, NULL, 's' }, { "cpu", required_argument, NULL, 'c' },
		{ "seed", required_argument, NULL, 'x' },    { "slice", required_argument, NULL, 'l' },
		{ "rounds", required_argument, NULL, 'r' },  { 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 's': o->seconds = wl_number("--seconds", optarg, 0.001, 1e6); break;
		case 'c': o->cpu = (int)wl_number("--cpu", optarg, 0, 1023); break;
		case 'x': o->seed = (uint64_t)wl_number("--seed", optarg, 0, 9007199254740992.0); break;
		case 'l': o->slice_us = (unsigned)wl_number("--slice", optarg, 1, 1e6); break;
		case 'r': o->round = (uint64_t)wl_number("--rounds", optarg, 1, 1e12); break;
		default: usage();
		}
	}
	if (optind < argc)
		parse_ratio(o, argv[optind++]);
	if (optind < argc)
		usage();
}

int main(int argc, char **argv)
{
	struct options o = { .a = 3, .b = 1, .slice_us = 200, .seed = 1, .cpu = -1 };
	struct share a = { 0 }, b = { 0 };
	uint64_t iterations, start, start_tsc, start_thread;

	parse(&o, argc, argv);
	if (o.cpu >= 0)
		wl_pin(o.cpu);
	iterations = calibrate(o.slice_us);
	wl_stop_after(o.seconds);
	if (o.round) {
		rounds(o.round);
		return 0;
	}
	start = wl_clock_ns(CLOCK_MONOTONIC);
	start_thread = wl_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	start_tsc = wl_tsc();
	work(&o, iterations, &a, &b);
	printf("{\"workload\":\"compute\",\"ratio\":\"%u:%u\",\"seed\":%" PRIu64 ",\"slice_iterations\":%" PRIu64
	       ",\"iterations_a\":%" PRIu64 ",\"iterations_b\":%" PRIu64 ",\"slices_a\":%" PRIu64 ",\"slices_b\":%" PRIu64
	       ",\"tsc_a\":%" PRIu64 ",\"tsc_b\":%" PRIu64 ",\"tsc_total\":%" PRIu64 ",\"thread_ns\":%" PRIu64
	       ",\"wall_ns\":%" PRIu64 "}\n",
	       o.a, o.b, o.seed, iterations, a.iterations, b.iterations, a.slices, b.slices, a.tsc, b.tsc,
	       wl_tsc() - start_tsc, wl_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start_thread,
	       wl_clock_ns(CLOCK_MONOTONIC) - start);
	return 0;
}
