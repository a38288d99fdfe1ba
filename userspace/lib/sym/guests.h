/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guests of a session: each one's kernel is read once, as soon as it is
 * up (one that was kept on disk is not: lib/guest/recall.h), by one reader at a time
 * (lib/guest); at the end addresses get names.
 *
 * Processes are read when samples come from one that is not known, once a second at most, and else each ten seconds in
 * guests whose processes are sampled at all: half a percent of a CPU at most, all guests together; two with chains.
 */
#ifndef XP_SYM_GUESTS_H
#define XP_SYM_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/guest/reader.h"
#include "lib/sym/emit.h"
#include "lib/sym/guest-processes.h"
#include "lib/sym/guest-spaces.h"
#include "lib/sym/resolve.h"
#include "lib/unwind/space.h"

#define XP_GUESTS_MAX 4096u    /* of one session, those that have gone included, are read; … */
#define XP_GUESTS_NOTED 65536u /* … of others it is said why they have no names */
#define XP_GUEST_RECORDS (1u << 18) /* of one guest's processes: whoever changes his list all the time is not read on */

struct xp_domain;

enum xp_guest_state { XP_GUEST_WAITS, XP_GUEST_IS_READ, XP_GUEST_KNOWN, XP_GUEST_NAMELESS };

#define XP_GUEST_TABLES 16u    /* of a live session: guests whose kernels' symbols are kept */

struct xp_guest_kernel;

struct xp_guest {
	uint16_t domid;
	uint8_t uuid[16];
	uint64_t from;      /* TSC since when the domain is known */
	enum xp_guest_state state;
	unsigned int tries; /* left */
	bool came;          /* while the session went on */
	bool early;         /* when it was last tried its kernel was not up, or there was none */
	uint64_t next_ns;   /* CLOCK_MONOTONIC: not read before … */
	uint64_t late_ns;   /* … and not read before that, if nothing is wanted */
	char name[33];      /* of what is kept of it: its UUID; "": nothing is */
	struct xp_gplaces places; /* KNOWN: where its processes are; none: they are not read (any more) */
	bool sampled, modules_sampled; /* processes of it are; modules */
	bool gone;          /* it could not be read again */
	bool forgotten;     /* what was kept of its kernel turned out to be broken or gone */
	bool wanted;        /* one that is not known, since the last reading began */
	struct xp_guest_processes processes; /* that are sampled */
	struct xp_gtask *tasks; /* at the last reading, by tgid */
	size_t nr_tasks;
	bool chains;        /* its kernel's unwind rules were looked for: … */
	struct xp_unwind_space unwind; /* … here they are; without a store: there are none */
	struct xp_guest_spaces spaces; /* … and those of its processes */
	uint64_t tasks_tsc; /* when that was; 0: never */
	uint32_t records;   /* that may still be written of them */
	int fd, modules_fd; /* KNOWN: what was read; its modules in the end; -1: they were not */
	char why[256];      /* otherwise: why there is nothing */
	struct xp_guest_kernel *kernel; /* live: its symbols; NULL: not read yet, or XP_GUEST_TABLES others are */
};

/* Code that is to be walked: its registers, and the copy of its stack. */
struct xp_guest_code {
	uint16_t domid;
	bool kernel;        /* its kernel's, else that of the process with … */
	uint64_t cr3;       /* … these page tables */
	const struct xp_regs *regs;
	const struct xp_stack *stack;
};

struct xp_guests {
	struct xp_guest *v;
	size_t nr, room;
	size_t reading;     /* index of the one that the reader reads */
	struct xp_greader reader;
	uint64_t started_tsc; /* when the reader was */
	uint64_t rest_until_ns; /* no processes are read before */
	struct xp_writer *w; /* borrowed: processes are written at once */
	bool rules;         /* kernels' unwind rules are to be read, too */
	bool reads_modules; /* the reader does, too */
	bool live;          /* xp_resolve_guests() will be called again and again, xp_guests_finish() not */
	size_t nr_kernels;  /* kept */
	bool off;           /* no guest's memory is to be read */
	bool polled;        /* the session goes on: who is noted now has come meanwhile */
};

void xp_guests_init(struct xp_guests *g, struct xp_writer *w, bool off);
void xp_guests_release(struct xp_guests *g);

/* A domain that runs; the same again (its name is known now, say) changes nothing. XP_E_NOMEM. */
int xp_guests_note(struct xp_guests *g, const struct xp_domain *domain, struct xp_err *err);

/* An address that was not sampled before, in a process of a domain. False: no such guest is noted yet. */
bool xp_guests_sampled(struct xp_guests *g, uint16_t domid, uint64_t cr3, uint64_t ip);

/* The same where a guest's kernel has its modules: they are read once more in the end. */
bool xp_guests_module_sampled(struct xp_guests *g, uint16_t domid);

/* Starts a reader, or takes what one has read. Does not wait. tsc: host's, now. Errors are the writer's, or no memory. */
int xp_guests_poll(struct xp_guests *g, uint64_t tsc, struct xp_err *err);

/* Reads those that are still to be read, and all processes once more, waiting for each guest for some seconds at most. */
int xp_guests_finish(struct xp_guests *g, uint64_t tsc, struct xp_err *err);

/* Kernels, modules and processes of all guests. root: before paths of this host's files. */
int xp_resolve_guests(struct xp_emit *e, struct xp_guests *g, const char *root, const struct xp_addrs *addrs, struct xp_err *err);

/*
 * The chain of code in a guest; the store is where rules are shared, and outlives *g. False: nothing is known of its kernel, or of
 * the process that has these page tables (yet).
 */
bool xp_guests_walk(struct xp_guests *g, struct xp_unwind_store *store, const struct xp_guest_code *code, struct xp_chain *chain);

#endif
