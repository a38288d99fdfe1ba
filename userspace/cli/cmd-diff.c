// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof diff: what has changed between two sides. */
#include <getopt.h>
#include <math.h>

#include "cli/anonymous.h"
#include "cli/cli.h"
#include "cli/domain-list.h"
#include "cli/filter-options.h"
#include "cli/output.h"
#include "cli/unknown.h"
#include "lib/base/text.h"
#include "lib/diff/diff.h"

#define DEFAULT_KEYS "domain,mode,process,image,symbol"
#define DEFAULT_LIMIT 0.5

struct options {
	struct xp_diff_options diff;
	struct xp_diff_text_options text;
	struct cli_domain_list domains;
	struct xp_filter filter;
	struct cli_anonymous anonymous;
	const char *base, *new, *per;
	char *files[XP_SIDES];    /* the lists, cut up */
	double fail_above;        /* percent; negative: no gate */
	enum cli_color color;
	bool json, no_pager, normalized;
};

enum { OPT_BASE = 256, OPT_NEW, OPT_NORMALIZE, OPT_PER, OPT_TIME, OPT_MODE, OPT_CONFIDENCE, OPT_LIMIT, OPT_FAIL, OPT_JSON,
       OPT_ANONYMIZE, OPT_COLOR, OPT_NO_PAGER };

static const struct option long_options[] = {
	{ "base", required_argument, NULL, OPT_BASE },
	{ "old", required_argument, NULL, OPT_BASE },
	{ "new", required_argument, NULL, OPT_NEW },
	{ "normalize", required_argument, NULL, OPT_NORMALIZE },
	{ "per", required_argument, NULL, OPT_PER },
	{ "event", required_argument, NULL, 'e' },
	{ "sort", required_argument, NULL, 's' },
	{ "domain", required_argument, NULL, 'D' },
	{ "domains", required_argument, NULL, 'D' },
	{ "cpu", required_argument, NULL, 'C' },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "confidence", required_argument, NULL, OPT_CONFIDENCE },
	{ "percent-limit", required_argument, NULL, OPT_LIMIT },
	{ "fail-above", required_argument, NULL, OPT_FAIL },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "anonymize", optional_argument, NULL, OPT_ANONYMIZE },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "no-pager", no_argument, NULL, OPT_NO_PAGER },
	{ NULL, 0, NULL, 0 },
};

/* ---- arguments ---- */

static int set_percent(double *to, const char *name, const char *text, double low, double high)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || strcmp(end, *end == '%' ? "%" : "") || !(value >= low && value <= high))
		return cli_usage("diff", "%s %s: a number from %g to %g is wanted, in percent", name, text, low, high);
	*to = value;
	return 0;
}

static int set_normalize(struct options *o, const char *text)
{
	o->normalized = true;
	if (!strcmp(text, "time"))
		o->diff.norm = XP_DIFF_TIME;
	else if (!strcmp(text, "total"))
		o->diff.norm = XP_DIFF_TOTAL;
	else
		return cli_usage("diff", "--normalize %s: there are time and total; --per WHAT is by work done", text);
	return 0;
}

/* A word, or OLD[:NEW]. */
static int set_per(struct options *o, const char *text)
{
	double *work = o->diff.work;
	char *end;

	o->per = text;
	o->diff.norm = XP_DIFF_WORK;
	work[XP_OLD] = work[XP_NEW] = strtod(text, &end);
	if (end == text) {
		o->diff.counter = text;
		return 0;
	}
	if (*end == ':') {
		text = end + 1;
		work[XP_NEW] = strtod(text, &end);
	}
	if (end == text || *end || !(work[XP_OLD] > 0 && work[XP_NEW] > 0) || isinf(work[XP_OLD]) || isinf(work[XP_NEW]))
		return cli_usage("diff", "--per %s: a counter (packets, acks, bytes) or how much each run did is wanted: OLD[:NEW], "
				 "above 0", o->per);
	return 0;
}

static int set_color(struct options *o, const char *text)
{
	if (cli_parse_color(text, &o->color))
		return 0;
	return cli_usage("diff", "--color=%s: there are auto, always and never", text);
}

static int set_keys(struct options *o, const char *text)
{
	const unsigned int can = XP_KEY_DOMAIN | XP_KEY_MODE | XP_KEY_PROCESS | XP_KEY_IMAGE | XP_KEY_SYMBOL;
	struct xp_err err = { "" };
	int rc = xp_keys_parse(text, &o->diff.keys, o->text.order, &o->text.nr_order, &err);

	if (rc)
		return cli_fail(rc, &err);
	if (o->diff.keys & ~can)
		return cli_usage("diff", "--sort %s: numbers that differ from run to run cannot be compared; there are domain, mode, "
				 "process, image and symbol", text);
	return 0;
}

