// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/collect/source.h"
#include "lib/pmu/pmu.h"
#include "lib/rotate/rotate.h"
#include "xprof.h"

#define NS_PER_S 1000000000ull
#define MIN_PERIOD_NS 10000ull       /* 100 kHz: no source reaches it */
#define MAX_PERIOD_NS (10 * NS_PER_S)

/* ---- numbers -------------------------------------------------------------*/

/* Digits only: no sign, no space, no base. */
static bool parse_digits(const char *text, const char **end, uint64_t *n)
{
	char *e;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*n = strtoull(text, &e, 10);
	*end = e;
	return errno == 0;
}

int cli_parse_number(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *n, struct xp_err *err)
{
	const char *end;

	if (parse_digits(text, &end, n) && !*end && *n >= min && *n <= max)
		return 0;
	return xp_fail(err, XP_E_USAGE, "%s '%s' is not a number from %" PRIu64 " to %" PRIu64, what, text, min, max);
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* The factor of the unit, 0: unknown. */
static uint64_t unit_factor(const struct unit *units, const char *name)
{
	for (; units->name; units++)
		if (!strcmp(units->name, name))
			return units->factor;
	return 0;
}

static const struct unit durations[] = {
	{ "", NS_PER_S }, { "s", NS_PER_S }, { "ms", 1000000 }, { "us", 1000 },
	{ "m", 60 * NS_PER_S }, { "min", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
	{ "d", 86400 * NS_PER_S }, { NULL, 0 },
};

int cli_parse_duration(const char *text, uint64_t *ns, struct xp_err *err)
{
	uint64_t whole = 0, fraction = 0, scale = 1, factor;
	const char *p = text;
	bool ok = parse_digits(text, &p, &whole);

	if (ok && *p == '.')
		for (p++; isdigit((unsigned char)*p) && scale < NS_PER_S; p++, scale *= 10)
			fraction = fraction * 10 + (uint64_t)(*p - '0');
	factor = ok ? unit_factor(durations, p) : 0;
	if (!factor || whole > UINT64_MAX / 4 / factor)
		return xp_fail(err, XP_E_USAGE, "'%s' is not a duration: 30, 30s, 1.5s, 500ms, 5m, 1h and 7d are", text);
	/* scale and factor are at most 1e9 and 3.6e12: the fraction of it needs no more than a long double's 64 bits */
	*ns = whole * factor + (uint64_t)((long double)fraction * (long double)factor / (long double)scale);
	if (!*ns)
		return xp_fail(err, XP_E_USAGE, "the duration '%s' is nothing", text);
	return 0;
}

static const struct unit sizes[] = {
	{ "", 1 }, { "K", 1 << 10 }, { "k", 1 << 10 }, { "KiB", 1 << 10 }, { "M", 1 << 20 }, { "MiB", 1 << 20 },
	{ "G", 1 << 30 }, { "GiB", 1 << 30 }, { NULL, 0 },
};

int cli_parse_size(const char *text, uint64_t *bytes, struct xp_err *err)
{
	const char *unit;
	uint64_t n, factor;

	factor = parse_digits(text, &unit, &n) ? unit_factor(sizes, unit) : 0;
	if (!factor || n > UINT64_MAX / factor)
		return xp_fail(err, XP_E_USAGE, "'%s' is not a size: 65536, 64K, 4M and 1G are", text);
	*bytes = n * factor;
	return 0;
}

/* ---- events --------------------------------------------------------------*/

static bool is_timer(const struct xp_event_spec *spec)
{
	return !strcmp(spec->name, XP_EVENT_TIMER);
}

bool cli_wants_timer(const struct cli_record_options *o)
{
	return o->events.nr && is_timer(&o->events.of[0]);
}

/* A misspelt name is refused before anything is loaded. */
static int check_names(const struct xp_event_specs *specs, size_t from, struct xp_err *err)
{
	int ret = 0;

	for (size_t i = from; ret == 0 && i < specs->nr; i++)
		if (!is_timer(&specs->of[i]))
			ret = xp_pmu_check_name(specs->of[i].name, err);
	return ret;
}

int cli_add_events(struct xp_event_specs *specs, const char *text, struct xp_err *err)
{
	size_t before = specs->nr;
	int ret = xp_event_specs_add(specs, text, err);

	return ret ? ret : check_names(specs, before, err);
}

static int check_mixture(const struct xp_event_specs *specs, struct xp_err *err)
{
	for (size_t i = 0; i < specs->nr && specs->nr > 1; i++)
		if (is_timer(&specs->of[i]))
			return xp_fail(err, XP_E_USAGE, "'" XP_EVENT_TIMER "' samples time, not events: it cannot be recorded together "
				       "with counters ('cycles' is nearest to it); leave it or the others out");
	return 0;
}

/* ---- start and record ----------------------------------------------------*/

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "duration", required_argument, NULL, 'd' },
	{ "all-cpus", no_argument, NULL, 'a' },
	CLI_SAMPLING_OPTIONS,
	{ "call-graph", required_argument, NULL, CLI_OPT_CALL_GRAPH },
	{ "stack-size", required_argument, NULL, CLI_OPT_STACK_SIZE },
	{ "series", required_argument, NULL, CLI_OPT_SERIES },
	{ "continuous", no_argument, NULL, CLI_OPT_CONTINUOUS },
	{ "rotate", required_argument, NULL, CLI_OPT_ROTATE },
	{ "keep-size", required_argument, NULL, CLI_OPT_KEEP_SIZE },
	{ "keep-age", required_argument, NULL, CLI_OPT_KEEP_AGE },
	{ NULL, 0, NULL, 0 },
};

