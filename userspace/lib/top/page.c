// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"

void xp_page_init(struct xp_page *l)
{
	*l = (struct xp_page){ .text = XP_BUF_INIT, .lines = XP_BUF_INIT, .open = XP_BUF_INIT };
}

void xp_page_release(struct xp_page *l)
{
	xp_buf_release(&l->text);
	xp_buf_release(&l->lines);
	xp_buf_release(&l->open);
}

void xp_page_begin(struct xp_page *l, unsigned int columns)
{
	l->columns = columns;
	xp_buf_reset(&l->text);
	xp_buf_reset(&l->lines);
	xp_buf_reset(&l->open);
}

void xp_page_put(struct xp_page *l, const char *format, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (n > 0)
		xp_buf_add(&l->open, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static void pad(struct xp_page *l, size_t columns)
{
	while (columns--)
		xp_buf_u8(&l->open, ' ');
}

void xp_page_name(struct xp_page *l, const char *text, unsigned int width)
{
	struct xp_buf safe = XP_BUF_INIT;
	size_t columns, n;

	xp_text_escape(&safe, text, strlen(text));
	columns = safe.len ? xp_text_columns((const char *)safe.data, safe.len) : 0;
	n = width && columns > width ? xp_text_fit((const char *)safe.data, safe.len, width - 1) : safe.len;
	if (n)
		xp_buf_add(&l->open, safe.data, n);
	if (n < safe.len)
		xp_buf_u8(&l->open, '~'); /* there is more */
	if (width > columns)
		pad(l, width - columns);
	xp_buf_release(&safe);
}

void xp_page_end(struct xp_page *l, enum xp_page_look look)
{
	struct xp_page_line line = { l->text.len, l->open.len, look };
	const char *open = (const char *)l->open.data;

	if (l->columns && line.len)
		line.len = xp_text_fit(open, line.len, l->columns);
	while (line.len && open[line.len - 1] == ' ')
		line.len--;
	if (line.len)
		xp_buf_add(&l->text, open, line.len);
	xp_buf_add(&l->lines, &line, sizeof(line));
	xp_buf_reset(&l->open);
}

size_t xp_page_nr(const struct xp_page *l)
{
	return l->lines.len / sizeof(struct xp_page_line);
}

const char *xp_page_get(const struct xp_page *l, size_t i, size_t *len, enum xp_page_look *look)
{
	struct xp_page_line line;

	memcpy(&line, l->lines.data + i * sizeof(line), sizeof(line));
	*len = line.len;
	*look = line.look;
	return line.len ? (const char *)l->text.data + line.at : "";
}

bool xp_page_ok(const struct xp_page *l)
{
	return xp_buf_ok(&l->text) && xp_buf_ok(&l->lines) && xp_buf_ok(&l->open);
}
