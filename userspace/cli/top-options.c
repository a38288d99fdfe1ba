// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/top-options.h"

#include <getopt.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/top/window.h"

#define NS_PER_S 1000000000ull
#define MIN_DELAY_NS 100000000ull /* the collector looks at its clock ten times a second */
#define COUNTERS "cycles,instructions"

enum { OPT_WINDOW = CLI_OPT_OWN };

static const struct option long_options[] = {
	{ "all-cpus", no_argument, NULL, 'a' },
	{ "batch", no_argument, NULL, 'b' },
	{ "iterations", required_argument, NULL, 'n' },
	{ "delay", required_argument, NULL, 'd' },
	{ "sort", required_argument, NULL, 's' },
	{ "entries", required_argument, NULL, 'E' },
	{ "window", required_argument, NULL, OPT_WINDOW },
	CLI_SAMPLING_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static int set_time(const char *text, uint64_t *ns, struct xp_err *err)
{
	int ret = cli_parse_duration(text, ns, err);

	if (ret == 0 && (*ns < MIN_DELAY_NS || *ns > 3600 * NS_PER_S))
		ret = xp_fail(err, XP_E_USAGE, "'%.40s': from 0.1 s to an hour can be had", text);
	return ret;
}

static int take_option(struct cli_top_options *o, int c, char **argv, struct xp_err *err)
{
	switch (c) {
	case 'b':
		o->batch = true;
		return 0;
	case 'n':
	case 'i': /* xentop's */
		return cli_parse_number(optarg, "the number of screens", 1, UINT32_MAX, &o->iterations, err);
	case 'd':
		return set_time(optarg, &o->delay_ns, err);
	case 's':
		o->sort = optarg;
		return 0;
	case 'E':
		return cli_parse_number(optarg, "the number of functions", 0, 100000, &o->entries, err);
	case OPT_WINDOW:
		return set_time(optarg, &o->window_ns, err);
	default:
		return cli_sampling_option(&o->sampling, c, argv, err);
	}
}

static int check(struct cli_top_options *o, int argc, char **argv, struct xp_err *err)
{
	if (optind < argc)
		return xp_fail(err, XP_E_USAGE, "'top' takes no argument '%.100s': it looks at the running host ('xprof record' runs commands)",
			       argv[optind]);
	return cli_sampling_check(&o->sampling, err);
}

int cli_top_options(int argc, char **argv, struct cli_top_options *o)
{
	struct xp_err err;
	int c, ret = 0;

	*o = (struct cli_top_options){ .sampling.counters = COUNTERS, .delay_ns = 3 * NS_PER_S, .window_ns = 12 * NS_PER_S, .entries = 20 };
	optind = 1;
	opterr = 0;
	while (ret == 0 && (c = getopt_long(argc, argv, "+:abn:i:d:s:E:" CLI_SAMPLING_LETTERS, long_options, NULL)) != -1)
		ret = take_option(o, c, argv, &err);
	if (ret == 0)
		ret = check(o, argc, argv, &err);
	return ret < 0 ? cli_usage(argv[0], "%s", err.text) : 0;
}

unsigned int cli_top_slots(const struct cli_top_options *o)
{
	uint64_t slots = (o->window_ns + o->delay_ns - 1) / o->delay_ns;

	return slots > XP_WINDOW_SLOTS ? XP_WINDOW_SLOTS : slots ? (unsigned int)slots : 1;
}
