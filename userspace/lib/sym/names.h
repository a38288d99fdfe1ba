/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names for the addresses of a session.
 *
 * In: the task records and the samples, as they come. Out, through the
 * writer: tasks at once; images, maps and symbols when the session ends, and
 * only those in which samples lie. Xen, dom0's kernel and modules, dom0's
 * processes, and the kernels, modules and processes of guests get names.
 *
 *   xp_names_open()
 *     xp_names_task()    each task record, in the order of read()
 *     xp_names_domain()  each domain, when it has been written
 *     xp_names_sample()  each batch of samples, of any CPU, in any order of CPUs
 *     xp_names_walk()    each snapshot of a stack (xp_names_config.chains), when its sample's batch has been told
 *     xp_names_poll()    about every 100 ms, after the batches that were there
 *   xp_names_finish()    once, after the last sample
 *   xp_names_close()
 *
 * Whatever cannot be had (no xensyms, no perf events, a file that has gone) is
 * no error: the addresses stay without a name, the image says why, and
 * xp_names_stats() counts. Errors are: no memory, or the writer's own.
 *
 * One thread at a time: the collector's, and for xp_names_finish() any, while others' names go on. Memory is bounded whatever the session's
 * length: see XP_NAMES_MAX_*; what did not fit is counted, never guessed.
 */
#ifndef XP_SYM_NAMES_H
#define XP_SYM_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/unwind/walk.h"

struct xp_names;
struct xp_writer;
struct xprof_task;
struct xprof_sample;
struct xp_domain;

#define XP_NAMES_MAX_ADDRESSES (1u << 20) /* distinct (address space, ip) that are noted */
#define XP_NAMES_MAX_MAPS      (1u << 20) /* executable mappings of all processes over time */
#define XP_NAMES_MAX_IMAGES    (1u << 16)

/*
 * What holds for several profiles of a session, which follow each other: read for the first, used for the others, for as long as
 * the kernel has the same modules. All zeroes at first; released when none of them is open.
 */
struct xp_names_kept {
	struct xp_buf rules;     /* dom0's kernel's, by which it is unwound (lib/guest/orc.h) */
	const char *rules_from;
	uint64_t modules;        /* hash of those that there were */
};
void xp_names_kept_release(struct xp_names_kept *kept);

struct xp_names_config {         /* all zeroes is a good default; strings are copied */
	const char *sysroot;     /* put before every path that is opened; NULL: "" */
	const char *xensyms;     /* Xen's symbols as a file; NULL: /proc/xen/xensyms */
	const char *payload;     /* the live patch's ELF file; NULL: built in or unknown */
	uint64_t payload_text;   /* xprof_op_info.text: where Xen put its code */
	uint32_t payload_size;   /* xprof_op_info.text_size, bytes */
	int64_t tsc_offset;      /* this kernel's TSC minus Xen's: struct xprof_kinfo */
	bool no_perf;            /* do without perf_event_open(): poll /proc instead */
	bool no_hypercall;       /* do not ask Xen itself (XENPF_get_symbol) */
	bool no_guest_memory;    /* leave guests without names */
	bool live;               /* xp_names_now() will be asked, and xp_names_finish() not called */
	bool chains;             /* xp_names_walk() will be called: open reads the rules of dom0's kernel (0.1 s) */
	struct xp_names_kept *kept; /* borrowed for the time of xp_names_open(); NULL: nothing is */
};

/* *n is NULL after an error. The writer is borrowed until xp_names_close(). */
int xp_names_open(struct xp_names **n, struct xp_writer *w, const struct xp_names_config *cfg,
		  struct xp_err *err);

/* Writes the task with the writer, times as Xen's TSC; reads /proc/PID/maps of those that were there before. */
int xp_names_task(struct xp_names *n, const struct xprof_task *task, struct xp_err *err);

/* Its kernel is read as soon as it is up, its processes when they are sampled (guests.h), by a process of its own (lib/guest/reader.h). */
int xp_names_domain(struct xp_names *n, const struct xp_domain *domain, struct xp_err *err);

