// SPDX-License-Identifier: GPL-2.0-or-later
#include "host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>

#include <asm/apic.h>
#include <asm/io.h>
#include <asm/nmi.h>
#include <asm/regs.h>
#include <asm/vpmu.h>
#include <asm/hvm/vmx/vmx.h>
#include <xen/delay.h>
#include <xen/event.h>
#include <xen/rwlock.h>
#include <xen/timer.h>

/* Xen's variables that the sources use. */
struct cpuinfo_x86 boot_cpu_data;
cpumask_t cpu_online_map;
unsigned int nr_cpu_ids, nmi_cpu, nmi_watchdog, vpmu_mode, lapic_nmi_owner, hv_irq_count;
unsigned long cpu_khz = 1000000; /* a tick is a nanosecond */
nmi_callback_t *nmi_callback;
rwlock_t cpu_add_remove_lock;
struct domain *hardware_domain;
char svm_stgi_label[1];

struct host host;
struct domain host_idle_domain = { .domain_id = DOMID_IDLE };
static struct vcpu idle_vcpu[HOST_CPUS];

static void die(const char *what, uint64_t a, uint64_t b)
{
	fprintf(stderr, "%s: %#llx, %#llx\n", what, (unsigned long long)a, (unsigned long long)b);
	abort();
}

/* ---- Registers -----------------------------------------------------------*/

struct pmu_model *host_pmu(void)
{
	return &host.pmu[host.cpu];
}

static uint64_t read_or_die(uint32_t msr)
{
	uint64_t value;

	if (!pmu_read(host_pmu(), msr, &value))
		die("RDMSR faults", msr, 0);
	return value;
}

static void write_or_die(uint32_t msr, uint64_t value)
{
	if (!pmu_write(host_pmu(), msr, value))
		die("WRMSR faults", msr, value);
}

static void answer(greg_t *regs, uint64_t value)
{
	regs[REG_RAX] = (uint32_t)value;
	regs[REG_RDX] = (greg_t)(value >> 32);
}

/* WRMSR is 0F 30, RDMSR 0F 32: operands in ECX, EDX:EAX. HLT, F4, stands for RDTSC (asm/msr.h). */
static void on_fault(int signal, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const unsigned char *code = (const unsigned char *)regs[REG_RIP];
	uint32_t msr = (uint32_t)regs[REG_RCX];

	(void)signal;
	if (info->si_code == SI_KERNEL && code[0] == 0xf4) {
		answer(regs, rdtsc());
		regs[REG_RIP]++;
		return;
	}
	if (info->si_code != SI_KERNEL || code[0] != 0x0f)
		die("fault at, of", (uint64_t)regs[REG_RIP], (uint64_t)(uintptr_t)info->si_addr);

	switch (code[1]) {
	case 0x30:
		write_or_die(msr, (uint32_t)regs[REG_RAX] | (uint64_t)regs[REG_RDX] << 32);
		break;
	case 0x32:
		answer(regs, read_or_die(msr));
		break;
	default:
		die("instruction faults", code[1], (uint64_t)regs[REG_RIP]);
	}
	regs[REG_RIP] += 2;
}

/* RDTSC may pass time, and with it take NMIs: the answer to a fault may fault. */
void host_answer_faults(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (sigaction(SIGSEGV, &action, NULL))
		abort();
}

int hv_rdmsr_safe(uint32_t msr, uint64_t *value)
{
	*value = 0;
	return pmu_read(host_pmu(), msr, value) ? 0 : -EFAULT;
}

int wrmsr_safe(uint32_t msr, uint64_t value)
{
	return pmu_write(host_pmu(), msr, value) ? 0 : -EFAULT;
}

uint64_t hv_rdpmc(uint32_t number)
{
	uint64_t value;

	if (!pmu_rdpmc(host_pmu(), number, &value))
		die("RDPMC faults", number, 0);
	return value;
}

void cpuid(unsigned int leaf, unsigned int *eax, unsigned int *ebx, unsigned int *ecx, unsigned int *edx)
{
	uint32_t regs[4];

	pmu_cpuid(host_pmu(), leaf, regs);
	*eax = regs[0];
	*ebx = regs[1];
	*ecx = regs[2];
	*edx = regs[3];
}

unsigned int cpuid_eax(unsigned int leaf)
{
	uint32_t regs[4];

	pmu_cpuid(host_pmu(), leaf, regs);
	return regs[0];
}

unsigned int cpuid_ebx(unsigned int leaf)
{
	uint32_t regs[4];

	pmu_cpuid(host_pmu(), leaf, regs);
	return regs[1];
}

unsigned int cpuid_ecx(unsigned int leaf)
{
	uint32_t regs[4];

	pmu_cpuid(host_pmu(), leaf, regs);
	return regs[2];
}

uint32_t apic_read(uint32_t reg)
{
	if (reg != APIC_LVTPC)
		die("APIC register", reg, 0);
	return host_pmu()->lvtpc;
}

void apic_write(uint32_t reg, uint32_t value)
{
	if (reg != APIC_LVTPC)
		die("APIC register", reg, value);
	host_pmu()->lvtpc = value;
}

uint8_t inb(uint16_t port)
{
	if (port != 0x61)
		die("port", port, 0);
	return host.port_61;
}

void __vmread(unsigned long field, unsigned long *value)
{
	if (!host.vmread_allowed)
		die("VMREAD although no guest was interrupted", field, 0);
	host.vmreads++;
	switch (field) {
	case GUEST_CS_AR_BYTES:
		*value = host.cs_ar;
		return;
	case GUEST_SS_AR_BYTES:
		*value = host.ss_ar;
		return;
	case GUEST_CR3:
		*value = host.cr3;
		return;
	}
	die("VMREAD", field, 0);
}

