/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile: what a session recorded, and all that is needed to read it
 * elsewhere. The file is a row of chunks {type, length, CRC}, zlib inside;
 * userspace/doc/xprof-format.5 has it to the byte. A file that was cut off is
 * readable up to its last whole chunk.
 *
 * How an address gets its name. A sample has a domain, a mode, an IP, a CR3
 * and a time. Mode Xen (idle, too): owner {XP_DOMID_XEN, 0}. Mode kernel:
 * owner {domid, 0}. Mode user: the task whose CR3 it was at that time gives
 * the tgid: owner {domid, tgid}. The map of that owner that holds the IP at
 * that time gives an image and an address in it; the image's symbols give the
 * name. A symbol ends at its end: an address between two has no name.
 *
 * All times are host TSC ticks. Strings are UTF-8 by convention only: names
 * come from domains and processes that may be hostile; they are stored as they
 * are, and whoever prints escapes.
 */
#ifndef XP_PROFILE_PROFILE_H
#define XP_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/profile/chain.h"
#include "lib/profile/series.h"
#include "xprof.h" /* the ABI: enum xprof_domain_type, XPROF_MODE_*, struct xprof_sample */

#define XP_DOMID_XEN 0x7ff2u /* Xen's DOMID_XEN: owner of the hypervisor's own maps */

struct xp_event {        /* its index is a sample's event */
	const char *name;      /* as users write it: "timer", "cycles" */
	uint64_t period; /* in units of the event between two samples; for the timer ns. With a rate: at first */
	const char *source;    /* "ipi", "hpet", "pmu" */
	const char *modifiers; /* letters xkuGH that were asked for, "" if none */
	uint64_t select;       /* of a counter: what was counted, and how (struct xprof_op_event) */
	uint32_t flags;        /* XPROF_EVENT_* */
	uint32_t hz;           /* samples a second and CPU that were asked for; 0: a period was */
	uint8_t fixed;         /* 1 + n: fixed counter n might be used */
};

struct xp_domain {
	uint16_t domid;
	uint8_t type;        /* enum xprof_domain_type */
	uint8_t flags;       /* XPROF_DOMAIN_F_* */
	uint16_t vcpus;
	uint8_t uuid[16];
	char *name;          /* "" if it could not be learnt */
	uint64_t from, to;   /* first and last TSC at which domid was known to be this domain; to 0: till the end */
};

struct xp_task {             /* dom0's and guests' */
	uint64_t tsc;        /* when */
	uint64_t cr3;
	uint16_t domid;
	uint16_t type;       /* enum xprof_task_type of <linux/xprof.h> */
	uint32_t pid, tgid, ppid;
	const char *comm;
};

enum xp_image_kind { XP_IMAGE_XEN, XP_IMAGE_KERNEL, XP_IMAGE_MODULE, XP_IMAGE_FILE, XP_IMAGE_VDSO, XP_IMAGE_ANON };

struct xp_symbol {           /* sorted by start; do not overlap */
	uint64_t start, end; /* in the image's addresses, end exclusive */
	const char *name;
};

struct xp_image {            /* its index in the profile is its id */
	uint8_t kind;        /* enum xp_image_kind */
	uint8_t build_id_len;/* 0: it has none */
	uint8_t build_id[20];
	const char *name;          /* path, "xen", "vmlinux", "xen_netback", "[vdso]" */
	const char *why;           /* why it has no symbols; "" if it has */
	struct xp_symbol *symbols;
	size_t nr_symbols;
};

/*
 * [start, end) of owner is image from `tsc` on, until another covers it or the
 * owner ends (a process: at its EXIT, or at an EXEC, which ends what was mapped
 * before it). A process that has forked and not yet executed has what its parent has.
 */
struct xp_map {
	uint64_t tsc;        /* 0: since before the session */
	uint16_t domid;      /* or XP_DOMID_XEN */
	uint32_t tgid;       /* 0: the kernel's (or Xen's) own */
	uint64_t start, end;
	uint64_t image_addr; /* the image's address at start */
	uint32_t image;
};

struct xp_lost { uint32_t cpu; uint8_t event; uint64_t first, last, count; };
struct xp_gap  { uint32_t cpu; uint8_t reason; uint64_t first, last; };

