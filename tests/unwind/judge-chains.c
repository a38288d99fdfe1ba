// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * judge-chains SAMPLES COMMAND…: runs a program, stops it at random places, and
 * compares the chain that lib/unwind makes of its registers and a copy of its
 * stack with the one that libdw's unwinder finds in the stopped process.
 *
 * Fails if fewer than 99% are exactly the same, of those that libdw finds whole. XPROF_SEED= repeats the places (not the program's).
 */
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/profile/profile.h"
#include "lib/sym/elf.h"
#include "lib/sym/procmaps.h"
#include "lib/unwind/binary.h"
#include "lib/unwind/space.h"

#define MAX_STACK (256u << 10)
#define MAX_STEPS 40u /* that are stepped singly before a look: prologues and epilogues come in, too */

struct truth { uint64_t ip[512]; size_t nr; bool whole; };

struct judge {
	pid_t pid;
	struct xp_unwind_store store;
	struct xp_unwind_space space;
	struct xp_buf maps;     /* as the space and dwfl know them */
	Dwfl *dwfl;
	struct truth truth;
	unsigned long whole, exact, differ, early, agree_so_far, frames;
	double ns;
};

static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % n;
}

static _Noreturn void die(const char *what)
{
	perror(what);
	exit(2);
}

/* ---- what we know of it ---- */

static void add_file(struct judge *j, const struct xp_procmap *m, const char *name)
{
	struct xp_unwind_shared *shared = NULL;
	char path[PATH_MAX];
	struct xp_unwind_table t;
	struct xp_elf elf;
	struct xp_err err;
	uint64_t addr = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%lx-%lx", j->pid, (unsigned long)m->start, (unsigned long)m->end);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || xp_elf_open(&elf, fd, name, &err))
		return;
	shared = xp_unwind_store_get(&j->store, elf.build_id.bytes, elf.build_id.len);
	if (!shared && !xp_binary_rules(&t, fd, name, &err))
		shared = xp_unwind_store_add(&j->store, elf.build_id.bytes, elf.build_id.len, &t);
	xp_elf_address(&elf, m->offset, &addr);
	xp_unwind_space_set(&j->space, xp_unwind_space_find(&j->space, m->start), shared, m->start - addr);
	xp_elf_release(&elf);
	close(fd);
}

static void add_vdso(struct judge *j, const struct xp_procmap *m)
{
	size_t len = m->end - m->start;
	uint8_t *bytes = malloc(len);
	struct iovec to = { bytes, len }, from = { (void *)(uintptr_t)m->start, len };
	struct xp_unwind_table t;
	struct xp_err err;

	if (bytes && process_vm_readv(j->pid, &to, 1, &from, 1, 0) == (ssize_t)len &&
	    !xp_binary_rules_memory(&t, bytes, len, "[vdso]", &err))
		xp_unwind_space_set(&j->space, xp_unwind_space_find(&j->space, m->start), xp_unwind_store_add(&j->store, "", 0, &t),
				    m->start - t.base);
	free(bytes);
}

static void read_space(struct judge *j)
{
	struct xp_span rest = { (const char *)j->maps.data, j->maps.len };
	char name[XP_MAP_NAME_MAX];
	struct xp_procmap m;

	xp_unwind_space_clear(&j->space);
	while (xp_procmaps_next(&rest, &m)) {
		xp_unwind_space_map(&j->space, m.start, m.end, 0);
		xp_map_name(m.name, name);
		if (xp_map_kind(m.name) == XP_IMAGE_FILE)
			add_file(j, &m, name);
		else if (xp_map_kind(m.name) == XP_IMAGE_VDSO)
			add_vdso(j, &m);
	}
}

/* ---- what libdw knows ---- */

static void report(struct judge *j)
{
	static char *paths;
	static const Dwfl_Callbacks callbacks = { .find_elf = dwfl_linux_proc_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo, .debuginfo_path = &paths };

	dwfl_end(j->dwfl);
	j->dwfl = dwfl_begin(&callbacks);
	if (!j->dwfl || dwfl_linux_proc_report(j->dwfl, j->pid) || dwfl_report_end(j->dwfl, NULL, NULL) ||
	    dwfl_linux_proc_attach(j->dwfl, j->pid, true)) {
		fprintf(stderr, "judge-chains: libdw: %s\n", dwfl_errmsg(-1));
		exit(2);
	}
}

static int take_frame(Dwfl_Frame *frame, void *arg)
{
	struct truth *t = arg;
	Dwarf_Addr pc;

	if (t->nr == sizeof(t->ip) / sizeof(t->ip[0]) || !dwfl_frame_pc(frame, &pc, NULL))
		return DWARF_CB_ABORT;
	t->ip[t->nr++] = pc;
	return DWARF_CB_OK;
}

/* ---- comparing ---- */

static void look_again(struct judge *j)
{
	struct xp_buf maps = XP_BUF_INIT;
	struct xp_err err;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", j->pid);
	if (xp_file_read(path, &maps, XP_PROCMAPS_MAX_BYTES, &err))
		die(path);
	if (maps.len == j->maps.len && !memcmp(maps.data, j->maps.data, maps.len)) {
		xp_buf_release(&maps);
		return;
	}
	xp_buf_release(&j->maps);
	j->maps = maps;
	read_space(j);
	report(j);
}

static void print_difference(const struct judge *j, const struct xp_chain *chain)
{
	size_t i = 0;

	while (i < chain->nr && i < j->truth.nr && chain->ip[i] == j->truth.ip[i])
		i++;
	printf("differs at frame %zu: %#lx of %zu (end %d), libdw %#lx of %zu; the frame before is %#lx, the innermost %#lx\n", i,
	       i < chain->nr ? (unsigned long)chain->ip[i] : 0, chain->nr, chain->end,
	       i < j->truth.nr ? (unsigned long)j->truth.ip[i] : 0, j->truth.nr, i ? (unsigned long)chain->ip[i - 1] : 0,
	       (unsigned long)chain->ip[0]);
}

