/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache: thrashes the last-level cache: walks a buffer that is larger than the cache from its beginning to its end, one
 * access a line, over and over. A page holds 64 lines, so the TLB misses once in 64 accesses at most.
 * The report says how many accesses there were: each is a miss in every level once the buffer is large enough.
 */
#define _GNU_SOURCE
#include "common.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LINE 64u

volatile uint64_t cache_sink;

__attribute__((noinline, noipa, aligned(64))) void walk_lines(const volatile uint64_t *p, size_t lines)
{
	uint64_t sum = 0;

	for (; lines; lines--, p += LINE / sizeof(*p))
		sum += *p;
	cache_sink = sum;
}

static void usage(void)
{
	fprintf(stderr, "usage: cache [--mb N] [--seconds S] [--cpu N]\n"
			"  N MiB are walked (default 32); without --seconds it works until SIGTERM\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "mb", required_argument, NULL, 'm' }, { "seconds", required_argument, NULL, 's' },
		{ "cpu", required_argument, NULL, 'c' }, { 0 },
	};
	/* A part at a time, so that the end of the run is near wherever the walk is. */
	const size_t part = 1u << 20;
	uint64_t accesses = 0, walks = 0, start;
	size_t mb = 32, at = 0;
	double seconds = 0;
	char *buffer;
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'm': mb = (size_t)wl_number("--mb", optarg, 1, 65536); break;
		case 's': seconds = wl_number("--seconds", optarg, 0.001, 1e6); break;
		case 'c': wl_pin((int)wl_number("--cpu", optarg, 0, 1023)); break;
		default: usage();
		}
	}
	if (optind < argc)
		usage();
	buffer = mmap(NULL, mb << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (buffer == MAP_FAILED) {
		perror("cache: no memory");
		return 1;
	}
	wl_stop_after(seconds);
	start = wl_clock_ns(CLOCK_MONOTONIC);
	while (!wl_stopped) {
		walk_lines((const volatile uint64_t *)(buffer + at), part / LINE);
		accesses += part / LINE;
		at += part;
		if (at == mb << 20) {
			at = 0;
			walks++;
		}
	}
	printf("{\"workload\":\"cache\",\"mb\":%zu,\"accesses\":%" PRIu64 ",\"walks\":%" PRIu64 ",\"process_ns\":%" PRIu64
	       ",\"wall_ns\":%" PRIu64 "}\n",
	       mb, accesses, walks, wl_clock_ns(CLOCK_PROCESS_CPUTIME_ID), wl_clock_ns(CLOCK_MONOTONIC) - start);
	return 0;
}