static int set_source(struct cli_record_options *o, const char *name, struct xp_err *err)
{
	if (xp_source_parse(name, &o->source) < 0)
		return xp_fail(err, XP_E_USAGE, "'%s' is not a source: auto, pmu, ipi and hpet are", name);
	return 0;
}

static int set_ring(struct cli_record_options *o, const char *text, struct xp_err *err)
{
	uint64_t bytes;
	int ret = cli_parse_size(text, &bytes, err);

	if (ret < 0)
		return ret;
	if (bytes < XPROF_MIN_RING || bytes > XPROF_MAX_RING || (bytes & (bytes - 1)))
		return xp_fail(err, XP_E_USAGE, "a ring of '%s' cannot be had: a power of two from %uK to %uM can", text,
			       XPROF_MIN_RING >> 10, XPROF_MAX_RING >> 20);
	o->ring_bytes = (uint32_t)bytes;
	return 0;
}

static int add_domains(struct cli_record_options *o, const char *list, struct xp_err *err)
{
	size_t len = strlen(o->domains), room = sizeof(o->domains) - len;

	if (!*list || snprintf(o->domains + len, room, "%s%s", len ? "," : "", list) >= (int)room)
		return xp_fail(err, XP_E_USAGE, "--domain '%.100s': names or ids of domains are wanted, with commas", list);
	return 0;
}

#define MIN_SERIES_NS 100000000u /* the collector looks at its clock ten times a second */

static int set_series(struct cli_record_options *o, const char *text, struct xp_err *err)
{
	o->series_ns = 0;
	if (!strcmp(text, "off"))
		return 0;
	if (cli_parse_duration(text, &o->series_ns, err) == 0 && o->series_ns >= MIN_SERIES_NS)
		return 0;
	return xp_fail(err, XP_E_USAGE, "--series '%s' is neither 'off' nor a time from 100ms on", text);
}

static int set_stack_size(struct cli_record_options *o, const char *text, struct xp_err *err)
{
	uint64_t bytes;
	int ret = cli_parse_size(text, &bytes, err);

	if (ret < 0)
		return ret;
	if (!bytes || bytes > XPROF_MAX_STACK || bytes % 8)
		return xp_fail(err, XP_E_USAGE, "'%s' of a stack cannot be copied: a multiple of 8 up to %uK can", text,
			       XPROF_MAX_STACK >> 10);
	o->stack_bytes = (uint32_t)bytes;
	return 0;
}

/* perf's words, as far as they are true here. */
static int set_call_graph(struct cli_record_options *o, const char *text, struct xp_err *err)
{
	if (!strcmp(text, "dwarf")) {
		o->stack_bytes = o->stack_bytes ? o->stack_bytes : XPROF_DEFAULT_STACK;
		return 0;
	}
	if (!strncmp(text, "dwarf,", 6))
		return set_stack_size(o, text + 6, err);
	return xp_fail(err, XP_E_USAGE, "--call-graph '%s': there is dwarf[,SIZE], which is what -g does: copies of stacks are unwound by "
		       "each program's own rules, and by frame pointers where it has none", text);
}

/* A profile's names alone may take a second to be found. */
#define MIN_ROTATE_NS NS_PER_S

static int set_rotate(struct cli_record_options *o, const char *text, struct xp_err *err)
{
	if (cli_parse_duration(text, &o->rotate_ns, err) == 0 && o->rotate_ns >= MIN_ROTATE_NS)
		return 0;
	return xp_fail(err, XP_E_USAGE, "--rotate '%s' is not a time from 1s on", text);
}

static int set_keep_size(struct cli_record_options *o, const char *text, struct xp_err *err)
{
	if (cli_parse_size(text, &o->keep_bytes, err) == 0 && o->keep_bytes >= XP_ROTATE_MIN_BYTES)
		return 0;
	return xp_fail(err, XP_E_USAGE, "--keep-size '%s' is not a size from %uM on: 256M, 1G are", text, XP_ROTATE_MIN_BYTES >> 20);
}

