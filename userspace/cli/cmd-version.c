// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof version: of the program and of what it speaks. */
#include "cli/cli.h"
#include "lib/profile/format.h"
#include "lib/report/report.h"

int cmd_version(int argc, char **argv)
{
	if (argc > 1)
		return cli_usage("version", "'%.100s': version takes no argument", argv[1]);
	printf("xprof %s\n", XPROF_VERSION);
	printf("interface of the hypervisor: %u\n", XPROF_ABI_VERSION);
	printf("profile format: %u.%u\n", XP_FORMAT_MAJOR, XP_FORMAT_MINOR);
	printf("report --json: schema %u\n", XP_REPORT_JSON_VERSION);
	return XP_EXIT_OK;
}
