// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * deep: calls itself through all kinds of frames, until it is killed: fixed
 * and variable ones, aligned ones, leaf functions, callbacks of the C library, function
 * pointers, signals, tail calls, what does not return.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOINLINE __attribute__((noinline))

typedef double wide __attribute__((vector_size(32)));

static unsigned int seed;
static volatile unsigned int sink;
static jmp_buf back;

static unsigned int next(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void down(int depth);

static NOINLINE unsigned int leaf(unsigned int x)
{
	for (int i = 0; i < 50; i++)
		x = x * 31 + (x >> 7);
	return x;
}

static NOINLINE void fixed(int depth)
{
	char text[200];

	snprintf(text, sizeof(text), "%d %u %f", depth, sink, (double)depth / 3);
	down(depth - 1);
	sink += (unsigned int)strlen(text);
}

static NOINLINE void variable(int depth)
{
	char text[next(300) + 1];

	memset(text, depth, sizeof(text));
	down(depth - 1);
	sink += (unsigned char)text[sizeof(text) / 2];
}

static NOINLINE void touch(wide *w)
{
	w[0] += w[1];
	w[1] *= w[0];
}

static NOINLINE void aligned(int depth)
{
	wide w[4] = { { depth } };

	touch(w);
	down(depth - 1);
	touch(w + 1);
	sink += (unsigned int)w[1][0];
}

static int depth_of_callback;

static int compare(const void *a, const void *b)
{
	if (!next(40) && depth_of_callback > 0)
		down(--depth_of_callback);
	return *(const int *)a - *(const int *)b;
}

static NOINLINE void callback(int depth)
{
	int v[40];

	depth_of_callback = depth;
	for (int i = 0; i < 40; i++)
		v[i] = (int)next(1000);
	qsort(v, 40, sizeof(v[0]), compare);
	sink += (unsigned int)v[7];
}

static int depth_of_handler;

static void handler(int sig)
{
	(void)sig;
	if (depth_of_handler > 0)
		down(--depth_of_handler);
	sink += leaf(sink);
}

static NOINLINE void signalled(int depth)
{
	depth_of_handler = depth;
	raise(SIGUSR1);
	sink++;
}

static NOINLINE void tail(int depth)
{
	sink += leaf((unsigned int)depth);
	down(depth - 1);
}

static NOINLINE __attribute__((noreturn)) void away(void)
{
	sink += leaf(sink);
	longjmp(back, 1);
}

static NOINLINE void memory(int depth)
{
	char *p = malloc(next(100000) + 1);

	down(depth - 1);
	free(p);
}

static void (*const ways[])(int) = { fixed, variable, aligned, callback, signalled, tail, memory };

static void down(int depth)
{
	sink += leaf((unsigned int)depth);
	if (depth > 0)
		ways[next(sizeof(ways) / sizeof(ways[0]))](depth);
	else if (!next(5))
		away();
}

int main(int argc, char **argv)
{
	struct sigaction act = { .sa_handler = handler, .sa_flags = SA_NODEFER };

	seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 1;
	sigaction(SIGUSR1, &act, NULL);
	for (;;) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (!setjmp(back))
			down((int)next(25));
	}
}
