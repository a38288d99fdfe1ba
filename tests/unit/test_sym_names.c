// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Names end to end, on the machine that runs the test: samples in this
 * process, its children and this kernel are fed in, and the profile that
 * comes out is asked what it calls them. CR3s are made up: pid << 12.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/xprof.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include "lib/agg/resolve.h"
#include "lib/base/job.h"
#include "lib/profile/profile.h"
#include "lib/sym/names.h"
#include "xprof.h"

static struct xp_err err;

struct fixture {
	char dir[64], file[128];
	struct xp_writer *w;
	struct xp_names *n;
	struct xp_profile *p;
};

static void begin(struct fixture *x, const struct xp_names_config *cfg)
{
	snprintf(x->dir, sizeof(x->dir), "/tmp/xprof-names-XXXXXX");
	assert_non_null(mkdtemp(x->dir));
	snprintf(x->file, sizeof(x->file), "%s/profile", x->dir);
	assert_int_equal(xp_writer_open(&x->w, x->file, &err), 0);
	assert_int_equal(xp_names_open(&x->n, x->w, cfg, &err), 0);
}

static void end(struct fixture *x)
{
	if (xp_names_finish(x->n, &err))
		fail_msg("finish: %s", err.text);
	if (xp_writer_close(x->w, &err))
		fail_msg("close: %s", err.text);
	if (xp_profile_open(&x->p, x->file, &err))
		fail_msg("open: %s", err.text);
}

static void clean(struct fixture *x)
{
	xp_names_close(x->n);
	xp_profile_free(x->p);
	unlink(x->file);
	rmdir(x->dir);
}

static void task(struct fixture *x, uint16_t type, pid_t pid, pid_t parent)
{
	struct xprof_task t = {
		.tsc = __rdtsc(), .cr3 = (uint64_t)pid << 12, .pid = (uint32_t)pid, .tgid = (uint32_t)pid,
		.ppid = (uint32_t)parent, .type = type, .comm = "test",
	};

	assert_int_equal(xp_names_task(x->n, &t, &err), 0);
}

static void sample(struct fixture *x, uint8_t mode, uint16_t domid, pid_t pid, uint64_t ip)
{
	struct xprof_sample s = {
		.rec = { .type = XPROF_REC_SAMPLE, .mode = mode, .size = 4, .domid = domid },
		.tsc = __rdtsc(), .ip = ip, .cr3 = (uint64_t)pid << 12,
	};

	xp_names_sample(x->n, &s, 1);
}

static void poll_times(struct fixture *x, int n)
{
	while (n--)
		assert_int_equal(xp_names_poll(x->n, &err), 0);
}

/* The map of an owner that holds ip in the end: the latest. */
static const struct xp_map *find_map(const struct xp_profile *p, uint16_t domid, uint32_t tgid, uint64_t ip)
{
	const struct xp_map *found = NULL;
	size_t i;

	for (i = 0; i < p->nr_maps; i++) {
		const struct xp_map *m = &p->maps[i];

		if (m->domid == domid && m->tgid == tgid && m->start <= ip && ip < m->end &&
		    (!found || m->tsc >= found->tsc))
			found = m;
	}
	return found;
}

static const struct xp_image *find_image(const struct xp_profile *p, uint16_t domid, uint32_t tgid, uint64_t ip)
{
	const struct xp_map *map = find_map(p, domid, tgid, ip);

	return map ? &p->images[map->image] : NULL;
}

static const char *find_name(const struct xp_profile *p, uint16_t domid, uint32_t tgid, uint64_t ip)
{
	const struct xp_map *map = find_map(p, domid, tgid, ip);
	const struct xp_image *image = map ? &p->images[map->image] : NULL;
	size_t i;

	for (i = 0; image && i < image->nr_symbols; i++) {
		uint64_t addr = ip - map->start + map->image_addr;

		if (image->symbols[i].start <= addr && addr < image->symbols[i].end)
			return image->symbols[i].name;
	}
	return image ? image->why : "no map";
}

__attribute__((noinline)) int a_function_of_this_test(int x);
int a_function_of_this_test(int x)
{
	__asm__ volatile("nop; nop; nop" : "+r"(x));
	return x + 1;
}

