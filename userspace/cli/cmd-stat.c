// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xprof stat: exact counts of every domain, while a command runs, for a while,
 * or until Ctrl-C; once, over time, or as the mean of several runs.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "cli/stat-run.h"

/* ---- the head ------------------------------------------------------------*/

static const char *name_of(void *arg, uint16_t domid, const uint8_t handle[16])
{
	const struct cli_stat_run *r = arg;

	return cli_domain_names_get(&r->counting.names, domid, handle);
}

static void set_what(struct cli_stat_run *r)
{
	size_t at = 0;

	if (!r->options.command) {
		snprintf(r->what, sizeof(r->what), "the host");
		return;
	}
	for (char **word = r->options.command; *word && at < sizeof(r->what); word++)
		at += (size_t)snprintf(r->what + at, sizeof(r->what) - at, "%s%s", at ? " " : "'", *word);
	if (at < sizeof(r->what))
		snprintf(r->what + at, sizeof(r->what) - at, "'");
}

static void set_head(struct cli_stat_run *r)
{
	struct xp_stat_head *h = &r->head;

	set_what(r);
	*h = (struct xp_stat_head){
		.nr = r->counting.plan.nr, .tsc_khz = r->counting.device.info.tsc_khz, .by = r->options.by,
		.estimated = cli_counting_estimated(&r->counting), .intervals = r->options.interval_ns > 0, .what = r->what, .version = r->counting.xen.version,
		.separator = r->options.separator, .columns = r->options.file ? 0 : cli_columns(), .name = name_of, .arg = r,
	};
	for (size_t i = 0; i < h->nr; i++)
		h->events[i] = r->counting.plan.events[i].name;
}

/* ---- all of it -----------------------------------------------------------*/

static int count(struct cli_stat_run *r)
{
	struct xp_err err;
	int status = cli_counting_begin(&r->counting), ret;

	if (status)
		return status;
	set_head(r);
	r->printer->begin(r->out, &r->head);
	ret = cli_stat_run_all(r, &err);
	if (!r->options.interval_ns && r->runs.n)
		cli_stat_run_print(r, &r->runs);
	r->printer->end(r->out, &r->head);
	cli_counting_end(&r->counting);
	if (ret < 0)
		return cli_fail(ret, &err);
	return r->ended_by && r->ended_by != SIGINT ? XP_EXIT_SIGNAL + r->ended_by : XP_EXIT_OK;
}

static int open_out(struct cli_stat_run *r)
{
	static const struct xp_stat_printer *const printers[] = {
		[CLI_STAT_TEXT] = &xp_stat_text, [CLI_STAT_CSV] = &xp_stat_csv, [CLI_STAT_JSON] = &xp_stat_json,
	};
	char text[256];

	r->printer = printers[r->options.form];
	r->out = r->options.file ? fopen(r->options.file, "we") : stdout;
	if (r->out)
		return XP_EXIT_OK;
	cli_say("%s: %s", cli_escape(r->options.file, text, sizeof(text)), strerror(errno));
	return XP_EXIT_ERROR;
}

/* stdout is looked at by main(). */
static int close_out(struct cli_stat_run *r, int status)
{
	bool bad = r->out != stdout && ferror(r->out);

	if (r->out != stdout && (fclose(r->out) || bad)) {
		cli_say("cannot write the output");
		return status ? status : XP_EXIT_ERROR;
	}
	return status;
}

static int stat_all(struct cli_stat_run *r)
{
	struct xp_err err;
	int ret = cli_stat_run_make(r, &err), status;

	if (ret < 0)
		return cli_fail(ret, &err);
	status = count(r);
	if (!r->began)
		cli_stat_run_reap(r); /* it was never let go */
	return status ? status : r->of_command;
}

int cmd_stat(int argc, char **argv)
{
	static struct cli_stat_run r;
	int status = cli_stat_options(argc, argv, &r.options);

	if (status)
		return status;
	status = open_out(&r);
	if (status)
		return status;
	if (cli_stat_run_init(&r)) {
		cli_say("cannot make timers: %s", strerror(errno));
		return XP_EXIT_ERROR;
	}
	if (!r.options.command && !r.options.interval_ns && isatty(STDERR_FILENO))
		cli_say("counting for %.3g s (-d for another time); Ctrl-C ends it", (double)r.options.duration_ns / 1e9);
	status = stat_all(&r);
	cli_stat_run_release(&r);
	return close_out(&r, status);
}