/* ---- CPUs, time, NMIs ----------------------------------------------------*/

unsigned int smp_processor_id(void)
{
	return host.cpu;
}

struct vcpu *hv_current(void)
{
	return host.vcpu[host.cpu];
}

const struct cpu_user_regs *hv_guest_regs(void)
{
	return &host.guest_regs;
}

/* What do_nmi() does, as far as callbacks go. */
static void take_nmi(void *arg)
{
	const struct cpu_user_regs *regs = host.in_guest ? &host.guest_regs : &host.regs;

	(void)arg;
	host.nmis++;
	if (nmi_callback && nmi_callback(regs, (int)host.cpu))
		return;
	host.nr_passed++;
	if (host.passed)
		host.passed();
}

void self_nmi(void)
{
	host.self_nmis++;
	pmu_external_nmi(host_pmu());
}

uint64_t rdtsc(void)
{
	uint64_t now = host_pmu()->tsc;

	if (host.rdtsc_cost)
		pmu_run_until(host_pmu(), now + host.rdtsc_cost);
	return now;
}

s_time_t hv_now(void)
{
	return (s_time_t)(host_pmu()->tsc * 1000000 / cpu_khz);
}

void udelay(unsigned long us)
{
	pmu_run_until(host_pmu(), host_pmu()->tsc + us * cpu_khz / 1000);
}

void host_run(uint64_t ticks)
{
	pmu_run_until(host_pmu(), host_pmu()->tsc + ticks);
}

const cpumask_t *cpumask_of(unsigned int cpu)
{
	static cpumask_t masks[HOST_CPUS];

	masks[cpu].bits = 1ull << cpu;
	return &masks[cpu];
}

void on_selected_cpus(const cpumask_t *cpus, void (*function)(void *), void *data, int wait)
{
	unsigned int here = host.cpu;

	(void)wait;
	for (host.cpu = 0; host.cpu < nr_cpu_ids; host.cpu++)
		if (cpus->bits & (1ull << host.cpu))
			function(data);
	host.cpu = here;
}

/* ---- Timers --------------------------------------------------------------*/

static struct timer *timers[2 * HOST_CPUS];

void init_timer(struct timer *timer, void (*function)(void *), void *data, unsigned int cpu)
{
	unsigned int i;

	*timer = (struct timer){ .function = function, .data = data, .cpu = cpu };
	for (i = 0; i < ARRAY_SIZE(timers) && timers[i] && timers[i] != timer; i++)
		;
	if (i == ARRAY_SIZE(timers))
		die("timers", i, 0);
	timers[i] = timer;
}

void set_timer(struct timer *timer, s_time_t expires)
{
	timer->expires = expires;
}

void kill_timer(struct timer *timer)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		if (timers[i] == timer)
			timers[i] = NULL;
}

static struct timer *first_timer(void)
{
	struct timer *first = NULL;

	for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
		if (timers[i] && timers[i]->cpu == host.cpu && timers[i]->expires &&
		    (!first || timers[i]->expires < first->expires))
			first = timers[i];
	return first;
}

static uint64_t tick_of(s_time_t time)
{
	return (uint64_t)time * cpu_khz / 1000000;
}

void host_run_timers(uint64_t ticks)
{
	uint64_t until = host_pmu()->tsc + ticks;
	struct timer *timer;

	while ((timer = first_timer()) && tick_of(timer->expires) <= until) {
		pmu_run_until(host_pmu(), tick_of(timer->expires));
		timer->expires = 0;
		timer->function(timer->data);
	}
	pmu_run_until(host_pmu(), until);
}

/* ---- The host as a whole -------------------------------------------------*/

void host_domain_init(struct domain *d, unsigned int domid, unsigned int serial)
{
	*d = (struct domain){ .domain_id = (uint16_t)domid, .max_vcpus = 2 };
	memset(d->handle, (int)serial, sizeof(d->handle));
}

static void be_a_cpu(enum pmu_kind kind)
{
	boot_cpu_data = kind == PMU_INTEL
		? (struct cpuinfo_x86){ .x86_vendor = X86_VENDOR_INTEL, .x86 = 6, .x86_model = 0x55, .cpuid_level = 0x16 }
		: (struct cpuinfo_x86){ .x86_vendor = X86_VENDOR_AMD, .x86 = kind == PMU_K7 ? 0xf : 0x19, .cpuid_level = 0x10 };
}

void host_init(enum pmu_kind kind, unsigned int version, unsigned int cpus)
{
	memset(&host, 0, sizeof(host));
	memset(timers, 0, sizeof(timers));
	be_a_cpu(kind);
	nr_cpu_ids = cpus;
	cpu_online_map.bits = (1ull << cpus) - 1;
	nmi_watchdog = NMI_NONE;
	vpmu_mode = XENPMU_MODE_OFF;
	lapic_nmi_owner = nmi_cpu = hv_irq_count = 0;
	nmi_callback = NULL;
	for (unsigned int i = 0; i < cpus; i++) {
		pmu_init(&host.pmu[i], kind, version);
		host.pmu[i].nmi = take_nmi;
		host.pmu[i].tsc = 1000000000;
		idle_vcpu[i] = (struct vcpu){ .vcpu_id = i, .domain = &host_idle_domain };
		host.vcpu[i] = &idle_vcpu[i];
	}
	host_answer_faults();
}

uint64_t host_seed(void)
{
	const char *set = getenv("XPROF_SEED");
	uint64_t seed = set ? strtoull(set, NULL, 0) : (uint64_t)time(NULL);

	printf("seed %llu (repeat with XPROF_SEED=)\n", (unsigned long long)seed);
	srand48((long)seed);
	return seed;
}

uint64_t host_random(void)
{
	return (uint64_t)mrand48() << 32 | (uint32_t)mrand48();
}
