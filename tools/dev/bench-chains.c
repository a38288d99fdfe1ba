// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: bench-chains [VMLINUX]: what chains cost, on stdout, "NAME VALUE" a line: walking copies of this program's own stack,
 * taken at random depths, as the collector does; the C library's backtrace() at the same places; and building the tables of libc
 * and of a kernel.
 */
#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <linux/xprof.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/base/file.h"
#include "lib/profile/profile.h"
#include "lib/sym/names.h"
#include "lib/unwind/binary.h"
#include "lib/unwind/orc.h"
#include "xprof.h"

#define SNAPSHOTS 1000u
#define STACK_BYTES 4096u /* XPROF_DEFAULT_STACK */
#define ROUNDS 50u
#define TIMES 5u

static struct snapshot { struct xp_regs regs; uint8_t stack[STACK_BYTES]; size_t len; } snapshots[SNAPSHOTS];
static size_t nr_snapshots;
static double backtrace_ns, backtrace_frames;
static uint64_t stack_end;
static unsigned int seed = 1;
static volatile int sink;

static double now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static unsigned int next(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static __attribute__((noinline)) void take(void)
{
	struct snapshot *s = &snapshots[nr_snapshots++];
	void *frames[XP_CHAIN_MAX];
	double begin = now_ns(CLOCK_MONOTONIC);

	backtrace_frames += backtrace(frames, XP_CHAIN_MAX);
	backtrace_ns += now_ns(CLOCK_MONOTONIC) - begin;
	__asm__ volatile("lea (%%rip), %0\n\tmov %%rsp, %1\n\tmov %%rbp, %2"
			 : "=&r"(s->regs.rip), "=&r"(s->regs.rsp), "=&r"(s->regs.rbp) : : "memory");
	s->len = stack_end - s->regs.rsp < STACK_BYTES ? stack_end - s->regs.rsp : STACK_BYTES;
	memcpy(s->stack, (const void *)(uintptr_t)s->regs.rsp, s->len);
}

/* ---- something to walk ---- */

static void down(int depth);

static int compare(const void *a, const void *b)
{
	if (nr_snapshots < SNAPSHOTS && !next(30))
		take();
	return *(const int *)a - *(const int *)b;
}

static __attribute__((noinline)) void sorted(int depth)
{
	int v[8];

	for (int i = 0; i < 8; i++)
		v[i] = (int)next(100);
	qsort(v, 8, sizeof(v[0]), compare);
	down(depth - 1);
	sink += v[3];
}

static __attribute__((noinline)) void variable(int depth)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvla" /* a frame whose size its code does not tell is what is wanted */
	char text[next(100) + 1];
#pragma GCC diagnostic pop

	memset(text, depth, sizeof(text));
	down(depth - 1);
	sink += text[sizeof(text) / 2];
}

static __attribute__((noinline)) void plain(int depth)
{
	down(depth - 1);
	sink++;
}

static void (*const ways[])(int) = { sorted, variable, plain };

static __attribute__((noinline)) void down(int depth)
{
	if (depth <= 0 && nr_snapshots < SNAPSHOTS)
		take();
	else if (depth > 0)
		ways[next(3)](depth);
	sink++;
}

static int fail(const struct xp_err *err)
{
	fprintf(stderr, "bench-chains: %s\n", err->text);
	return 1;
}

/* ---- measuring ---- */

static uint64_t end_of_stack(void)
{
	pthread_attr_t attr;
	void *base;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr) || pthread_attr_getstack(&attr, &base, &size))
		exit(2);
	pthread_attr_destroy(&attr);
	return (uint64_t)(uintptr_t)base + size;
}

/* Frames of all; those that are whole are counted. */
static size_t walk_all(struct xp_names *n, uint64_t cr3, size_t *whole)
{
	size_t frames = 0;

	for (size_t i = 0; i < nr_snapshots; i++) {
		const struct snapshot *s = &snapshots[i];
		struct xp_names_code code = { .mode = XPROF_MODE_USER, .cr3 = cr3, .tsc = __rdtsc(), .regs = s->regs,
					      .stack = { .at = s->regs.rsp, .bytes = s->stack, .len = s->len } };
		struct xp_chain chain;

		xp_names_walk(n, &code, &chain);
		frames += chain.nr;
		*whole += chain.end == XP_WALK_COMPLETE;
	}
	return frames;
}

