// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof annotate: a symbol's instructions and source lines, with the samples of each event. */
#include <getopt.h>
#include <inttypes.h>

#include "cli/cli.h"
#include "cli/domain-list.h"
#include "cli/output.h"
#include "cli/places.h"
#include "cli/unknown.h"
#include "lib/annotate/annotate.h"
#include "lib/base/text.h"

#define MAX_LISTED  20

struct options {
	const char *input;
	struct cli_domain_list domains;
	struct xp_annotate_wanted wanted;
	struct cli_places places;
	bool json, no_source, no_pager;
};

enum { OPT_IMAGE = 256, OPT_SYMDIR, OPT_NO_SOURCE, OPT_JSON, OPT_NO_PAGER };

static const struct option long_options[] = {
	{ "input", required_argument, NULL, 'i' },
	{ "domain", required_argument, NULL, 'D' },
	{ "image", required_argument, NULL, OPT_IMAGE },
	{ "symdir", required_argument, NULL, OPT_SYMDIR },
	{ "no-source", no_argument, NULL, OPT_NO_SOURCE },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "no-pager", no_argument, NULL, OPT_NO_PAGER },
	{ NULL, 0, NULL, 0 },
};

static int set_option(struct options *o, int c, char **argv)
{
	switch (c) {
	case 'i': o->input = optarg; return 0;
	case 'D': return cli_domain_list_set(&o->domains, "annotate", optarg);
	case OPT_IMAGE: o->wanted.image = optarg; return 0;
	case OPT_SYMDIR: return cli_places_add(&o->places, "annotate", optarg);
	case OPT_NO_SOURCE: o->no_source = true; return 0;
	case OPT_JSON: o->json = true; return 0;
	case OPT_NO_PAGER: o->no_pager = true; return 0;
	default:
		return cli_unknown_option("annotate", c, argv, long_options);
	}
}

static int parse(struct options *o, int argc, char **argv)
{
	int c, status;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":i:D:", long_options, NULL)) != -1) {
		status = set_option(o, c, argv);
		if (status)
			return status;
	}
	if (optind == argc)
		return cli_usage("annotate", "which symbol? 'xprof report --sort image,symbol' lists them");
	o->wanted.domains = o->domains.v;
	o->wanted.nr_domains = o->domains.nr;
	o->wanted.symbol = argv[optind++];
	cli_places_finish(&o->places);
	cli_places_beside(&o->places, o->input ? o->input : optind < argc ? argv[optind] : NULL);
	return 0;
}

/* There are several: which ones, so that one of them can be named. */
static int list_candidates(const struct options *o, const struct xp_hits *h)
{
	char text[256];
	size_t i;

	cli_say("'%s' is the name of %zu symbols with samples: choose one with --image, or by its address instead of its name",
		cli_escape(o->wanted.symbol, text, sizeof(text)), h->nr_candidates);
	fputs("       Samples  Address             Image (build-id), domains\n", stderr);
	for (i = 0; i < h->nr_candidates && i < MAX_LISTED; i++) {
		const struct xp_candidate *c = &h->candidates[i];

		fprintf(stderr, "%14" PRIu64 "  0x%-16" PRIx64 "  ", c->samples, c->symbol->start);
		xp_text_print(stderr, c->image->name);
		fprintf(stderr, " (%02x%02x%02x%02x), ", c->image->build_id[0], c->image->build_id[1], c->image->build_id[2],
			c->image->build_id[3]);
		xp_text_print(stderr, c->domains);
		fputc('\n', stderr);
	}
	return XP_EXIT_USAGE;
}

static void print(const struct options *o, const struct xp_annotation *a)
{
	if (o->json) {
		xp_annotate_json(stdout, a);
		return;
	}
	if (!o->no_pager)
		cli_pager_begin();
	xp_annotate_text(stdout, a, !o->no_source);
	cli_pager_end();
}

static int annotate_one(const struct options *o, struct xp_profile *p, const struct xp_hits *h)
{
	struct xp_annotation a;
	struct xp_err err = { "" };
	struct xp_code code;
	int rc = xp_code_read(&code, p, &h->candidates[0], &o->places.places, &err);

	if (!rc)
		rc = xp_annotation_init(&a, p, h, &h->candidates[0], &code, &err);
	if (!rc) {
		print(o, &a);
		xp_annotation_release(&a);
	}
	xp_code_release(&code);
	/* An image that can have no file is no fault of the arguments. */
	return rc ? cli_fail(rc == XP_E_USAGE ? XP_E_ABSENT : rc, &err) : XP_EXIT_OK;
}

static int annotate(const struct options *o, struct xp_profile *p)
{
	struct xp_err err = { "" };
	struct xp_hits h;
	int rc = xp_hits_find(&h, p, &o->wanted, &err), status;

	if (rc)
		status = cli_fail(rc == XP_E_ABSENT ? XP_E_USAGE : rc, &err); /* the symbol is an argument */
	else if (h.nr_candidates > 1)
		status = list_candidates(o, &h);
	else
		status = annotate_one(o, p, &h);
	xp_hits_release(&h);
	return status;
}

int cmd_annotate(int argc, char **argv)
{
	struct options o = { .json = false };
	struct xp_profile *p = NULL;
	int status = parse(&o, argc, argv), opened;

	if (!status) {
		opened = cli_open_profile(&p, "annotate", o.input, argc, argv);
		status = p ? cli_domain_list_check(&o.domains, "annotate", (const struct xp_profile *const *)&p, 1) : opened;
		if (p && !status)
			status = annotate(&o, p);
		if (!status)
			status = opened;
	}
	xp_profile_free(p);
	cli_domain_list_release(&o.domains);
	return status;
}
