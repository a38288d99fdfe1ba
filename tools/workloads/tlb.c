/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tlb: misses in the TLB, hits in the cache: touches one line in each of many pages, over and over. There are more pages
 * than a TLB has entries, but their lines are 64 bytes a page, 256 KiB in all, and lie at such places in their pages that
 * they spread over the sets of an L2 cache: four to a set where there are 1,024.
 * The report says how many accesses there were: each is a TLB miss once there are pages enough.
 */
#define _GNU_SOURCE
#include "common.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096u
#define LINE 64u

volatile uint64_t tlb_sink;

/* 16 pages hold as many lines as a cache has sets (1,024 of them): so each 16 pages the next line of a page. */
#define OFFSET(i) ((i) / 16 % (PAGE / LINE) * LINE)

__attribute__((noinline, noipa, aligned(64))) void walk_pages(const char *base, size_t pages)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < pages; i++)
		sum += *(const volatile uint64_t *)(base + i * PAGE + OFFSET(i));
	tlb_sink = sum;
}

static void usage(void)
{
	fprintf(stderr, "usage: tlb [--pages N] [--seconds S] [--cpu N]\n"
			"  N pages are touched in turn (default 4096); without --seconds it works until SIGTERM\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "pages", required_argument, NULL, 'p' }, { "seconds", required_argument, NULL, 's' },
		{ "cpu", required_argument, NULL, 'c' }, { 0 },
	};
	uint64_t accesses = 0, start;
	size_t pages = 4096;
	double seconds = 0;
	char *buffer;
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 'p': pages = (size_t)wl_number("--pages", optarg, 64, 1 << 24); break;
		case 's': seconds = wl_number("--seconds", optarg, 0.001, 1e6); break;
		case 'c': wl_pin((int)wl_number("--cpu", optarg, 0, 1023)); break;
		default: usage();
		}
	}
	if (optind < argc)
		usage();
	buffer = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED) {
		perror("tlb: no memory");
		return 1;
	}
	madvise(buffer, pages * PAGE, MADV_NOHUGEPAGE); /* fails where there are no huge pages */
	for (size_t i = 0; i < pages; i++)
		buffer[i * PAGE] = 1; /* a page of its own, not the common page of zeros */
	wl_stop_after(seconds);
	start = wl_clock_ns(CLOCK_MONOTONIC);
	while (!wl_stopped) {
		walk_pages(buffer, pages);
		accesses += pages;
	}
	printf("{\"workload\":\"tlb\",\"pages\":%zu,\"accesses\":%" PRIu64 ",\"process_ns\":%" PRIu64 ",\"wall_ns\":%" PRIu64 "}\n",
	       pages, accesses, wl_clock_ns(CLOCK_PROCESS_CPUTIME_ID), wl_clock_ns(CLOCK_MONOTONIC) - start);
	return 0;
}
