// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof check: what this host can do; each no with its reason and its remedy.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/cli.h"
#include "lib/base/json.h"
#include "lib/base/text.h"

static const char *const words[] = { [CHECK_OK] = "ok", [CHECK_NOTE] = "note", [CHECK_NO] = "no" };

/* ---- text ----------------------------------------------------------------*/

static void print_item(const struct check_item *i)
{
	printf(" %-5s ", words[i->state]);
	xp_text_print(stdout, i->text);
	putchar('\n');
	if (i->remedy[0]) {
		fputs("       fix: ", stdout);
		xp_text_print(stdout, i->remedy);
		putchar('\n');
	}
}

static void print_items(const struct check *c)
{
	for (size_t i = 0; i < c->nr; i++)
		print_item(&c->items[i]);
}

static void print_text(const struct check *c)
{
	printf("xprof " XPROF_VERSION " on ");
	xp_text_print(stdout, c->host);
	printf(": Linux %s, %s\n", c->kernel, c->cpu[0] ? c->cpu : "unknown CPU");
	print_items(c);
	if (check_can_record(c))
		puts("this host can be profiled: 'xprof record'");
	else
		puts("this host cannot be profiled as it is");
}

static void print_fact(const char *name, const char *value)
{
	printf("%-13s ", name);
	xp_text_print(stdout, value[0] ? value : "(unknown)");
	putchar('\n');
}

static void print_report(const struct check *c)
{
	puts("```");
	print_fact("xprof", XPROF_VERSION);
	print_fact("kernel", c->kernel);
	print_fact("cpu", c->cpu);
	if (c->has_xen) {
		print_fact("xen", c->xen.version);
		print_fact("changeset", c->xen.changeset);
		print_fact("build id", c->xen.build_id);
		print_fact("command line", c->xen.command_line);
		print_fact("scheduler", c->xen.scheduler);
		printf("%-13s %u\n", "cpus", c->xen.nr_cpus);
	}
	if (c->has_info)
		printf("%-13s abi %u, state %u, text %u bytes, zombies %u, tsc %u kHz\n", "profiler", c->info.abi, c->info.state,
		       c->info.text_size, c->info.zombies, c->info.tsc_khz);
	print_fact("libdir", cli_libdir());
	print_items(c);
	puts("```");
}

/* ---- JSON ----------------------------------------------------------------*/

static void json_host(struct xp_json *j, const struct check *c)
{
	xp_json_object(j, "host");
	xp_json_string(j, "name", c->host);
	xp_json_string(j, "kernel", c->kernel);
	xp_json_string(j, "cpu", c->cpu);
	xp_json_string(j, "xen", c->has_xen ? c->xen.version : NULL);
	xp_json_string(j, "changeset", c->has_xen ? c->xen.changeset : NULL);
	xp_json_string(j, "build_id", c->has_xen ? c->xen.build_id : NULL);
	xp_json_string(j, "command_line", c->has_xen ? c->xen.command_line : NULL);
	xp_json_string(j, "scheduler", c->has_xen ? c->xen.scheduler : NULL);
	xp_json_u64(j, "cpus", c->xen.nr_cpus);
	xp_json_end_object(j);
}

static void json_items(struct xp_json *j, const struct check *c)
{
	xp_json_array(j, "checks");
	for (size_t i = 0; i < c->nr; i++) {
		xp_json_flat_object(j, NULL);
		xp_json_string(j, "name", c->items[i].name);
		xp_json_string(j, "state", words[c->items[i].state]);
		xp_json_string(j, "text", c->items[i].text);
		xp_json_string(j, "remedy", c->items[i].remedy[0] ? c->items[i].remedy : NULL);
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static void json_patches(struct xp_json *j, const struct check *c)
{
	xp_json_array(j, "live_patches");
	for (int i = 0; i < c->nr_patches; i++) {
		xp_json_flat_object(j, NULL);
		xp_json_string(j, "name", c->patches[i].name);
		xp_json_bool(j, "applied", c->patches[i].applied);
		xp_json_bool(j, "ours", c->patches[i].ours);
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static void print_json(const struct check *c)
{
	struct xp_json j;

	xp_json_init(&j, stdout);
	xp_json_object(&j, NULL);
	xp_json_u64(&j, "schema_version", 1);
	xp_json_string(&j, "xprof", XPROF_VERSION);
	xp_json_bool(&j, "can_record", check_can_record(c));
	json_host(&j, c);
	json_items(&j, c);
	json_patches(&j, c);
	xp_json_end_object(&j);
}

typedef void (*print_fn)(const struct check *c);

/* NULL: a wrong option. */
static print_fn parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "report", no_argument, NULL, 'r' }, { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 },
	};
	print_fn print = print_text;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?')
			return NULL;
		print = c == 'r' ? print_report : print_json;
	}
	return optind == argc ? print : NULL;
}

int cmd_check(int argc, char **argv)
{
	static struct check c;
	print_fn print = parse(argc, argv);
	int status;

	if (!print)
		return cli_usage(argv[0], "'check' takes --report or --json, and nothing else");
	check_run(&c);
	print(&c);
	status = check_can_record(&c) ? XP_EXIT_OK : XP_EXIT_ENV;
	check_release(&c);
	return status;
}