static int set_option(struct options *o, int c, char **argv)
{
	double percent;
	int status;

	switch (c) {
	case OPT_BASE: o->base = optarg; return 0;
	case OPT_NEW: o->new = optarg; return 0;
	case OPT_NORMALIZE: return set_normalize(o, optarg);
	case OPT_PER: return set_per(o, optarg);
	case 'e': o->diff.event = optarg; return 0;
	case 's': return set_keys(o, optarg);
	case 'D': return cli_domain_list_set(&o->domains, "diff", optarg);
	case 'C': o->filter.cpus = optarg; return 0;
	case OPT_TIME: o->filter.time = optarg; return 0;
	case OPT_MODE: return cli_filter_modes(&o->filter, "diff", optarg);
	case OPT_CONFIDENCE:
		status = set_percent(&percent, "--confidence", optarg, 50, 99.9999);
		o->diff.confidence = percent / 100;
		return status;
	case OPT_LIMIT: return set_percent(&o->diff.percent_limit, "--percent-limit", optarg, 0, 100);
	case OPT_FAIL: return set_percent(&o->fail_above, "--fail-above", optarg, 0, 1e6);
	case OPT_JSON: o->json = true; return 0;
	case OPT_ANONYMIZE: return cli_anonymous_option(&o->anonymous, "diff", optarg);
	case OPT_COLOR: return set_color(o, optarg);
	case OPT_NO_PAGER: o->no_pager = true; return 0;
	default:
		return cli_unknown_option("diff", c, argv, long_options);
	}
}

static int parse(struct options *o, int argc, char **argv)
{
	int c, status = set_keys(o, DEFAULT_KEYS);

	opterr = 0;
	while (!status && (c = getopt_long(argc, argv, ":e:s:D:C:", long_options, NULL)) != -1)
		status = set_option(o, c, argv);
	if (!status && o->normalized && o->per)
		status = cli_usage("diff", "--normalize and --per: one of them");
	if (!status && !o->base != !o->new)
		status = cli_usage("diff", "--base and --new belong together");
	if (!status && o->base && optind < argc)
		status = cli_usage("diff", "'%.100s': --base and --new have named the profiles", argv[optind]);
	if (!status && argc - optind > 2)
		status = cli_usage("diff", "'%.100s': two profiles at a time; several runs a side: --base A,B --new C,D",
				   argv[optind + 2]);
	o->filter.domains = o->domains.v;
	o->filter.nr_domains = o->domains.nr;
	return status;
}

/* ---- profiles ---- */

/* Which files are the two sides', as lists with commas (a name without: one). */
static int name_sides(struct options *o, int argc, char **argv)
{
	const char *file = optind < argc ? argv[optind] : CLI_DEFAULT_FILE;
	int len;

	if (o->base || argc - optind == 2) {
		o->files[XP_OLD] = strdup(o->base ? o->base : argv[optind]);
		o->files[XP_NEW] = strdup(o->base ? o->new : argv[optind + 1]);
	} else {
		len = asprintf(&o->files[XP_OLD], "%s.old", file);
		if (len < 0)
			o->files[XP_OLD] = NULL;
		o->files[XP_NEW] = strdup(file);
	}
	return o->files[XP_OLD] && o->files[XP_NEW] ? 0 : cli_usage("diff", "no memory");
}

static int open_run(struct xp_diff_run *run, const char *name, int *partial)
{
	struct xp_err err = { "" };
	int rc = xp_profile_open(&run->profile, name, &err);

	run->name = name;
	if (run->profile) {
		if (rc)
			*partial = cli_fail(rc, &err);
		return 0;
	}
	cli_fail(rc, &err);
	return XP_EXIT_ERROR;
}

/* The list is cut up where there are several runs. */
static int open_side(const struct options *o, struct xp_diff_side *side, char *list, int *partial)
{
	char *name, *next;
	int status = 0;

	side->runs = calloc(XP_DIFF_MAX_RUNS, sizeof(*side->runs));
	if (!side->runs)
		return cli_usage("diff", "no memory");
	for (name = list; name && !status; name = next) {
		next = o->base ? strchr(name, ',') : NULL;
		if (next)
			*next++ = '\0';
		if (side->nr == XP_DIFF_MAX_RUNS)
			return cli_usage("diff", "more than %u runs a side", XP_DIFF_MAX_RUNS);
		status = open_run(&side->runs[side->nr], name, partial);
		side->nr += !status;
	}
	return status;
}