static void test_names__functions_of_a_process_that_was_there(void **state)
{
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true };
	uint64_t own = (uint64_t)(uintptr_t)a_function_of_this_test + 2;
	uint64_t libc = (uint64_t)(uintptr_t)dlsym(RTLD_DEFAULT, "lsearch") + 1;
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
	uint32_t me = (uint32_t)getpid();
	struct fixture x = { .p = NULL };

	(void)state;
	begin(&x, &cfg);
	task(&x, XPROF_TASK_SNAPSHOT, getpid(), getppid());
	sample(&x, XPROF_MODE_USER, 0, getpid(), own);
	sample(&x, XPROF_MODE_USER, 0, getpid(), libc);
	sample(&x, XPROF_MODE_USER, 0, getpid(), vdso + 8);
	sample(&x, XPROF_MODE_USER, 5, getpid(), own + 4096); /* of a guest that is not known */
	poll_times(&x, 2);
	end(&x);
	assert_string_equal(find_name(x.p, 0, me, own), "a_function_of_this_test");
	assert_string_equal(find_name(x.p, 0, me, libc), "lsearch");
	assert_string_equal(find_image(x.p, 0, me, vdso)->name, "[vdso]");
	assert_int_equal(xp_names_stats(x.n)->addresses, 4);
	assert_int_equal(xp_names_stats(x.n)->named, 2);
	assert_int_equal(x.p->nr_tasks, 1);
	assert_int_equal(x.p->nr_images, 3);
	clean(&x);
}

static int finish_in_thread(void *arg, struct xp_err *why)
{
	struct fixture *x = arg;
	int rc = xp_names_finish(x->n, why);
	int closed = xp_writer_close(x->w, why);

	return rc ? rc : closed;
}

/* As continuous recordings do: a file gets its names in a thread while the next one is recorded. (Under TSAN=1 this says more.) */
static void test_names__one_file_ends_while_the_next_goes_on(void **state)
{
	struct xp_names_config cfg = { .no_hypercall = true };
	uint64_t own = (uint64_t)(uintptr_t)a_function_of_this_test + 2;
	uint64_t libc = (uint64_t)(uintptr_t)dlsym(RTLD_DEFAULT, "lsearch") + 1;
	uint32_t me = (uint32_t)getpid();
	struct fixture x[2] = { { .p = NULL }, { .p = NULL } };
	struct xp_job job;

	(void)state;
	begin(&x[0], &cfg);
	task(&x[0], XPROF_TASK_SNAPSHOT, getpid(), getppid());
	sample(&x[0], XPROF_MODE_USER, 0, getpid(), own);
	poll_times(&x[0], 2);
	xp_job_start(&job, finish_in_thread, &x[0], 0);
	begin(&x[1], &cfg);
	task(&x[1], XPROF_TASK_SNAPSHOT, getpid(), getppid());
	sample(&x[1], XPROF_MODE_USER, 0, getpid(), libc);
	for (int i = 0; i < 100 || xp_job_runs(&job); i++) {
		sample(&x[1], XPROF_MODE_USER, 0, getpid(), own + (uint64_t)i);
		poll_times(&x[1], 1);
	}
	assert_int_equal(xp_job_take(&job, &err), 0);
	assert_int_equal(xp_profile_open(&x[0].p, x[0].file, &err), 0);
	end(&x[1]);
	assert_string_equal(find_name(x[0].p, 0, me, own), "a_function_of_this_test");
	assert_string_equal(find_name(x[1].p, 0, me, own), "a_function_of_this_test");
	assert_string_equal(find_name(x[1].p, 0, me, libc), "lsearch");
	clean(&x[0]);
	clean(&x[1]);
}

/* "comm symbol", as a reader of the small profile says. */
static const char *name_now(struct fixture *x, const struct xprof_sample *s, char text[128])
{
	struct xp_buf memory = XP_BUF_INIT;
	const struct xp_site site = { .ip = s->ip, .cr3 = s->cr3, .domid = s->rec.domid, .mode = s->rec.mode };
	struct xp_resolution r;
	struct xp_resolver *resolver;
	struct xp_profile *p;
	struct xp_writer *w;

	assert_int_equal(xp_writer_open_memory(&w, &memory, &err), 0);
	if (xp_names_now(x->n, w, xp_names_owner(s), s, 1, &err))
		fail_msg("now: %s", err.text);
	assert_int_equal(xp_writer_close(w, &err), 0);
	assert_int_equal(xp_profile_open_memory(&p, memory.data, memory.len, &err), 0);
	assert_int_equal(xp_resolver_new(&resolver, p, &err), 0);
	assert_int_equal(xp_resolve(resolver, &site, s->tsc, &r), 0);
	snprintf(text, 128, "%s %s", r.task == XP_NONE ? "-" : p->tasks[r.task].comm, r.symbol ? r.symbol->name : "-");
	xp_resolver_free(resolver);
	xp_profile_free(p);
	xp_buf_release(&memory);
	return text;
}

