/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers of the unit tests: profiles built by hand, random numbers that can be had again. */
#ifndef XP_TESTS_BUILD_H
#define XP_TESTS_BUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/buf.h"
#include "lib/profile/profile.h"

/* A profile under construction, in a file of a folder of its own. Every step asserts that it succeeded. */
struct build {
	char dir[64], path[80];
	struct xp_writer *w;
	uint32_t nr_images;
	struct xp_err err;
};

void build_begin(struct build *b);
void build_begin_chains(struct build *b);         /* samples may have call chains */
void build_end(struct build *b);                  /* closes the file properly */
struct xp_profile *build_read(struct build *b);   /* and reads it; it must be whole */
void build_file(struct build *b, struct xp_buf *out); /* its bytes */
void build_clear(struct build *b);                /* removes file and folder */

void build_event(struct build *b, const char *name, uint64_t period);
void build_domain(struct build *b, uint16_t domid, const char *name, uint8_t uuid, uint64_t from);
void build_task(struct build *b, uint16_t type, uint64_t tsc, uint32_t tgid, uint32_t ppid, uint64_t cr3, const char *comm);
/* An image with n symbols given as start, end, name. */
void build_image(struct build *b, uint8_t kind, const char *name, const struct xp_symbol *symbols, size_t n);
void build_map(struct build *b, uint64_t tsc, uint16_t domid, uint32_t tgid, uint64_t start, uint64_t end,
	       uint32_t image, uint64_t image_addr);
void build_sample(struct build *b, uint32_t cpu, uint64_t tsc, uint16_t domid, uint8_t mode, uint64_t ip, uint64_t cr3);
/* The same of another event than the first; and an event of the counters. */
void build_sample_of(struct build *b, uint8_t event, uint32_t cpu, uint64_t tsc, uint16_t domid, uint8_t mode, uint64_t ip);
void build_counter(struct build *b, const char *name, uint64_t period, uint32_t hz, const char *modifiers);

/* Random numbers: the seed is printed, and XPROF_SEED repeats it. */
void random_begin(void);
uint64_t random_u64(void);
uint64_t random_below(uint64_t n);

/* What fn printed, as a string (free it). */
char *printed(void (*fn)(FILE *out, void *arg), void *arg);

#endif