int cli_sampling_option(struct cli_record_options *o, int c, char **argv, struct xp_err *err)
{
	switch (c) {
	case 'o':
		o->file = optarg;
		o->file_given = true;
		return optarg[0] ? 0 : xp_fail(err, XP_E_USAGE, "-o needs the name of a file");
	case 'a':
		return 0; /* perf's "system wide": so it always is */
	case 'e':
		return cli_add_events(&o->events, optarg, err);
	case 'F':
		return cli_parse_number(optarg, "the rate", 1, 100000, &o->hz, err);
	case 'c':
		return cli_parse_number(optarg, "the period", 1, INT64_MAX, &o->period, err);
	case 'D':
		return add_domains(o, optarg, err);
	case 'd':
		return cli_parse_duration(optarg, &o->duration_ns, err);
	case 'g':
		o->stack_bytes = o->stack_bytes ? o->stack_bytes : XPROF_DEFAULT_STACK;
		return 0;
	case CLI_OPT_CALL_GRAPH:
		return set_call_graph(o, optarg, err);
	case CLI_OPT_STACK_SIZE:
		return set_stack_size(o, optarg, err);
	case CLI_OPT_SOURCE:
		return set_source(o, optarg, err);
	case CLI_OPT_RING:
		return set_ring(o, optarg, err);
	case CLI_OPT_SERIES:
		return set_series(o, optarg, err);
	case CLI_OPT_NO_GUEST_MEMORY:
		o->no_guest_memory = true;
		return 0;
	case CLI_OPT_FORCE:
		o->force = true;
		return 0;
	case CLI_OPT_CONTINUOUS:
		o->continuous = true;
		return 0;
	case CLI_OPT_ROTATE:
		return set_rotate(o, optarg, err);
	case CLI_OPT_KEEP_SIZE:
		return set_keep_size(o, optarg, err);
	case CLI_OPT_KEEP_AGE:
		return cli_parse_duration(optarg, &o->keep_age_ns, err);
	case ':':
		return xp_fail(err, XP_E_USAGE, "option '%s' needs a value", argv[optind - 1]);
	default:
		return xp_fail(err, XP_E_USAGE, "there is no option '%s'", argv[optind - 1]);
	}
}

int cli_timer_period(const struct cli_record_options *o, uint64_t *ns, struct xp_err *err)
{
	*ns = o->events.nr ? o->events.of[0].period : 0;
	if (!*ns)
		*ns = o->period ? o->period : NS_PER_S / (o->hz ? o->hz : CLI_DEFAULT_HZ);
	if (*ns >= MIN_PERIOD_NS && *ns <= MAX_PERIOD_NS)
		return 0;
	return xp_fail(err, XP_E_USAGE, "a period of %" PRIu64 " ns cannot be had: %" PRIu64 " to %" PRIu64 " can", *ns,
		       (uint64_t)MIN_PERIOD_NS, (uint64_t)MAX_PERIOD_NS);
}

static int check_continuous(struct cli_record_options *o, struct xp_err *err)
{
	if (!o->continuous && (o->rotate_ns || o->keep_bytes || o->keep_age_ns))
		return xp_fail(err, XP_E_USAGE, "--rotate, --keep-size and --keep-age are of a recording with --continuous");
	if (o->continuous && !o->file_given)
		return xp_fail(err, XP_E_USAGE, "--continuous writes a profile after the other: name the directory for them with -o DIR");
	o->rotate_ns = o->rotate_ns ? o->rotate_ns : CLI_DEFAULT_ROTATE_NS;
	o->keep_bytes = o->keep_bytes ? o->keep_bytes : CLI_DEFAULT_KEEP_BYTES;
	return 0;
}

/* What can be said before the host is asked. */
int cli_sampling_check(struct cli_record_options *o, struct xp_err *err)
{
	bool timer = cli_wants_timer(o), ticks = o->source == XPROF_SOURCE_IPI || o->source == XPROF_SOURCE_HPET;
	uint64_t ns;
	int ret;

	if (!o->ring_bytes)
		o->ring_bytes = o->stack_bytes ? CLI_CHAINS_RING : XPROF_DEFAULT_RING;
	ret = check_mixture(&o->events, err);

	if (ret == 0 && o->hz && o->period)
		ret = xp_fail(err, XP_E_USAGE, "-F and -c say the same in two ways: give one of them");
	if (ret == 0 && timer && o->source == XPROF_SOURCE_PMU)
		ret = xp_fail(err, XP_E_USAGE, "the timer's source is ipi or hpet, not pmu");
	if (ret == 0 && o->events.nr && !timer && ticks)
		ret = xp_fail(err, XP_E_USAGE, "--source %s makes ticks, not events: leave it out, or take -e " XP_EVENT_TIMER,
			      xp_source_name(o->source));
	return ret || !timer ? ret : cli_timer_period(o, &ns, err);
}

int cli_record_options(int argc, char **argv, struct cli_record_options *o)
{
	struct xp_err err;
	int c, ret = 0;

	memset(o, 0, sizeof(*o));
	o->file = CLI_DEFAULT_FILE;
	o->series_ns = NS_PER_S;
	optind = 1;
	opterr = 0;
	while (ret == 0 && (c = getopt_long(argc, argv, "+:ao:e:F:c:d:D:g", long_options, NULL)) != -1)
		ret = cli_sampling_option(o, c, argv, &err);
	if (ret == 0)
		ret = cli_sampling_check(o, &err);
	if (ret == 0)
		ret = check_continuous(o, &err);
	return ret < 0 ? cli_usage(argv[0], "%s", err.text) : 0;
}
