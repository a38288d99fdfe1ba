// SPDX-License-Identifier: GPL-2.0-or-later
#define NCURSES_WIDECHAR 1
#include "cli/screen.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curses.h>

#include "lib/top/page.h"
#include "lib/top/view.h"

static SCREEN *screen;
static bool utf8;

bool cli_screen_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");
}

bool cli_screen_begin(void)
{
	setlocale(LC_CTYPE, "");
	utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return false;
	set_term(screen);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	set_escdelay(25);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	return true;
}

void cli_screen_end(void)
{
	if (!screen)
		return;
	endwin();
	delscreen(screen);
	screen = NULL;
}

void cli_screen_size(unsigned int *columns, unsigned int *lines)
{
	*columns = (unsigned int)COLS;
	*lines = (unsigned int)LINES;
}

static attr_t attribute_of(enum xp_page_look look)
{
	switch (look) {
	case XP_LINE_HEAD:   return A_REVERSE;
	case XP_LINE_CHOSEN: return A_REVERSE | A_BOLD;
	case XP_LINE_HOT:    return A_BOLD;
	case XP_LINE_HINT:   return A_DIM;
	default:             return A_NORMAL;
	}
}

/* On a terminal of another encoding a character that is not ASCII is a question mark. */
static void put_text(const char *text, size_t len)
{
	if (utf8) {
		addnstr(text, (int)len);
		return;
	}
	for (size_t i = 0; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			addch((chtype)(text[i] & 0x80 ? '?' : text[i]));
}

static void put_line(int y, const struct xp_page *lines, size_t i)
{
	enum xp_page_look look;
	size_t len;
	const char *text = xp_page_get(lines, i, &len, &look);

	attrset((int)attribute_of(look));
	if (attribute_of(look) & A_REVERSE)
		mvhline(y, 0, ' ', COLS);
	move(y, 0);
	put_text(text, len);
	attrset(A_NORMAL);
}

void cli_screen_draw(const struct xp_page *lines)
{
	erase();
	for (size_t i = 0; i < xp_page_nr(lines) && i < (size_t)LINES; i++)
		put_line((int)i, lines, i);
	refresh();
}

static uint32_t special(wint_t key)
{
	static const struct { wint_t key; uint32_t is; } keys[] = {
		{ KEY_UP, XP_TOP_KEY_UP }, { KEY_DOWN, XP_TOP_KEY_DOWN }, { KEY_PPAGE, XP_TOP_KEY_PAGE_UP },
		{ KEY_NPAGE, XP_TOP_KEY_PAGE_DOWN }, { KEY_HOME, XP_TOP_KEY_HOME }, { KEY_END, XP_TOP_KEY_END },
		{ KEY_ENTER, XP_TOP_KEY_ENTER }, { KEY_BACKSPACE, XP_TOP_KEY_BACKSPACE }, { KEY_RESIZE, XP_TOP_KEY_RESIZE },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key)
			return keys[i].is;
	return XP_TOP_KEY_RESIZE; /* one that means nothing draws the screen again */
}

uint32_t cli_screen_key(void)
{
	wint_t key;
	int kind = get_wch(&key);

	if (kind == ERR)
		return 0;
	if (kind == KEY_CODE_YES)
		return special(key);
	switch (key) {
	case '\r':
	case '\n': return XP_TOP_KEY_ENTER;
	case 27:   return XP_TOP_KEY_ESCAPE;
	case 8:
	case 127:  return XP_TOP_KEY_BACKSPACE;
	case 12:   clearok(curscr, TRUE); /* Ctrl-L: the terminal was scribbled on */
		   return XP_TOP_KEY_RESIZE;
	default:   return key;
	}
}
