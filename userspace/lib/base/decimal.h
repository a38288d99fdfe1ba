/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as decimal text, for whoever writes millions of them: printf takes four (whole numbers) to seven times as long for the same text. */
#ifndef XP_BASE_DECIMAL_H
#define XP_BASE_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define XP_DECIMAL_TEXT 352 /* room for any number; nothing is terminated */
#define XP_DECIMAL_MAX_PLACES 18

/* As "%" PRIu64. Returns the length. */
size_t xp_decimal_u64(char *out, uint64_t value);

/* A finite number as "%.*f", to the digit: rounded to nearest, ties to even. places: 0 to XP_DECIMAL_MAX_PLACES. */
size_t xp_decimal_fixed(char *out, double value, int places);

#endif