/* From tsc on a sample of the event on this CPU stands for `period` events; before the first of these, for the event's. */
struct xp_period {
	uint32_t cpu;
	uint8_t event;
	uint8_t reason;      /* enum xprof_period_reason */
	uint64_t tsc, period;
};

struct xp_cpu_stats {        /* of one pCPU, when sampling ended: from the ring's header */
	uint32_t cpu;
	uint64_t nmis, passed, handler_ticks, handler_max, ticks, coalesced;
	uint64_t produced[XPROF_MAX_EVENTS], lost[XPROF_MAX_EVENTS];
	/* of counters; all 0 with the timer */
	uint64_t active;     /* TSC ticks for which this CPU was counting */
	uint64_t rearmed;    /* overflows without an NMI, counters changed by another */
	uint64_t running[XPROF_MAX_EVENTS];   /* of active: for which the event had a counter */
	uint64_t period[XPROF_MAX_EVENTS];    /* at the end */
	uint64_t throttled[XPROF_MAX_EVENTS]; /* how often it was raised */
	/* of copies of stacks, by enum xprof_stack_part; all 0 without */
	uint64_t stacks[XPROF_STACK_PARTS], stacks_lost[XPROF_STACK_PARTS];
	uint64_t stacks_moved;
	uint64_t stack_ticks, stack_max; /* spent on guests' outside of NMIs */
};

struct xp_clock { uint64_t tsc; uint64_t realtime_ns, monotonic_ns; }; /* one reading of three clocks */

/* Keys of the host's description, free text values; more may come. */
#define XP_HOST_KEYS \
	"xprof.version", "command", "host.name", "host.cpu", "host.cpus", "xen.version", "xen.changeset", \
	"xen.build_id", "xen.command_line", "xen.scheduler", "xen.pools", "kernel.release", "kernel.build_id", "tsc.khz", "boot_id"

/* ---- writing (write.c) ---- */

struct xp_writer;

/*
 * Any string that is longer than 65,535 bytes is cut; NULL is "". A function that fails for a reason of the file
 * (disk full) has cut it back to its last whole chunk; all later writes then fail with the same text.
 */

/* Creates path (mode 0600); what was there is kept as path.old. Ownership: free with xp_writer_close(). */
int xp_writer_open(struct xp_writer **w, const char *path, struct xp_err *err);
/* The same for a profile with call chains, which is of a later minor version. */
int xp_writer_open_chains(struct xp_writer **w, const char *path, struct xp_err *err);
/*
 * The same, without chains, appended to a buffer that outlives the writer (xp_profile_open_memory() reads it); NULL: nothing is
 * kept, for whoever records only to see samples go by.
 */
int xp_writer_open_memory(struct xp_writer **w, struct xp_buf *to, struct xp_err *err);
int xp_write_host(struct xp_writer *w, const char *key, const char *value, struct xp_err *err);
int xp_write_event(struct xp_writer *w, const struct xp_event *event, struct xp_err *err);
int xp_write_clock(struct xp_writer *w, const struct xp_clock *clock, struct xp_err *err);
int xp_write_domain(struct xp_writer *w, const struct xp_domain *domain, struct xp_err *err); /* same (domid, from) again: replaces */
int xp_write_task(struct xp_writer *w, const struct xp_task *task, struct xp_err *err);
int xp_write_image(struct xp_writer *w, const struct xp_image *image, struct xp_err *err); /* ids count up from 0 in call order; without its symbols */
/* XP_E_USAGE when they are not sorted or overlap. Several calls for one image: in ascending order. */
int xp_write_symbols(struct xp_writer *w, uint32_t image, const struct xp_symbol *symbols, size_t nr, struct xp_err *err);
int xp_write_map(struct xp_writer *w, const struct xp_map *map, struct xp_err *err);
int xp_write_lost(struct xp_writer *w, const struct xp_lost *lost, struct xp_err *err);
int xp_write_gap(struct xp_writer *w, const struct xp_gap *gap, struct xp_err *err);
int xp_write_period(struct xp_writer *w, const struct xp_period *period, struct xp_err *err);
int xp_write_cpu_stats(struct xp_writer *w, const struct xp_cpu_stats *stats, struct xp_err *err);
int xp_write_series(struct xp_writer *w, const struct xp_series_record *record, struct xp_err *err);
/* n samples of one pCPU, in ring order. Buffered per CPU; a chunk is written when about 16 Ki samples are together. */
int xp_write_samples(struct xp_writer *w, uint32_t cpu, const struct xprof_sample *samples, size_t n, struct xp_err *err);
/* Gives a chain of the next samples its number (chain.h). */
int xp_write_chain(struct xp_writer *w, const struct xp_chain_context *context, const struct xp_call_frame *frames, size_t nr,
		   enum xp_chain_end end, uint32_t *chain, size_t *known, struct xp_err *err);
