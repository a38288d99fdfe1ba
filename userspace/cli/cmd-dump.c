// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof dump: what a profile holds, one record a line. */
#include <getopt.h>

#include "cli/anonymous.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/unknown.h"
#include "lib/report/report.h"

static const struct option long_options[] = {
	{ "input", required_argument, NULL, 'i' },
	{ "by-time", no_argument, NULL, 't' },
	{ "anonymize", optional_argument, NULL, 'a' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	const char *input;
	struct cli_anonymous anonymous;
	bool by_time;
};

static int parse(struct options *o, int argc, char **argv)
{
	int c, status = 0;

	opterr = 0;
	while (!status && (c = getopt_long(argc, argv, ":i:", long_options, NULL)) != -1) {
		switch (c) {
		case 'i': o->input = optarg; break;
		case 't': o->by_time = true; break;
		case 'a': status = cli_anonymous_option(&o->anonymous, "dump", optarg); break;
		default: status = cli_unknown_option("dump", c, argv, long_options); break;
		}
	}
	return status;
}

static int dump(const struct options *o, struct xp_profile *p)
{
	struct xp_err err = { "" };
	int rc = xp_report_dump(stdout, p, o->by_time, &err);

	return rc ? cli_fail(rc, &err) : XP_EXIT_OK;
}

int cmd_dump(int argc, char **argv)
{
	struct options o = { .by_time = false };
	struct xp_profile *p = NULL;
	int status = parse(&o, argc, argv), opened;

	if (status)
		return status;
	opened = cli_open_profile(&p, "dump", o.input, argc, argv);
	status = p ? cli_anonymous_apply(&o.anonymous, p, NULL, 0) : opened;
	if (p && !status)
		status = dump(&o, p);
	xp_profile_free(p);
	cli_anonymous_release(&o.anonymous);
	return status ? status : opened;
}
