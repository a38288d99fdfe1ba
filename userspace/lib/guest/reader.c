// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/reader.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/cursor.h"
#include "lib/base/file.h"
#include "lib/base/isolate.h"
#include "lib/guest/recall.h"
#include "lib/guest/xen.h"

#define RESULT_MAX (128u << 20)
#define GIVE_BACK (128u << 10) /* what has more bytes goes back to the system as soon as it is freed: parts of a kernel have megabytes */
#define ATTEMPTS 4u /* page tables by which a kernel is looked for */

/* ---- in the process that reads -------------------------------------------*/

/* Nothing of the collector's may outlive it here: its session in Xen ends when its descriptor is closed. */
static void be_alone(int fd, pid_t parent)
{
	/* Xen's libraries write about a domain that goes; what is to be said of it is in the result. */
	if (!xp_isolate_this(XP_GREADER_BYTES, XP_GREADER_CPU_SECONDS, parent))
		_exit(1);
	mallopt(M_MMAP_THRESHOLD, GIVE_BACK);
	signal(SIGINT, SIG_IGN); /* the collector decides */
	if (fd > 3)
		close_range(3, (unsigned int)fd - 1, 0);
	close_range((unsigned int)fd + 1, ~0u, 0);
	if (nice(10) < 0)
		errno = 0;
}

/* The page tables that a vCPU had; and, where those may be a process' own half (KPTI), its pair's. */
static bool use_pair(struct xp_gxen *x, struct xp_gmemory *m)
{
	if (!x->translated || !(x->root & 1))
		return false;
	xp_gmemory_init(m, &x->frames, x->root & ~1ull, x->levels);
	return true;
}

static int read_kernel(struct xp_gxen *x, struct xp_gmemory *m, const char *guest, struct xp_gkernel *k, struct xp_err *err)
{
	int rc;

	xp_gmemory_init(m, &x->frames, x->root, x->levels);
	if (guest && (xp_gkernel_recall(k, m, guest) || (use_pair(x, m) && xp_gkernel_recall(k, m, guest))))
		return 0;
	xp_gmemory_init(m, &x->frames, x->root, x->levels);
	rc = xp_gkernel_read(k, m, err);
	return rc == XP_E_ABSENT && use_pair(x, m) ? xp_gkernel_read(k, m, err) : rc;
}

/*
 * By page tables of one vCPU after the other and, after a moment, by their next ones: a process whose tables one has may just
 * end. What is said if none has a kernel: of the first.
 */
static int find_kernel(struct xp_gxen *x, struct xp_gmemory *m, const char *guest, struct xp_gkernel *k, struct xp_err *err)
{
	const struct timespec moment = { 0, 20000000 };
	uint64_t tried[ATTEMPTS] = { 0 };
	struct xp_err why;
	int first = 0;

	for (unsigned int i = 0; i < ATTEMPTS; i++) {
		bool again = false;
		int rc;

		if (i && i % x->vcpus == 0)
			nanosleep(&moment, NULL);
		rc = xp_gxen_ask(x, i % x->vcpus, &why);
		for (unsigned int j = 0; !rc && j < i; j++)
			again |= tried[j] == x->root;
		if (again)
			continue;
		if (!rc) {
			tried[i] = x->root;
			rc = read_kernel(x, m, guest, k, &why);
		}
		if (!rc || rc == XP_E_NOMEM) {
			*err = why;
			return rc;
		}
		if (!first)
			*err = why;
		first = first ? first : rc;
	}
	return first;
}

/* The kernel's own page tables, found before; or, if the guest has moved since, by those of a vCPU. */
static int use_places(struct xp_gxen *x, struct xp_gmemory *m, struct xp_gplaces *places, struct xp_err *err)
{
	int rc;

	xp_gmemory_init(m, &x->frames, places->root, places->levels);
	if (xp_gplaces_hold(places, m))
		return 0;
	rc = xp_gxen_ask(x, 0, err);
	if (rc)
		return rc;
	xp_gmemory_init(m, &x->frames, x->root, x->levels);
	if (places->top)
		xp_gplaces_find_root(places, m);
	return 0;
}

/* A list that ends at once was not there. */
static void read_processes(struct xp_gxen *x, struct xp_gmemory *m, const struct xp_gtask_layout *l, struct xp_buf *tasks)
{
	xp_gtasks_read(m, l, tasks);
	if (!tasks->len && use_pair(x, m))
		xp_gtasks_read(m, l, tasks);
}

static bool read_memory(void *arg, uint64_t address, void *to, size_t len)
{
	return xp_gmemory_read(arg, address, to, len);
}

