// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof report: where the time went. */
#include <getopt.h>

#include "cli/anonymous.h"
#include "cli/call-graph.h"
#include "cli/cli.h"
#include "cli/domain-list.h"
#include "cli/filter-options.h"
#include "cli/output.h"
#include "cli/places.h"
#include "cli/unknown.h"
#include "lib/annotate/by-line.h"
#include "lib/base/nearest.h"
#include "lib/report/report.h"

#define DEFAULT_KEYS "domain,mode,process,image,symbol"
#define DEFAULT_LIMIT 0.5

struct options {
	const char *input, *sort, *sort_event;
	struct cli_domain_list domains;
	struct xp_filter filter;
	struct cli_anonymous anonymous;
	double percent_limit;
	struct cli_call_graph graph;
	enum cli_color color;
	struct cli_places places;
	bool json, no_pager, lines;
};

enum {
	OPT_JSON = 256, OPT_TIME, OPT_MODE, OPT_LIMIT, OPT_COLOR, OPT_NO_PAGER, OPT_STDIO, OPT_SORT_EVENT, OPT_ANONYMIZE, OPT_LINES, OPT_SYMDIR,
	OPT_CHILDREN, OPT_NO_CHILDREN,
};

static const struct option long_options[] = {
	{ "input", required_argument, NULL, 'i' },
	{ "sort", required_argument, NULL, 's' },
	{ "sort-event", required_argument, NULL, OPT_SORT_EVENT },
	{ "domain", required_argument, NULL, 'D' },
	{ "domains", required_argument, NULL, 'D' },
	{ "cpu", required_argument, NULL, 'C' },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "call-graph", optional_argument, NULL, 'g' },
	{ "children", no_argument, NULL, OPT_CHILDREN },
	{ "no-children", no_argument, NULL, OPT_NO_CHILDREN },
	{ "percent-limit", required_argument, NULL, OPT_LIMIT },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "anonymize", optional_argument, NULL, OPT_ANONYMIZE },
	{ "lines", no_argument, NULL, OPT_LINES },
	{ "symdir", required_argument, NULL, OPT_SYMDIR },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "no-pager", no_argument, NULL, OPT_NO_PAGER },
	{ "stdio", no_argument, NULL, OPT_STDIO }, /* perf's name for what we always do */
	{ NULL, 0, NULL, 0 },
};

/* ---- arguments ---- */

static int set_limit(struct options *o, const char *text)
{
	char *end;

	o->percent_limit = strtod(text, &end);
	if (end == text || *end || !(o->percent_limit >= 0 && o->percent_limit <= 100))
		return cli_usage("report", "--percent-limit %s: a number from 0 to 100 is wanted", text);
	return 0;
}

static int set_option(struct options *o, int c, char **argv)
{
	switch (c) {
	case 'i': o->input = optarg; return 0;
	case 's': o->sort = optarg; return 0;
	case 'D': return cli_domain_list_set(&o->domains, "report", optarg);
	case 'C': o->filter.cpus = optarg; return 0;
	case 'g': return cli_call_graph_option(&o->graph, optarg);
	case OPT_CHILDREN: o->graph.children = 1; return 0;
	case OPT_NO_CHILDREN: o->graph.children = 0; return 0;
	case OPT_TIME: o->filter.time = optarg; return 0;
	case OPT_MODE: return cli_filter_modes(&o->filter, "report", optarg);
	case OPT_LIMIT: return set_limit(o, optarg);
	case OPT_JSON: o->json = true; return 0;
	case OPT_ANONYMIZE: return cli_anonymous_option(&o->anonymous, "report", optarg);
	case OPT_LINES: o->lines = true; return 0;
	case OPT_SYMDIR: return cli_places_add(&o->places, "report", optarg);
	case OPT_NO_PAGER: o->no_pager = true; return 0;
	case OPT_STDIO: return 0;
	case OPT_SORT_EVENT: o->sort_event = optarg; return 0;
	case OPT_COLOR:
		if (cli_parse_color(optarg, &o->color))
			return 0;
		return cli_usage("report", "--color=%s: there are auto, always and never", optarg);
	default:
		return cli_unknown_option("report", c, argv, long_options);
	}
}

static int parse(struct options *o, int argc, char **argv)
{
	int c, status;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":i:s:D:C:g::", long_options, NULL)) != -1) {
		if (c == 'g' && !optarg && cli_call_graph_is(argv[optind]))
			optarg = argv[optind++];
		status = set_option(o, c, argv);
		if (status)
			return status;
	}
	o->filter.domains = o->domains.v;
	o->filter.nr_domains = o->domains.nr;
	return 0;
}

/* ---- the report ---- */

static int configure(const struct options *o, struct xp_agg_config *config, struct xp_report_options *report,
		     struct xp_err *err)
{
	const char *sort = o->sort ? o->sort : DEFAULT_KEYS;
	int rc;

