/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frames: a call chain whose stack is known, word by word.
 *
 * So many functions deep (--depth), each with words of its own on the stack, it spins and calls the kernel in turn and never
 * returns. Before that it says what lies where:
 *   truth: leaf LOW HIGH      addresses of the loop
 *   truth: sp ADDRESS         the stack pointer while it is there, and in the system call
 *   truth: syscall ADDRESS    where the system call returns to
 *   truth: word ADDRESS VALUE what lies on the stack there: words from the seed, and return addresses
 */
#include "common.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_DEPTH   64
#define SPINS       200000u
#define RANDOM_BYTES (32u << 10)
#define SYS_getrandom 318L
#define GRND_INSECURE 4L

static struct word {
	uint64_t address, value;
} words[3 * MAX_DEPTH];
static unsigned nr_words;
static uint64_t random_state, calls;
static char bytes[RANDOM_BYTES];

extern const char frames_leaf[], frames_leaf_end[], frames_syscall[];

static void note(const volatile void *address, uint64_t value)
{
	words[nr_words++] = (struct word){ (uint64_t)(uintptr_t)address, value };
}

static void say(uint64_t sp)
{
	printf("truth: leaf %#" PRIx64 " %#" PRIx64 "\n", (uint64_t)(uintptr_t)frames_leaf, (uint64_t)(uintptr_t)frames_leaf_end);
	printf("truth: sp %#" PRIx64 "\n", sp);
	printf("truth: syscall %#" PRIx64 "\n", (uint64_t)(uintptr_t)frames_syscall);
	for (unsigned i = 0; i < nr_words; i++)
		printf("truth: word %#" PRIx64 " %#" PRIx64 "\n", words[i].address, words[i].value);
	fflush(stdout);
}

/* Nothing is pushed or called between the two: sp is what it was. */
static __attribute__((noinline, noipa)) void leaf(void)
{
	uint64_t sp;

	__asm__ volatile("mov %%rsp, %0" : "=r"(sp));
	say(sp);
	while (!wl_stopped) {
		uint64_t spins = SPINS;
		long result = SYS_getrandom;

		__asm__ volatile(".globl frames_leaf\nframes_leaf:\n\tdec %0\n\tjnz frames_leaf\n.globl frames_leaf_end\nframes_leaf_end:"
				 : "+r"(spins));
		__asm__ volatile("syscall\n.globl frames_syscall\nframes_syscall:"
				 : "+a"(result)
				 : "D"(bytes), "S"((long)sizeof(bytes)), "d"(GRND_INSECURE)
				 : "rcx", "r11", "memory");
		calls++;
	}
}

static __attribute__((noinline, noipa)) void frame(unsigned depth)
{
	volatile uint64_t own[2] = { wl_random(&random_state), wl_random(&random_state) };

	note(&own[0], own[0]);
	note(&own[1], own[1]);
	note((char *)__builtin_frame_address(0) + 8, (uint64_t)(uintptr_t)__builtin_return_address(0));
	if (depth)
		frame(depth - 1);
	else
		leaf();
	__asm__ volatile("" ::"m"(own)); /* no tail call */
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "seconds", required_argument, NULL, 's' }, { "seed", required_argument, NULL, 'x' },
		{ "depth", required_argument, NULL, 'd' },   { "cpu", required_argument, NULL, 'c' }, { 0 },
	};
	double seconds = 0;
	unsigned depth = 12;
	int c;

	random_state = 1;
	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (c) {
		case 's': seconds = wl_number("--seconds", optarg, 0.001, 1e6); break;
		case 'x': random_state = (uint64_t)wl_number("--seed", optarg, 0, 9007199254740992.0) * 2 + 1; break;
		case 'd': depth = (unsigned)wl_number("--depth", optarg, 1, MAX_DEPTH); break;
		case 'c': wl_pin((int)wl_number("--cpu", optarg, 0, 1023)); break;
		default: fprintf(stderr, "usage: frames [--depth N] [--seconds S] [--seed X] [--cpu N]\n"); return 2;
		}
	}
	wl_stop_after(seconds);
	frame(depth - 1);
	printf("{\"workload\":\"frames\",\"depth\":%u,\"calls\":%" PRIu64 "}\n", depth, calls);
	return 0;
}
