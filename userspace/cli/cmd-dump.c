// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof dump: what a profile holds, one record a line. */
#include <getopt.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "lib/report/report.h"

int cmd_dump(int argc, char **argv)
{
	static const struct option options[] = {
		{ "input", required_argument, NULL, 'i' }, { "by-time", no_argument, NULL, 't' }, { NULL, 0, NULL, 0 },
	};
	const char *input = NULL;
	struct xp_err err = { "" };
	struct xp_profile *p;
	bool by_time = false;
	int c, status, rc;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "i:", options, NULL)) != -1) {
		if (c == 'i')
			input = optarg;
		else if (c == 't')
			by_time = true;
		else
			return cli_usage("dump", "this option is not known, or its value is missing");
	}
	status = cli_open_profile(&p, "dump", input, argc, argv);
	if (!p)
		return status;
	rc = xp_report_dump(stdout, p, by_time, &err);
	xp_profile_free(p);
	return rc ? cli_fail(rc, &err) : status;
}
