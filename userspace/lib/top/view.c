// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/top/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void xp_top_view_init(struct xp_top_view *v, uint64_t delay_ns)
{
	*v = (struct xp_top_view){ .delay_ns = delay_ns };
}

bool xp_top_parse_delay(const char *text, uint64_t *ns)
{
	char *end;
	double s;

	if (*text < '0' || *text > '9')
		return false;
	s = strtod(text, &end);
	if (*end || !(s >= 0.1 && s <= 3600))
		return false;
	*ns = (uint64_t)(s * 1e9);
	return true;
}

/* ---- which domain ---- */

/* Behind the last domain and before the first there is "all of them". */
static void move(struct xp_top_view *v, const struct xp_top_choices *c, int by)
{
	size_t at = 0; /* all of them; else 1 + its place */

	for (size_t i = 0; v->chosen && i < c->nr; i++)
		if (c->domids[i] == v->domid)
			at = i + 1;
	if (v->zoomed && !at)
		return;
	at = (at + c->nr + 1 + (size_t)(by + 1) - 1) % (c->nr + 1);
	if (v->zoomed && !at)
		at = by > 0 ? 1 : c->nr;
	v->chosen = at > 0;
	if (at)
		v->domid = c->domids[at - 1];
	v->first = 0;
}

static void zoom(struct xp_top_view *v, const struct xp_top_choices *c)
{
	if (!v->chosen && c->nr) {
		v->chosen = true;
		v->domid = c->domids[0];
	}
	v->zoomed = v->chosen && !v->zoomed;
	v->first = 0;
}

/* One step back from what has been narrowed down. */
static void back(struct xp_top_view *v)
{
	if (v->help)
		v->help = false;
	else if (v->filter[0])
		v->filter[0] = '\0';
	else if (v->modes)
		v->modes = 0;
	else if (v->zoomed)
		v->zoomed = false;
	else
		v->chosen = false;
	v->first = 0;
}

/* ---- the list of functions ---- */

static void scroll(struct xp_top_view *v, const struct xp_top_choices *c, bool down)
{
	size_t page = c->page ? c->page : 1;

	if (down && v->first + page < c->nr_functions)
		v->first += page;
	else if (!down)
		v->first -= v->first < page ? v->first : page;
}

static void only(struct xp_top_view *v, unsigned int mode)
{
	v->modes = v->modes == mode ? 0 : mode;
	v->first = 0;
}

/* ---- what is typed ---- */

static void ask(struct xp_top_view *v, enum xp_top_prompt prompt)
{
	v->prompt = prompt;
	v->typed[0] = '\0';
	if (prompt == XP_TOP_ASKS_FILTER)
		memcpy(v->typed, v->filter, sizeof(v->typed));
}

static void answer(struct xp_top_view *v)
{
	if (v->prompt == XP_TOP_ASKS_FILTER) {
		memcpy(v->filter, v->typed, sizeof(v->filter));
		v->first = 0;
	} else if (!xp_top_parse_delay(v->typed, &v->delay_ns)) {
		snprintf(v->message, sizeof(v->message), "'%s' is no delay: seconds from 0.1 to 3600 are", v->typed);
	}
	v->prompt = XP_TOP_NO_PROMPT;
}

static void rub_out(char *text)
{
	size_t len = strlen(text);

	while (len && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
		len--; /* of a character of several bytes the last ones */
	if (len)
		text[len - 1] = '\0';
}

/* Appends a code point as UTF-8; what finds no room is left out. */
static void append(char *text, uint32_t key)
{
	size_t len = strlen(text), n = key < 0x80 ? 1 : key < 0x800 ? 2 : key < 0x10000 ? 3 : 4;

	if (key < ' ' || key == 0x7f || len + n >= XP_TOP_TYPED)
		return;
	if (n == 1)
		text[len] = (char)key;
	for (size_t i = n; n > 1 && i-- > 0; key >>= 6)
		text[len + i] = (char)(i ? 0x80 | (key & 0x3f) : (0xf00u >> n & 0xf0) | key);
	text[len + n] = '\0';
}

static bool typed_key(struct xp_top_view *v, uint32_t key)
{
	switch (key) {
	case XP_TOP_KEY_ENTER:
		answer(v);
		return true;
	case XP_TOP_KEY_ESCAPE:
		v->prompt = XP_TOP_NO_PROMPT;
		return true;
	case XP_TOP_KEY_BACKSPACE:
		rub_out(v->typed);
		return true;
	default:
		if (key > 0x10ffff)
			return false;
		append(v->typed, key);
		return true;
	}
}

/* ---- all keys ---- */

static bool move_key(struct xp_top_view *v, const struct xp_top_choices *c, uint32_t key)
{
	switch (key) {
	case XP_TOP_KEY_UP:
		move(v, c, -1);
		return true;
	case XP_TOP_KEY_DOWN:
		move(v, c, 1);
		return true;
	case XP_TOP_KEY_PAGE_UP:
	case XP_TOP_KEY_PAGE_DOWN:
		scroll(v, c, key == XP_TOP_KEY_PAGE_DOWN);
		return true;
	case XP_TOP_KEY_HOME:
		v->first = 0;
		return true;
	case XP_TOP_KEY_END:
		v->first = c->nr_functions > c->page ? c->nr_functions - c->page : 0;
		return true;
	case XP_TOP_KEY_RESIZE:
		return true;
	default:
		return false;
	}
}

static bool command_key(struct xp_top_view *v, const struct xp_top_choices *c, uint32_t key)
{
	switch (key) {
	case XP_TOP_KEY_ENTER:
	case 'D': zoom(v, c); return true;
	case XP_TOP_KEY_ESCAPE: back(v); return true;
	case 'q': case 'Q': v->quit = true; return true;
	case 'h': case '?': v->help = !v->help; return true;
	case 'd': ask(v, XP_TOP_ASKS_DELAY); return true;
	case '/': ask(v, XP_TOP_ASKS_FILTER); return true;
	case 's': case 'S': v->sort = c->nr_columns ? (v->sort + 1) % (unsigned int)c->nr_columns : 0; return true;
	case 'r': case 'R': v->reversed = !v->reversed; return true;
	case 'f': v->frozen = !v->frozen; return true;
	case 'x': only(v, XP_TOP_XEN); return true;
	case 'k': only(v, XP_TOP_KERNEL); return true;
	case 'u': only(v, XP_TOP_USER); return true;
	case ' ': v->refresh = true; return true;
	default: return move_key(v, c, key);
	}
}

bool xp_top_view_key(struct xp_top_view *v, const struct xp_top_choices *c, uint32_t key)
{
	if (key != XP_TOP_KEY_RESIZE)
		v->message[0] = '\0';
	if (v->prompt)
		return typed_key(v, key);
	return command_key(v, c, key);
}
