// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/base/nearest.h"

static void print_line(FILE *out, const struct cli_command *c)
{
	fprintf(out, "  %-9s %s\n", c->name, c->help);
}

void cli_help_all(void)
{
	puts("xprof: a profiler for the whole Xen host: hypervisor, Domain-0 and guests\n\n"
	     "usage: xprof VERB [arguments]\n");
	for (const struct cli_command *c = cli_commands; c->name; c++)
		print_line(stdout, c);
	puts("\n'xprof VERB --help' tells more, xprof-VERB(1) has examples; 'xprof' alone says\n"
	     "what to do next. Exit status: 0 well, 1 error, 2 arguments, 3 host, 4 not all.");
}

/* Each with its usage and the line about the manual fits a terminal of 80 columns and 24 lines: test_cli_newcomer.sh. */
static const char record_options[] =
	"  -o FILE       write to FILE (default " CLI_DEFAULT_FILE "); the one before is FILE.old\n"
	"  -d DURATION   end after that long: 30, 30s, 500ms, 5m, 1h\n"
	"  -e EVENTS     NAME[:PERIOD][:MODIFIERS],...: names of 'xprof list', rUUEE, or\n"
	"                timer (default: cycles; without counters timer). Modifiers keep\n"
	"                only x Xen, k kernels, u processes, G guests, H Domain-0\n"
	"  -F HZ         samples a second, CPU and event (default 1000; of the timer 997)\n"
	"  -c PERIOD     instead of -F: events between two samples (of the timer ns)\n"
	"  -D DOMAINS    only these: names or ids, separated by commas\n"
	"  -g            call chains, too, from a copy of the stack with each sample\n"
	"  --stack-size BYTES   how much of a domain's stack (default 4K, up to 32K)\n"
	"  --source S    where the NMIs come from: auto, pmu, ipi (to 1 kHz), hpet\n"
	"  --ring SIZE   memory per CPU between Xen and here (default 512K, with -g 4M)\n"
	"  --no-guest-memory    take no names from guests' memory\n"
	"  --series TIME read domains' times and packets so often (default 1s; off)\n"
	"  --continuous  a profile after the other, until Ctrl-C, into the folder -o DIR\n"
	"  --rotate, --keep-size, --keep-age   with it: how long each is (60s), and how\n"
	"                much (1G) and how old (any age) they may become all in all\n"
	"  --force       sample even if Xen runs with nmi=fatal\n";

