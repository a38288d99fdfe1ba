// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/summary.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"

const char *cli_grouped(uint64_t n, char text[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	int at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	return text;
}

const char *cli_bytes(uint64_t n, char text[32])
{
	if (n < 1000)
		snprintf(text, 32, "%" PRIu64 " bytes", n);
	else if (n < 1000000)
		snprintf(text, 32, "%.1f kB", (double)n / 1e3);
	else if (n < 1000000000)
		snprintf(text, 32, "%.1f MB", (double)n / 1e6);
	else
		snprintf(text, 32, "%.1f GB", (double)n / 1e9);
	return text;
}

const char *cli_share(uint64_t ppm, char text[32])
{
	snprintf(text, 32, ppm < 1000 ? "%.2f%%" : "%.1f%%", (double)ppm / 1e4);
	return text;
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

bool cli_progress_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && strcmp(term, "dumb");
}

/* Of the terminal on stderr. A line that is as wide as it or wider cannot be redrawn. */
static size_t room_for_progress(void)
{
	struct winsize size;

	return !ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col > 1 ? size.ws_col - 1u : 79u;
}

void cli_progress(const struct xp_figures *f)
{
	static uint64_t samples_before, elapsed_before;
	uint64_t ns = f->elapsed_ns - elapsed_before, rate = ns ? (f->samples - samples_before) * 1000000000u / ns : 0;
	char samples[32], lost[32], overhead[32], a_second[32], line[256];

	samples_before = f->samples;
	elapsed_before = f->elapsed_ns;
	cli_grouped(f->samples, samples);
	cli_grouped(f->lost, lost);
	cli_share(f->overhead_ppm, overhead);
	snprintf(line, sizeof(line), "[ xprof: %.1f s, %s samples (%s/s), %s lost, overhead %s ]", seconds(f->elapsed_ns), samples,
		 cli_grouped(rate, a_second), lost, overhead);
	if (strlen(line) > room_for_progress())
		snprintf(line, sizeof(line), "%.0f s %s/s %s lost %s", seconds(f->elapsed_ns), a_second, lost, overhead);
	fprintf(stderr, "\r\033[K%.*s", (int)room_for_progress(), line);
}

void cli_progress_clear(void)
{
	fputs("\r\033[K", stderr);
}

void cli_warnings(const char *lines)
{
	char text[1024], one[512];

	while (*lines) {
		size_t len = strcspn(lines, "\n");

		snprintf(one, sizeof(one), "%.*s", (int)len, lines);
		cli_say("warning: %s", cli_escape(one, text, sizeof(text)));
		lines += len + (lines[len] == '\n');
	}
}

/* A path as one would type it: relative when it lies here. */
static const char *short_path(const char *path, char *text, size_t size)
{
	char here[PATH_MAX];
	size_t n;

	if (getcwd(here, sizeof(here))) {
		n = strlen(here);
		if (!strncmp(path, here, n) && path[n] == '/')
			path += n + 1;
	}
	return cli_escape(path, text, size);
}

static void print_next(const struct xp_result *r)
{
	char path[PATH_MAX];
	bool is_default = !strcmp(short_path(r->session.file, path, sizeof(path)), CLI_DEFAULT_FILE);

	if (!isatty(STDERR_FILENO) || !r->figures.samples)
		return;
	fprintf(stderr, "next: xprof report%s%s\n", is_default ? "" : " ", is_default ? "" : path);
}

void cli_summary_figures(const struct xp_result *r)
{
	const struct xp_figures *f = &r->figures;
	char samples[32], lost[32], overhead[32], text[1024];

	cli_warnings(r->warnings);
	if (r->message[0])
		cli_say("the recording ended early: %s", cli_escape(r->message, text, sizeof(text)));
	fprintf(stderr, "[ xprof: %.1f s, %s samples (%s), %s lost, %u domain%s, overhead %s ]\n", seconds(f->elapsed_ns),
		cli_grouped(f->samples, samples), r->session.event, cli_grouped(f->lost, lost),
		f->domains, f->domains == 1 ? "" : "s", cli_share(f->overhead_ppm, overhead));
}

void cli_summary(const struct xp_result *r)
{
	char bytes[32], path[PATH_MAX];

	cli_summary_figures(r);
	fprintf(stderr, "[ xprof: wrote %s (%s) ]\n", short_path(r->session.file, path, sizeof(path)), cli_bytes(r->figures.bytes, bytes));
	print_next(r);
}
