/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks, on the way back into the guest: notes become snapshots.  Context:
 * softirq of the CPU that the NMI came to.
 *
 * No vCPU has run on this CPU since the notes were taken: the softirq was
 * pending.  So where the noted one is still current, it is where it was; if
 * the sample was its own, its registers must say so, too.
 */
#include <xen/kernel.h>
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/softirq.h>
#include <asm/current.h>
#include <asm/hvm/nestedhvm.h>
#include <asm/hvm/svm/vmcb.h>
#include <asm/hvm/vmx/vmx.h>

#include "nmi.h"
#include "stack.h"

/*
 * do_softirq() was called by the entry code that is about to enter the guest:
 * nothing of Xen is under way on this stack, so no lock is held.  (Softirqs
 * are also run in the middle of long operations.)  What lies right below the
 * guest's registers is where the outermost call returns to.
 */
static bool on_the_way_back(void)
{
    const unsigned long *end = (const unsigned long *)guest_cpu_user_regs();
    const uint8_t *ret = (const uint8_t *)end[-1];
    int32_t distance;

    if ( !is_active_kernel_text((unsigned long)ret) )
        return false;
    memcpy(&distance, ret - sizeof(distance), sizeof(distance));

    return ret[-5] == 0xe8 /* call */ &&
           ret + distance == (const uint8_t *)do_softirq;
}

/* This vCPU's VMCB or VMCS is loaded. */
static unsigned int mode_hvm(const struct vcpu *v)
{
    unsigned long cs_ar, ss_ar;
    bool user, wide;

    if ( cpu_has_svm )
    {
        const struct vmcb_struct *vmcb = v->arch.hvm.svm.vmcb;

        user = vmcb_get_cpl(vmcb) == 3;
        wide = vmcb->cs.l;
    }
    else
    {
        __vmread(GUEST_CS_AR_BYTES, &cs_ar);
        __vmread(GUEST_SS_AR_BYTES, &ss_ar);
        user = ((ss_ar >> 5) & 3) == 3;
        wide = cs_ar & X86_SEG_AR_CS_LM_ACTIVE;
    }

    return XPROF_MODE_HVM | (user ? XPROF_MODE_USER : XPROF_MODE_KERNEL) |
           (wide ? 0 : XPROF_MODE_32) |
           (nestedhvm_vcpu_in_guestmode((struct vcpu *)v) ? XPROF_MODE_NESTED
                                                          : 0);
}

static void look(struct xprof_place *p)
{
    const struct vcpu *v = current;
    const struct cpu_user_regs *regs = guest_cpu_user_regs();
    uint64_t mask;

    if ( is_hvm_vcpu(v) )
    {
        p->mode = mode_hvm(v);
        p->cr3 = v->arch.hvm.guest_cr[3] & XPROF_CR3_ROOT;
    }
    else
    {
        p->mode = xprof_mode_pv(v, regs);
        p->cr3 = pagetable_get_paddr(v->arch.guest_table);
    }
    mask = p->mode & XPROF_MODE_32 ? 0xffffffffu : ~0ull;
    p->ip = regs->rip & mask;
    p->sp = regs->rsp & mask;
    p->bp = regs->rbp & mask;
}

static bool has_moved(const struct xprof_stack_note *note)
{
    const struct cpu_user_regs *regs = guest_cpu_user_regs();

    if ( note->vcpu != current ||
         note->rec.domid != current->domain->domain_id )
        return true;

    return (note->rec.mode & XPROF_MODE_CODE) != XPROF_MODE_XEN &&
           (note->ip != regs->rip || note->sp != regs->rsp);
}

static void head(struct xprof_stack *rec, const struct xprof_stack_note *note)
{
    *rec = (struct xprof_stack){
        .rec = { .type = XPROF_REC_STACK, .event = XPROF_STACK_GUEST,
                 .mode = note->rec.mode, .size = sizeof(*rec) / 8,
                 .domid = note->rec.domid, .vcpu = note->rec.vcpu },
        .tsc = note->tsc,
        .ip = note->ip,
        .sp = note->sp,
        .cr3 = note->cr3,
    };
}

static void head_of_place(struct xprof_stack *rec,
                          const struct xprof_stack_note *note,
                          const struct xprof_place *p)
{
    head(rec, note);
    rec->rec.mode = p->mode;
    rec->ip = p->ip;
    rec->sp = p->sp;
    rec->bp = p->bp;
    rec->cr3 = p->cr3;
}

static struct xprof_stack *next(struct xprof_stack *rec)
{
    return (void *)rec + rec->rec.size * 8;
}

/* The next record of a copy: words from sp + offset on. Returns how many bytes of them there were. */
static unsigned int fill(struct xprof_stack *rec,
                         const struct xprof_stack_note *note,
                         const struct xprof_place *p, uint32_t offset,
                         unsigned int want)
{
    bool user = (p->mode & XPROF_MODE_CODE) == XPROF_MODE_USER;
    unsigned int got = 0;

    head_of_place(rec, note, p);
    rec->offset = offset;
    if ( want )
        got = xprof_copy_guest(rec + 1, p->sp + offset, want, user) & ~7u;
    rec->rec.size += got / 8;

    return got;
}

