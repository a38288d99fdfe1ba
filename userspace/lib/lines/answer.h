/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses with their lines, as bytes: what the process that reads debug data answers, and what the cache keeps.
 *
 *   varint n, n strings                         (a string: varint length, bytes)
 *   varint n, n addresses, ascending:           varint difference to the one before, varint m, m frames
 *   a frame: varint function, varint file       (0: none; else 1 + a string's number), varint line
 *
 * Numbers are those of lib/base/varint.h. Whoever reads takes any bytes for an answer and finds out.
 */
#ifndef XP_LINES_ANSWER_H
#define XP_LINES_ANSWER_H

#include "lib/base/buf.h"
#include "lib/base/cursor.h"
#include "lib/lines/lines.h"

/* ---- writing: any order of calls but begin, frames, begin, frames, …, finish ---- */

struct xp_answer {
	struct xp_buf strings, addresses, frames; /* frames: of the address at hand */
	uint32_t *slots;          /* open addressing: 1 + string's number */
	size_t mask;
	struct xp_answer_string { size_t at; uint32_t len, hash; } *known; /* where it lies in strings */
	uint32_t nr_strings, room;
	uint64_t nr_addresses, nr_frames, last, at;
	bool failed;              /* no memory */
};

void xp_answer_init(struct xp_answer *a);
void xp_answer_release(struct xp_answer *a);

/* A string's number + 1, for frames; 0 of NULL. */
uint32_t xp_answer_string(struct xp_answer *a, const char *s);
void xp_answer_begin(struct xp_answer *a, uint64_t addr); /* above the one before */
void xp_answer_frame(struct xp_answer *a, uint32_t function, uint32_t file, uint64_t line);
void xp_answer_line(struct xp_answer *a, const struct xp_lines *l, const struct xp_line *line); /* begin and frames of l's line */
void xp_answer_finish(struct xp_answer *a, struct xp_buf *out); /* out fails if there was no memory */

/* ---- reading ---- */

/* 0; XP_E_FORMAT, with the offset, and *l is empty; XP_E_NOMEM. Release *l in any case. */
int xp_answer_read(struct xp_lines *l, struct xp_cursor *c);

#endif