static void test_names__while_the_session_goes_on(void **state)
{
	char xensyms[64] = "/tmp/xprof-xensyms-XXXXXX", text[128];
	static const char list[] = "ffff82d040200000 T _stext\nffff82d040200100 t schedule\nffff82d040200200 T _etext\n";
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true, .live = true, .xensyms = xensyms };
	struct xprof_sample own = {
		.rec = { .type = XPROF_REC_SAMPLE, .mode = XPROF_MODE_USER, .size = 4 }, .tsc = __rdtsc() + 1000000000,
		.ip = (uint64_t)(uintptr_t)a_function_of_this_test + 2, .cr3 = (uint64_t)getpid() << 12,
	};
	struct xprof_sample libc = own, xen = own, later;
	struct fixture x = { .p = NULL };
	int fd = mkstemp(xensyms);

	(void)state;
	libc.ip = (uint64_t)(uintptr_t)dlsym(RTLD_DEFAULT, "lsearch") + 1;
	xen.rec.mode = XPROF_MODE_XEN;
	xen.ip = 0xffff82d040200180;
	assert_int_equal(write(fd, list, sizeof(list) - 1), sizeof(list) - 1);
	close(fd);
	assert_int_equal(xp_writer_open_memory(&x.w, NULL, &err), 0);
	assert_int_equal(xp_names_open(&x.n, x.w, &cfg, &err), 0);
	assert_string_equal(name_now(&x, &own, text), "- -"); /* nobody knows yet whose that is */
	task(&x, XPROF_TASK_SNAPSHOT, getpid(), getppid());
	xp_names_sample(x.n, &own, 1);
	xp_names_sample(x.n, &libc, 1);
	poll_times(&x, 2);
	assert_string_equal(name_now(&x, &own, text), "test a_function_of_this_test");
	assert_string_equal(name_now(&x, &libc, text), "test lsearch");
	assert_string_equal(name_now(&x, &own, text), "test a_function_of_this_test");
	assert_string_equal(name_now(&x, &xen, text), "- schedule");
	unlink(xensyms); /* it is kept */
	later = xen;
	later.ip++;
	assert_string_equal(name_now(&x, &later, text), "- schedule");
	task(&x, XPROF_TASK_EXIT, getpid(), getppid());
	poll_times(&x, 60);
	assert_string_equal(name_now(&x, &own, text), "test a_function_of_this_test"); /* its last samples may have just come */
	poll_times(&x, 60);
	assert_string_equal(name_now(&x, &own, text), "- -"); /* what has ended does not fill the memory */
	xp_names_close(x.n);
	assert_int_equal(xp_writer_close(x.w, &err), 0);
}

static void test_names__hypervisor_by_its_own_list(void **state)
{
	char xensyms[64] = "/tmp/xprof-xensyms-XXXXXX";
	static const char text[] = "ffff82d040200000 T _stext\nffff82d040200100 t x.c#static_one\n"
				   "ffff82d040200200 T _etext\n";
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true, .xensyms = xensyms };
	struct fixture x = { .p = NULL };
	int fd = mkstemp(xensyms);

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	begin(&x, &cfg);
	sample(&x, XPROF_MODE_XEN, 7, 0, 0xffff82d040200110);
	sample(&x, XPROF_MODE_XEN, XPROF_DOMID_IDLE, 0, 0xffff82d040200200);
	end(&x);
	unlink(xensyms);
	assert_string_equal(find_name(x.p, XP_DOMID_XEN, 0, 0xffff82d040200110), "x.c#static_one");
	assert_null(find_map(x.p, XP_DOMID_XEN, 0, 0xffff82d040200200));
	assert_string_equal(xp_names_stats(x.n)->xen, xensyms);
	clean(&x);
}

