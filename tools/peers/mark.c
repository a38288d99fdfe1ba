// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mark N: tells the emulator's plugins that phase N (0 to 15) begins: an instruction that does nothing, and that
 * nobody else uses with this displacement (tools/testbed/plugins/nmi-cost.c looks for it).
 */
#include <stdio.h>
#include <stdlib.h>

#define CASE(n) case n: __asm__ volatile("nopl 0x706e00 + " #n " (%%rax)" ::: "memory"); break

int main(int argc, char **argv)
{
	int phase = argc == 2 ? atoi(argv[1]) : -1;

	switch (phase) {
	CASE(0); CASE(1); CASE(2); CASE(3); CASE(4); CASE(5); CASE(6); CASE(7);
	CASE(8); CASE(9); CASE(10); CASE(11); CASE(12); CASE(13); CASE(14); CASE(15);
	default:
		fprintf(stderr, "usage: mark N, from 0 to 15\n");
		return 2;
	}
	return 0;
}
