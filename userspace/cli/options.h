/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arguments that several verbs take, as values.
 *
 * Each parser returns 0, or XP_E_USAGE with a text that shows what was typed
 * and what would have been right.
 */
#ifndef XP_CLI_OPTIONS_H
#define XP_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/pmu/spec.h"

#define CLI_CHAINS_RING (4u << 20) /* with call chains: about a second of samples at 1 kHz */
#define CLI_DEFAULT_ROTATE_NS 60000000000ull
#define CLI_DEFAULT_KEEP_BYTES (1ull << 30)
#define CLI_DEFAULT_HZ 997u /* of the timer; counters have XP_PMU_DEFAULT_HZ */

/* Appends NAME[:PERIOD][:MODIFIERS][,NAME…]: digits are a period, letters modifiers. Names that no CPU has are refused. */
int cli_add_events(struct xp_event_specs *specs, const char *text, struct xp_err *err);

/* 10, 10s, 1.5s, 500ms, 5m, 1h, 7d: nanoseconds, more than 0. */
int cli_parse_duration(const char *text, uint64_t *ns, struct xp_err *err);

/* 65536, 64K, 4M, 1G: bytes. */
int cli_parse_size(const char *text, uint64_t *bytes, struct xp_err *err);

/* A number in min..max, and nothing else. what names it in the error. */
int cli_parse_number(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *n, struct xp_err *err);

struct cli_record_options {
	struct xp_event_specs events; /* none: the host decides between cycles and the timer */
	uint64_t hz, period;    /* -F, -c: for events without a period of their own; at most one is not 0 */
	char domains[1024];     /* names and ids with commas; "": all */
	const char *counters;   /* events of a host with counters, if nobody says, a sample a millisecond of its clock; NULL: cycles */
	const char *file;
	bool file_given;
	uint64_t duration_ns;   /* 0: none was given */
	uint64_t series_ns;     /* from one reading of the host's counters to the next; 0: none */
	uint32_t source;        /* enum xprof_source, NONE is auto */
	uint32_t ring_bytes;
	uint32_t stack_bytes;   /* -g: of a guest's stack with each sample; 0: no call chains */
	bool continuous;        /* file is a directory of profiles that follow each other */
	uint64_t rotate_ns, keep_age_ns; /* how long each is; how old one gets, 0: any */
	uint64_t keep_bytes;    /* of all of them */
	bool no_guest_memory;   /* guests' kernels stay without names */
	bool force;
};

/*
 * Parses the options of 'start' and 'record'; optind is then at the first
 * argument that is none. 0 or XP_EXIT_USAGE; the error has been printed.
 */
int cli_record_options(int argc, char **argv, struct cli_record_options *o);

/* What 'top' shares with them: the options of sampling … */
#define CLI_SAMPLING_LETTERS "e:F:c:D:"
enum {
	CLI_OPT_CALL_GRAPH = 256, CLI_OPT_STACK_SIZE, CLI_OPT_SOURCE, CLI_OPT_RING, CLI_OPT_SERIES, CLI_OPT_NO_GUEST_MEMORY, CLI_OPT_FORCE,
	CLI_OPT_CONTINUOUS, CLI_OPT_ROTATE, CLI_OPT_KEEP_SIZE, CLI_OPT_KEEP_AGE,
	CLI_OPT_OWN, /* from here on a verb's own */
};
#define CLI_SAMPLING_OPTIONS \
	{ "event", required_argument, NULL, 'e' }, { "freq", required_argument, NULL, 'F' }, { "count", required_argument, NULL, 'c' }, \
	{ "domain", required_argument, NULL, 'D' }, { "domains", required_argument, NULL, 'D' }, \
	{ "source", required_argument, NULL, CLI_OPT_SOURCE }, { "ring", required_argument, NULL, CLI_OPT_RING }, \
	{ "no-guest-memory", no_argument, NULL, CLI_OPT_NO_GUEST_MEMORY }, { "force", no_argument, NULL, CLI_OPT_FORCE }

/* … one that getopt has found, and what they are together. 0 or XP_E_USAGE. */
int cli_sampling_option(struct cli_record_options *o, int c, char **argv, struct xp_err *err);
int cli_sampling_check(struct cli_record_options *o, struct xp_err *err);

/* Is the event the timer, and was it asked for? */
bool cli_wants_timer(const struct cli_record_options *o);

/* The timer's period in nanoseconds: its own, -c, -F or the default. XP_E_USAGE: it cannot be had. */
int cli_timer_period(const struct cli_record_options *o, uint64_t *ns, struct xp_err *err);

#endif