/* Where a function of this kernel lies, 0: hidden or not told. */
static uint64_t kernel_function(const char *name)
{
	char line[512], symbol[256], type;
	unsigned long long addr, found = 0;
	FILE *f = fopen("/proc/kallsyms", "r");

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %c %255s", &addr, &type, symbol) == 3 && !strcmp(symbol, name))
			found = addr;
	}
	if (f)
		fclose(f);
	return found;
}

static void test_names__kernel_by_kallsyms(void **state)
{
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true };
	uint64_t ip = kernel_function("vfs_read");
	struct fixture x = { .p = NULL };

	(void)state;
	if (!ip) {
		print_message("/proc/kallsyms does not tell addresses here\n");
		skip();
	}
	begin(&x, &cfg);
	sample(&x, XPROF_MODE_KERNEL, 0, 0, ip + 4);
	end(&x);
	assert_string_equal(find_name(x.p, 0, 0, ip + 4), "vfs_read");
	assert_string_equal(find_image(x.p, 0, 0, ip)->name, "vmlinux");
	assert_int_not_equal(find_image(x.p, 0, 0, ip)->build_id_len, 0);
	clean(&x);
}

static void test_names__absent_sources_are_said(void **state)
{
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true, .sysroot = "/nonexistent",
				       .payload_text = 0xffff82d040800000, .payload_size = 4096 };
	struct fixture x = { .p = NULL };

	(void)state;
	begin(&x, &cfg);
	sample(&x, XPROF_MODE_XEN, 0, 0, 0xffff82d040200110);
	sample(&x, XPROF_MODE_XEN, 0, 0, 0xffff82d040800010);
	sample(&x, XPROF_MODE_KERNEL, 0, 0, 0xffffffff81000010);
	end(&x);
	assert_non_null(strstr(find_name(x.p, XP_DOMID_XEN, 0, 0xffff82d040200110), "/nonexistent/proc/xen/xensyms"));
	assert_non_null(strstr(find_name(x.p, 0, 0, 0xffffffff81000010), "/nonexistent/proc/kallsyms"));
	assert_int_equal(xp_names_stats(x.n)->named, 0);
	clean(&x);
}

/* ---- processes that come, change and go ---- */

/* A copy of this test's own program, so that it can be deleted and replaced. */
static void copy_program(const char *to)
{
	char buf[65536];
	int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		assert_int_equal(write(out, buf, (size_t)n), n);
	close(in);
	close(out);
}

/* Runs as the child: tells where its function lies, waits until its input ends. */
static int be_the_child(void)
{
	uint64_t ip = (uint64_t)(uintptr_t)a_function_of_this_test + 2;
	char c;

	if (write(STDOUT_FILENO, &ip, sizeof(ip)) != sizeof(ip))
		return 1;
	return read(STDIN_FILENO, &c, 1) != 0;
}

struct child { pid_t pid; int in, out; uint64_t ip; };

