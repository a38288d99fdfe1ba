/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks stacks of dom0's processes and of its kernel, as samples come: keeps
 * each process' rules in step with what it has mapped, and reads a file's when
 * a chain gets there first.
 *
 * Files are opened and checked as for names (images.h). Reading takes time that the rings do not
 * wait for: a fifth of a CPU on average, and no more of it at once than one file takes (libc: 1 to 6 ms, as memory is there or not; libLLVM, 900,000
 * rules, 0.2 s). Chains that meet a file before its turn end there, or go on by frame pointers.
 *
 * Memory: XP_UNWINDER_BYTES of rules, and what follow.h bounds of mappings.
 */
#ifndef XP_SYM_UNWINDER_H
#define XP_SYM_UNWINDER_H

#include "lib/sym/follow.h"
#include "lib/unwind/space.h"

#define XP_UNWINDER_BYTES (128u << 20)

struct xp_unwinder_process;
struct xp_unwinder_file;

struct xp_unwinder_stats {
	uint64_t files;     /* whose rules were read */
	uint64_t without;   /* … of these: there were none */
	uint64_t put_off;   /* chains that met a file before its turn */
	uint64_t ns;        /* of CPU time that reading took */
	const char *kernel; /* where the kernel's rules come from, or why there are none */
};

struct xp_unwinder {
	struct xp_follow *follow;       /* borrowed */
	char *root;                     /* before each path */
	struct xp_unwind_store store;
	struct xp_unwind_space kernel;  /* dom0's, with its modules when the session began */
	struct xp_unwinder_process **processes; /* by tgid */
	struct xp_unwinder_file *files; /* by image */
	uint32_t nr_files;
	uint64_t polls;
	int64_t credit_ns;              /* of reading */
	uint64_t last_ns;               /* CLOCK_MONOTONIC, of the last poll */
	struct xp_unwinder_stats stats;
	char why[320];
};

/*
 * Without the rules of dom0's kernel its chains have one entry. They are read into *rules (0.1 s; xp_unwinder_read_regions()), unless
 * they are there already, and *from; both are needed no more afterwards. XP_E_NOMEM.
 */
int xp_unwinder_init(struct xp_unwinder *u, struct xp_follow *follow, const char *root, struct xp_buf *rules, const char **from,
		     struct xp_err *err);
void xp_unwinder_release(struct xp_unwinder *u);

/* About every 100 ms: forgets processes that have gone or were not walked in for a while. */
void xp_unwinder_poll(struct xp_unwinder *u);

void xp_unwinder_kernel(struct xp_unwinder *u, const struct xp_regs *regs, const struct xp_stack *stack, struct xp_chain *chain);

/* Of what the process ran at tsc (host's). False: that is not known, or it runs another program by now. */
bool xp_unwinder_process(struct xp_unwinder *u, uint32_t tgid, uint64_t tsc, const struct xp_regs *regs,
			 const struct xp_stack *stack, struct xp_chain *chain);

/* Appends the regions of dom0's kernel and modules (lib/guest/orc.h). *how: where from. XP_E_ABSENT, XP_E_PERM: they cannot be had. */
int xp_unwinder_read_regions(struct xp_buf *regions, const char *root, const char **how, struct xp_err *err);

/* Fills the space of a kernel whose regions were read (lib/guest/orc.h). Any bytes may be handed in. */
int xp_unwinder_add_kernel(struct xp_unwind_space *space, const void *regions, size_t len, struct xp_err *err);

#endif
