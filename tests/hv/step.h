/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls a function one instruction at a time, with a look, or an NMI, behind
 * each: what must hold between any two instructions is tested there.
 */
#ifndef TESTS_HV_STEP_H
#define TESTS_HV_STEP_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void (*step_look)(unsigned int step);
static unsigned int step_nr;

static void step_trap(int signal)
{
	(void)signal;
	step_look(step_nr++);
}

/* look runs as an NMI would: between two instructions of f, on top of its stack. Returns how many there were. */
static unsigned int step_through(void (*f)(void), void (*look)(unsigned int step))
{
	struct sigaction action = { .sa_handler = step_trap }, before;

	step_look = look;
	step_nr = 0;
	if (sigaction(SIGTRAP, &action, &before)) {
		perror("sigaction");
		abort();
	}
	__asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" ::: "memory", "cc"); /* TF */
	f();
	__asm__ volatile("pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq" ::: "memory", "cc");
	sigaction(SIGTRAP, &before, NULL);
	return step_nr;
}

#endif
