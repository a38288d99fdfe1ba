// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xenoprof-drive: samples with the xenoprof that is in Xen, from dom0, and says what it saw:
 *
 *   xenoprof-drive -e 0x76:0:200000 -p 1 -p 2 -- compute 3:1 --seconds 5
 *
 *   -e EVENT:UMASK:COUNT  a sample each COUNT events; up to four times (AMD: 0x76 cycles, 0xc0 instructions)
 *   -p DOMID              this domain, too, "passive" (dom0's samples come anyway)
 *   -b DEPTH              with call chains
 *   -s SECONDS            how long, if no command is given
 *   -t N                  rows of the table of addresses (default 10)
 *   -o FILE               all addresses: domain,mode,event,ip,samples
 *
 * Standard output ends in a line "samples N lost N frames N".
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "histogram.h"
#include "xenoprof.h"

#define LOOK_EVERY_MS 5
#define MODES         3

static const char *const mode_names[MODES] = { "user", "kernel", "xen" };

struct options {
	struct xenoprof_config config;
	double seconds;
	unsigned int top;
	const char *out;
	char **command;
};

struct seen {
	struct histogram addresses;
	uint64_t samples, frames;
};

static void usage(void)
{
	fprintf(stderr, "usage: xenoprof-drive -e EVENT:UMASK:COUNT [-e …] [-p DOMID] [-b DEPTH] [-t N] [-o FILE] "
			"{-s SECONDS | -- COMMAND…}\n");
	exit(2);
}

static unsigned long number(const char *text, char end, const char **rest)
{
	char *after;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &after, 0);
	if (errno || after == text || *after != end)
		usage();
	if (rest)
		*rest = after + 1;
	return value;
}

static void add_event(struct xenoprof_config *c, const char *text)
{
	if (c->events == XENOPROF_MAX_EVENTS)
		usage();
	c->event[c->events].code = (uint32_t)number(text, ':', &text);
	c->event[c->events].unit_mask = (uint32_t)number(text, ':', &text);
	c->event[c->events].count = number(text, 0, NULL);
	c->events++;
}

static void add_passive(struct xenoprof_config *c, const char *text)
{
	if (c->passives == XENOPROF_MAX_PASSIVE)
		usage();
	c->passive[c->passives++] = (uint16_t)number(text, 0, NULL);
}

static void parse(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+e:p:b:s:t:o:")) != -1) {
		switch (c) {
		case 'e': add_event(&o->config, optarg); break;
		case 'p': add_passive(&o->config, optarg); break;
		case 'b': o->config.depth = number(optarg, 0, NULL); break;
		case 's': o->seconds = atof(optarg); break;
		case 't': o->top = (unsigned int)number(optarg, 0, NULL); break;
		case 'o': o->out = optarg; break;
		default: usage();
		}
	}
	if (optind < argc)
		o->command = argv + optind;
	if (!o->config.events || (!o->command && o->seconds <= 0))
		usage();
}

static void see(const struct xenoprof_sample *sample, void *user)
{
	struct seen *seen = user;
	struct histogram_row key = {
		.ip = sample->ip, .domain = sample->domain, .mode = sample->mode, .event = sample->event
	};

	if (sample->frame) {
		seen->frames++;
		return;
	}
	seen->samples++;
	histogram_add(&seen->addresses, &key);
}

static pid_t start_command(char **command)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	return pid;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Until the command or the time is over; its status. */
static int watch(struct xenoprof_session *s, const struct options *o, struct seen *seen)
{
	const struct timespec pause = { .tv_nsec = LOOK_EVERY_MS * 1000000L };
	pid_t pid = o->command ? start_command(o->command) : 0;
	double end = now() + o->seconds;
	int status = 0;

	while (pid ? waitpid(pid, &status, WNOHANG) == 0 : now() < end) {
		nanosleep(&pause, NULL);
		xenoprof_drain(s, see, seen);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void print_domains(const struct histogram *h, uint64_t total)
{
	for (unsigned int domain = 0; domain < 65536; domain++) {
		uint64_t n[MODES] = { 0 }, sum = 0;

		for (size_t i = 0; i < h->used; i++)
			if (h->row[i].domain == domain && h->row[i].mode < MODES) {
				n[h->row[i].mode] += h->row[i].count;
				sum += h->row[i].count;
			}
		if (sum)
			printf("domain %u: %" PRIu64 " samples (%.2f%%): xen %" PRIu64 " kernel %" PRIu64 " user %" PRIu64 "\n",
			       domain, sum, 100.0 * (double)sum / (double)total, n[2], n[1], n[0]);
		if (domain > XENOPROF_MAX_PASSIVE && domain > h->used)
			break;
	}
}

static void print_rows(FILE *f, const struct histogram *h, size_t limit, const char *format)
{
	for (size_t i = 0; i < h->used && i < limit; i++)
		fprintf(f, format, h->row[i].domain, h->row[i].mode < MODES ? mode_names[h->row[i].mode] : "?",
			h->row[i].event, h->row[i].ip, h->row[i].count);
}

static bool write_rows(const char *path, const struct histogram *h)
{
	FILE *f = fopen(path, "w");

	if (!f) {
		perror(path);
		return false;
	}
	fprintf(f, "domain,mode,event,ip,samples\n");
	print_rows(f, h, SIZE_MAX, "%u,%s,%u,%#" PRIx64 ",%" PRIu64 "\n");
	return fclose(f) == 0;
}

int main(int argc, char **argv)
{
	struct options o = { .top = 10 };
	struct seen seen = { 0 };
	struct xenoprof_session *s;
	uint64_t lost;
	int status;

	parse(&o, argc, argv);
	s = xenoprof_start(&o.config);
	if (!s)
		return 1;
	status = watch(s, &o, &seen);
	if (!xenoprof_stop(s))
		status = 1;
	xenoprof_drain(s, see, &seen);
	lost = xenoprof_lost(s);
	xenoprof_close(s);

	histogram_sort(&seen.addresses);
	print_domains(&seen.addresses, seen.samples);
	print_rows(stdout, &seen.addresses, o.top, "  domain %u %-6s event %u %#18" PRIx64 " %8" PRIu64 "\n");
	printf("samples %" PRIu64 " lost %" PRIu64 " frames %" PRIu64 "\n", seen.samples, lost, seen.frames);
	if (o.out && !write_rows(o.out, &seen.addresses))
		status = 1;
	histogram_release(&seen.addresses);
	return status;
}
