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

#define CLI_DEFAULT_HZ 997u

struct cli_event {
	char name[32];
	uint64_t period;    /* nanoseconds for the timer; 0: none was given */
	char modifiers[8];  /* letters, each once, in the order xkuGH */
};

/* NAME[:PERIOD][:MODIFIERS]: digits are a period, letters modifiers. */
int cli_parse_event(const char *text, struct cli_event *event, struct xp_err *err);

/* 10, 10s, 1.5s, 500ms, 5m, 1h: nanoseconds, more than 0. */
int cli_parse_duration(const char *text, uint64_t *ns, struct xp_err *err);

/* 65536, 64K, 4M: bytes. */
int cli_parse_size(const char *text, uint64_t *bytes, struct xp_err *err);

/* A number in min..max, and nothing else. what names it in the error. */
int cli_parse_number(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *n, struct xp_err *err);

struct cli_record_options {
	struct cli_event event; /* period is set: from it, -c, -F or the default */
	const char *file;
	bool file_given;
	uint64_t duration_ns;   /* 0: none was given */
	uint32_t source;        /* enum xprof_source, NONE is auto */
	uint32_t ring_bytes;
	bool force;
};

/*
 * Parses the options of 'start' and 'record'; optind is then at the first
 * argument that is none. 0 or XP_EXIT_USAGE; the error has been printed.
 */
int cli_record_options(int argc, char **argv, struct cli_record_options *o);

#endif
