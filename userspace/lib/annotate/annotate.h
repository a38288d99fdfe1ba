/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One symbol's instructions with the samples of each event beside them.
 *
 *   hits    samples of all symbols of a name, by address         (from the profile alone)
 *   code    instructions of one of them, its lines               (from its file, lib/lines/binary.h)
 *   print   both together, as text or JSON
 */
#ifndef XP_ANNOTATE_ANNOTATE_H
#define XP_ANNOTATE_ANNOTATE_H

#include <stdio.h>

#include "lib/agg/agg.h"
#include "lib/lines/image.h"

/* ---- hits (hits.c) ---- */

struct xp_annotate_wanted {
	const char *symbol;          /* a name, or an address in an image: 0x… */
	const char *image;           /* its path, the last part of that, or the beginning of its build-id; NULL: any */
	const char *const *domains;  /* names or ids; none: all */
	size_t nr_domains;
};

struct xp_hit {                      /* samples of one address */
	uint32_t symbol;             /* index of the candidate */
	uint32_t domain;             /* before they are summed up */
	uint64_t address;            /* in the image */
	uint8_t event;
	uint64_t samples, weight;    /* weight: for how many events they stand (agg/weights.h) */
};

struct xp_candidate {                /* a symbol that is meant, perhaps */
	const struct xp_image *image;
	const struct xp_symbol *symbol;
	uint64_t samples;
	char domains[128];           /* whose samples they are: "Domain-0, web1" */
	size_t first, nr;            /* its hits */
};

struct xp_hits {
	struct xp_candidate *candidates; /* those with samples, most of them first */
	size_t nr_candidates;
	struct xp_hit *v;            /* by candidate, address, event; no two of the same */
	size_t nr, room;
	size_t nr_events;
	uint64_t busy[XPROF_MAX_EVENTS]; /* weights of all that is not idle, of the domains that were asked for */
};

/*
 * 0; XP_E_ABSENT: the profile has no such symbol, or no samples of it (the text says what may have been meant);
 * or what reading the profile said. Release *h in any case.
 */
int xp_hits_find(struct xp_hits *h, struct xp_profile *p, const struct xp_annotate_wanted *w, struct xp_err *err);
void xp_hits_release(struct xp_hits *h);

/* ---- code (code.c) ---- */

struct xp_code_insn {
	uint64_t addr;               /* in the image */
	uint8_t len;
	const char *text;            /* AT&T's syntax, "(bad)" */
};

struct xp_code {
	struct xp_code_insn *insns;
	size_t nr;
	char path[4096];             /* the file; XP_LIVE_PATH: the running kernel's memory */
	struct xp_image_lines lines; /* of each instruction */
	struct xp_arena texts;
};

#define XP_CODE_MAX_BYTES (4u << 20)

/*
 * 0; XP_E_ABSENT, XP_E_USAGE: no such file, see xp_binary_open(), nor the running kernel's; XP_E_FORMAT: the file has no such code, or another
 * machine's. Release *c in any case.
 */
int xp_code_read(struct xp_code *c, const struct xp_profile *p, const struct xp_candidate *of,
		 const struct xp_binary_places *places, struct xp_err *err);
void xp_code_release(struct xp_code *c);

/* The frames of an instruction; NULL: none. */
const struct xp_line *xp_code_line(const struct xp_code *c, const struct xp_code_insn *insn);

/* ---- print (text.c, json.c) ---- */

struct xp_annotation {
	const struct xp_profile *profile;
	const struct xp_hits *hits;
	const struct xp_candidate *of;
	const struct xp_code *code;
	uint64_t *samples, *weights; /* of each instruction and event */
	uint64_t sum_samples[XPROF_MAX_EVENTS], sum_weights[XPROF_MAX_EVENTS];
	uint64_t strays;             /* samples within instructions or between them: is it this code? */
};

/* 0 or XP_E_NOMEM. */
int xp_annotation_init(struct xp_annotation *a, const struct xp_profile *p, const struct xp_hits *h,
		       const struct xp_candidate *of, const struct xp_code *c, struct xp_err *err);
void xp_annotation_release(struct xp_annotation *a);

/* "timer", or "event3" when the profile does not say, or says what an event before is called. */
const char *xp_annotation_event(const struct xp_annotation *a, size_t event, char text[16]);

/* With the text of source lines where their files are here. */
void xp_annotate_text(FILE *out, const struct xp_annotation *a, bool sources);
/* As xprof-annotate(1) has it. */
void xp_annotate_json(FILE *out, const struct xp_annotation *a);

#endif
