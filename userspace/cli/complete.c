// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/complete.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/domain-names.h"
#include "cli/output.h"
#include "lib/agg/agg.h"
#include "lib/base/text.h"
#include "lib/export/export.h"
#include "lib/host/xen.h"
#include "lib/pmu/pmu.h"
#include "lib/push/kind.h"

/* ---- values --------------------------------------------------------------*/

/* "a,b,c" is completed in its last part: what stands before is printed with each candidate. */
static void offer(const char *word, const char *candidate, bool list)
{
	const char *comma = list ? strrchr(word, ',') : NULL;
	int before = comma ? (int)(comma + 1 - word) : 0;

	if (strncmp(candidate, word + before, strlen(word + before)))
		return;
	printf("%.*s", before, word);
	xp_text_print(stdout, candidate);
	putchar('\n');
}

static void offer_words(const char *word, const char *const *words, bool list)
{
	for (; *words; words++)
		offer(word, *words, list);
}

/* Of the host that runs; elsewhere of the profile that is named, or the default one. */
static void domains_of_profile(const char *word, const char *file)
{
	struct xp_err ignored;
	struct xp_profile *p;
	size_t i;

	xp_profile_open(&p, file, &ignored);
	for (i = 0; p && i < p->nr_domains; i++)
		if (p->domains[i].name[0])
			offer(word, p->domains[i].name, true);
	xp_profile_free(p);
}

static void events_of_profile(const char *word, const char *file)
{
	struct xp_err ignored;
	struct xp_profile *p;
	size_t i;

	xp_profile_open(&p, file, &ignored);
	for (i = 0; p && i < p->nr_events; i++)
		offer(word, p->events[i].name, true);
	xp_profile_free(p);
}

static void events_of_hosts(const char *word)
{
	const struct xp_pmu_generic *g;
	const struct xp_pmu_preset *s;

	offer(word, "timer", true);
	for (g = xp_pmu_generics; g->name; g++)
		offer(word, g->name, true);
	for (s = xp_pmu_presets; s->name; s++)
		offer(word, s->name, true);
}

/* ---- what a word is ------------------------------------------------------*/

struct line {
	int argc;
	char **argv;             /* argv[0]: the verb */
	const char *word, *before; /* the last one, and the option before it, or "" */
};

static bool is(const struct line *l, const char *short_name, const char *long_name)
{
	return !strcmp(l->before, short_name) || !strcmp(l->before, long_name);
}

static bool reads_profile(const char *verb)
{
	static const char *const verbs[] = { "report", "annotate", "diff", "archive", "html", "export", "dump" };
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(verb, verbs[i]))
			return true;
	return false;
}

/* The file that -i names, or the first argument that looks like one. */
static const char *profile_of(const struct line *l)
{
	int i;

	for (i = 1; i + 1 < l->argc; i++)
		if (!strcmp(l->argv[i], "-i") || !strcmp(l->argv[i], "--input"))
			return l->argv[i + 1];
	for (i = 1; i + 1 < l->argc; i++)
		if (l->argv[i][0] != '-' && strchr(l->argv[i], '.'))
			return l->argv[i];
	return CLI_DEFAULT_FILE;
}

static void complete_domains(const struct line *l)
{
	struct cli_domain_names names = { 0 };
	struct xp_err ignored;
	struct xp_xen xen;
	size_t i;

	if (reads_profile(l->argv[0])) {
		domains_of_profile(l->word, profile_of(l));
		return;
	}
	if (xp_xen_present(&ignored) || xp_xen_init(&xen, &ignored))
		return;
	cli_domain_names_refresh(&names, &xen);
	for (i = 0; i < names.nr; i++)
		if (names.of[i].name[0])
			offer(l->word, names.of[i].name, true);
	cli_domain_names_release(&names);
	xp_xen_release(&xen);
}

/* True: the value of an option that is known here was completed. */
static bool complete_value(const struct line *l)
{
	static const char *const colors[] = { "auto", "always", "never", NULL },
		*const sources[] = { "auto", "pmu", "ipi", "hpet", NULL },
		*const norms[] = { "time", "total", NULL }, *const works[] = { "packets", "acks", "bytes", NULL },
		*const modes[] = { "xen", "kernel", "user", "idle", NULL },
		*const columns[] = { "NAME", "STATE", "CPU", "MEM", "VCPUS", "NETTX", "NETRX", "STEAL", "XEN", "IPC", NULL },
		*const keys[] = { "domain", "vcpu", "pcpu", "mode", "process", "pid", "image", "symbol", "line", NULL };
	const struct xp_export_format *f;
	const struct xp_push_kind *k;

	if (is(l, "-D", "--domain") || is(l, "--domains", "--domains"))
		complete_domains(l);
	else if (is(l, "-e", "--event") && reads_profile(l->argv[0]))
		events_of_profile(l->word, profile_of(l));
	else if (is(l, "--sort-event", "--sort-event"))
		events_of_profile(l->word, profile_of(l));
	else if (is(l, "-e", "--event"))
		events_of_hosts(l->word);
	else if (is(l, "-s", "--sort") && !strcmp(l->argv[0], "top"))
		offer_words(l->word, columns, false);
	else if (is(l, "-s", "--sort"))
		offer_words(l->word, keys, true);
	else if (is(l, "--mode", "--mode"))
		offer_words(l->word, modes, true);
	else if (is(l, "--color", "--color"))
		offer_words(l->word, colors, false);
	else if (is(l, "--source", "--source"))
		offer_words(l->word, sources, false);
	else if (is(l, "--normalize", "--normalize"))
		offer_words(l->word, norms, false);
	else if (is(l, "--per", "--per"))
		offer_words(l->word, works, false);
	else if (is(l, "-f", "--format") && !strcmp(l->argv[0], "push"))
		for (k = xp_push_kinds; k->name; k++)
			offer(l->word, k->name, false);
	else if (is(l, "-f", "--format"))
		for (f = xp_export_formats; f->name; f++)
			offer(l->word, f->name, false);
	else
		return false;
	return true;
}

/* ---- options, from the help text -----------------------------------------*/

/* An option begins a line (behind blanks) or follows ", " there. */
static void offer_options(const char *word, const char *text)
{
	char option[64];

	while (text && *text) {
		const char *end = strchr(text, '\n'), *at = text + strspn(text, " ");

		while (*at == '-') {
			size_t len = strcspn(at, " ,[=\n");

			if (len < sizeof(option)) {
				snprintf(option, sizeof(option), "%.*s", (int)len, at);
				offer(word, option, false);
			}
			at += len;
			at += strspn(at, ",") ? strspn(at, ", ") : 0;
		}
		text = end ? end + 1 : NULL;
	}
}

static void complete_verbs(const char *word)
{
	const struct cli_command *c;

	for (c = cli_commands; c->name; c++)
		offer(word, c->name, false);
	offer(word, "help", false);
}

void cli_complete(int argc, char **argv)
{
	struct line l = { argc, argv, argc ? argv[argc - 1] : "", argc > 1 ? argv[argc - 2] : "" };

	if (argc <= 1 || (argc == 2 && !strcmp(argv[0], "help"))) {
		complete_verbs(l.word);
		return;
	}
	if (complete_value(&l))
		return;
	if (l.word[0] == '-') {
		offer_options(l.word, cli_help_options(argv[0]));
		offer(l.word, "--help", false);
	}
}
