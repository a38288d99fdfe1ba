/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as people read them. Each writes into text and returns it. */
#ifndef XP_REPORT_FORMAT_H
#define XP_REPORT_FORMAT_H

#include <stdint.h>

#define XP_FORMAT_TEXT 40

const char *xp_format_count(char text[XP_FORMAT_TEXT], uint64_t n);                   /* 39,904 */
const char *xp_format_share(char text[XP_FORMAT_TEXT], uint64_t part, uint64_t whole);/* 11.84% */
const char *xp_format_duration(char text[XP_FORMAT_TEXT], uint64_t ns);               /* 10.0 s, 3.6 µs */
const char *xp_format_time(char text[XP_FORMAT_TEXT], uint64_t realtime_ns);          /* 2026-11-24 20:58:19 UTC */

double xp_percent(uint64_t part, uint64_t whole); /* 0 of nothing is 0 */

#endif
