// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/collect/filter.h"
#include "lib/collect/source.h"
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
	{ "m", 60 * NS_PER_S }, { "min", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S }, { NULL, 0 },
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
		return xp_fail(err, XP_E_USAGE, "'%s' is not a duration: 30, 30s, 1.5s, 500ms, 5m and 1h are", text);
	/* scale and factor are at most 1e9 and 3.6e12: the fraction of it needs no more than a long double's 64 bits */
	*ns = whole * factor + (uint64_t)((long double)fraction * (long double)factor / (long double)scale);
	if (!*ns)
		return xp_fail(err, XP_E_USAGE, "the duration '%s' is nothing", text);
	return 0;
}

static const struct unit sizes[] = {
	{ "", 1 }, { "K", 1 << 10 }, { "k", 1 << 10 }, { "KiB", 1 << 10 }, { "M", 1 << 20 }, { "MiB", 1 << 20 }, { NULL, 0 },
};

int cli_parse_size(const char *text, uint64_t *bytes, struct xp_err *err)
{
	const char *unit;
	uint64_t n, factor;

	factor = parse_digits(text, &unit, &n) ? unit_factor(sizes, unit) : 0;
	if (!factor || n > UINT64_MAX / factor)
		return xp_fail(err, XP_E_USAGE, "'%s' is not a size: 65536, 64K and 4M are", text);
	*bytes = n * factor;
	return 0;
}

/* ---- events --------------------------------------------------------------*/

/* Sorts the letters into XP_MODIFIERS' order. False: one is unknown or there twice. */
static bool set_modifiers(struct cli_event *event, const char *letters, size_t len)
{
	size_t n = 0;

	for (const char *m = XP_MODIFIERS; *m; m++)
		if (memchr(letters, *m, len))
			event->modifiers[n++] = *m;
	event->modifiers[n] = '\0';
	return n == len;
}

static int parse_field(struct cli_event *event, const char *field, size_t len, const char *text, struct xp_err *err)
{
	const char *end;

	if (len && isdigit((unsigned char)field[0])) {
		if (event->period || !parse_digits(field, &end, &event->period) || end != field + len || !event->period)
			return xp_fail(err, XP_E_USAGE, "in event '%s', '%.*s' is not a period (nanoseconds for the timer), or the "
				       "second one", text, (int)len, field);
		return 0;
	}
	if (!len || event->modifiers[0] || !set_modifiers(event, field, len))
		return xp_fail(err, XP_E_USAGE, "in event '%s', '%.*s' is neither a period (digits) nor modifiers (letters of "
			       XP_MODIFIERS ": x Xen, k kernel, u user, G guests, H dom0)", text, (int)len, field);
	return 0;
}

static int check_name(const char *name, size_t len, struct xp_err *err)
{
	if (len == strlen("timer") && !memcmp(name, "timer", len))
		return 0;
	return xp_fail(err, XP_E_USAGE, "there is no event '%.*s': this version has 'timer'; "
		       "hardware counters are still to come", (int)len, name);
}

int cli_parse_event(const char *text, struct cli_event *event, struct xp_err *err)
{
	size_t len = strcspn(text, ":");
	const char *p = text + len;
	int ret;

	memset(event, 0, sizeof(*event));
	ret = check_name(text, len, err);
	if (ret == 0)
		memcpy(event->name, text, len);
	while (ret == 0 && *p == ':') {
		len = strcspn(++p, ":");
		ret = parse_field(event, p, len, text, err);
		p += len;
	}
	return ret;
}

/* ---- start and record ----------------------------------------------------*/

enum { OPT_SOURCE = 256, OPT_RING, OPT_FORCE };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "event", required_argument, NULL, 'e' },
	{ "freq", required_argument, NULL, 'F' },
	{ "count", required_argument, NULL, 'c' },
	{ "duration", required_argument, NULL, 'd' },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "ring", required_argument, NULL, OPT_RING },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ NULL, 0, NULL, 0 },
};

static int set_source(struct cli_record_options *o, const char *name, struct xp_err *err)
{
	if (xp_source_parse(name, &o->source) < 0)
		return xp_fail(err, XP_E_USAGE, "'%s' is not a source: auto, ipi and hpet are", name);
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

struct rate {
	uint64_t hz, period; /* 0: not given */
};

static int set_option(struct cli_record_options *o, struct rate *rate, int c, char **argv, struct xp_err *err)
{
	switch (c) {
	case 'o':
		o->file = optarg;
		o->file_given = true;
		return optarg[0] ? 0 : xp_fail(err, XP_E_USAGE, "-o needs the name of a file");
	case 'e':
		return cli_parse_event(optarg, &o->event, err);
	case 'F':
		return cli_parse_number(optarg, "the rate", 1, 100000, &rate->hz, err);
	case 'c':
		return cli_parse_number(optarg, "the period", MIN_PERIOD_NS, MAX_PERIOD_NS, &rate->period, err);
	case 'd':
		return cli_parse_duration(optarg, &o->duration_ns, err);
	case OPT_SOURCE:
		return set_source(o, optarg, err);
	case OPT_RING:
		return set_ring(o, optarg, err);
	case OPT_FORCE:
		o->force = true;
		return 0;
	case ':':
		return xp_fail(err, XP_E_USAGE, "option '%s' needs a value", argv[optind - 1]);
	default:
		return xp_fail(err, XP_E_USAGE, "there is no option '%s'", argv[optind - 1]);
	}
}

/* An event's own period goes first; -c and -F serve events without one. */
static int set_period(struct cli_record_options *o, const struct rate *rate, struct xp_err *err)
{
	if (rate->hz && rate->period)
		return xp_fail(err, XP_E_USAGE, "-F and -c say the same in two ways: give one of them");
	if (!o->event.period)
		o->event.period = rate->period ? rate->period : NS_PER_S / (rate->hz ? rate->hz : CLI_DEFAULT_HZ);
	if (o->event.period < MIN_PERIOD_NS || o->event.period > MAX_PERIOD_NS)
		return xp_fail(err, XP_E_USAGE, "a period of %" PRIu64 " ns cannot be had: %" PRIu64 " to %" PRIu64 " can",
			       o->event.period, (uint64_t)MIN_PERIOD_NS, (uint64_t)MAX_PERIOD_NS);
	return 0;
}

int cli_record_options(int argc, char **argv, struct cli_record_options *o)
{
	struct rate rate = { 0, 0 };
	struct xp_err err;
	int c, ret = 0;

	memset(o, 0, sizeof(*o));
	memcpy(o->event.name, "timer", sizeof("timer"));
	o->file = CLI_DEFAULT_FILE;
	o->ring_bytes = XPROF_DEFAULT_RING;
	optind = 1;
	opterr = 0;
	while (ret == 0 && (c = getopt_long(argc, argv, "+:o:e:F:c:d:", long_options, NULL)) != -1)
		ret = set_option(o, &rate, c, argv, &err);
	if (ret == 0)
		ret = set_period(o, &rate, &err);
	return ret < 0 ? cli_usage(argv[0], "%s", err.text) : 0;
}