/* Notes which addresses occur. About 50 instructions a sample; cannot fail. */
void xp_names_sample(struct xp_names *n, const struct xprof_sample *samples, size_t count);

/* Code that was interrupted, or to which Xen was to return, with its stack. */
struct xp_names_code {
	uint16_t domid;
	uint8_t mode;            /* XPROF_MODE_*, as in samples */
	uint64_t cr3, tsc;       /* of the sample; host's */
	struct xp_regs regs;
	struct xp_stack stack;   /* its top is 0 */
};

/*
 * Its chain, by what is known now; reads a file's unwind rules when the first chain gets there, a fifth of a CPU's time at
 * most. False, and *chain has the one address: nothing is known of this address space (yet). A process that has just begun, or
 * mapped a file, is known after one or two polls more; a guest's as soon as it has been read (guests.h).
 *
 * XP_WALK_OUTSIDE: a kernel's chain reached the process that it works for: chain->outer.
 */
bool xp_names_walk(struct xp_names *n, const struct xp_names_code *code, struct xp_chain *chain);

/* Takes in what the kernel said about mappings, and opens the files in which new addresses lie while they exist. */
int xp_names_poll(struct xp_names *n, struct xp_err *err);

/* Writes images, maps and symbols. Call once. */
int xp_names_finish(struct xp_names *n, struct xp_err *err);

/* Frames of chains are to be named, too: of return addresses, the instruction before. As xp_names_sample(). */
struct xp_chain_context;
struct xp_call_frame;
void xp_names_frames(struct xp_names *n, const struct xp_chain_context *context, const struct xp_call_frame *frames, size_t nr);

/* ---- names while the session goes on: xp_names_config.live ---- */

/* Whose code it is, by how its names are found. */
enum xp_names_owner {
	XP_NAMES_XEN, XP_NAMES_DOM0_KERNEL, XP_NAMES_DOM0_USER, XP_NAMES_GUESTS,
	XP_NAMES_OWNERS          /* nobody's who has names */
};
enum xp_names_owner xp_names_owner(const struct xprof_sample *code);

/*
 * Writes what names these addresses, all of one owner, into `to`: not the session's profile, but one for the purpose (images,
 * maps and symbols, and the tasks whose they are). What is not known yet may be so a little later: processes that have just
 * begun, guests that have not been read. Errors are those of `to`, or no memory.
 *
 * Reads Xen's and the kernels' symbols once, and keeps them; files again each time. A live session notes no more than is new, so
 * its memory does not grow with its length: what a process had is forgotten ten seconds after its end.
 */
int xp_names_now(struct xp_names *n, struct xp_writer *to, enum xp_names_owner owner, const struct xprof_sample *code, size_t nr,
		 struct xp_err *err);

struct xp_names_stats {
	size_t addresses;        /* distinct ones noted */
	uint64_t overflow;       /* samples whose address found no room (XP_NAMES_MAX_ADDRESSES) */
	uint64_t lost_events;    /* mapping events that the kernel dropped */
	uint64_t lost_maps;      /* mappings that found no room (XP_NAMES_MAX_MAPS) */
	uint64_t lost_tasks;     /* task records that the kernel dropped (XPROF_TASK_LOST) */
	size_t named;            /* after finish: addresses that got a name */
	size_t images, maps, symbols; /* after finish: written */
	uint64_t chains_put_off; /* that met a file whose rules were not read yet, for want of time */
	const char *unwind;      /* where the rules of dom0's kernel come from, or why there are none; NULL: no chains */
	const char *mappings;    /* "perf", or why it is "/proc: …" */
	const char *xen;         /* after finish: where Xen's names come from, or why there are none */
};

/* Valid until xp_names_close(). */
const struct xp_names_stats *xp_names_stats(const struct xp_names *n);

void xp_names_close(struct xp_names *n); /* NULL is fine */

#endif
