/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What xprof's exit status says. Documented in xprof(1): change both.
 *
 * 128 + n: signal n ended it. 'record -- CMD' returns CMD's status when the
 * recording itself went well.
 */
#ifndef XP_CLI_EXIT_H
#define XP_CLI_EXIT_H

enum xp_exit {
	XP_EXIT_OK = 0,
	XP_EXIT_ERROR = 1,
	XP_EXIT_USAGE = 2,   /* wrong arguments */
	XP_EXIT_ENV = 3,     /* this host cannot do it as it is: no Xen, no right, busy, something is missing */
	XP_EXIT_PARTIAL = 4, /* there are data, but not all */
	XP_EXIT_ABOVE = 5,   /* diff --fail-above: something has grown by more */
	XP_EXIT_CANNOT_RUN = 126, /* record: CMD is there, but cannot be run */
	XP_EXIT_NOT_FOUND = 127,  /* record: there is no CMD */
	XP_EXIT_SIGNAL = 128,
};

#endif
