// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof html: a profile as one file for a browser. */
#include <getopt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/anonymous.h"
#include "cli/cli.h"
#include "cli/domain-list.h"
#include "cli/filter-options.h"
#include "cli/output.h"
#include "cli/places.h"
#include "cli/unknown.h"
#include "lib/base/text.h"
#include "lib/html/html.h"
#include "lib/report/format.h"

#define DEFAULT_ANNOTATE 10u

struct options {
	const char *input, *output, *base;
	char *named;              /* the output, if nobody said which */
	struct cli_domain_list domains;
	struct cli_places places;
	struct xp_html_options html;
	struct cli_anonymous anonymous;
};

struct job { const struct options *o; struct xp_profile *p; };

enum { OPT_BASE = 256, OPT_TIME, OPT_MODE, OPT_SYMDIR, OPT_ANNOTATE, OPT_ANONYMIZE };

static const struct option long_options[] = {
	{ "input", required_argument, NULL, 'i' },
	{ "output", required_argument, NULL, 'o' },
	{ "base", required_argument, NULL, OPT_BASE },
	{ "diff", required_argument, NULL, OPT_BASE },
	{ "domain", required_argument, NULL, 'D' },
	{ "domains", required_argument, NULL, 'D' },
	{ "cpu", required_argument, NULL, 'C' },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "annotate", required_argument, NULL, OPT_ANNOTATE },
	{ "symdir", required_argument, NULL, OPT_SYMDIR },
	{ "anonymize", optional_argument, NULL, OPT_ANONYMIZE },
	{ NULL, 0, NULL, 0 },
};

/* ---- arguments ---- */

static int set_annotate(struct options *o, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > 64)
		return cli_usage("html", "--annotate %.100s: how many functions: 0 to 64", text);
	o->html.annotate = n;
	return 0;
}

static int set_option(struct options *o, int c, char **argv)
{
	switch (c) {
	case 'i': o->input = optarg; return 0;
	case 'o': o->output = optarg; return 0;
	case OPT_BASE: o->base = optarg; return 0;
	case 'D': return cli_domain_list_set(&o->domains, "html", optarg);
	case 'C': o->html.filter.cpus = optarg; return 0;
	case OPT_TIME: o->html.filter.time = optarg; return 0;
	case OPT_MODE: return cli_filter_modes(&o->html.filter, "html", optarg);
	case OPT_ANNOTATE: return set_annotate(o, optarg);
	case OPT_SYMDIR: return cli_places_add(&o->places, "html", optarg);
	case OPT_ANONYMIZE: return cli_anonymous_option(&o->anonymous, "html", optarg);
	default: return cli_unknown_option("html", c, argv, long_options);
	}
}

static const char *input_of(const struct options *o)
{
	return o->input ? o->input : CLI_DEFAULT_FILE;
}

/* The profile's name with .html instead of what follows its last dot. False: no memory. */
static bool name_output(struct options *o)
{
	const char *input = input_of(o), *last = xp_text_last_part(input), *dot = strrchr(last, '.');
	size_t len = dot && dot != last ? (size_t)(dot - input) : strlen(input);

	if (o->output)
		return true;
	if (asprintf(&o->named, "%.*s.html", (int)len, input) < 0)
		o->named = NULL;
	o->output = o->named;
	return o->named;
}

static int parse(struct options *o, int argc, char **argv)
{
	int c, status = 0;

	opterr = 0;
	while (!status && (c = getopt_long(argc, argv, ":i:o:D:C:", long_options, NULL)) != -1)
		status = set_option(o, c, argv);
	if (status)
		return status;
	if (!o->input && optind < argc)
		o->input = argv[optind++];
	if (optind < argc)
		return cli_usage("html", "'%.100s': one profile at a time; --base FILE is what it is compared with", argv[optind]);
	if (!name_output(o))
		return cli_usage("html", "no memory");
	if (!strcmp(o->output, "-") && isatty(STDOUT_FILENO))
		return cli_usage("html", "a page is nothing for a terminal: write it to a file with -o FILE.html");
	cli_places_finish(&o->places);
	cli_places_beside(&o->places, o->input);
	o->html.filter.domains = o->domains.v;
	o->html.filter.nr_domains = o->domains.nr;
	o->html.places = o->html.annotate && !o->anonymous.wanted ? &o->places.places : NULL;
	o->html.version = XPROF_VERSION;
	return 0;
}

/* ---- the page ---- */

static int write_page(FILE *out, void *arg, struct xp_err *err)
{
	const struct job *j = arg;

	return xp_html_write(out, j->p, &j->o->html, err);
}

static void tell(const struct options *o)
{
	char name[512], bytes[XP_FORMAT_TEXT];
	struct stat st;

	if (stat(o->output, &st) || !S_ISREG(st.st_mode))
		return;
	cli_say("wrote %s (%s bytes): open it in a browser; it needs nothing else", cli_escape(o->output, name, sizeof(name)),
		xp_format_count(bytes, (uint64_t)st.st_size));
}

static int write_html(struct options *o, struct xp_profile *p, struct xp_profile *base)
{
	struct xp_profile *const both[] = { p, base };
	struct job job = { o, p };
	struct xp_err err = { "" };
	int status = cli_anonymous_apply_all(&o->anonymous, both, base ? 2 : 1, o->domains.v, o->domains.nr), rc;

	if (status)
		return status;
	o->html.base = base;
	o->html.name = o->anonymous.wanted ? "" : xp_text_last_part(input_of(o));
	o->html.base_name = o->anonymous.wanted || !base ? "" : xp_text_last_part(o->base);
	rc = cli_write_output(o->output, write_page, &job, &err);
	if (rc)
		return cli_fail(rc, &err);
	tell(o);
	return XP_EXIT_OK;
}

/* The base, if there is to be one. Damage is said, and the rest is used. */
static int open_base(struct xp_profile **base, const char *path, char **argv)
{
	return path ? cli_open_profile(base, "html", path, 0, argv) : XP_EXIT_OK;
}

int cmd_html(int argc, char **argv)
{
	struct options o = { .html.annotate = DEFAULT_ANNOTATE };
	struct xp_profile *p = NULL, *base = NULL;
	int status = parse(&o, argc, argv), opened, base_opened = XP_EXIT_OK;

	if (!status) {
		opened = cli_open_profile(&p, "html", o.input, argc, argv);
		if (p)
			base_opened = open_base(&base, o.base, argv);
		if (!p)
			status = opened;
		else if (o.base && !base)
			status = base_opened;
		else
			status = write_html(&o, p, base);
		if (!status)
			status = opened ? opened : base_opened;
	}
	xp_profile_free(p);
	xp_profile_free(base);
	cli_anonymous_release(&o.anonymous);
	cli_domain_list_release(&o.domains);
	free(o.named);
	return status;
}
