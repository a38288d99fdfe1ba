// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof export: a profile as other tools read it. */
#include <getopt.h>
#include <unistd.h>

#include "cli/anonymous.h"
#include "cli/cli.h"
#include "cli/domain-list.h"
#include "cli/filter-options.h"
#include "cli/output.h"
#include "cli/unknown.h"
#include "lib/base/nearest.h"
#include "lib/export/export.h"

struct options {
	const char *input, *output, *event;
	const struct xp_export_format *format;
	struct cli_domain_list domains;
	struct xp_export_options export;
	struct cli_anonymous anonymous;
};

struct job { const struct options *o; struct xp_profile *p; };

enum { OPT_TIME = 256, OPT_MODE, OPT_ANONYMIZE };

static const struct option long_options[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "input", required_argument, NULL, 'i' },
	{ "output", required_argument, NULL, 'o' },
	{ "event", required_argument, NULL, 'e' },
	{ "domain", required_argument, NULL, 'D' },
	{ "domains", required_argument, NULL, 'D' },
	{ "cpu", required_argument, NULL, 'C' },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "anonymize", optional_argument, NULL, OPT_ANONYMIZE },
	{ NULL, 0, NULL, 0 },
};

static int set_format(struct options *o, const char *name)
{
	const struct xp_export_format *f;
	struct xp_nearest near;

	o->format = xp_export_format(name);
	if (o->format)
		return 0;
	xp_nearest_init(&near, name);
	for (f = xp_export_formats; f->name; f++)
		xp_nearest_offer(&near, f->name);
	return cli_usage("export", "there is no format '%.100s'%s%s%s", name, near.best ? ": did you mean " : "",
			 near.best ? near.best : "", near.best ? "?" : "");
}

static int set_option(struct options *o, int c, char **argv)
{
	switch (c) {
	case 'f': return set_format(o, optarg);
	case 'i': o->input = optarg; return 0;
	case 'o': o->output = optarg; return 0;
	case 'e': o->event = optarg; return 0;
	case 'D': return cli_domain_list_set(&o->domains, "export", optarg);
	case 'C': o->export.filter.cpus = optarg; return 0;
	case OPT_TIME: o->export.filter.time = optarg; return 0;
	case OPT_MODE: return cli_filter_modes(&o->export.filter, "export", optarg);
	case OPT_ANONYMIZE: return cli_anonymous_option(&o->anonymous, "export", optarg);
	default: return cli_unknown_option("export", c, argv, long_options);
	}
}

static int parse(struct options *o, int argc, char **argv)
{
	int c, status = 0;

	opterr = 0;
	while (!status && (c = getopt_long(argc, argv, ":f:i:o:e:D:C:", long_options, NULL)) != -1)
		status = set_option(o, c, argv);
	if (!status && !o->format)
		status = cli_usage("export", "which format? --format pprof, folded, speedscope, firefox, callgrind, chrome, "
				   "perf-script, csv or json");
	if (!status && o->format->binary && !o->output && isatty(STDOUT_FILENO))
		status = cli_usage("export", "%s is nothing for a terminal: write it to a file with -o FILE%s", o->format->name,
				   o->format->suffix);
	o->export.filter.domains = o->domains.v;
	o->export.filter.nr_domains = o->domains.nr;
	return status;
}

/* The event of that name, or the first one. */
static int find_event(struct options *o, const struct xp_profile *p)
{
	struct xp_nearest near;
	size_t i;

	if (!o->event)
		return 0;
	xp_nearest_init(&near, o->event);
	for (i = 0; i < p->nr_events; i++) {
		xp_nearest_offer(&near, p->events[i].name);
		if (strcmp(p->events[i].name, o->event))
			continue;
		o->export.event = i;
		return 0;
	}
	return cli_usage("export", "the profile has no event '%.100s'%s%.64s%s", o->event, near.best ? ": did you mean '" : "",
			 near.best ? near.best : "", near.best ? "'?" : "");
}

static int write_export(FILE *out, void *arg, struct xp_err *err)
{
	const struct job *j = arg;

	return j->o->format->write(out, j->p, &j->o->export, err);
}

static int export(struct options *o, struct xp_profile *p)
{
	struct job job = { o, p };
	struct xp_err err = { "" };
	int rc, status = find_event(o, p);

	if (status)
		return status;
	if (o->format->one_event && !o->event && p->nr_events > 1)
		cli_say("%s holds one event: this is %s; --event NAME takes another", o->format->name, p->events[0].name);
	rc = cli_write_output(o->output, write_export, &job, &err);
	return rc ? cli_fail(rc, &err) : XP_EXIT_OK;
}

int cmd_export(int argc, char **argv)
{
	struct options o = { .input = NULL };
	struct xp_profile *p = NULL;
	int status = parse(&o, argc, argv), opened;

	if (!status) {
		opened = cli_open_profile(&p, "export", o.input, argc, argv);
		status = p ? cli_domain_list_check(&o.domains, "export", (const struct xp_profile *const *)&p, 1) : opened;
		if (p && !status)
			status = cli_anonymous_apply(&o.anonymous, p, o.domains.v, o.domains.nr);
		if (p && !status)
			status = export(&o, p);
		if (!status)
			status = opened;
	}
	xp_profile_free(p);
	cli_anonymous_release(&o.anonymous);
	cli_domain_list_release(&o.domains);
	return status;
}
