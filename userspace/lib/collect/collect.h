/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The collector: empties the rings of a session into a profile, until it is
 * told to stop.
 *
 * In: an open device session. Out: the writer, the sink (names), the figures.
 * One thread; memory is bounded by the number of CPUs and domains, not by how
 * long it runs.
 *
 * What is promised about counts: for each event and CPU, what Xen says it
 * produced is what was delivered here plus what Xen says was lost. It is
 * checked at the end; if it does not hold, result->warnings says by how much.
 */
#ifndef XP_COLLECT_COLLECT_H
#define XP_COLLECT_COLLECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"
#include "lib/collect/device.h"
#include "lib/profile/profile.h"

struct xprof_task;

struct xp_collect_figures {
	uint64_t elapsed_ns;      /* of sampling */
	uint64_t delivered;       /* samples that were read from the rings */
	uint64_t filtered;        /* of these, not kept because of the event's modifiers, or the domain */
	uint64_t lost;            /* by Xen's own count */
	uint64_t bytes;           /* written to the profile */
	uint64_t overhead_ppm;    /* share of all CPUs' time that the NMI handler took, and copies of stacks, in millionths */
	uint64_t handler_max_ns;
	uint64_t nmis, passed, coalesced;
	uint32_t domains, cpus;
	uint64_t corrupt, corrupt_bytes, skipped; /* of the rings: see ring.h */
	uint64_t gaps, lost_tasks;
	uint64_t chains, chains_whole, chains_dropped; /* of samples that are not idle: written; of these whole; unwinding could not keep up */
	bool sampling;            /* false: over, the file is being finished */
};

/* One event of the session; its index is what samples carry. */
struct xp_collect_event {
	const char *name;         /* for messages */
	const char *modifiers;    /* "" for none */
	uint64_t period;          /* that it was opened with; 0: it is the timer */
	uint32_t hz;              /* a rate: the period follows it anyway */
};

/* A copy of a stack, and the registers of the code that it belongs to. */
struct xp_stack_copy {
	uint8_t mode;             /* XPROF_MODE_*, of that code */
	uint16_t domid;
	uint64_t tsc, cr3;        /* of its sample */
	uint64_t ip, sp, bp;
	const uint8_t *bytes;     /* from sp on; aligned to 8 */
	size_t len;
	/* Of a kernel's code: the stack of the process that it seems to work for, from process_sp on. len 0: there is none. */
	uint64_t process_sp;
	const uint8_t *process_bytes;
	size_t process_len;
};

#define XP_STACK_FRAMES 256u /* of one copy: a kernel's and its process' */
struct xp_stack_chain {
	size_t nr;
	enum xp_chain_end end;
	struct xp_call_frame frames[XP_STACK_FRAMES]; /* innermost first; the first is the code itself, exact */
};

/* Where the samples go: the writer has host and events already. Both are the sink's. */
struct xp_collect_file {
	struct xp_writer *w;
	const char *path;        /* its disk is watched; NULL: it is not */
};

/*
 * Who else wants to know. Every function may be NULL. A negative return (with
 * the text in err) ends the recording.
 */
struct xp_collect_sink {
	void *arg;
	int (*task)(void *arg, const struct xprof_task *task, struct xp_err *err); /* in the order of read(); kernel's TSC */
	int (*poll)(void *arg, struct xp_err *err);                                 /* about every 100 ms, after the samples */
	/* Of one CPU, those that are kept; and from when on one of this event stands for so many events there. */
	void (*samples)(void *arg, uint32_t cpu, const struct xprof_sample *samples, size_t n);
	void (*period)(void *arg, const struct xp_period *period);
	/* With stacks: walks one at once (xen: the hypervisor's own), whatever its bytes are. NULL: no chains are written. */
	void (*walk)(void *arg, const struct xp_stack_copy *copy, bool xen, struct xp_stack_chain *chain);
	/* Frames that were in no chain before. */
	void (*frames)(void *arg, const struct xp_chain_context *context, const struct xp_call_frame *frames, size_t nr);
	int (*finish)(void *arg, struct xp_err *err);                               /* after the last sample of a file */
	/* Of a recording in several files: may it change to the next one now? Else it goes on with this one. NULL: always. */
	bool (*ready)(void *arg);
	/* finish() has been called, the file is whole but for its end and what is done beside. The next one, begun. */
	int (*next)(void *arg, struct xp_collect_file *file, struct xp_err *err);
	/* And the tasks that waited meanwhile have been told. 1: call it again, after each pass, until 0; poll() waits for that. */
	int (*begun)(void *arg, struct xp_err *err);
	bool (*make_room)(void *arg);                                               /* the disk is nearly full: false: nothing more can go */
	int (*domain)(void *arg, const struct xp_domain *domain, struct xp_err *err); /* each that has been written */
	void (*domain_name)(void *arg, uint16_t domid, const uint8_t uuid[16], char *name, size_t size);
	void (*started)(void *arg);                                                 /* sampling has really begun */
	void (*progress)(void *arg, const struct xp_collect_figures *figures);      /* once a second, and when sampling is over */
};

enum xp_collect_end {
	XP_END_TOLD,      /* a stop_fd became readable: result->stop_fd says which */
	XP_END_DURATION,
	XP_END_SPACE,     /* the disk is nearly full; the file is whole */
	XP_END_ERROR,
};

struct xp_collect_config {
	const struct xp_collect_event *events;
	size_t nr_events;        /* at most XPROF_MAX_EVENTS */
	const uint16_t *domids;  /* only samples of these are kept; none: all */
	size_t nr_domids;
	uint64_t duration_ns;    /* 0: until told */
	int stop_fds[2];         /* -1: none */
	/* With sink->next: a file ends when it is that old, or that big. 0: never */
	uint64_t file_ns, file_bytes;
};

struct xp_collect_result {
	enum xp_collect_end end;
	int stop_fd;             /* index in stop_fds */
	uint64_t space_left;     /* with XP_END_SPACE: bytes */
	struct xp_collect_figures figures;
	uint64_t files;          /* that were begun */
	uint64_t change_max_ns;  /* the longest time from one to the next: no ring was read in it */
	uint64_t pause_max_ns;   /* the longest time from one pass over the rings to the next, for whatever reason */
	char warnings[2048];     /* lines, "" if none */
};

/*
 * Samples and collects. The device session is begun, not started. Each sample
 * is in exactly one file, and so is what the rings' headers count: files that
 * follow each other add up to the session. On return sampling has stopped, the last
 * samples, the CPUs' statistics and the names are written; the caller closes
 * the writer, then the device.
 *
 * After an error (a full disk, say) sampling has stopped, too, result is valid
 * and what had been written is.
 */
int xp_collect(struct xp_device *d, const struct xp_collect_file *file, const struct xp_collect_sink *sink,
	       const struct xp_collect_config *config, struct xp_collect_result *result, struct xp_err *err);

#endif