	*config = (struct xp_agg_config){ .filter = o->filter };
	*report = (struct xp_report_options){ .percent_limit = o->percent_limit };
	rc = xp_keys_parse(sort, &config->keys, report->order, &report->nr_order, err);
	if (rc)
		return rc;
	if (o->lines && !(config->keys & XP_KEY_LINE)) {
		config->keys |= XP_KEY_LINE;
		report->order[report->nr_order++] = XP_KEY_LINE;
	}
	config->process_of_user_only = !o->sort;
	config->addresses = true;
	config->chains = o->graph.on;
	cli_call_graph_apply(&o->graph, report);
	if (o->anonymous.wanted && config->keys & XP_KEY_LINE)
		return xp_fail(err, XP_E_USAGE, "--anonymize has no lines: they name files");
	if (o->graph.on && config->keys & XP_KEY_LINE)
		return xp_fail(err, XP_E_USAGE, "-g has no lines: what calls and is called are functions");
	if (o->json) {
		config->keys = XP_REPORT_JSON_KEYS | (config->keys & XP_KEY_LINE);
		config->addresses = false;
	} else if (!o->graph.on && !(config->keys & XP_KEY_LINE)) { /* callers, and what lies in one line, may have enough together */
		config->percent_limit = o->percent_limit;
	}
	return 0;
}

/* The event of that name, or the first one. */
static int find_sort_event(const struct options *o, const struct xp_agg *a, size_t *event, struct xp_err *err)
{
	struct xp_nearest near;
	char name[16];

	*event = 0;
	if (!o->sort_event)
		return 0;
	xp_nearest_init(&near, o->sort_event);
	for (; *event < a->nr_events; ++*event) {
		if (!strcmp(xp_agg_event_name(a, *event, name), o->sort_event))
			return 0;
		if (*event < a->profile->nr_events)
			xp_nearest_offer(&near, a->profile->events[*event].name);
	}
	return xp_fail(err, XP_E_USAGE, "the profile has no event '%.100s'%s%.64s%s", o->sort_event,
		       near.best ? ": did you mean '" : "", near.best ? near.best : "", near.best ? "'?" : "");
}

/* Something was recorded, and of that nothing is counted. */
static bool is_empty(const struct xp_agg *a)
{
	const struct xp_filter *f = &a->config.filter;
	size_t e;

	for (e = 0; e < a->nr_events; e++)
		if (a->samples.of[e])
			return false;
	return f->nr_domains || f->cpus || f->time || f->modes;
}

static int print(const struct options *o, struct xp_agg *a, struct xp_report_options *report, struct xp_err *err)
{
	int rc;

	if (is_empty(a))
		cli_say("none of the profile's samples is left by these options");
	if (o->json)
		return xp_report_json(stdout, a, err);
	report->columns = cli_columns();
	report->color = cli_use_color(o->color);
	if (!o->no_pager)
		cli_pager_begin();
	rc = xp_report_text(stdout, a, report, err);
	cli_pager_end();
	return rc;
}

/* Rows by line, if those are wanted; images without lines are said. *b needs release. */
static int put_lines(struct options *o, struct xp_agg *a, struct xp_by_line *b, struct xp_err *err)
{
	size_t i;
	int rc;

	*b = (struct xp_by_line){ 0 };
	if (!(a->config.keys & XP_KEY_LINE))
		return 0;
	cli_places_finish(&o->places);
	rc = xp_by_line(b, a, &o->places.places, err);
	for (i = 0; i < b->nr_whys; i++)
		cli_fail(0, &b->whys[i]);
	return rc;
}

static int no_chains(void)
{
	cli_say("the profile has no call chains: it was recorded without -g ('xprof record -g' records them)");
	return XP_EXIT_ERROR;
}

static int report(struct options *o, struct xp_profile *p)
{
	struct xp_report_options report_options;
	struct xp_agg_config config;
	struct xp_err err = { "" };
	struct xp_by_line lines;
	struct xp_agg *a;
	int rc;

	if (o->graph.on && !p->nr_nodes)
		return no_chains();
	rc = configure(o, &config, &report_options, &err);
	if (!rc)
		rc = xp_agg_run(&a, p, &config, &err);
	if (rc)
		return cli_fail(rc, &err);
	rc = find_sort_event(o, a, &report_options.sort_event, &err);
	if (!rc)
		rc = put_lines(o, a, &lines, &err);
	else
		lines = (struct xp_by_line){ 0 };
	if (!rc)
		rc = print(o, a, &report_options, &err);
	xp_by_line_release(&lines);
	xp_agg_free(a);
	return rc ? cli_fail(rc, &err) : XP_EXIT_OK;
}

int cmd_report(int argc, char **argv)
{
	struct options o = { .percent_limit = DEFAULT_LIMIT, .graph = CLI_CALL_GRAPH_INIT };
	struct xp_profile *p = NULL;
	int status = parse(&o, argc, argv), opened;

	if (!status) {
		cli_places_beside(&o.places, o.input ? o.input : optind < argc ? argv[optind] : NULL);
		opened = cli_open_profile(&p, "report", o.input, argc, argv);
		status = p ? cli_domain_list_check(&o.domains, "report", (const struct xp_profile *const *)&p, 1) : opened;
		if (p && !status)
			status = cli_anonymous_apply(&o.anonymous, p, o.domains.v, o.domains.nr);
		if (p && !status)
			status = report(&o, p);
		if (!status)
			status = opened;
	}
	xp_profile_free(p);
	cli_anonymous_release(&o.anonymous);
	cli_domain_list_release(&o.domains);
	return status;
}
