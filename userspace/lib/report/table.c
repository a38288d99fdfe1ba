/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/report/table.h"

#include "lib/base/text.h"

#define MIN_SHRUNK 6u
#define MIN_LAST 16u

void xp_table_init(struct xp_table *t)
{
	memset(t, 0, sizeof(*t));
	t->nr_heads = 1;
}

void xp_table_release(struct xp_table *t)
{
	xp_buf_release(&t->text);
}

/* The cell that begins at `at` in the text is whole: ends it. */
static void end_cell(struct xp_table *t, size_t at)
{
	struct xp_table_column *c = &t->columns[t->nr_cells++ % t->nr_columns];
	size_t width;

	if (!xp_buf_ok(&t->text))
		return;
	width = xp_text_columns((const char *)t->text.data + at, t->text.len - at);
	c->width = width > c->width ? width : c->width;
	xp_buf_u8(&t->text, 0);
}

void xp_table_cell(struct xp_table *t, const char *text)
{
	size_t at = t->text.len;

	xp_buf_add(&t->text, text, strlen(text));
	end_cell(t, at);
}

void xp_table_name(struct xp_table *t, const char *text)
{
	size_t at = t->text.len;

	xp_text_escape(&t->text, text, strlen(text));
	end_cell(t, at);
}

/* The last column says most: it counts as half as wide when something has to give. */
static size_t weight(const struct xp_table *t, const size_t *widths, size_t i)
{
	return i + 1 == t->nr_columns ? widths[i] / 2 : widths[i];
}

/* Heads are the first row of cells: each widens the column it makes. */
void xp_table_column(struct xp_table *t, const char *head, bool right, bool may_shrink)
{
	struct xp_table_column *c = &t->columns[t->nr_columns];

	c->width = xp_text_columns(head, strlen(head));
	c->right = right;
	c->may_shrink = may_shrink;
	xp_buf_add(&t->text, head, strlen(head) + 1);
	t->nr_columns++;
	t->nr_cells++;
}

/* The widest column that may still shrink, or nr_columns. */
static size_t widest_to_shrink(const struct xp_table *t, const size_t *widths)
{
	size_t widest = t->nr_columns, i;

	for (i = 0; i < t->nr_columns; i++) {
		size_t min = i + 1 == t->nr_columns ? MIN_LAST : MIN_SHRUNK;

		if (t->columns[i].may_shrink && widths[i] > min &&
		    (widest == t->nr_columns || weight(t, widths, i) > weight(t, widths, widest)))
			widest = i;
	}
	return widest;
}

/* The column before the last that is still there and may go: its width becomes 0, which hides it. */
static size_t hide_one(const struct xp_table *t, size_t *widths)
{
	size_t i = t->nr_columns - 1, width;

	while (i--) {
		if (!t->columns[i].may_shrink || !widths[i])
			continue;
		width = widths[i];
		widths[i] = 0;
		return width + 2;
	}
	return 0;
}

static void shrink(const struct xp_table *t, size_t *widths, unsigned int columns)
{
	size_t total = 0, i;

	for (i = 0; i < t->nr_columns; i++)
		total += widths[i] + 2;
	while (total > columns) {
		size_t widest = widest_to_shrink(t, widths), gone = 1;

		if (widest < t->nr_columns)
			widths[widest]--;
		else
			gone = hide_one(t, widths);
		if (!gone)
			return;
		total -= gone;
	}
}

static void spaces(struct xp_buf *b, size_t n)
{
	while (n--)
		xp_buf_u8(b, ' ');
}

static void put_cell(struct xp_buf *line, const char *text, size_t width, bool right, bool last)
{
	size_t len = strlen(text), columns = xp_text_columns(text, len);
	bool cut = columns > width;

	if (cut) {
		len = xp_text_fit(text, len, width - 1);
		columns = width;
	}
	if (right)
		spaces(line, width - columns);
	xp_buf_add(line, text, len);
	if (cut)
		xp_buf_add(line, "…", strlen("…"));
	if (!right && !last)
		spaces(line, width - columns);
}

void xp_table_line(FILE *out, const char *text, size_t len, unsigned int columns, bool bold)
{
	while (len && text[len - 1] == ' ')
		len--;
	if (columns && xp_text_columns(text, len) > columns) {
		len = xp_text_fit(text, len, columns - 1);
		fprintf(out, "%s%.*s…%s\n", bold ? "\033[1m" : "", (int)len, text, bold ? "\033[0m" : "");
		return;
	}
	fprintf(out, "%s%.*s%s\n", bold ? "\033[1m" : "", (int)len, text, bold ? "\033[0m" : "");
}

bool xp_table_print(FILE *out, const struct xp_table *t, unsigned int columns, double bold_above)
{
	return xp_table_print_with(out, t, columns, bold_above, NULL, NULL);
}

bool xp_table_print_with(FILE *out, const struct xp_table *t, unsigned int columns, double bold_above, xp_table_after_fn after,
			 void *arg)
{
	const char *cell = (const char *)t->text.data;
	size_t widths[XP_TABLE_COLUMNS], i, at, heads = t->nr_heads, row = 0;
	struct xp_buf line = XP_BUF_INIT;
	bool ok = xp_buf_ok(&t->text);

	for (i = 0; i < t->nr_columns; i++)
		widths[i] = t->columns[i].width;
	if (columns)
		shrink(t, widths, columns);
	for (at = 0; at < t->nr_cells && ok; at += t->nr_columns) {
		bool is_head = heads > 0, bold = !heads && bold_above > 0 && strtod(cell, NULL) >= bold_above;

		xp_buf_reset(&line);
		xp_buf_add(&line, heads ? "# " : "  ", 2);
		heads -= heads != 0;
		for (i = 0; i < t->nr_columns; i++, cell += strlen(cell) + 1) {
			if (!widths[i])
				continue;
			if (i)
				spaces(&line, 2);
			put_cell(&line, cell, widths[i], t->columns[i].right, i + 1 == t->nr_columns);
		}
		ok = xp_buf_ok(&line);
		if (ok)
			xp_table_line(out, (const char *)line.data, line.len, columns, bold);
		if (ok && after && !is_head)
			ok = after(out, row++, arg);
	}
	xp_buf_release(&line);
	return ok;
}
