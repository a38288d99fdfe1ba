// SPDX-License-Identifier: GPL-2.0-or-later
/* xprof archive: a profile with the binaries that it is about. */
#include <getopt.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/places.h"
#include "cli/unknown.h"
#include "lib/archive/archive.h"
#include "lib/base/text.h"
#include "lib/report/format.h"

static const struct option long_options[] = {
	{ "input", required_argument, NULL, 'i' },
	{ "output", required_argument, NULL, 'o' },
	{ "symdir", required_argument, NULL, 's' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	const char *input, *output;
	struct cli_places places;
};

static int parse(struct options *o, int argc, char **argv)
{
	int c, status = 0;

	opterr = 0;
	while (!status && (c = getopt_long(argc, argv, ":i:o:", long_options, NULL)) != -1) {
		switch (c) {
		case 'i': o->input = optarg; break;
		case 'o': o->output = optarg; break;
		case 's': status = cli_places_add(&o->places, "archive", optarg); break;
		default: status = cli_unknown_option("archive", c, argv, long_options); break;
		}
	}
	if (!status && !o->input)
		o->input = optind < argc ? argv[optind++] : CLI_DEFAULT_FILE;
	cli_places_finish(&o->places);
	return status;
}

static void tell(const struct xp_archive *a, const char *output)
{
	char bytes[XP_FORMAT_TEXT], count[XP_FORMAT_TEXT], text[512];
	size_t i, packed = 0;

	for (i = 0; i < a->nr; i++) {
		packed += a->images[i].code;
		if (!a->images[i].code)
			cli_say("left out (%s samples): %s", xp_format_count(count, a->images[i].samples),
				cli_escape(a->images[i].why.text, text, sizeof(text)));
	}
	cli_say("packed the profile and %zu of %zu images with samples into %s (%zu file%s, %s bytes before packing)", packed, a->nr,
		cli_escape(output, text, sizeof(text)), a->files, a->files == 1 ? "" : "s", xp_format_count(bytes, a->bytes));
	fprintf(stderr, "       there: tar xf %s && xprof report -i …/" XP_ARCHIVE_PROFILE "\n", cli_escape(output, text, sizeof(text)));
}

static int archive(const struct options *o, struct xp_profile *p)
{
	struct xp_err err = { "" };
	struct xp_archive a;
	char *output = NULL;
	int rc;

	if (o->output)
		output = strdup(o->output);
	else if (asprintf(&output, "%s.tar.gz", o->input) < 0)
		output = NULL;
	if (!output)
		return cli_usage("archive", "no memory");
	rc = xp_archive_write(&a, output, o->input, p, &o->places.places, &err);
	if (!rc) {
		tell(&a, output);
		xp_archive_release(&a);
	}
	free(output);
	return rc ? cli_fail(rc, &err) : XP_EXIT_OK;
}

int cmd_archive(int argc, char **argv)
{
	struct options o = { .input = NULL };
	struct xp_profile *p = NULL;
	int status = parse(&o, argc, argv), opened;

	if (status)
		return status;
	opened = cli_open_profile(&p, "archive", o.input, argc, argv);
	status = p ? archive(&o, p) : opened;
	xp_profile_free(p);
	return status ? status : opened;
}
