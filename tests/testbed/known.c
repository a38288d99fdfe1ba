/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program whose counts are known. "loop N": 2 N instructions in loop(). "split N": as much in parts of 3 to 1, in three()
 * and one(). "walk MIB ROUNDS": ROUNDS times a load from each line, in walk(). "swap N": N times CMPXCHG16B of what is there,
 * without LOCK, as kernels do with what is one CPU's; prints how often it was not there.
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

/* One thread and no signals: each finds what the one before has stored. */
__attribute__((noinline)) static long swap(long n)
{
	static unsigned long pair[2] __attribute__((aligned(16)));
	long i, failed = 0;

	for (i = 0; i < n; i++) {
		unsigned long low = pair[0], high = pair[1];
		unsigned char found;

		__asm__ volatile("cmpxchg16b %1"
				 : "=@ccz"(found), "+m"(pair), "+a"(low), "+d"(high)
				 : "b"(low + 1), "c"(high + 1));
		failed += !found;
	}
	return failed;
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
	} else if (argc > 2 && !strcmp(argv[1], "swap")) {
		printf("%ld\n", swap(n));
	} else {
		return 2;
	}
	return 0;
}
