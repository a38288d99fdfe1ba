/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Snapshots of stacks (XPROF_OPEN_STACKS).
 *
 * Xen's own is written in the NMI.  The guest's cannot be read there: it takes
 * locks, and may fault.  So the handler takes a note and sees to it that this
 * CPU comes by a softirq before the guest runs on; there the note becomes a
 * snapshot, or one without words if the guest has moved.
 *
 *   NMI      notes of the active side grow
 *   softirq  turns to the other side, and settles the notes of the one before
 *
 * NMIs nest within the softirq, on the same CPU: whoever reads `active` in an
 * NMI finds the side that the softirq does not read.
 */
#ifndef XPROF_STACK_H
#define XPROF_STACK_H

#include <public/xprof.h>

struct vcpu;
struct xprof_cpu;
struct xprof_session;

struct xprof_stack_note {
    uint64_t tsc;
    uint64_t cr3;
    uint64_t ip, sp;       /* of a sample in the guest: it has not moved while they are these */
    const struct vcpu *vcpu; /* an identity: followed only while it is current */
    struct xprof_rec rec;  /* domid, vcpu, mode of the sample */
};
#define XPROF_STACK_NOTES 32u /* Xen may be at something for long */

struct xprof_stack_side {
    unsigned int nr;
    struct xprof_stack_note note[XPROF_STACK_NOTES];
};

/* A snapshot, record by record: twice (a kernel's and its process') that many bytes of stack, and the records' heads. */
#define XPROF_STACK_BYTES(bytes) \
    (2 * ((bytes) + sizeof(struct xprof_stack) * \
                    (1 + (bytes) / (8 * XPROF_STACK_MAX_WORDS))))

struct xprof_stacks {
    uint32_t bytes;        /* of a guest's stack, at most */
    unsigned int active;   /* side that NMIs write to; the other one is empty but while it is settled */
    bool inside;           /* the softirq is at it: it will find what NMIs note */
    struct xprof_stack_side side[2];

    /* By NMIs. */
    uint64_t asked[XPROF_STACK_PARTS], no_room[XPROF_STACK_PARTS];
    /* By the softirq. */
    uint64_t lost, moved;  /* of GUEST */
    uint64_t ticks, longest;
    uint64_t rest_until;   /* TSC: before it no words are copied */
    uint64_t buffer[];     /* XPROF_STACK_BYTES(bytes) */
};

/* stack.c: life. Context: process. */
bool xprof_stacks_can(void); /* Xen lets its table of softirqs be written */
int xprof_stacks_create(struct xprof_session *s, struct xprof_cpu *c);
void xprof_stacks_free(struct xprof_cpu *c);
void xprof_stacks_start(struct xprof_session *s);
/* No NMI of ours comes any more. When it returns no softirq of ours is running, and each note has become a record. */
void xprof_stacks_stop(struct xprof_session *s);
bool xprof_stacks_active(void); /* our softirq handler stands in Xen's table; any context */
void xprof_stacks_publish(struct xprof_cpu *c); /* any context but NMI */

/* stack-guest.c: settles the notes of this CPU. Context: softirq. */
void xprof_stacks_settle(struct xprof_cpu *c);
/* The same, when nothing more is to be seen of any guest. Context: process, none of the above comes any more. */
void xprof_stacks_give_up(struct xprof_cpu *c, struct xprof_stacks *st);

#endif /* XPROF_STACK_H */
