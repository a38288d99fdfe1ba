// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/stat-options.h"

#include <getopt.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "lib/stat/groups.h"

#define DEFAULT_DURATION_NS 10000000000ull
#define MIN_INTERVAL_MS 10u
#define MAX_INTERVAL_MS 3600000u
#define MAX_RUNS 1000u

enum { STAT_VCPU = 256, STAT_CPU, STAT_CSV, STAT_FORCE };

static const struct option stat_options[] = {
	{ "event", required_argument, NULL, 'e' },
	{ "interval-print", required_argument, NULL, 'I' },
	{ "repeat", required_argument, NULL, 'r' },
	{ "per-vcpu", no_argument, NULL, STAT_VCPU },
	{ "per-cpu", no_argument, NULL, STAT_CPU },
	{ "json", no_argument, NULL, 'j' },
	{ "field-separator", required_argument, NULL, 'x' },
	{ "csv", no_argument, NULL, STAT_CSV },
	{ "all-cpus", no_argument, NULL, 'a' },
	{ "duration", required_argument, NULL, 'd' },
	{ "domain", required_argument, NULL, 'D' },
	{ "domains", required_argument, NULL, 'D' },
	{ "output", required_argument, NULL, 'o' },
	{ "force", no_argument, NULL, STAT_FORCE },
	{ NULL, 0, NULL, 0 },
};

static int set_form(struct cli_stat_options *o, enum cli_stat_form form, const char *separator, struct xp_err *err)
{
	if (o->form != CLI_STAT_TEXT && o->form != form)
		return xp_fail(err, XP_E_USAGE, "-x and -j are two forms of the same: give one of them");
	if (!separator[0] || strpbrk(separator, "\"\\\n\r"))
		return xp_fail(err, XP_E_USAGE, "-x '%s': a separator is wanted that is no quote, backslash or end of line", separator);
	o->form = form;
	o->separator = separator;
	return 0;
}

static int set_interval(struct cli_stat_options *o, struct xp_err *err)
{
	uint64_t ms = 0;
	int ret = cli_parse_number(optarg, "the interval in milliseconds", MIN_INTERVAL_MS, MAX_INTERVAL_MS, &ms, err);

	o->interval_ns = ms * 1000000;
	return ret;
}

static int set_nonempty(const char **to, const char *what, struct xp_err *err)
{
	*to = optarg;
	return optarg[0] ? 0 : xp_fail(err, XP_E_USAGE, "%s", what);
}

static int take_option(struct cli_stat_options *o, int c, char **argv, struct xp_err *err)
{
	switch (c) {
	case 'e':
		return cli_add_events(&o->events, optarg, err);
	case 'I':
		return set_interval(o, err);
	case 'r':
		return cli_parse_number(optarg, "the number of runs", 1, MAX_RUNS, &o->runs, err);
	case STAT_VCPU:
		o->by |= XP_STAT_BY_VCPU;
		return 0;
	case STAT_CPU:
		o->by |= XP_STAT_BY_CPU;
		return 0;
	case 'j':
		return set_form(o, CLI_STAT_JSON, ",", err);
	case 'x':
		return set_form(o, CLI_STAT_CSV, optarg, err);
	case STAT_CSV:
		return set_form(o, CLI_STAT_CSV, ",", err);
	case 'a':
		return 0; /* always the whole host */
	case 'd':
		return cli_parse_duration(optarg, &o->duration_ns, err);
	case 'D':
		return set_nonempty(&o->domains, "--domain needs names or ids of domains", err);
	case 'o':
		return set_nonempty(&o->file, "-o needs the name of a file", err);
	case STAT_FORCE:
		o->force = true;
		return 0;
	case ':':
		return xp_fail(err, XP_E_USAGE, "option '%s' needs a value", argv[optind - 1]);
	default:
		return xp_fail(err, XP_E_USAGE, "there is no option '%s'", argv[optind - 1]);
	}
}

/* What makes sense of a sample and not of a count. */
static int check_events(const struct xp_event_specs *specs, struct xp_err *err)
{
	for (size_t i = 0; i < specs->nr; i++) {
		const struct xp_event_spec *e = &specs->of[i];

		if (!strcmp(e->name, XP_EVENT_TIMER))
			return xp_fail(err, XP_E_USAGE, "'" XP_EVENT_TIMER "' is time, which is always counted: leave it out");
		if (e->period)
			return xp_fail(err, XP_E_USAGE, "event '%s': every one is counted, so there is no period to give", e->name);
		if (e->modifiers[0])
			return xp_fail(err, XP_E_USAGE, "event '%s': a count cannot be told apart by ':%s' (a PV guest's kernel runs in the "
				       "ring of its processes); --domain chooses domains, 'xprof record' samples by mode", e->name,
				       e->modifiers);
	}
	return 0;
}

static int check_all(struct cli_stat_options *o, struct xp_err *err)
{
	if (o->runs > 1 && o->interval_ns)
		return xp_fail(err, XP_E_USAGE, "-r sums runs up, -I cuts one into intervals: give one of them");
	if (!o->duration_ns && !o->command && !o->interval_ns)
		o->duration_ns = DEFAULT_DURATION_NS;
	if (o->runs > 1 && !o->command && !o->duration_ns)
		return xp_fail(err, XP_E_USAGE, "-r needs a command, or a duration (-d)");
	return check_events(&o->events, err);
}

int cli_stat_options(int argc, char **argv, struct cli_stat_options *o)
{
	struct xp_err err;
	int c, ret = 0;

	memset(o, 0, sizeof(*o));
	o->runs = 1;
	o->separator = ",";
	optind = 1;
	opterr = 0;
	while (ret == 0 && (c = getopt_long(argc, argv, "+:e:I:r:jx:ad:D:o:", stat_options, NULL)) != -1)
		ret = take_option(o, c, argv, &err);
	if (ret == 0 && optind < argc)
		o->command = argv + optind;
	if (ret == 0)
		ret = check_all(o, &err);
	return ret < 0 ? cli_usage(argv[0], "%s", err.text) : 0;
}