static const struct {
	const char *verb, *options;
} texts[] = {
	{ "record", record_options },
	{ "start", record_options },
	{ "check", "  --report      one block for a bug report\n"
		   "  --json        the same for programs\n" },
	{ "list", "  --json        for programs\n" },
	{ "status", "  --json        for programs\n" },
	{ "stat", "  -e EVENTS     names with commas (default: cycles, instructions, misses)\n"
		  "  -d DURATION   end after that long: 30, 30s, 500ms, 5m, 1h (default 10 s)\n"
		  "  -I MS         print every MS milliseconds\n"
		  "  -r N          run COMMAND N times: mean and deviation\n"
		  "  -D DOMAINS    only these: names or ids, separated by commas\n"
		  "  --per-vcpu    a row for each vCPU; --per-cpu: for each CPU it ran on\n"
		  "  -x SEP, --csv fields, as perf stat -x\n"
		  "  -j, --json    one object a line\n"
		  "  -o FILE       write to FILE instead of stdout\n"
		  "  --force       count even if Xen runs with nmi=fatal\n" },
	{ "top", "  -d SECONDS    from one screen to the next (default 3)\n"
		 "  -b            no screen: text on stdout, until Ctrl-C or -n\n"
		 "  -n N          end after N screens (-i N, as xentop has it)\n"
		 "  -s COLUMN     most of this first: CPU (default), MEM, STEAL, XEN, IPC, ...\n"
		 "  -E N          with -b: so many functions (default 20)\n"
		 "  --window TIME add samples up over the last so many seconds (default 12)\n"
		 "  -e EVENTS     default cycles,instructions; the timer without counters\n"
		 "  -F HZ, -c PERIOD, -D DOMAINS, --source, --ring, --no-guest-memory, --force\n"
		 "                as 'xprof record' has them\n"
		 "\n"
		 "Keys: Up, Down choose a domain; Enter shows it alone; x, k, u only Xen, kernels,\n"
		 "processes; / filters; S sorts by another column; d changes the delay;\n"
		 "f freezes; h tells all of them; q quits.\n" },
	{ "report", "  -i FILE       the profile (default " CLI_DEFAULT_FILE ")\n"
		    "  -s KEYS       group by domain,vcpu,cpu,mode,process,pid,image,symbol,line\n"
		    "  --lines       by source line, too, where debug data are here\n"
		    "  --symdir DIR  look for debug data there, too; may be repeated\n"
		    "  -g [WORDS]    callers, callees: caller,callee,graph,fractal,none,PERCENT\n"
		    "  --no-children with -g: flat, each function with its callers\n"
		    "  --sort-event EVENT   most of this event first (default: the first)\n"
		    "  -D DOMAINS    only these: names or ids, separated by commas\n"
		    "  -C CPUS       only these physical CPUs: 0-3,7\n"
		    "  --time RANGE  only that part: 10%-20%, or seconds 1.5-3\n"
		    "  --mode MODES  only xen, kernel, user, idle\n"
		    "  --percent-limit N    hide rows below N% (default 0.5)\n"
		    "  --json        for programs: counts, no shares\n"
		    "  --anonymize[=SALT]   tokens for names, paths and UUIDs; of one salt the same\n"
		    "  --color WHEN  auto, always, never\n"
		    "  --no-pager    do not page\n" },
	{ "annotate", "  -i FILE       the profile (default " CLI_DEFAULT_FILE ")\n"
		      "  -D DOMAINS    samples of these only: names or ids, separated by commas\n"
		      "  --image IMAGE the symbol of this image: path, its last part, or build-id\n"
		      "  --symdir DIR  look for binaries and debug data there, too; may be repeated\n"
		      "  --no-source   no text of source files\n"
		      "  --json        for programs\n"
		      "  --no-pager    do not page\n" },
	{ "diff", "  OLD NEW       default " CLI_DEFAULT_FILE ".old and " CLI_DEFAULT_FILE "; one: FILE.old and FILE\n"
		  "  --base A,B,C --new D,E,F   several runs a side: tells what runs vary by\n"
		  "  --normalize BY       time (default) or total: shares of what is not idle\n"
		  "  --per WHAT    by work done: packets, acks, bytes, or numbers OLD[:NEW]\n"
		  "  -e EVENT      only this event (default: all that both sides have)\n"
		  "  -s KEYS       rows by: domain, mode, process, image, symbol\n"
		  "  -D, -C, --time, --mode     only these, as 'xprof report' has them\n"
		  "  --confidence N       percent (default 95)\n"
		  "  --percent-limit N    hide rows below N% that have not changed (default 0.5)\n"
		  "  --fail-above N%      exit status 5 if anything has grown by more than that\n"
		  "  --json        for programs\n"
		  "  --anonymize[=SALT]   tokens for names, paths and UUIDs\n"
		  "  --color WHEN, --no-pager   as 'xprof report'\n" },
	{ "archive", "  -i FILE       the profile (default " CLI_DEFAULT_FILE ")\n"
		     "  -o FILE       where to (default: the profile's name and .tar.gz)\n"
		     "  --symdir DIR  look for binaries and debug data there, too; may be repeated\n" },
	{ "export", "  -f FORMAT     pprof, folded, speedscope, firefox, callgrind, chrome,\n"
		    "                perf-script, csv, json\n"
		    "  -i FILE       the profile (default " CLI_DEFAULT_FILE ")\n"
		    "  -o FILE       where to (default: stdout)\n"
		    "  -e EVENT      of formats that hold one event (default: the first)\n"
		    "  -D, -C, --time, --mode   only these samples, as 'xprof report' has them\n"
		    "  --anonymize[=SALT]   tokens for names, paths and UUIDs; of one salt the same\n" },
	{ "html", "  -i FILE       the profile (default " CLI_DEFAULT_FILE ")\n"
		  "  -o FILE       where to (default: the profile's name with .html; -: stdout)\n"
		  "  --base FILE, --diff FILE   compare with this: what grew is orange\n"
		  "  -D, -C, --time, --mode   only these samples, as 'xprof report' has them\n"
		  "  --annotate N  instructions of the N hottest functions, if here (default 10)\n"
		  "  --symdir DIR  look for binaries and debug data there, too; may be repeated\n"
		  "  --anonymize[=SALT]   tokens for names, paths and UUIDs; nothing is annotated\n" },
	{ "push", "  --to URL      http://HOST:4040 or https://HOST/PATH\n"
		  "  -f FORMAT     pyroscope, parca, otlp\n"
		  "  --follow DIR  each profile of 'xprof record --continuous -o DIR', until Ctrl-C\n"
		  "  --spool DIR   where what waits lies (with --follow: DIR/spool); without files:\n"
		  "                sends what is there\n"
		  "  --spool-size SIZE    the oldest are dropped when it is more (default 512M)\n"
		  "  --label NAME=VALUE   of every series; may be repeated\n"
		  "  --header-file FILE   lines 'Name: value' to be sent with each request\n"
		  "  --token-file FILE    its first line is sent as a bearer token\n"
		  "  --ca-file, --cert-file, --key-file FILE   certificates and key, PEM\n"
		  "  --timeout TIME       of one request (default 30s)\n"
		  "  --retry-for TIME     how long files are tried (default 60s)\n" },
	{ "exporter", "  DIR           where 'xprof record --continuous -o DIR' writes\n"
		      "  --listen ADDRESS:PORT   default 127.0.0.1:9797; :9797 is all addresses\n"
		      "  --once        print the metrics of the newest profile, and of what is being\n"
		      "                written, and end\n" },
	{ "dump", "  -i FILE       the profile (default " CLI_DEFAULT_FILE ")\n"
		  "  --by-time     samples of all CPUs in the order of their times\n"
		  "  --anonymize[=SALT]   tokens for names, paths and UUIDs; of one salt the same\n" },
};

const char *cli_help_options(const char *verb)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (!strcmp(texts[i].verb, verb))
			return texts[i].options;
	return NULL;
}

static void print_verb(const struct cli_command *c)
{
	printf("usage: xprof %s%s%s\n\n  %s\n", c->name, c->arguments[0] ? " " : "", c->arguments, c->help);
	if (cli_help_options(c->name))
		printf("\n%s", cli_help_options(c->name));
	if (strcmp(c->name, "version"))
		printf("\nThe manual page, with examples, is xprof-%s(1).\n", c->name);
}

int cli_help_verb(const char *verb)
{
	for (const struct cli_command *c = cli_commands; c->name; c++) {
		if (strcmp(c->name, verb))
			continue;
		print_verb(c);
		return XP_EXIT_OK;
	}
	return XP_EXIT_USAGE;
}

/* ---- the nearest verb ----------------------------------------------------*/

const char *cli_nearest_verb(const char *typed)
{
	struct xp_nearest n;

	xp_nearest_init(&n, typed);
	for (const struct cli_command *c = cli_commands; c->name; c++)
		xp_nearest_offer(&n, c->name);
	return n.best;
}
