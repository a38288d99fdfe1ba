// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof VERB …: finds the verb, checks what it needs, runs it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/complete.h"
#include "lib/host/xen.h"

#define LIVE (CLI_NEEDS_XEN | CLI_NEEDS_ROOT)

const struct cli_command cli_commands[] = {
	{ "check", cmd_check, 0, "[--report | --json]", "tell what this host can do, and why not more" },
	{ "list", cmd_list, LIVE, "[--json]", "show the events that this host can sample, and what they count" },
	{ "record", cmd_record, LIVE, "[options] [-- COMMAND…]", "record while COMMAND runs, for a while, or until Ctrl-C" },
	{ "start", cmd_start, LIVE, "[options]", "record in the background" },
	{ "stop", cmd_stop, LIVE, "", "end the recording and finish its file" },
	{ "status", cmd_status, CLI_NEEDS_ROOT, "[--json]", "tell what is being recorded, and what is loaded" },
	{ "stat", cmd_stat, LIVE, "[options] [-- COMMAND…]", "count events exactly, for each domain" },
	{ "top", cmd_top, LIVE, "[options]", "watch the host live: its domains, and the hot functions" },
	{ "report", cmd_report, 0, "[options] [FILE]", "show where the time went" },
	{ "annotate", cmd_annotate, 0, "[options] SYMBOL [FILE]", "show a symbol's instructions and lines, and what they cost" },
	{ "diff", cmd_diff, 0, "[options] [OLD NEW]", "tell what has changed between profiles, and whether it is chance" },
	{ "dump", cmd_dump, 0, "[options] [FILE]", "print a profile's records as text" },
	{ "archive", cmd_archive, 0, "[options] [FILE]", "pack a profile with the binaries that it is about" },
	{ "html", cmd_html, 0, "[options] [FILE]", "write a page for a browser: timeline, flame graph, tables" },
	{ "export", cmd_export, 0, "--format FORMAT [options] [FILE]", "write a profile as other tools read it" },
	{ "push", cmd_push, 0, "--to URL -f FORMAT [options] [FILE… | --follow DIR]", "send profiles to Pyroscope, Parca or OpenTelemetry" },
	{ "exporter", cmd_exporter, 0, "[--listen ADDRESS:PORT | --once] DIR", "serve metrics of a continuous recording to Prometheus" },
	{ "attach", cmd_attach, LIVE, "", "load the profiler into the running hypervisor until 'detach'" },
	{ "detach", cmd_detach, LIVE, "", "take the profiler out of the running hypervisor" },
	{ "version", cmd_version, 0, "", "tell the versions of program, interface and file format" },
	{ NULL, NULL, 0, NULL, NULL },
};

static const struct cli_command *find(const char *name)
{
	for (const struct cli_command *c = cli_commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* 0, or the exit status. */
static int check_needs(const struct cli_command *c)
{
	struct xp_err err;
	int ret;

	if (c->needs & CLI_NEEDS_XEN) {
		ret = xp_xen_present(&err);
		if (ret < 0)
			return cli_fail(ret, &err);
	}
	if ((c->needs & CLI_NEEDS_ROOT) && geteuid() != 0) {
		cli_say("'xprof %s' must run as root, in Domain-0 (you are user %u): try 'sudo xprof %s'", c->name,
			(unsigned int)geteuid(), c->name);
		return XP_EXIT_ENV;
	}
	return 0;
}

static bool wants_help(int argc, char **argv)
{
	return argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"));
}

static int unknown(const char *verb)
{
	const char *near = cli_nearest_verb(verb);
	char text[128];

	cli_say("there is no verb '%s'", cli_escape(verb, text, sizeof(text)));
	if (near)
		fprintf(stderr, "       did you mean 'xprof %s'?\n", near);
	fprintf(stderr, "       'xprof --help' lists the verbs\n");
	return XP_EXIT_USAGE;
}

static int run(int argc, char **argv)
{
	const struct cli_command *c = find(argv[0]);
	int status;

	if (!c)
		return unknown(argv[0]);
	if (wants_help(argc, argv))
		return cli_help_verb(c->name);
	status = check_needs(c);
	if (status)
		return status;
	cli_recover();
	status = c->run(argc, argv);
	if (status == XP_EXIT_SIGNAL + SIGPIPE)
		return status; /* it knows, and so does whoever has stopped reading */
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		if (errno == EPIPE)
			return XP_EXIT_SIGNAL + SIGPIPE; /* whoever read has had enough */
		cli_say("cannot write the output%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
		return status ? status : XP_EXIT_ERROR;
	}
	return status;
}

static int help(int argc, char **argv)
{
	if (argc < 2) {
		cli_help_all();
		return XP_EXIT_OK;
	}
	return find(argv[1]) ? cli_help_verb(argv[1]) : unknown(argv[1]);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		cli_welcome();
		return XP_EXIT_USAGE;
	}
	argc--;
	argv++;
	if (!strcmp(argv[0], "help") || !strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
		return help(argc, argv);
	if (!strcmp(argv[0], "--version") || !strcmp(argv[0], "-V")) {
		puts("xprof " XPROF_VERSION);
		return XP_EXIT_OK;
	}
	if (!strcmp(argv[0], CLI_COMPLETE)) {
		cli_complete(argc - 1, argv + 1);
		return XP_EXIT_OK;
	}
	return run(argc, argv);
}
