// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/base/text.h"

__attribute__((format(printf, 1, 0)))
static void say(const char *format, va_list ap)
{
	fputs("xprof: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

void cli_say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
}

int cli_usage(const char *verb, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(format, ap);
	va_end(ap);
	fprintf(stderr, "       try 'xprof %s --help'\n", verb);
	return XP_EXIT_USAGE;
}

static int exit_status(int code)
{
	switch (code) {
	case XP_E_NOXEN:
	case XP_E_PERM:
	case XP_E_BUSY:
	case XP_E_ABSENT:
	case XP_E_VERSION:
		return XP_EXIT_ENV;
	case XP_E_USAGE:
		return XP_EXIT_USAGE;
	case XP_E_TRUNCATED:
		return XP_EXIT_PARTIAL;
	default:
		return code < 0 ? XP_EXIT_ERROR : XP_EXIT_OK;
	}
}

int cli_fail(int code, const struct xp_err *err)
{
	fputs("xprof: ", stderr);
	xp_text_print(stderr, err->text);
	fputc('\n', stderr);
	return exit_status(code);
}

const char *cli_escape(const char *s, char *text, size_t size)
{
	struct xp_buf b = XP_BUF_INIT;
	size_t n;

	xp_text_escape(&b, s, strlen(s));
	n = b.len < size ? b.len : size - 1;
	if (n)
		memcpy(text, b.data, n);
	text[n] = '\0';
	xp_buf_release(&b);
	return text;
}

const char *cli_join(char **argv, char *text, size_t size)
{
	size_t at = (size_t)snprintf(text, size, "xprof");

	for (; *argv && at < size; argv++)
		at += (size_t)snprintf(text + at, size - at, " %s", *argv);
	return text;
}
