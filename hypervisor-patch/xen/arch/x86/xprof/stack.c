/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks, in the NMI: Xen's own is copied, the guest's noted.  And the life of
 * both halves.
 *
 * Sessions with stacks have this handler around the source's own, so that
 * those without it are what they always were.  As everything in an NMI this
 * takes no lock and touches nothing that could fault (nmi.h): of the stack
 * that Xen was interrupted on only the primary one of this CPU is read, whose
 * two pages are always mapped; the others (IST stacks; a guest's, in the first
 * instructions of a system call) are left out.
 *
 * Unlike other handlers it raises something: a bit of this CPU's pending
 * softirqs, by one locked instruction.  Xen looks at it before it enters a
 * guest, with interrupts off; where the NMI may have come behind that look,
 * in Xen code with interrupts off, an IPI to this CPU itself makes the guest
 * exit again before its first instruction.  (A PV guest that was interrupted
 * gets that IPI from Xen's own NMI exit path; out of an HVM one there is no
 * way back but by that look.)
 *
 * The softirq is VCPU_KICK_SOFTIRQ, whose own handler is empty: all it wants
 * is that look.  It comes after the scheduler's, where the vCPU may be taken
 * off this CPU, so those have the same look first.
 */
#include <xen/lib.h>
#include <xen/sched.h>
#include <xen/smp.h>
#include <xen/softirq.h>
#include <xen/vmap.h>
#include <asm/current.h>
#include <asm/irq.h>
#include <asm/processor.h>
#include <asm/setup.h>
#include <asm/smp.h>

#include <irq_vectors.h>

#include "nmi.h"
#include "pmu.h"
#include "stack.h"

#define softirq_handlers XPROF_STATIC(softirq_handlers)

/* ---- NMI -----------------------------------------------------------------*/

nmi_callback_t *__read_mostly xprof_nmi_inner;

/* How many words of Xen's own stack lie from sp up to the guest's registers. False: it is another stack. */
static bool own_words(unsigned long sp, unsigned int *nr)
{
    unsigned long end = (unsigned long)guest_cpu_user_regs();
    unsigned long top = (end | (STACK_SIZE - 1)) + 1;

    if ( sp < top - XPROF_PRIMARY_STACK || sp >= top || (sp & 7) )
        return false;

    /* On the way into a guest its registers are popped: nothing of Xen's is left then. */
    *nr = sp < end ? (end - sp) / 8 : 0;

    return true;
}

static void take_own(struct xprof_cpu *c, const struct cpu_user_regs *regs,
                     const struct xprof_rec *of, uint64_t cr3)
{
    struct xprof_stacks *st = c->stacks;
    struct xprof_ring *ring = &c->records.ring;
    struct xprof_stack *rec;
    unsigned int nr = 0, bytes;
    uint16_t flags = own_words(regs->rsp, &nr) ? 0 : XPROF_STACK_F_TRUNCATED;

    if ( nr >= XPROF_STACK_XEN_WORDS )
    {
        nr = XPROF_STACK_XEN_WORDS;
        flags = XPROF_STACK_F_TRUNCATED;
    }
    bytes = sizeof(*rec) + nr * 8;

    st->asked[XPROF_STACK_XEN]++;
    if ( !xprof_ring_has_room(ring, bytes) )
    {
        st->no_room[XPROF_STACK_XEN]++;
        return;
    }

    rec = xprof_ring_next(ring);
    *rec = (struct xprof_stack){
        .rec = *of,
        .tsc = c->last_tsc,
        .ip = regs->rip,
        .sp = regs->rsp,
        .bp = regs->rbp,
        .cr3 = cr3,
        .flags = flags,
    };
    rec->rec.type = XPROF_REC_STACK;
    rec->rec.event = XPROF_STACK_XEN;
    rec->rec.size = bytes / 8;
    if ( nr )
        memcpy(rec + 1, _p(regs->rsp), nr * 8);
    xprof_ring_commit(ring, bytes);
}

