/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors of libxprof.
 *
 * A function that can fail returns 0 or more on success and a negative enum
 * xp_error otherwise, and has written one text into the struct xp_err that it
 * was given: what happened, to which file at which offset or with which value,
 * and what to do.  The library never prints and never exits.
 */
#ifndef XP_BASE_ERROR_H
#define XP_BASE_ERROR_H

enum xp_error {
	XP_E_SYSTEM = -1,   /* a system call failed; the text has errno's */
	XP_E_NOMEM = -2,
	XP_E_FORMAT = -3,   /* a file is not what it should be */
	XP_E_TRUNCATED = -4,/* a file ends early; what was whole has been read */
	XP_E_VERSION = -5,  /* of a file or of an interface */
	XP_E_NOXEN = -6,    /* not a Xen control domain */
	XP_E_PERM = -7,
	XP_E_BUSY = -8,     /* another owner: the text names it */
	XP_E_ABSENT = -9,   /* something that is needed is not there: payload, module, file */
	XP_E_USAGE = -10,
	XP_E_INTR = -11,
};

struct xp_err {
	char text[1024];
};

/* Writes the text (printf style) and returns code, so that one can say return xp_fail(…). */
__attribute__((format(printf, 3, 4)))
int xp_fail(struct xp_err *err, enum xp_error code, const char *format, ...);

/* The same, followed by ": " and the text of errno. */
__attribute__((format(printf, 3, 4)))
int xp_fail_errno(struct xp_err *err, enum xp_error code, const char *format, ...);

#endif
