/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Source HPET: one comparator in periodic FSB mode whose message is an NMI to
 * every CPU.  [IA-PC HPET Specification 1.0a, 2.3.8 and 2.3.9.2.2: registers;
 * Intel SDM vol. 3, "Message Address/Data Register Format": the message.]
 *
 * It may be used only while every present CPU is online: a broadcast NMI that
 * hits a CPU between its start-up IPI and its IDT is a triple fault.
 */
#include <xen/cpumask.h>
#include <xen/delay.h>
#include <xen/iommu.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <asm/apic.h>
#include <asm/fixmap.h>
#include <asm/hpet.h>
#include <asm/page.h>

#include "compat.h"
#include "source.h"

#define MSG_NMI_DATA      0x400u                     /* delivery mode NMI, edge */
#define MSG_BROADCAST     (0xfee00000u | (0xffu << 12)) /* physical destination 0xff */
#define FEMTOSECS_PER_NS  1000000u
#define FIRST_TICK        MILLISECS(20)

static unsigned int comparator;   /* which one is ours */
static bool running;
static uint32_t saved_cfg, saved_route[2];
static uint32_t period_ticks;     /* of the HPET's counter */
static uint32_t last_tick;        /* counter's value at some tick that was due */

static bool hpet_is_mapped(void)
{
    unsigned long va = __fix_to_virt(FIX_HPET_BASE);

    return l1e_get_flags(l1_fixmap[l1_table_offset(va)]) & _PAGE_PRESENT;
}

/* The last comparator that can do it and that nobody uses; -1: none. */
static int comparator_find(void)
{
    unsigned int last = MASK_EXTR(hpet_read32(HPET_ID), HPET_ID_NUMBER);
    const uint32_t caps = HPET_TN_PERIODIC_CAP | HPET_TN_FSB_CAP;
    int i;

    for ( i = last; i >= 0; i-- )
        if ( (hpet_read32(HPET_Tn_CFG(i)) & (caps | HPET_TN_ENABLE)) == caps )
            return i;

    return -1;
}

unsigned int xprof_hpet_why(void)
{
    if ( !hpet_is_mapped() ||
         !(hpet_read32(HPET_CFG) & HPET_CFG_ENABLE) )
        return XPROF_WHY_NO_HPET;
    if ( XPROF_STATIC(hpet_events) )
        return XPROF_WHY_HPET_IN_USE;
    if ( iommu_intremap )
        return XPROF_WHY_INTREMAP;
    if ( x2apic_enabled )
        return XPROF_WHY_X2APIC;
    if ( !cpumask_equal(&cpu_present_map, &cpu_online_map) )
        return XPROF_WHY_CPU_OFFLINE;
    if ( !running && comparator_find() < 0 )
        return XPROF_WHY_NO_FSB;

    return XPROF_WHY_OK;
}

static uint64_t hpet_ticks(s_time_t ns)
{
    return (uint64_t)ns * FEMTOSECS_PER_NS / hpet_read32(HPET_PERIOD);
}

void xprof_hpet_round(struct xprof_session *s)
{
    s->period = hpet_ticks(s->period) * hpet_read32(HPET_PERIOD) /
                FEMTOSECS_PER_NS;
}

/*
 * First the time of the first tick, then the period, then on.  QEMU takes both
 * writes of the comparator for the period, and the second one counts: the
 * first tick must not come between the two.  Enabled before, the comparator
 * could match what was left in it.
 */
static void comparator_program(uint32_t first)
{
    uint32_t cfg = (saved_cfg & ~(HPET_TN_LEVEL | HPET_TN_ROUTE)) |
                   HPET_TN_PERIODIC | HPET_TN_32BIT | HPET_TN_FSB;

    hpet_write32(MSG_NMI_DATA, HPET_Tn_ROUTE(comparator));
    hpet_write32(MSG_BROADCAST, HPET_Tn_ROUTE(comparator) + 4);
    hpet_write32(cfg | HPET_TN_SETVAL, HPET_Tn_CFG(comparator));
    hpet_write32(first, HPET_Tn_CMP(comparator));
    hpet_write32(period_ticks, HPET_Tn_CMP(comparator));
    hpet_write32(cfg | HPET_TN_ENABLE, HPET_Tn_CFG(comparator));
}

/*
 * Both clocks at one moment.  The access to the counter may take long (an
 * emulator's lock, an SMI): the width says how far apart they may be.  The TSC
 * is read first, so what is derived from it is early, never late.
 */
static uint64_t clocks_read(uint64_t *tsc, uint32_t *count)
{
    *tsc = rdtsc();
    *count = hpet_read32(HPET_COUNTER);

    return rdtsc() - *tsc;
}

static uint64_t counter_to_tsc(uint32_t ticks)
{
    uint64_t ns = (uint64_t)ticks * hpet_read32(HPET_PERIOD) /
                  FEMTOSECS_PER_NS;

    return ns * cpu_khz / 1000000;
}

void xprof_hpet_anchor(struct xprof_session *s)
{
    uint64_t tsc, width;
    uint32_t count;

    width = clocks_read(&tsc, &count);

    /* Before the first tick there is nothing to compare; a wide reading says too little. */
    if ( (int32_t)(count - last_tick) < 0 || width > s->period_tsc / 8 )
        return;

    last_tick += (count - last_tick) / period_ticks * period_ticks;
    ACCESS_ONCE(s->anchor_tsc) =
        tsc + counter_to_tsc(last_tick + period_ticks - count);
}

/* When the first tick will be, by the best of a few readings. */
static void anchor_first(struct xprof_session *s)
{
    uint64_t tsc, width, best = ~0ull;
    uint32_t count, first = hpet_ticks(FIRST_TICK);
    unsigned int i;

    for ( i = 0; i < 10; i++ )
    {
        width = clocks_read(&tsc, &count);
        if ( !i )
            last_tick = count + first;
        if ( width >= best )
            continue;
        best = width;
        s->anchor_tsc = tsc + counter_to_tsc(last_tick - count);
    }
}

void xprof_hpet_start(struct xprof_session *s)
{
    unsigned int cpu;

    period_ticks = hpet_ticks(s->period);
    anchor_first(s);

    for ( cpu = 0; cpu < s->nr_cpus; cpu++ )
        if ( s->cpu[cpu] )
        {
            s->cpu[cpu]->evidence.next_due_tsc = s->anchor_tsc;
            s->cpu[cpu]->evidence.anchor_tsc = s->anchor_tsc;
            s->cpu[cpu]->was_online = cpu_online(cpu);
        }

    comparator = comparator_find();
    saved_cfg = hpet_read32(HPET_Tn_CFG(comparator));
    saved_route[0] = hpet_read32(HPET_Tn_ROUTE(comparator));
    saved_route[1] = hpet_read32(HPET_Tn_ROUTE(comparator) + 4);
    running = true;
    comparator_program(last_tick);
}

void xprof_hpet_stop(void)
{
    if ( !running )
        return;

    running = false;
    hpet_write32(saved_cfg & ~HPET_TN_ENABLE, HPET_Tn_CFG(comparator));
    hpet_write32(saved_route[0], HPET_Tn_ROUTE(comparator));
    hpet_write32(saved_route[1], HPET_Tn_ROUTE(comparator) + 4);
    hpet_read32(HPET_Tn_CFG(comparator)); /* posted writes are done */
    udelay(50);                           /* a message on its way arrives */
    xprof_nmi_barrier();
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
