/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the workloads share: the end of a run, a seeded random sequence, the clocks that their reports use.
 * Each program works for --seconds S or until SIGTERM or SIGINT, then prints its report as one line of JSON.
 */
#ifndef WORKLOADS_COMMON_H
#define WORKLOADS_COMMON_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Set by SIGTERM, SIGINT and, after wl_stop_after(), by a timer. */
extern volatile sig_atomic_t wl_stopped;

/* Installs the signal handlers; seconds > 0 also arms the timer. */
void wl_stop_after(double seconds);

/* Binds the calling thread to one CPU; exits with a message if that CPU is not there. */
void wl_pin(int cpu);

/* The value of a numeric option; exits with a message that names the option if it is not a number in range. */
double wl_number(const char *option, const char *text, double least, double most);

/* Nanoseconds of a clock since its epoch. */
uint64_t wl_clock_ns(clockid_t clock);

/* xorshift64*: the same sequence for the same seed on every host; the state must not be 0. */
uint64_t wl_random(uint64_t *state);

static inline uint64_t wl_tsc(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

#endif