/* As xp_write_samples(), with the chain of each. */
int xp_write_chained_samples(struct xp_writer *w, uint32_t cpu, const struct xprof_sample *samples, const uint32_t *chains, size_t n,
			     struct xp_err *err);
/* Everything buffered goes to the file as whole chunks (call about once a second: bounds what a crash loses). */
int xp_writer_flush(struct xp_writer *w, struct xp_err *err);
uint64_t xp_writer_bytes(const struct xp_writer *w);
/* Flushes, writes the end chunk ("finished properly"), closes, frees. Also after an error: then only closes and frees. */
int xp_writer_close(struct xp_writer *w, struct xp_err *err);

/* ---- reading (read.c) ---- */

struct xp_profile {
	/* everything but the samples, decoded; owned by the profile */
	struct { const char *key, *value; } *host; size_t nr_host;
	struct xp_event *events;   size_t nr_events;
	struct xp_clock *clocks;   size_t nr_clocks;
	struct xp_domain *domains; size_t nr_domains;
	struct xp_task *tasks;     size_t nr_tasks;    /* sorted by tsc */
	struct xp_image *images;   size_t nr_images;
	struct xp_map *maps;       size_t nr_maps;     /* sorted by domid, tgid, tsc */
	struct xp_lost *lost;      size_t nr_lost;
	struct xp_gap *gaps;       size_t nr_gaps;
	struct xp_period *periods; size_t nr_periods;  /* sorted by cpu, event, tsc */
	struct xp_cpu_stats *stats; size_t nr_stats;
	struct xp_series_record *series; size_t nr_series; /* in the order of the file */
	struct xp_call_node *nodes; size_t nr_nodes; /* by number; none: there are no chains */
	struct xp_chain_context *chain_contexts; size_t nr_chain_contexts;
	bool complete;             /* the end chunk was there */
	char *damage;              /* NULL, or what is wrong, at which offset, how much was read */
	struct xp_profile_file *file;
};

/* 0: whole. XP_E_TRUNCATED: *p holds what is whole and p->damage says the rest. Otherwise *p is NULL. */
int xp_profile_open(struct xp_profile **p, const char *path, struct xp_err *err);
int xp_profile_open_memory(struct xp_profile **p, const void *data, size_t len, struct xp_err *err); /* borrows data */
void xp_profile_free(struct xp_profile *p);
const char *xp_profile_host(const struct xp_profile *p, const char *key); /* NULL: not there */

/* A block of samples of one pCPU, as columns. Valid during the callback only. */
struct xp_block {
	uint32_t cpu;
	size_t nr;
	const uint64_t *tsc, *ip, *cr3;
	const uint8_t *event, *mode;
	const uint16_t *domid, *vcpu;
	const uint32_t *chain; /* a node of the profile's, or an enum xp_chain_end; NULL: no sample of the block has one */
};
/* Calls fn for each block, in file order; stops at the first non-zero return, which it returns. */
int xp_profile_each_block(struct xp_profile *p, int (*fn)(const struct xp_block *block, void *arg), void *arg, struct xp_err *err);

/*
 * The same as the file has it: each different combination once (a site), and
 * for each sample its site. For whoever counts many samples: what follows from
 * a site need be found only once per block.
 */
struct xp_site {
	uint64_t ip, cr3;
	uint16_t domid, vcpu;
	uint8_t event, mode;
};
#define XP_BLOCK_MAX 16384u /* samples in a block, at most */
struct xp_packed {
	uint32_t cpu;
	size_t nr, nr_sites;
	const struct xp_site *sites;
	const uint32_t *chain; /* of each site, as in struct xp_block; NULL: none has one. (Sites may differ in it alone.) */
	const uint16_t *site; /* nr indexes into sites */
	const uint64_t *tsc;
};
int xp_profile_each_packed(struct xp_profile *p, int (*fn)(const struct xp_packed *packed, void *arg), void *arg, struct xp_err *err);

#endif
