// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/annotate/sources.h"

#include <sys/stat.h>

#include "lib/base/file.h"

#define MAX_BYTES (16u << 20)

void xp_sources_release(struct xp_sources *s)
{
	size_t i;

	for (i = 0; i < s->nr; i++) {
		free(s->v[i].path);
		xp_buf_release(&s->v[i].text);
	}
	s->nr = 0;
}

static void load(struct xp_source *f, const char *path)
{
	struct xp_err ignored;
	struct stat st;

	*f = (struct xp_source){ .path = strdup(path), .line = 1 };
	if (stat(path, &st) || !S_ISREG(st.st_mode) || xp_file_read(path, &f->text, MAX_BYTES, &ignored))
		xp_buf_release(&f->text);
}

static struct xp_source *file_of(struct xp_sources *s, const char *path)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->v[i].path && !strcmp(s->v[i].path, path))
			return &s->v[i];
	if (s->nr == XP_SOURCES_MAX)
		return NULL;
	load(&s->v[s->nr], path);
	return &s->v[s->nr++];
}

/* Where the line begins; questions come mostly in order. False: there are not so many. */
static bool seek_line(struct xp_source *f, uint32_t line)
{
	if (line < f->line) {
		f->line = 1;
		f->at = 0;
	}
	while (f->line < line) {
		const uint8_t *end = f->at < f->text.len ? memchr(f->text.data + f->at, '\n', f->text.len - f->at) : NULL;

		if (!end)
			return false;
		f->at = (size_t)(end - f->text.data) + 1;
		f->line++;
	}
	return f->at < f->text.len;
}

const char *xp_sources_line(struct xp_sources *s, const char *path, uint32_t line, size_t *len)
{
	struct xp_source *f = path && line ? file_of(s, path) : NULL;
	const char *text, *end;

	if (!f || !seek_line(f, line))
		return NULL;
	text = (const char *)f->text.data + f->at;
	end = memchr(text, '\n', f->text.len - f->at);
	*len = end ? (size_t)(end - text) : f->text.len - f->at;
	while (*len && (text[*len - 1] == ' ' || text[*len - 1] == '\t' || text[*len - 1] == '\r'))
		--*len;
	for (; *len && (*text == ' ' || *text == '\t'); text++)
		--*len;
	return text;
}