static void start_child(struct child *c, const char *program)
{
	int in[2], out[2];

	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	c->pid = fork();
	if (!c->pid) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl(program, program, "--child", (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	c->in = in[1];
	c->out = out[0];
	assert_int_equal(read(c->out, &c->ip, sizeof(c->ip)), sizeof(c->ip));
}

static void end_child(struct child *c)
{
	int status;

	close(c->in);
	close(c->out);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
}

/* Forks, execs and samples a program; deletes it and ends it before the profile does. */
static void follow_child(struct fixture *x, const struct xp_names_config *cfg, struct child *c, bool deleted)
{
	char program[128];

	begin(x, cfg);
	task(x, XPROF_TASK_SNAPSHOT, getpid(), getppid());
	snprintf(program, sizeof(program), "%s/program", x->dir);
	copy_program(program);
	start_child(c, program);
	task(x, XPROF_TASK_FORK, c->pid, getpid());
	task(x, XPROF_TASK_EXEC, c->pid, getpid());
	if (deleted)
		unlink(program);
	sample(x, XPROF_MODE_USER, 0, c->pid, c->ip);
	poll_times(x, 4);
	end_child(c);
	task(x, XPROF_TASK_EXIT, c->pid, getpid());
	poll_times(x, 6);
	unlink(program);
	end(x);
}

static void check_deleted_program(bool no_perf)
{
	struct xp_names_config cfg = { .no_perf = no_perf, .no_hypercall = true };
	struct fixture x = { .p = NULL };
	struct child c;

	follow_child(&x, &cfg, &c, true);
	if (!no_perf && strcmp(xp_names_stats(x.n)->mappings, "perf")) {
		print_message("no perf events here: %s\n", xp_names_stats(x.n)->mappings);
		clean(&x);
		skip();
	}
	assert_string_equal(find_name(x.p, 0, (uint32_t)c.pid, c.ip), "a_function_of_this_test");
	assert_int_equal(xp_names_stats(x.n)->lost_events, 0);
	clean(&x);
}

static void test_names__program_that_came_and_was_deleted_by_perf(void **state)
{
	(void)state;
	check_deleted_program(false);
}

static void test_names__program_that_came_and_was_deleted_by_proc(void **state)
{
	(void)state;
	check_deleted_program(true);
}

static void test_names__replaced_file_gives_no_names(void **state)
{
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true };
	struct fixture x = { .p = NULL };
	char program[128];
	struct child c;
	int fd;

	(void)state;
	begin(&x, &cfg);
	snprintf(program, sizeof(program), "%s/program", x.dir);
	copy_program(program);
	start_child(&c, program);
	task(&x, XPROF_TASK_SNAPSHOT, c.pid, getpid());
	end_child(&c); /* it is gone before anybody looks at its sample */
	unlink(program);
	fd = open(program, O_WRONLY | O_CREAT | O_EXCL, 0755);
	close(fd);
	copy_program(program);
	sample(&x, XPROF_MODE_USER, 0, c.pid, c.ip);
	end(&x);
	unlink(program);
	assert_non_null(strstr(find_name(x.p, 0, (uint32_t)c.pid, c.ip), "replaced"));
	clean(&x);
}

static void test_names__processes_without_samples_leave_nothing(void **state)
{
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true };
	struct fixture x = { .p = NULL };
	pid_t pid;
	int i;

	(void)state;
	begin(&x, &cfg);
	task(&x, XPROF_TASK_SNAPSHOT, getpid(), getppid());
	for (i = 0; i < 1000; i++) {
		pid = 100000 + i;
		task(&x, XPROF_TASK_FORK, pid, getpid());
		task(&x, XPROF_TASK_EXIT, pid, getpid());
	}
	poll_times(&x, 5);
	end(&x);
	assert_int_equal(x.p->nr_tasks, 2001);
	assert_int_equal(x.p->nr_maps, 0);
	assert_int_equal(x.p->nr_images, 0);
	clean(&x);
}

static void test_names__code_made_at_run_time_is_called_so(void **state)
{
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true };
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t ip = (uint64_t)(uintptr_t)code + 16;
	struct fixture x = { .p = NULL };

	(void)state;
	begin(&x, &cfg);
	task(&x, XPROF_TASK_SNAPSHOT, getpid(), getppid());
	sample(&x, XPROF_MODE_USER, 0, getpid(), ip);
	end(&x);
	munmap(code, 4096);
	assert_int_equal(find_image(x.p, 0, (uint32_t)getpid(), ip)->kind, XP_IMAGE_ANON);
	assert_non_null(strstr(find_name(x.p, 0, (uint32_t)getpid(), ip), "run time"));
	clean(&x);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names__functions_of_a_process_that_was_there),
		cmocka_unit_test(test_names__one_file_ends_while_the_next_goes_on),
		cmocka_unit_test(test_names__while_the_session_goes_on),
		cmocka_unit_test(test_names__hypervisor_by_its_own_list),
		cmocka_unit_test(test_names__kernel_by_kallsyms),
		cmocka_unit_test(test_names__absent_sources_are_said),
		cmocka_unit_test(test_names__program_that_came_and_was_deleted_by_perf),
		cmocka_unit_test(test_names__program_that_came_and_was_deleted_by_proc),
		cmocka_unit_test(test_names__replaced_file_gives_no_names),
		cmocka_unit_test(test_names__processes_without_samples_leave_nothing),
		cmocka_unit_test(test_names__code_made_at_run_time_is_called_so),
	};

	if (argc > 1 && !strcmp(argv[1], "--child"))
		return be_the_child();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
