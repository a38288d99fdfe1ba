/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A terminal that shows lines and gives keys, by ncurses. There is one.
 * No colours: what is set off is bold or reversed, so that NO_COLOR has
 * nothing to forbid and every terminal shows the same.
 */
#ifndef XP_CLI_SCREEN_H
#define XP_CLI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

struct xp_page;

/* False: stdin or stdout is no terminal, or one that cannot move its cursor. */
bool cli_screen_possible(void);

/* Takes it over. False: terminfo does not know it. */
bool cli_screen_begin(void);
void cli_screen_end(void); /* as it was; harmless when it has not begun */

void cli_screen_size(unsigned int *columns, unsigned int *lines);
void cli_screen_draw(const struct xp_page *lines);

/* The next key that was pressed: a character, or an enum xp_top_key; 0: none (yet). Does not wait. */
uint32_t cli_screen_key(void);

#endif