/* Copies a stack to where rec points to, as whole records. Returns the last of them. */
static struct xprof_stack *copy(struct xprof_stack *rec,
                                const struct xprof_stack_note *note,
                                const struct xprof_place *p, uint32_t limit,
                                unsigned int flags)
{
    uint32_t offset = 0;
    unsigned int want, got;

    for ( ; ; rec = next(rec) )
    {
        want = min(limit - offset, 8 * XPROF_STACK_MAX_WORDS);
        got = fill(rec, note, p, offset, want);
        rec->flags = flags | XPROF_STACK_F_MORE;
        offset += got;
        if ( got < want || offset >= limit )
            return rec;
    }
}

/* Returns the snapshot's bytes, which lie in st->buffer: whole records. */
static unsigned int snapshot(struct xprof_stacks *st,
                             const struct xprof_stack_note *note,
                             const struct xprof_place *p, bool can_copy)
{
    struct xprof_stack *rec = (void *)st->buffer;
    struct xprof_place process;

    if ( can_copy && xprof_find_process(&process, p) )
        rec = next(copy(rec, note, &process, st->bytes,
                        XPROF_STACK_F_PROCESS));
    rec = copy(rec, note, p, can_copy ? st->bytes : 0, 0);
    rec->flags = XPROF_STACK_F_TRUNCATED;

    return (void *)next(rec) - (void *)st->buffer;
}

static bool write_bare(struct xprof_cpu *c, struct xprof_stack *rec,
                       unsigned int flags)
{
    rec->flags = flags;

    return xprof_ring_insert(&c->records.ring, rec, sizeof(*rec));
}

enum written {
    NOTHING,  /* so far */
    SNAPSHOT, /* others can say that they are the same */
    NO_ROOM
};

/* The vCPU is where it was. */
static enum written settle_here(struct xprof_cpu *c,
                                const struct xprof_stack_note *note,
                                const struct xprof_place *p, bool can_copy,
                                enum written before)
{
    struct xprof_stacks *st = c->stacks;
    struct xprof_stack rec;
    bool written;

    if ( before == NOTHING )
        written = xprof_ring_insert(&c->records.ring, st->buffer,
                                    snapshot(st, note, p, can_copy));
    else if ( before == SNAPSHOT )
    {
        head_of_place(&rec, note, p);
        written = write_bare(c, &rec, XPROF_STACK_F_SAME);
    }
    else
        written = false;

    if ( !written )
        st->lost++;

    return before == NOTHING ? (written ? SNAPSHOT : NO_ROOM) : before;
}

static void settle_moved(struct xprof_cpu *c, struct xprof_stacks *st,
                         const struct xprof_stack_note *note)
{
    struct xprof_stack rec;

    head(&rec, note);
    if ( write_bare(c, &rec, XPROF_STACK_F_MOVED) )
        st->moved++;
    else
        st->lost++;
}

/* NMIs write to the other side from here on. */
static struct xprof_stack_side *turn(struct xprof_stacks *st)
{
    struct xprof_stack_side *side = &st->side[st->active];

    ACCESS_ONCE(st->active) ^= 1;
    barrier();

    return side;
}

static enum written settle_side(struct xprof_cpu *c,
                                const struct xprof_place *p, bool can_copy,
                                enum written before)
{
    struct xprof_stack_side *side = turn(c->stacks);
    unsigned int i;

    for ( i = 0; i < side->nr; i++ )
    {
        if ( has_moved(&side->note[i]) )
            settle_moved(c, c->stacks, &side->note[i]);
        else
            before = settle_here(c, &side->note[i], p, can_copy, before);
    }
    side->nr = 0;

    return before;
}

/* A quarter of a CPU's time is for stacks, no more: guests must get on. */
static void account(struct xprof_stacks *st, uint64_t begin)
{
    uint64_t now = rdtsc(), ticks = now - begin;

    st->ticks += ticks;
    if ( ticks > st->longest )
        st->longest = ticks;
    st->rest_until = now + 3 * ticks;
}

void xprof_stacks_settle(struct xprof_cpu *c)
{
    struct xprof_stacks *st = c->stacks;
    enum written written;
    struct xprof_place p = {};
    uint64_t begin;
    bool can_copy;

    if ( !ACCESS_ONCE(st->side[st->active].nr) )
        return;

    begin = rdtsc();
    ACCESS_ONCE(st->inside) = true;
    barrier();
    if ( !is_idle_vcpu(current) )
        look(&p);
    can_copy = begin >= st->rest_until && on_the_way_back() &&
               xprof_can_copy_guest();
    written = settle_side(c, &p, can_copy, NOTHING);
    settle_side(c, &p, can_copy, written); /* what NMIs have noted meanwhile */
    barrier();
    ACCESS_ONCE(st->inside) = false;
    barrier();
    if ( ACCESS_ONCE(st->side[st->active].nr) )
        raise_softirq(VCPU_KICK_SOFTIRQ); /* one came just now, and did not */
    account(st, begin);
}

void xprof_stacks_give_up(struct xprof_cpu *c, struct xprof_stacks *st)
{
    struct xprof_stack_side *side = turn(st);
    unsigned int i;

    for ( i = 0; i < side->nr; i++ )
        settle_moved(c, st, &side->note[i]);
    side->nr = 0;
    xprof_ring_reveal(&c->records.ring); /* whatever NMIs came between when something was inserted last */
}

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
