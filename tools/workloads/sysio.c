/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysio: system calls and I/O, hardly any computing of its own: small calls, copies between kernel and user,
 * a pipe between two processes (context switches), files on a tmpfs. Reports how many of each it did.
 */
#define _GNU_SOURCE
#include "common.h"

#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCK 65536

struct counts {
	uint64_t calls, copied, switches, files;
};

static char block[BLOCK];

static int open_or_exit(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		return fd;
	fprintf(stderr, "sysio: cannot open %s: ", path);
	perror(NULL);
	exit(1);
}

static void small_calls(struct counts *c)
{
	for (int i = 0; i < 200; i++)
		syscall(SYS_getppid);
	c->calls += 200;
}

static void copies(struct counts *c, int zero, int null)
{
	for (int i = 0; i < 8; i++) {
		ssize_t n = read(zero, block, BLOCK);

		if (n > 0 && write(null, block, (size_t)n) == n)
			c->copied += (uint64_t)n;
	}
}

/* The other process sends back what it gets; it ends when its input does. */
static pid_t start_echo(int *to, int *from)
{
	int there[2], back[2];
	pid_t pid;

	if (pipe(there) || pipe(back)) {
		perror("sysio: pipe");
		exit(1);
	}
	pid = fork();
	if (pid == 0) {
		char byte;

		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		close(there[1]);
		close(back[0]);
		while (read(there[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	close(there[0]);
	close(back[1]);
	*to = there[1];
	*from = back[0];
	return pid;
}

static void switches(struct counts *c, int to, int from)
{
	char byte = 0;

	for (int i = 0; i < 20; i++)
		if (write(to, &byte, 1) == 1 && read(from, &byte, 1) == 1)
			c->switches += 2;
}

static void files(struct counts *c, const char *dir)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/sysio.%d", dir, (int)getpid());
	fd = open_or_exit(path, O_CREAT | O_TRUNC | O_RDWR);
	for (int i = 0; i < 4; i++)
		if (write(fd, block, 4096) != 4096)
			break;
	close(fd);
	unlink(path);
	c->files++;
}

static void usage(void)
{
	fprintf(stderr, "usage: sysio [--seconds S] [--cpu N] [--dir DIR]\n"
			"  without --seconds it works until SIGTERM; DIR (default /tmp) should be a tmpfs\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "seconds", required_argument, NULL, 's' }, { "cpu", required_argument, NULL, 'c' },
		{ "dir", required_argument, NULL, 'd' },     { 0 },
	};
	struct counts c = { 0 };
	const char *dir = "/tmp";
	double seconds = 0;
	int option, zero, null, to, from;
	pid_t echo;

	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 's': seconds = wl_number("--seconds", optarg, 0.001, 1e6); break;
		case 'c': wl_pin((int)wl_number("--cpu", optarg, 0, 1023)); break;
		case 'd': dir = optarg; break;
		default: usage();
		}
	}
	if (optind < argc)
		usage();
	zero = open_or_exit("/dev/zero", O_RDONLY);
	null = open_or_exit("/dev/null", O_WRONLY);
	echo = start_echo(&to, &from);
	wl_stop_after(seconds);
	while (!wl_stopped) {
		small_calls(&c);
		copies(&c, zero, null);
		switches(&c, to, from);
		files(&c, dir);
	}
	close(to);
	waitpid(echo, NULL, 0);
	printf("{\"workload\":\"sysio\",\"calls\":%" PRIu64 ",\"bytes_copied\":%" PRIu64 ",\"switches\":%" PRIu64
	       ",\"files\":%" PRIu64 ",\"process_ns\":%" PRIu64 "}\n",
	       c.calls, c.copied, c.switches, c.files, wl_clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	return 0;
}
