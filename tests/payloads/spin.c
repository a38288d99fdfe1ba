/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hypervisor that spins with interrupts off: each CPU in turn, for
 * SPIN_MS, SPIN_ROUNDS times.  Between two spins everybody is free for
 * SPIN_PAUSE_MS, and while one CPU spins no other one does.
 *
 * Begins FIRST_MS after it was applied.  Console:
 *   xprof-test: spin ADDRESS SIZE      of xprof_test_spin()
 *   xprof-test: spun CPU TICKS         TSC ticks of one spin, after each
 *   xprof-test: spin done              after the last one
 * Reverting it before the end is fine.
 */
#include <xen/cpumask.h>
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>
#include <xen/time.h>
#include <xen/timer.h>
#include <asm/msr.h>
#include <asm/time.h>

#define SPIN_MS       100
#define SPIN_PAUSE_MS 150
#define SPIN_ROUNDS   5
#define FIRST_MS      1000

void xprof_test_spin(uint64_t ticks);
extern const unsigned long xprof_test_spin_size;

static struct timer timer;
static unsigned int round;

/* The timer itself moves from CPU to CPU. */
static void cf_check turn(void *unused)
{
    unsigned int cpu = smp_processor_id();
    uint64_t start = rdtsc();

    xprof_test_spin(SPIN_MS * (uint64_t)cpu_khz);
    printk("xprof-test: spun %u %lu\n", cpu, rdtsc() - start);

    cpu = cpumask_next(cpu, &cpu_online_map);
    if ( cpu >= nr_cpu_ids )
    {
        cpu = cpumask_first(&cpu_online_map);
        if ( ++round == SPIN_ROUNDS )
        {
            printk("xprof-test: spin done\n");
            return;
        }
    }
    migrate_timer(&timer, cpu);
    set_timer(&timer, NOW() + MILLISECS(SPIN_PAUSE_MS));
}

static void cf_check begin(livepatch_payload_t *payload)
{
    printk("xprof-test: spin %p %lu\n", xprof_test_spin, xprof_test_spin_size);
    init_timer(&timer, turn, NULL, cpumask_first(&cpu_online_map));
    set_timer(&timer, NOW() + MILLISECS(FIRST_MS));
}
LIVEPATCH_POSTAPPLY_HOOK(begin);

/* Before the CPUs are stopped: a spin may still be under way. */
static int cf_check end(livepatch_payload_t *payload)
{
    kill_timer(&timer);

    return 0;
}
LIVEPATCH_PREREVERT_HOOK(end);
