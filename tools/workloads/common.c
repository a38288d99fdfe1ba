/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "common.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

volatile sig_atomic_t wl_stopped;

static void stop(int signal)
{
	(void)signal;
	wl_stopped = 1;
}

void wl_stop_after(double seconds)
{
	struct sigaction action = { .sa_handler = stop };
	struct itimerval timer = {
		.it_value.tv_sec = (time_t)seconds,
		.it_value.tv_usec = (suseconds_t)((seconds - (double)(time_t)seconds) * 1e6),
	};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	if (seconds > 0)
		setitimer(ITIMER_REAL, &timer, NULL);
}

void wl_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == 0)
		return;
	fprintf(stderr, "workload: cannot run on CPU %d: ", cpu);
	perror(NULL);
	exit(2);
}

double wl_number(const char *option, const char *text, double least, double most)
{
	char *end;
	double value = strtod(text, &end);

	if (end != text && *end == '\0' && value >= least && value <= most)
		return value;
	fprintf(stderr, "workload: %s is '%s': give a number from %g to %g\n", option, text, least, most);
	exit(2);
}

uint64_t wl_clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t wl_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * 0x2545F4914F6CDD1DULL;
}
