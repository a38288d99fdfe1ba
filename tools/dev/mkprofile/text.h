/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers that a seed repeats, and symbols from which addresses are drawn. */
#ifndef MKPROFILE_TEXT_H
#define MKPROFILE_TEXT_H

#include "lib/profile/profile.h"

void draw_begin(uint64_t seed);
uint64_t draw(void);
uint64_t draw_below(uint64_t n);
double draw_unit(void);

/* p itself; without memory the program ends. */
void *must(void *p);

/* What addresses are drawn from: an image mapped somewhere. */
struct text {
	uint64_t base;
	struct xp_symbol *symbols;
	double *weight; /* sums of weights up to and with each symbol */
	size_t nr;
};

/* The symbol of that name is as many times as hot; NULL: none. */
struct change {
	const char *name;
	double factor;
};

/* nr symbols, one after the other from `first` on, hot by Zipf's law. */
void text_init(const struct change *c, struct text *t, const char *prefix, uint64_t base, uint64_t first, size_t nr);
void text_release(struct text *t);
uint64_t draw_ip(const struct text *t);

#endif
