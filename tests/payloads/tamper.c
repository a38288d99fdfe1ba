/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Somebody else who touches what a session of counters has, or only looks: by
 * Xen's debug keys (xl debug-keys N), so that no live patch is applied while
 * the session runs.  Reverting gives the keys back.
 *
 *   1  prints LVTPC and the counters' registers of each CPU:
 *      xprof-test: cpu 1 lvtpc=400 c0010000=530076 …, then "registers done"
 *   2  clears the last CPU's selects and masks its LVTPC, as S3 would
 *   3  moves the last CPU's counters past their overflow, and no NMI comes
 *   4  SENT NMIs without a cause on CPU 0, one in PAUSE_MS: "sent 100" at the end
 *   5  the same on the last CPU
 *
 * Counter 0 is left alone by 2 and 3: it may be the watchdog's.
 */
#include <xen/cpumask.h>
#include <xen/keyhandler.h>
#include <xen/lib.h>
#include <xen/livepatch.h>
#include <xen/livepatch_payload.h>
#include <xen/smp.h>
#include <xen/time.h>
#include <xen/timer.h>
#include <asm/apic.h>
#include <asm/msr.h>
#include <asm/processor.h>

#define SENT     100
#define PAUSE_MS 7
#define ENABLED  (1u << 22)

#define CORE_SELECT0   0xc0010200u
#define CORE_VALUE0    0xc0010201u
#define V2_CONTROL     0xc0000301u
#define FIXED_VALUE0   0x309u
#define FIXED_CONTROL  0x38du
#define INTEL_CONTROL  0x38fu

/* Where this CPU has its counters. */
struct layout {
    unsigned int general, fixed;
    uint32_t select0, value0, step;
    uint32_t control;   /* global; 0: none */
};

static struct timer timer;
static unsigned int sent;

static void look(struct layout *l)
{
    unsigned int eax, ebx, ecx, edx;

    *l = (struct layout){ .step = 1 };
    if ( boot_cpu_data.x86_vendor == X86_VENDOR_INTEL )
    {
        cpuid(0xa, &eax, &ebx, &ecx, &edx);
        l->general = (eax >> 8) & 0xff;
        l->select0 = MSR_P6_EVNTSEL(0);
        l->value0 = MSR_P6_PERFCTR(0);
        if ( (eax & 0xff) >= 2 )
        {
            l->fixed = edx & 0x1f;
            l->control = INTEL_CONTROL;
        }
        return;
    }

    l->general = 4;
    l->select0 = MSR_K7_EVNTSEL0;
    l->value0 = MSR_K7_PERFCTR0;
    if ( cpuid_ecx(0x80000001) & (1u << 23) )
    {
        l->general = 6;
        l->select0 = CORE_SELECT0;
        l->value0 = CORE_VALUE0;
        l->step = 2;
    }
    if ( cpuid_eax(0x80000000) >= 0x80000022 && (cpuid_eax(0x80000022) & 1) )
        l->control = V2_CONTROL;
}

static void print(uint32_t msr)
{
    uint64_t value;

    rdmsrl(msr, value);
    printk(" %x=%lx", msr, value);
}

static void cf_check print_here(void *unused)
{
    struct layout l;
    unsigned int i;

    look(&l);
    printk("xprof-test: cpu %u lvtpc=%x", smp_processor_id(), apic_read(APIC_LVTPC));
    for ( i = 0; i < l.general; i++ )
    {
        print(l.select0 + i * l.step);
        print(l.value0 + i * l.step);
    }
    for ( i = 0; i < l.fixed; i++ )
        print(FIXED_VALUE0 + i);
    if ( l.fixed )
        print(FIXED_CONTROL);
    if ( l.control )
        print(l.control);
    printk("\n");
}

static void cf_check registers(unsigned char key)
{
    unsigned int cpu;

    for_each_online_cpu ( cpu )
        on_selected_cpus(cpumask_of(cpu), print_here, NULL, 1);
    printk("xprof-test: registers done\n");
}

static void cf_check wipe_here(void *unused)
{
    struct layout l;
    unsigned int i;

    look(&l);
    for ( i = 1; i < l.general; i++ )
        wrmsrl(l.select0 + i * l.step, 0);
    if ( l.fixed )
        wrmsrl(FIXED_CONTROL, 0);
    apic_write(APIC_LVTPC, APIC_DM_NMI | APIC_LVT_MASKED);
    printk("xprof-test: wiped CPU %u\n", smp_processor_id());
}

static void cf_check stick_here(void *unused)
{
    struct layout l;
    unsigned int i;
    uint64_t value;

    look(&l);
    for ( i = 1; i < l.general; i++ )
    {
        rdmsrl(l.select0 + i * l.step, value);
        if ( value & ENABLED )
            wrmsrl(l.value0 + i * l.step, 0x1000);
    }
    for ( i = 0; i < l.fixed; i++ )
        wrmsrl(FIXED_VALUE0 + i, 0x1000);
    printk("xprof-test: stuck CPU %u\n", smp_processor_id());
}

static unsigned int last_cpu(void)
{
    return cpumask_last(&cpu_online_map);
}

static void cf_check wipe(unsigned char key)
{
    on_selected_cpus(cpumask_of(last_cpu()), wipe_here, NULL, 1);
}

static void cf_check stick(unsigned char key)
{
    on_selected_cpus(cpumask_of(last_cpu()), stick_here, NULL, 1);
}

/* On the CPU itself, outside of its NMI handler: no two of them merge. */
static void cf_check send(void *unused)
{
    self_nmi();
    if ( ++sent == SENT )
        printk("xprof-test: sent %u to CPU %u\n", sent, smp_processor_id());
    else
        set_timer(&timer, NOW() + MILLISECS(PAUSE_MS));
}

static void cf_check send_all(unsigned char key)
{
    kill_timer(&timer);
    sent = 0;
    init_timer(&timer, send, NULL, key == '4' ? 0 : last_cpu());
    set_timer(&timer, NOW() + MILLISECS(PAUSE_MS));
}

static const struct {
    unsigned char key;
    keyhandler_fn_t *fn;
} keys[] = {
    { '1', registers }, { '2', wipe }, { '3', stick }, { '4', send_all }, { '5', send_all },
};

static void cf_check begin(livepatch_payload_t *payload)
{
    unsigned int i;

    init_timer(&timer, send, NULL, 0);
    for ( i = 0; i < ARRAY_SIZE(keys); i++ )
        register_keyhandler(keys[i].key, keys[i].fn, "xprof-test", 0);
}
LIVEPATCH_POSTAPPLY_HOOK(begin);

/*
 * Not before the patch is reverted: that may time out, and then it stays.
 * (Only a debug build of Xen minds that a key is registered twice.)
 */
static void cf_check end(livepatch_payload_t *payload)
{
    unsigned int i;

    kill_timer(&timer);
    for ( i = 0; i < ARRAY_SIZE(keys); i++ )
        register_keyhandler(keys[i].key, NULL, NULL, 0);
}
LIVEPATCH_POSTREVERT_HOOK(end);

/*
 * Local variables:
 * mode: C
 * c-file-style: "BSD"
 * c-basic-offset: 4
 * tab-width: 4
 * indent-tabs-mode: nil
 * End:
 */
