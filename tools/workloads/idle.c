/* SPDX-License-Identifier: GPL-2.0-or-later */
/* idle: does nothing, for --seconds S or until SIGTERM. */
#define _GNU_SOURCE
#include "common.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	double seconds = 0;
	sigset_t ends;

	if (argc == 3 && !strcmp(argv[1], "--seconds"))
		seconds = wl_number("--seconds", argv[2], 0.001, 1e6);
	else if (argc != 1) {
		fprintf(stderr, "usage: idle [--seconds S]\n");
		return 2;
	}
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGALRM);
	sigprocmask(SIG_BLOCK, &ends, NULL); /* one that comes early waits for us */
	wl_stop_after(seconds);
	sigwaitinfo(&ends, NULL);
	printf("{\"workload\":\"idle\"}\n");
	return 0;
}