/* The stack pointer of a guest that this NMI interrupted. */
static uint64_t guest_sp(const struct vcpu *v, const struct cpu_user_regs *regs)
{
    return is_hvm_vcpu(v) && !guest_mode(regs) ? v->arch.hvm.svm.vmcb->rsp
                                               : regs->rsp;
}

static void note_guest(struct xprof_cpu *c, const struct cpu_user_regs *regs,
                       const struct xprof_sample *s)
{
    const struct vcpu *v = current;
    struct xprof_stacks *st = c->stacks;
    struct xprof_stack_side *side = &st->side[ACCESS_ONCE(st->active)];
    bool in_xen = (s->rec.mode & XPROF_MODE_CODE) == XPROF_MODE_XEN;

    st->asked[XPROF_STACK_GUEST]++;
    if ( side->nr >= XPROF_STACK_NOTES )
        st->no_room[XPROF_STACK_GUEST]++;
    else
    {
        side->note[side->nr] = (struct xprof_stack_note){
            .tsc = c->last_tsc,
            .cr3 = s->cr3,
            .ip = in_xen ? 0 : s->ip,
            .sp = in_xen ? 0 : guest_sp(v, regs),
            .vcpu = v,
            .rec = s->rec,
        };
        barrier();
        side->nr++;
    }

    if ( ACCESS_ONCE(st->inside) )
        return;

    set_bit(VCPU_KICK_SOFTIRQ, &softirq_pending(c->cpu));
    if ( in_xen && !(regs->eflags & X86_EFLAGS_IF) )
        send_IPI_self(EVENT_CHECK_VECTOR);
}

static void take_stacks(struct xprof_cpu *c, const struct cpu_user_regs *regs)
{
    const struct vcpu *v = current;
    struct xprof_sample s = {
        .rec = { .domid = v->domain->domain_id, .vcpu = v->vcpu_id },
    };

    s.rec.mode = xprof_context(v, regs, &s);
    if ( (s.rec.mode & XPROF_MODE_CODE) == XPROF_MODE_XEN )
        take_own(c, regs, &s.rec, s.cr3);
    if ( !is_idle_vcpu(v) )
        note_guest(c, regs, &s);
}

xprof_nmi_ret_t cf_check xprof_nmi_stacks(const struct cpu_user_regs *regs,
                                          int cpu)
{
    struct xprof_cpu *c = xprof_nmi_cpus[cpu];
    uint64_t prod = c ? c->records.ring.prod : 0, now;
    xprof_nmi_ret_t ours = xprof_nmi_inner(regs, cpu);

    /* What it writes last is a sample, and of its tsc. */
    if ( !c || c->records.ring.prod == prod )
        return ours;

    now = xprof_now();
    take_stacks(c, regs);
    c->handler_ticks += rdtsc() - now;

    return ours;
}

/* ---- Softirq -------------------------------------------------------------*/

static struct xprof_cpu **__read_mostly stack_cpus; /* by CPU id; NULL: no session with stacks runs */
static uint8_t busy[NR_CPUS]; /* a handler of ours is at work on that CPU, and may use stack_cpus */

static void settle(void)
{
    unsigned int cpu = smp_processor_id();
    struct xprof_cpu **cpus;

    ACCESS_ONCE(busy[cpu]) = true;
    smp_mb(); /* xprof_stacks_stop() sees busy, or this sees its NULL */
    cpus = ACCESS_ONCE(stack_cpus);
    if ( cpus && cpus[cpu] )
        xprof_stacks_settle(cpus[cpu]);
    smp_mb();
    ACCESS_ONCE(busy[cpu]) = false;
}

/* What stood in Xen's table. */
static softirq_handler stock_kick, stock_schedule, stock_slave;

static void cf_check softirq_kick(void)
{
    settle();
    stock_kick();
}

