// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Chains of this very process, walked with what xp_names knows of it, and
 * judged by the C library's backtrace(), whose unwinder is libgcc's. The CR3 is made
 * up: pid << 12. (tests/unwind/judge-chains.c does the same to other programs, at random places.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <execinfo.h>
#include <linux/xprof.h>
#include <pthread.h>
#include <signal.h>
#include <sys/uio.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/profile/profile.h"
#include "lib/sym/names.h"
#include "xprof.h"

#define MAX_FRAMES 100
#define MAX_STACK (64u << 10)

static struct xp_err err;

struct fixture {
	char dir[64], file[128];
	struct xp_writer *w;
	struct xp_names *n;
	uint64_t cr3;
};

static struct fixture x;

static int setup(void **state)
{
	const struct xp_names_config cfg = { .chains = true, .no_hypercall = true, .no_guest_memory = true };
	struct xprof_task t = { .tsc = __rdtsc(), .pid = (uint32_t)getpid(), .tgid = (uint32_t)getpid(), .type = XPROF_TASK_SNAPSHOT,
				.comm = "test" };

	(void)state;
	snprintf(x.dir, sizeof(x.dir), "/tmp/xprof-chains-XXXXXX");
	assert_non_null(mkdtemp(x.dir));
	snprintf(x.file, sizeof(x.file), "%s/profile", x.dir);
	assert_int_equal(xp_writer_open(&x.w, x.file, &err), 0);
	assert_int_equal(xp_names_open(&x.n, x.w, &cfg, &err), 0);
	t.cr3 = x.cr3 = (uint64_t)getpid() << 12;
	assert_int_equal(xp_names_task(x.n, &t, &err), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	xp_names_close(x.n);
	assert_int_equal(xp_writer_close(x.w, &err), 0);
	unlink(x.file);
	rmdir(x.dir);
	return 0;
}

/* How many bytes there are from sp to the stack's end. */
static size_t stack_above(uint64_t sp)
{
	pthread_attr_t attr;
	void *base;
	size_t size;

	assert_int_equal(pthread_getattr_np(pthread_self(), &attr), 0);
	assert_int_equal(pthread_attr_getstack(&attr, &base, &size), 0);
	pthread_attr_destroy(&attr);
	return (uint64_t)(uintptr_t)base + size - sp;
}

static void walk(const struct xp_regs *regs, struct xp_chain *chain, size_t max)
{
	struct xp_names_code code = { .mode = XPROF_MODE_USER, .cr3 = x.cr3, .tsc = __rdtsc(), .regs = *regs };
	size_t len = stack_above(regs->rsp);
	uint8_t *copy = malloc(len);
	struct iovec to = { copy, len < max ? len : max }, from = { (void *)(uintptr_t)regs->rsp, to.iov_len };

	assert_non_null(copy);
	/* Not memcpy(): a sanitizer would see what is between variables. */
	len = to.iov_len;
	assert_int_equal(process_vm_readv(getpid(), &to, 1, &from, 1, 0), len);
	code.stack = (struct xp_stack){ .at = regs->rsp, .bytes = copy, .len = len };
	assert_true(xp_names_walk(x.n, &code, chain));
	free(copy);
}

/* The caller's chain by both; they agree from the caller's caller on, and ours says that it is whole. */
static __attribute__((noinline)) void compare(const struct xp_regs *regs, void *const *truth, int nr)
{
	struct xp_chain chain;

	walk(regs, &chain, MAX_STACK);
	if (nr > 2 && chain.ip[1] != (uint64_t)(uintptr_t)truth[1] && chain.ip[1] == (uint64_t)(uintptr_t)truth[2]) {
		/* a sanitizer's backtrace() is a frame itself */
		truth++;
		nr--;
	}
	for (int i = 1; i < nr && i < (int)chain.nr; i++)
		if (chain.ip[i] != (uint64_t)(uintptr_t)truth[i])
			fail_msg("frame %d of %d: %#lx, and backtrace() says %p", i, nr, (unsigned long)chain.ip[i], truth[i]);
	assert_int_equal(chain.nr, nr);
	assert_int_equal(chain.end, XP_WALK_COMPLETE);
	assert_int_equal(chain.by_rbp[0] | chain.by_rbp[1], 0);
}

#define HERE(regs) \
	__asm__ volatile("lea (%%rip), %0\n\tmov %%rsp, %1\n\tmov %%rbp, %2" \
			 : "=&r"((regs).rip), "=&r"((regs).rsp), "=&r"((regs).rbp) : : "memory")

#define COMPARE_HERE() \
	do { \
		void *truth[MAX_FRAMES]; \
		struct xp_regs regs; \
		int nr = backtrace(truth, MAX_FRAMES); \
		HERE(regs); \
		compare(&regs, truth, nr); \
	} while (0)

static volatile int depth;

static __attribute__((noinline)) int recurse(int n)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wvla" /* a frame of no fixed size is what is wanted: it has a frame pointer */
	volatile char space[n % 7 * 16 + 16];
#pragma GCC diagnostic pop

	space[0] = (char)n;
	if (!n)
		COMPARE_HERE();
	else
		depth += recurse(n - 1);
	return space[0];
}

static void test_chains__recursion(void **state)
{
	(void)state;
	for (int n = 0; n < 40; n += 13)
		recurse(n);
}

static int compare_ints(const void *a, const void *b)
{
	static int calls;

	if (calls++ == 5)
		COMPARE_HERE();
	return *(const int *)a - *(const int *)b;
}

static void test_chains__through_the_c_library(void **state)
{
	int v[50];

	(void)state;
	for (int i = 0; i < 50; i++)
		v[i] = i * 7919 % 50;
	qsort(v, 50, sizeof(v[0]), compare_ints);
	assert_int_equal(v[49], 49);
}

static volatile bool handled;

static void handler(int sig)
{
	(void)sig;
	COMPARE_HERE();
	handled = true;
}

static void test_chains__through_a_signal(void **state)
{
	(void)state;
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	assert_true(handled);
	signal(SIGUSR1, SIG_DFL);
}

static void *in_thread(void *arg)
{
	(void)arg;
	recurse(5);
	return NULL;
}

static void test_chains__of_a_thread(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, in_thread, NULL), 0);
	pthread_join(thread, NULL);
}

static void test_chains__a_copy_that_is_too_short_says_so(void **state)
{
	struct xp_chain chain;
	struct xp_regs regs;

	(void)state;
	HERE(regs);
	walk(&regs, &chain, 8);
	assert_int_equal(chain.nr, 1);
	assert_int_equal(chain.end, XP_WALK_TRUNCATED);
}

static void test_chains__of_nobody_have_one_address(void **state)
{
	const struct xp_names_code code = { .mode = XPROF_MODE_USER, .cr3 = 0x123456000, .regs = { 0x401000, 0x7000, 0 } };
	struct xp_chain chain;

	(void)state;
	assert_false(xp_names_walk(x.n, &code, &chain));
	assert_int_equal(chain.nr, 1);
	assert_int_equal(chain.ip[0], 0x401000);
	assert_int_equal(chain.end, XP_WALK_NO_RULE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_chains__recursion, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chains__through_the_c_library, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chains__through_a_signal, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chains__of_a_thread, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chains__a_copy_that_is_too_short_says_so, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chains__of_nobody_have_one_address, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