/* A kernel without is read as well. */
static void read_rules(struct xp_gmemory *m, struct xp_gkernel *k)
{
	const struct xp_kmemory memory = { m, read_memory };
	struct xp_err ignored;

	if (xp_gorc_read(&k->rules, &memory, &k->places.orc, &ignored))
		xp_buf_reset(&k->rules);
}

struct reading {
	struct xp_gresult result;
	struct xp_gkernel kernel;
};

static int read_all(const struct xp_gjob *job, struct xp_gxen *x, struct reading *r, struct xp_err *err)
{
	static struct xp_gmemory m; /* (too large for a stack) */
	struct xp_gplaces *places = &r->result.places;
	struct xp_gask ask = job->ask;
	int rc;

	ask.guest = job->guest;
	ask.rules = job->rules;
	if (job->places) {
		*places = *job->places;
		rc = use_places(x, &m, places, err);
		if (!rc && job->modules)
			rc = xp_gmodules_read(&m, &places->modules, &r->kernel.modules, &r->kernel.module_symbols, err);
	} else {
		rc = find_kernel(x, &m, job->guest, &r->kernel, err);
		*places = r->kernel.places;
	}
	if (rc)
		return rc;
	if (job->rules && !job->places)
		read_rules(&m, &r->kernel);
	read_processes(x, &m, &places->tasks, &r->result.tasks);
	if (ask.nr_roots)
		xp_gprograms_read(&r->result.programs, &m, &places->user, &r->result.tasks, &ask);
	return 0;
}

static int read_guest(const struct xp_gjob *job, struct reading *r, struct xp_err *err)
{
	struct xp_gxen x;
	int rc = xp_gxen_open(&x, job->domid, err);

	if (rc)
		return rc;
	rc = read_all(job, &x, r, err);
	xp_gxen_close(&x);
	if (!rc && !(xp_buf_ok(&r->result.tasks) && xp_buf_ok(&r->result.programs.maps) && xp_buf_ok(&r->result.programs.files)))
		rc = xp_fail(err, XP_E_NOMEM, "domain %u: no memory for what was read of it", job->domid);
	return rc;
}

/* The file: the error's number and text, places, processes, the kernel. */
static bool hand_on(int fd, int rc, const struct reading *r, const struct xp_err *why)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_err ignored;

	xp_buf_u8(&bytes, (uint8_t)-rc);
	xp_buf_string(&bytes, why->text);
	xp_buf_blob(&bytes, &r->result.places, sizeof(r->result.places));
	xp_buf_blob(&bytes, r->result.tasks.data, r->result.tasks.len);
	xp_buf_blob(&bytes, r->result.programs.maps.data, r->result.programs.maps.len);
	xp_buf_blob(&bytes, r->result.programs.files.data, r->result.programs.files.len);
	if (!rc)
		xp_gkernel_pack(&r->kernel, &bytes);
	return xp_buf_ok(&bytes) && !xp_file_write_all(fd, bytes.data, bytes.len, "result", &ignored);
}

static _Noreturn void run(const struct xp_gjob *job, int fd, pid_t parent)
{
	struct reading r = { .kernel = { .kallsyms = XP_BUF_INIT } };
	struct xp_err err = { "" };
	int rc;

	be_alone(fd, parent);
	rc = read_guest(job, &r, &err);
	if (!hand_on(fd, rc, &r, &err))
		_exit(1);
	if (!rc && job->guest && !job->places)
		xp_gkernel_keep(&r.kernel, job->guest);
	_exit(0);
}

/* ---- in the collector ----------------------------------------------------*/

int xp_greader_start(struct xp_greader *r, const struct xp_gjob *job, struct xp_err *err)
{
	pid_t parent = getpid();

	r->pid = 0;
	r->fd = memfd_create("xprof-guest", MFD_CLOEXEC);
	if (r->fd < 0)
		return xp_fail_errno(err, XP_E_SYSTEM, "domain %u: no file for what is read of it", job->domid);
	r->pid = fork();
	if (r->pid == 0)
		run(job, r->fd, parent);
	if (r->pid > 0)
		return 0;
	close(r->fd);
	*r = (struct xp_greader){ 0, -1 };
	return xp_fail_errno(err, XP_E_SYSTEM, "domain %u: no process to read it", job->domid);
}

static void forget(struct xp_greader *r)
{
	close(r->fd);
	*r = (struct xp_greader){ 0, -1 };
}