/* These two may never return: nothing is left to be done behind them. */
static void cf_check softirq_schedule(void)
{
    settle();
    stock_schedule();
}

static void cf_check softirq_slave(void)
{
    settle();
    stock_slave();
}

static const struct {
    unsigned int nr;
    softirq_handler ours, *stock;
} hooks[] = {
    { VCPU_KICK_SOFTIRQ, softirq_kick, &stock_kick },
    { SCHEDULE_SOFTIRQ, softirq_schedule, &stock_schedule },
    { SCHED_SLAVE_SOFTIRQ, softirq_slave, &stock_slave },
};

static bool is_hooked(unsigned int i)
{
    return ACCESS_ONCE(softirq_handlers[hooks[i].nr]) == hooks[i].ours;
}

bool xprof_stacks_active(void)
{
    unsigned int i;

    for ( i = 0; i < ARRAY_SIZE(hooks); i++ )
        if ( is_hooked(i) )
            return true;

    return false;
}

/* ---- Life ----------------------------------------------------------------*/

/* A Xen that protects its table once it has booted could not be asked this way. (4.17 does not.) */
bool xprof_stacks_can(void)
{
    const char *table = (const char *)softirq_handlers;

    return table < __ro_after_init_start || table >= __ro_after_init_end;
}

int xprof_stacks_create(struct xprof_session *s, struct xprof_cpu *c)
{
    if ( !(s->flags & XPROF_OPEN_STACKS) )
        return 0;

    c->stacks = vzalloc(sizeof(*c->stacks) + XPROF_STACK_BYTES(s->stack_bytes));
    if ( !c->stacks )
        return -ENOMEM;
    c->stacks->bytes = s->stack_bytes;

    return 0;
}

void xprof_stacks_free(struct xprof_cpu *c)
{
    vfree(c->stacks);
    c->stacks = NULL;
}

void xprof_stacks_start(struct xprof_session *s)
{
    unsigned int i;

    if ( !(s->flags & XPROF_OPEN_STACKS) || xprof_stacks_active() )
        return;

    ACCESS_ONCE(stack_cpus) = s->cpu;
    for ( i = 0; i < ARRAY_SIZE(hooks); i++ )
    {
        *hooks[i].stock = softirq_handlers[hooks[i].nr];
        smp_wmb();
        ACCESS_ONCE(softirq_handlers[hooks[i].nr]) = hooks[i].ours;
    }
}

void xprof_stacks_stop(struct xprof_session *s)
{
    unsigned int cpu, i;

    if ( !(s->flags & XPROF_OPEN_STACKS) )
        return;

    for ( i = 0; i < ARRAY_SIZE(hooks); i++ )
        if ( is_hooked(i) )
            ACCESS_ONCE(softirq_handlers[hooks[i].nr]) = *hooks[i].stock;
    ACCESS_ONCE(stack_cpus) = NULL;
    smp_mb();
    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        while ( ACCESS_ONCE(busy[cpu]) )
            cpu_relax(); /* it copies for some microseconds, and waits for nobody who waits for this */

    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        if ( s->cpu[cpu] )
            xprof_stacks_give_up(s->cpu[cpu], s->cpu[cpu]->stacks);
}

void xprof_stacks_publish(struct xprof_cpu *c)
{
    struct xprof_ring_header *h = c->records.ring.header;
    const struct xprof_stacks *st = c->stacks;
    unsigned int part;

    for ( part = 0; part < XPROF_STACK_PARTS; part++ )
    {
        ACCESS_ONCE(h->stacks[part]) = st->asked[part];
        ACCESS_ONCE(h->stacks_lost[part]) =
            st->no_room[part] + (part == XPROF_STACK_GUEST ? st->lost : 0);
    }
    ACCESS_ONCE(h->stacks_moved) = st->moved;
    ACCESS_ONCE(h->stack_ticks) = st->ticks;
    ACCESS_ONCE(h->stack_max) = st->longest;
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