static int open_sides(struct options *o, struct xp_diff_side sides[XP_SIDES], int argc, char **argv, int *partial)
{
	int status = name_sides(o, argc, argv);

	if (!status)
		status = open_side(o, &sides[XP_OLD], o->files[XP_OLD], partial);
	if (!status)
		status = open_side(o, &sides[XP_NEW], o->files[XP_NEW], partial);
	if (status == XP_EXIT_ERROR && !o->base && argc - optind < 2)
		cli_say("'xprof record' keeps the profile before as FILE.old; 'xprof diff OLD NEW' compares any two");
	return status;
}

/* Both are about the names in all profiles. */
static int check_names(struct options *o, struct xp_diff_side sides[XP_SIDES])
{
	struct xp_profile *profiles[2 * XP_DIFF_MAX_RUNS];
	size_t nr = 0, side, r;
	int status;

	for (side = 0; side < XP_SIDES; side++)
		for (r = 0; r < sides[side].nr; r++)
			profiles[nr++] = sides[side].runs[r].profile;
	status = cli_domain_list_check(&o->domains, "diff", (const struct xp_profile *const *)profiles, nr);
	return status ? status : cli_anonymous_apply_all(&o->anonymous, profiles, nr, o->domains.v, o->domains.nr);
}

/* A file of several runs was opened several times: nothing is shared. */
static void close_sides(struct xp_diff_side sides[XP_SIDES])
{
	size_t side, r;

	for (side = 0; side < XP_SIDES; side++) {
		struct xp_profile *profiles[XP_DIFF_MAX_RUNS];
		size_t nr = sides[side].nr;

		for (r = 0; r < nr; r++)
			profiles[r] = sides[side].runs[r].profile;
		xp_diff_side_release(&sides[side]);
		for (r = 0; r < nr; r++)
			xp_profile_free(profiles[r]);
	}
}

/* ---- the diff ---- */

static int gate(const struct options *o, const struct xp_diff *d)
{
	const struct xp_diff_line *line = NULL;
	const struct xp_diff_event *event = NULL;
	double worst = xp_diff_worst(d, &line, &event);
	char symbol[200], domain[100];
	const char *what;

	if (o->fail_above < 0 || worst <= o->fail_above)
		return XP_EXIT_OK;
	what = line->kind == XP_DIFF_ROW && line->row->key.symbol ? line->row->key.symbol : NULL;
	if (isinf(worst))
		cli_say("--fail-above %g%%: %s%s%s is new (%s)", o->fail_above,
			cli_escape(what ? what : "", symbol, sizeof(symbol)), what ? " of " : "",
			line->row->key.domain ? cli_escape(line->row->key.domain, domain, sizeof(domain)) : "all that is not idle",
			event->name);
	else
		cli_say("--fail-above %g%%: %s%s%s has grown by %.1f%% (%s)", o->fail_above,
			cli_escape(what ? what : "", symbol, sizeof(symbol)), what ? " of " : "",
			line->row->key.domain ? cli_escape(line->row->key.domain, domain, sizeof(domain)) : "all that is not idle",
			worst, event->name);
	return XP_EXIT_ABOVE;
}

static int print(struct options *o, struct xp_diff *d, struct xp_err *err)
{
	int rc;

	if (o->json) {
		xp_diff_json(stdout, d);
		return 0;
	}
	o->text.columns = cli_columns();
	o->text.color = cli_use_color(o->color);
	if (!o->no_pager)
		cli_pager_begin();
	rc = xp_diff_text(stdout, d, &o->text, err);
	cli_pager_end();
	return rc;
}

static int diff(struct options *o, struct xp_diff_side sides[XP_SIDES])
{
	struct xp_err err = { "" };
	struct xp_diff d;
	int rc, status;

	rc = xp_diff_run(&d, sides, &o->diff, &o->filter, &err);
	if (rc)
		return cli_fail(rc, &err);
	rc = print(o, &d, &err);
	status = rc ? cli_fail(rc, &err) : gate(o, &d);
	xp_diff_release(&d);
	return status;
}

int cmd_diff(int argc, char **argv)
{
	struct options o = { .diff = { .norm = XP_DIFF_TIME, .confidence = 0.95, .percent_limit = DEFAULT_LIMIT }, .fail_above = -1 };
	struct xp_diff_side sides[XP_SIDES] = { { 0 }, { 0 } };
	int status = parse(&o, argc, argv), partial = XP_EXIT_OK;

	if (!status)
		status = open_sides(&o, sides, argc, argv, &partial);
	if (!status)
		status = check_names(&o, sides);
	if (!status)
		status = diff(&o, sides);
	close_sides(sides);
	cli_anonymous_release(&o.anonymous);
	cli_domain_list_release(&o.domains);
	free(o.files[XP_OLD]);
	free(o.files[XP_NEW]);
	return status ? status : partial;
}
