// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "lib/base/file.h"

#define MIN_COLUMNS 40u

bool cli_parse_color(const char *text, enum cli_color *color)
{
	if (!strcmp(text, "auto"))
		*color = CLI_COLOR_AUTO;
	else if (!strcmp(text, "always"))
		*color = CLI_COLOR_ALWAYS;
	else if (!strcmp(text, "never"))
		*color = CLI_COLOR_NEVER;
	else
		return false;
	return true;
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

bool cli_use_color(enum cli_color color)
{
	const char *term = getenv("TERM");

	if (color != CLI_COLOR_AUTO)
		return color == CLI_COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !is_set("NO_COLOR") && term && strcmp(term, "dumb");
}

unsigned int cli_columns(void)
{
	const char *text = getenv("COLUMNS");
	unsigned long columns = text ? strtoul(text, NULL, 10) : 0;
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (!columns && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		columns = size.ws_col;
	if (!columns)
		columns = 80;
	if (columns > 10000)
		columns = 10000;
	return columns < MIN_COLUMNS ? MIN_COLUMNS : (unsigned int)columns;
}

/* ---- the pager ---- */

static pid_t pager;

static const char *pager_command(void)
{
	const char *command = getenv("XPROF_PAGER");

	if (!command)
		command = getenv("PAGER");
	if (!command)
		command = "less -FRSX";
	return *command && strcmp(command, "cat") ? command : NULL;
}

static void run_pager(const char *command, int fds[2])
{
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	close(fds[1]);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

void cli_pager_begin(void)
{
	const char *command = pager_command();
	int fds[2];

	if (!command || !isatty(STDOUT_FILENO) || pipe(fds))
		return;
	fflush(stdout);
	pager = fork();
	if (pager == 0)
		run_pager(command, fds);
	if (pager > 0)
		dup2(fds[1], STDOUT_FILENO);
	else
		pager = 0;
	close(fds[0]);
	close(fds[1]);
	/* Who leaves the pager early does not want the rest. */
	if (pager)
		signal(SIGPIPE, SIG_IGN);
}

void cli_pager_end(void)
{
	if (!pager)
		return;
	fflush(stdout);
	clearerr(stdout);
	close(STDOUT_FILENO);
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
	pager = 0;
}

/* ---- the profile ---- */

/* ---- files ---------------------------------------------------------------*/

static int write_to(FILE *out, const char *path, int (*fn)(FILE *, void *, struct xp_err *), void *arg, struct xp_err *err)
{
	int rc = fn(out, arg, err);

	if (!rc && (fflush(out) || ferror(out)))
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%.300s", path);
	return rc;
}

/* Closes it, too. */
static int write_fd(int fd, const char *path, int (*fn)(FILE *, void *, struct xp_err *), void *arg, struct xp_err *err)
{
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int rc;

	if (!out)
		return xp_fail_errno(err, XP_E_SYSTEM, "%.300s", path);
	rc = write_to(out, path, fn, arg, err);
	fclose(out);
	return rc;
}

static bool is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) ? errno == ENOENT : S_ISREG(st.st_mode);
}

int cli_write_output(const char *path, int (*fn)(FILE *, void *, struct xp_err *), void *arg, struct xp_err *err)
{
	struct xp_new_file f;
	int rc;

	if (!path || !strcmp(path, "-"))
		return write_to(stdout, "stdout", fn, arg, err);
	if (!is_regular(path)) /* a pipe, a device */
		return write_fd(open(path, O_WRONLY | O_CLOEXEC), path, fn, arg, err);
	rc = xp_new_file_begin(&f, path, err);
	return rc ? rc : xp_new_file_end(&f, 0600, write_fd(dup(f.fd), path, fn, arg, err), err);
}

int cli_open_profile(struct xp_profile **p, const char *verb, const char *input, int argc, char **argv)
{
	struct xp_err err = { "" };
	int rc;

	*p = NULL;
	if (!input && optind < argc)
		input = argv[optind++];
	if (optind < argc)
		return cli_usage(verb, "'%.100s': one profile at a time", argv[optind]);
	rc = xp_profile_open(p, input ? input : CLI_DEFAULT_FILE, &err);
	if (rc == XP_E_ABSENT && !input) {
		cli_say("there is no %s here: record one with 'xprof record' or name one with -i FILE", CLI_DEFAULT_FILE);
		return XP_EXIT_ERROR;
	}
	if (rc == XP_E_ABSENT || rc == XP_E_PERM) {
		cli_fail(rc, &err);
		return XP_EXIT_ERROR;
	}
	return rc ? cli_fail(rc, &err) : XP_EXIT_OK;
}
