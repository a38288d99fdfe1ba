// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/base/isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"

enum { CHILD_DONE = 0, CHILD_NO_MEMORY = 1, CHILD_NO_LIMITS = 2 };

/* ---- the child ---- */

static bool set_limit(int which, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(which, &limit))
		return false;
	limit.rlim_cur = limit.rlim_max < value ? limit.rlim_max : value;
	limit.rlim_max = limit.rlim_cur;
	return !setrlimit(which, &limit);
}

/* Bytes of address space that this process has: a sanitizer's are many. */
static uint64_t address_space(void)
{
	char text[32] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	return n > 0 ? strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* An assertion that fails says so on stderr, which is the user's. */
static void close_stdio(void)
{
	int fd = open("/dev/null", O_RDWR);

	if (fd < 0)
		return;
	dup2(fd, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* If memory ends, this process goes first. */
static void offer_to_oom_killer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "1000", 4) != 4) { /* then not */
	}
	close(fd);
}

static void restore_signals(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU, SIGINT, SIGTERM, SIGPIPE };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		signal(signals[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

bool xp_isolate_this(uint64_t memory, unsigned int seconds, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		return false;
	restore_signals();
	close_stdio();
	offer_to_oom_killer();
	return set_limit(RLIMIT_CORE, 0) && set_limit(RLIMIT_CPU, seconds) && set_limit(RLIMIT_AS, address_space() + memory);
}

_Noreturn static void run_child(const struct xp_isolate *limits, void (*work)(void *, struct xp_buf *), void *arg, int fd,
				pid_t parent)
{
	struct xp_buf answer = XP_BUF_INIT;
	struct xp_err ignored;
	bool written;

	if (!xp_isolate_this(limits->memory, limits->seconds, parent) || !set_limit(RLIMIT_FSIZE, 0))
		_exit(CHILD_NO_LIMITS);
	work(arg, &answer);
	written = xp_buf_ok(&answer) && !xp_file_write_all(fd, answer.data, answer.len, "pipe", &ignored);
	_exit(written ? CHILD_DONE : CHILD_NO_MEMORY);
}

/* ---- the parent ---- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* True: fd can be read, or has come to its end. */
static bool wait_readable(int fd, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;

	while ((left = until - now_ms()) > 0) {
		int n = poll(&p, 1, (int)left);

		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
	return false;
}

/* What the child writes, up to its end: NULL, or why that was not to be had. */
static const char *read_answer(int fd, const struct xp_isolate *limits, struct xp_buf *answer)
{
	int64_t until = now_ms() + (int64_t)limits->clock_seconds * 1000;
	size_t begin = answer->len;

	while (wait_readable(fd, until)) {
		uint8_t *p = xp_buf_reserve(answer, 65536);
		ssize_t n = p ? read(fd, p, 65536) : -1;

		if (!p)
			return "no memory for its answer";
		if (n == 0)
			return NULL;
		if (n < 0 && errno != EINTR)
			return "its answer cannot be read";
		answer->len += n > 0 ? (size_t)n : 0;
		if (answer->len - begin > limits->answer)
			return "its answer does not end";
	}
	return "given up: no answer in time";
}

static int judge(int status, const struct xp_isolate *limits, const char *what, struct xp_err *err)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_DONE)
		return 0;
	if (sig == SIGXCPU || sig == SIGKILL)
		return xp_fail(err, XP_E_FORMAT, "%s: given up after %u s of CPU time", what, limits->seconds);
	if (sig)
		return xp_fail(err, XP_E_FORMAT, "%s: the code that reads it has crashed (signal %d, in a process of its own)",
			       what, sig);
	return xp_fail(err, XP_E_FORMAT, "%s: reading it takes more memory than the %llu MB it may have", what,
		       (unsigned long long)(limits->memory >> 20));
}

static int finish(pid_t pid, int fd, const struct xp_isolate *limits, const char *what, struct xp_buf *answer,
		  struct xp_err *err)
{
	size_t begin = answer->len;
	const char *why = read_answer(fd, limits, answer);
	int status, rc;

	close(fd);
	if (why)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot wait for the process that reads it", what);
	rc = why ? xp_fail(err, XP_E_FORMAT, "%s: %s", what, why) : judge(status, limits, what, err);
	if (rc)
		answer->len = begin;
	return rc;
}

int xp_isolate(const struct xp_isolate *limits, const char *what, void (*work)(void *arg, struct xp_buf *answer), void *arg,
	       struct xp_buf *answer, struct xp_err *err)
{
	pid_t parent = getpid(), pid;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: no pipe to the process that is to read it", what);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		run_child(limits, work, arg, fds[1], parent);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return xp_fail_errno(err, XP_E_SYSTEM, "%s: no process to read it in", what);
	}
	return finish(pid, fds[0], limits, what, answer, err);
}