static void compare(struct judge *j, const struct xp_chain *chain)
{
	const struct truth *t = &j->truth;
	size_t nr = t->nr < chain->nr ? t->nr : chain->nr;
	bool same = !memcmp(t->ip, chain->ip, nr * sizeof(t->ip[0]));

	if (!t->whole || t->nr > XP_CHAIN_MAX) { /* libdw gave up, or it is longer than ours may be */
		j->early++;
		j->agree_so_far += same;
		return;
	}
	j->whole++;
	if (same && t->nr == chain->nr && chain->end == XP_WALK_COMPLETE && !chain->by_rbp[0] && !chain->by_rbp[1])
		j->exact++;
	else if (j->differ++ < 10)
		print_difference(j, chain);
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void judge_here(struct judge *j)
{
	static uint8_t copy[MAX_STACK];
	struct xp_unwind_range *wanted;
	struct user_regs_struct u;
	struct iovec to = { copy, sizeof(copy) }, from;
	struct xp_stack stack = { .bytes = copy };
	struct xp_regs regs;
	struct xp_chain chain;
	ssize_t n;

	if (ptrace(PTRACE_GETREGS, j->pid, NULL, &u))
		die("PTRACE_GETREGS");
	look_again(j);
	regs = (struct xp_regs){ u.rip, u.rsp, u.rbp };
	from = (struct iovec){ (void *)(uintptr_t)u.rsp, sizeof(copy) };
	n = process_vm_readv(j->pid, &to, 1, &from, 1, 0);
	stack.at = u.rsp;
	stack.len = n > 0 ? (size_t)n : 0;
	j->ns -= now_ns();
	xp_unwind_space_walk(&chain, &j->space, &regs, &stack, &wanted);
	j->ns += now_ns();
	j->frames += chain.nr;
	j->truth.nr = 0;
	j->truth.whole = dwfl_getthread_frames(j->dwfl, j->pid, take_frame, &j->truth) == 0;
	compare(j, &chain);
}

/* ---- the program ---- */

static bool wait_for_stop(struct judge *j, int *sig)
{
	int status;

	if (waitpid(j->pid, &status, __WALL) != j->pid || !WIFSTOPPED(status))
		return false;
	*sig = status >> 16 == PTRACE_EVENT_STOP ? 0 : WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
	return true;
}

static bool step_randomly(struct judge *j)
{
	uint64_t steps = random_below(MAX_STEPS);
	int sig = 0;

	while (steps--) {
		if (ptrace(PTRACE_SINGLESTEP, j->pid, NULL, (void *)(intptr_t)sig) || !wait_for_stop(j, &sig))
			return false;
	}
	if (sig && (ptrace(PTRACE_SINGLESTEP, j->pid, NULL, (void *)(intptr_t)sig) || !wait_for_stop(j, &sig)))
		return false;
	return true;
}

/* Lets it run for up to two milliseconds. False: it has ended. */
static bool run_randomly(struct judge *j)
{
	const struct timespec t = { 0, (long)random_below(2000000) };
	int sig = 0;

	if (ptrace(PTRACE_CONT, j->pid, NULL, NULL))
		return false;
	nanosleep(&t, NULL);
	if (ptrace(PTRACE_INTERRUPT, j->pid, NULL, NULL))
		return false;
	while (wait_for_stop(j, &sig)) {
		if (!sig)
			return true;
		if (ptrace(PTRACE_CONT, j->pid, NULL, (void *)(intptr_t)sig))
			return false;
	}
	return false;
}

static void begin(struct judge *j, char **argv)
{
	const struct timespec start = { 0, 30000000 };
	int status;

	j->pid = fork();
	if (!j->pid) {
		execvp(argv[0], argv);
		die(argv[0]);
	}
	nanosleep(&start, NULL);
	if (ptrace(PTRACE_SEIZE, j->pid, NULL, NULL) || ptrace(PTRACE_INTERRUPT, j->pid, NULL, NULL) ||
	    waitpid(j->pid, &status, __WALL) != j->pid)
		die("PTRACE_SEIZE");
}

int main(int argc, char **argv)
{
	struct judge j = { .pid = 0 };
	unsigned long samples;
	const char *given = getenv("XPROF_SEED");

	if (argc < 3) {
		fprintf(stderr, "usage: judge-chains SAMPLES COMMAND…\n");
		return 2;
	}
	seed = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) ^ (uint64_t)getpid() << 20;
	printf("XPROF_SEED=%lu\n", (unsigned long)seed);
	if (!xp_unwind_store_init(&j.store, 256 << 20))
		die("memory");
	xp_unwind_space_init(&j.space, &j.store);
	begin(&j, argv + 2);
	for (samples = strtoul(argv[1], NULL, 10); samples && run_randomly(&j) && step_randomly(&j); samples--)
		judge_here(&j);
	kill(j.pid, SIGKILL);
	printf("%s: %lu whole chains by libdw: %lu the same (%.2f%%), %lu differ; %lu more that libdw does not finish: %lu agree as far; "
	       "%.1f frames, %.0f ns each\n", argv[2], j.whole, j.exact, j.whole ? 100.0 * (double)j.exact / (double)j.whole : 0,
	       j.differ, j.early, j.agree_so_far, (double)j.frames / (double)(j.whole + j.early), j.ns / (double)j.frames);
	return samples || j.exact * 100 < j.whole * 99 || j.whole < 10;
}
