/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/error.h"

#include <errno.h>
#include <stdarg.h>

/* Writes the text; the number of bytes that it has in err. */
__attribute__((format(printf, 2, 0)))
static size_t set_text(struct xp_err *err, const char *format, va_list args)
{
	int n = vsnprintf(err->text, sizeof(err->text), format, args);

	if (n < 0)
		n = 0;
	return (size_t)n < sizeof(err->text) ? (size_t)n : sizeof(err->text) - 1;
}

int xp_fail(struct xp_err *err, enum xp_error code, const char *format, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, format);
	set_text(err, format, args);
	va_end(args);
	return code;
}

int xp_fail_errno(struct xp_err *err, enum xp_error code, const char *format, ...)
{
	int saved = errno;
	va_list args;
	size_t n;

	if (!err)
		return code;
	va_start(args, format);
	n = set_text(err, format, args);
	va_end(args);
	snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(saved));
	errno = saved;
	return code;
}