static int bench_walk(struct xp_err *err)
{
	const struct xp_names_config cfg = { .chains = true, .no_guest_memory = true, .no_hypercall = true };
	struct xprof_task t = { .tsc = __rdtsc(), .pid = (uint32_t)getpid(), .tgid = (uint32_t)getpid(), .type = XPROF_TASK_SNAPSHOT };
	struct xp_writer *w;
	struct xp_names *n;
	size_t frames = 0, whole = 0;
	double ns;
	int rc = xp_writer_open(&w, "/dev/null", err);

	if (!rc)
		rc = xp_names_open(&n, w, &cfg, err);
	t.cr3 = (uint64_t)getpid() << 12;
	if (!rc)
		rc = xp_names_task(n, &t, err);
	if (rc)
		return rc;
	while (nr_snapshots < SNAPSHOTS)
		down((int)next(30));
	walk_all(n, t.cr3, &whole);
	whole = 0;
	ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned int i = 0; i < ROUNDS; i++)
		frames += walk_all(n, t.cr3, &whole);
	ns = now_ns(CLOCK_PROCESS_CPUTIME_ID) - ns;
	printf("chains_per_second %.0f\n", ROUNDS * nr_snapshots / ns * 1e9);
	printf("frames_per_chain %.1f\n", (double)frames / (double)(ROUNDS * nr_snapshots));
	printf("whole_percent %.1f\n", 100.0 * (double)whole / (double)(ROUNDS * nr_snapshots));
	printf("ns_per_frame %.1f\n", ns / (double)frames);
	printf("backtrace_ns_per_frame %.1f\n", backtrace_ns / backtrace_frames);
	return 0;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The first time includes that memory is had for the first time. */
static void print_table(const char *name, double *ms, const struct xp_unwind_table *t)
{
	printf("%s_first_ms %.2f\n", name, ms[0]);
	qsort(ms, TIMES, sizeof(*ms), by_value);
	printf("%s_ms %.2f\n%s_rules %zu\n%s_bytes %zu\n", name, ms[TIMES / 2], name, t->nr, name, t->nr * sizeof(*t->rules));
}

static int bench_libc(struct xp_err *err)
{
	struct xp_unwind_table t = { 0 };
	double ms[TIMES];
	Dl_info libc;

	if (!dladdr((void *)(uintptr_t)qsort, &libc))
		return 0;
	for (unsigned int i = 0; i < TIMES; i++) {
		int fd = open(libc.dli_fname, O_RDONLY | O_CLOEXEC), rc;

		xp_unwind_table_release(&t);
		ms[i] = now_ns(CLOCK_PROCESS_CPUTIME_ID);
		rc = xp_binary_rules(&t, fd, libc.dli_fname, err);
		ms[i] = (now_ns(CLOCK_PROCESS_CPUTIME_ID) - ms[i]) / 1e6;
		close(fd);
		if (rc)
			return rc;
	}
	print_table("libc", ms, &t);
	return 0;
}

static int bench_kernel(const char *path, struct xp_err *err)
{
	struct xp_buf file = XP_BUF_INIT;
	struct xp_unwind_table t = { 0 };
	struct xp_unwind_code image;
	double ms[TIMES];
	int rc = xp_file_read(path, &file, 512 << 20, err);

	if (!rc)
		rc = xp_unwind_code_load(&image, file.data, file.len, path, err);
	for (unsigned int i = 0; !rc && i < TIMES; i++) {
		xp_unwind_table_release(&t);
		ms[i] = now_ns(CLOCK_PROCESS_CPUTIME_ID);
		rc = xp_orc_code_rules(&t, &image, err);
		ms[i] = (now_ns(CLOCK_PROCESS_CPUTIME_ID) - ms[i]) / 1e6;
	}
	if (!rc)
		print_table("kernel", ms, &t);
	return rc;
}

int main(int argc, char **argv)
{
	struct xp_err err;

	stack_end = end_of_stack();
	if (bench_walk(&err) || bench_libc(&err) || (argc > 1 && bench_kernel(argv[1], &err)))
		return fail(&err);
	return 0;
}
