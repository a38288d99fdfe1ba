/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program whose counts are known. "loop N": 2 N instructions in loop(). "split N": as much in parts of 3 to 1, in three()
 * and one(). "walk MIB ROUNDS": ROUNDS times a load from each line, in walk().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPIN(name) \
	__attribute__((noinline)) static void name(long n) \
	{ \
		__asm__ volatile("1: dec %0\n\tjnz 1b" : "+r"(n)); \
	}

SPIN(loop)
SPIN(three)
SPIN(one)

__attribute__((noinline)) static long walk(const volatile char *p, long size)
{
	long i, sum = 0;

	for (i = 0; i < size; i += 64)
		sum += p[i];
	return sum;
}

int main(int argc, char **argv)
{
	long i, n = argc > 2 ? atol(argv[2]) : 0, rounds = argc > 3 ? atol(argv[3]) : 0;
	char *p;

	if (argc > 2 && !strcmp(argv[1], "loop")) {
		loop(n);
	} else if (argc > 2 && !strcmp(argv[1], "split")) {
		for (i = 0; i < n / 1000; i++) {
			three(750);
			one(250);
		}
	} else if (argc > 3 && !strcmp(argv[1], "walk")) {
		p = aligned_alloc(4096, n << 20);
		memset(p, 1, n << 20);
		for (i = 0; i < rounds; i++)
			walk(p, n << 20);
	} else {
		return 2;
	}
	return 0;
}