/* A part of it, of things of one size. */
static void take(struct xp_cursor *c, struct xp_buf *to, size_t size)
{
	struct xp_cursor part;

	if (!xp_cursor_sub(c, &part))
		return;
	if (part.left % size)
		xp_cursor_fail(c, "%zu bytes of what has %zu each", part.left, size);
	else
		xp_buf_add(to, part.pos, part.left);
}

static int read_processes_back(struct xp_cursor *c, struct xp_gresult *p, struct xp_err *err)
{
	struct xp_cursor places;

	if (xp_cursor_sub(c, &places) && places.left != sizeof(p->places))
		xp_cursor_fail(c, "%zu bytes of places", places.left);
	else if (xp_cursor_ok(c))
		memcpy(&p->places, places.pos, sizeof(p->places));
	take(c, &p->tasks, sizeof(struct xp_gtask));
	take(c, &p->programs.maps, sizeof(struct xp_gmap));
	take(c, &p->programs.files, 1);
	if (!xp_cursor_ok(c))
		return XP_E_FORMAT;
	return xp_buf_ok(&p->tasks) && xp_buf_ok(&p->programs.maps) && xp_buf_ok(&p->programs.files) ?
		       0 : xp_fail(err, XP_E_NOMEM, "no memory for a guest's processes");
}

void xp_gresult_release(struct xp_gresult *r)
{
	xp_buf_release(&r->tasks);
	xp_gprograms_release(&r->programs);
}

/* Error number and text. */
static int read_head(struct xp_cursor *c, struct xp_err *err)
{
	int rc = -(int)xp_cursor_u8(c);
	size_t len;
	const char *text = xp_cursor_string(c, &len);

	if (!xp_cursor_ok(c))
		return XP_E_FORMAT;
	return rc ? xp_fail(err, (enum xp_error)rc, "%.*s", len < 900 ? (int)len : 900, text) : 0;
}

static int load(int fd, struct xp_buf *bytes, struct xp_err *err)
{
	off_t size = lseek(fd, 0, SEEK_END);
	uint8_t *to;

	if (size < 0 || size > RESULT_MAX)
		return xp_fail(err, XP_E_FORMAT, "what was read of a guest has %lld bytes", (long long)size);
	to = xp_buf_reserve(bytes, (size_t)size + 1);
	if (!to)
		return xp_fail(err, XP_E_NOMEM, "no memory for what was read of a guest");
	if (pread(fd, to, (size_t)size, 0) != size)
		return xp_fail_errno(err, XP_E_SYSTEM, "what was read of a guest cannot be read");
	bytes->len = (size_t)size;
	return 0;
}

static int load_from(int fd, struct xp_gresult *p, struct xp_gkernel *k, struct xp_err *err)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_cursor c;
	int rc = load(fd, &bytes, err);

	xp_cursor_init(&c, "what was read of a guest", bytes.data, bytes.len, err);
	if (!rc)
		rc = read_head(&c, err);
	if (!rc)
		rc = read_processes_back(&c, p, err);
	if (!rc && k)
		rc = xp_gkernel_unpack(k, c.pos, c.left, err);
	xp_buf_release(&bytes);
	return rc;
}

int xp_greader_load(int fd, struct xp_gkernel *k, struct xp_err *err)
{
	struct xp_gresult unused = { .tasks = XP_BUF_INIT };
	int rc = load_from(fd, &unused, k, err);

	xp_gresult_release(&unused);
	return rc;
}

static uint64_t cpu_ns(const struct rusage *u)
{
	return (uint64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000000u +
	       (uint64_t)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) * 1000u;
}

int xp_greader_poll(struct xp_greader *r, struct xp_gresult *result, struct xp_err *err)
{
	struct rusage usage = { .ru_utime = { 0, 0 } };
	int status, rc;
	pid_t pid = wait4(r->pid, &status, WNOHANG, &usage);

	if (pid == 0 || (pid < 0 && errno == EINTR))
		return 1;
	result->cpu_ns = cpu_ns(&usage);
	r->pid = 0;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		rc = load_from(r->fd, result, NULL, err);
	else if (pid > 0 && WIFSIGNALED(status))
		rc = xp_fail(err, XP_E_SYSTEM, "reading its memory ended with signal %d (%s)", WTERMSIG(status),
			     WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU ? "it took too long" : "a fault");
	else
		rc = xp_fail(err, XP_E_SYSTEM, "reading its memory failed");
	if (rc)
		forget(r);
	return rc;
}

void xp_greader_stop(struct xp_greader *r)
{
	if (r->pid > 0) {
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
	}
	if (r->fd >= 0)
		close(r->fd);
	*r = (struct xp_greader){ 0, -1 };
}
