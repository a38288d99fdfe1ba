// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-collect: what the collector's work on a sample costs, from the ring to
 * the file, on this machine.
 *
 * Rings in ordinary memory are filled as Xen would fill them (that is not
 * measured) and drained as the collector drains them, ten passes and one flush
 * a second; compression and the noting of addresses for names are included,
 * waiting and the kernel's part of poll() are not.
 *
 *   bench-collect [SECONDS [HZ [CPUS]]]     default 60 s at 1000 Hz on 2 CPUs
 */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/collect/drain.h"
#include "lib/sym/names.h"

#define MAX_CPUS 64u
#define RING (64u << 10)
#define TSC_HZ 2300000000ull
#define LIMIT_PERCENT 0.2 /* of a CPU for 1,000 samples a second */

struct fake {
	struct xprof_ring_header *header;
	struct xprof_sample *data;
	struct xprof_ctl_slot slot;
	uint64_t tsc;
};

struct bench {
	struct fake fakes[MAX_CPUS];
	struct xp_ring rings[MAX_CPUS];
	unsigned int cpus, hz, seconds;
	struct xp_writer *w;
	struct xp_names *names;
	struct xp_collect_sink sink;
	struct xp_drain drain;
	uint64_t cpu_ns, instructions;
	int counter; /* of instructions, -1: there is none */
	uint64_t random;
};

static int die(const struct xp_err *err)
{
	fprintf(stderr, "bench-collect: %s\n", err->text);
	exit(1);
}

static uint64_t next_random(struct bench *b)
{
	b->random = b->random * 6364136223846793005ull + 1442695040888963407ull;
	return b->random >> 33;
}

/* Where in its image a sample lies: loops are hot. As on the testbed's host, about 4 of 10 in a second are distinct. */
static uint64_t offset(struct bench *b)
{
	if (next_random(b) % 10 < 6)
		return next_random(b) % 12 * 64;
	return next_random(b) % 3000 * 16;
}

static void fill_sample(struct bench *b, struct fake *f, struct xprof_sample *s)
{
	static const uint64_t bases[] = { 0xffff82d040200000, 0xffffffff81000000, 0x7f0000000000 };
	unsigned int mode = (unsigned int)(next_random(b) % 3), domid = (unsigned int)(next_random(b) % 3);

	f->tsc += TSC_HZ / b->hz + next_random(b) % 20000;
	memset(s, 0, sizeof(*s));
	s->rec.type = XPROF_REC_SAMPLE;
	s->rec.size = sizeof(*s) / 8;
	s->rec.mode = (uint8_t)mode;
	s->rec.domid = (uint16_t)domid;
	s->rec.vcpu = (uint16_t)(next_random(b) % 2);
	s->tsc = f->tsc;
	s->ip = bases[mode] + offset(b);
	s->cr3 = 0x100000 + (domid * 16 + next_random(b) % 10 / 9) * 4096;
}

/* n samples, as an NMI handler leaves them. */
static void produce(struct bench *b, struct fake *f, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		fill_sample(b, f, f->data + (f->header->prod & (RING - 1)) / sizeof(*f->data));
		f->header->prod += sizeof(struct xprof_sample);
		f->header->produced[0]++;
	}
}

static void fake_init(struct bench *b, unsigned int cpu)
{
	struct fake *f = &b->fakes[cpu];
	char *base = aligned_alloc(XPROF_PAGE_SIZE, XPROF_PAGE_SIZE + RING); /* samples never lie across its end */
	struct xp_err err;

	if (!base)
		exit(1);
	memset(base, 0, XPROF_PAGE_SIZE + RING);
	f->header = (void *)base;
	f->data = (void *)(base + XPROF_PAGE_SIZE);
	f->header->magic = XPROF_MAGIC;
	f->header->abi = XPROF_ABI_VERSION;
	f->header->cpu = cpu;
	f->header->size = RING;
	if (xp_ring_init(&b->rings[cpu], base, &f->slot, cpu, RING, &err) < 0)
		die(&err);
}

static void on_samples(void *arg, uint32_t cpu, const struct xprof_sample *samples, size_t n)
{
	struct bench *b = arg;

	(void)cpu;
	if (b->names)
		xp_names_sample(b->names, samples, n);
}

static uint64_t thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t count(const struct bench *b)
{
	uint64_t n;

	return b->counter >= 0 && read(b->counter, &n, sizeof(n)) == (ssize_t)sizeof(n) ? n : 0;
}

static int open_counter(void)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr), .type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_INSTRUCTIONS,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static void drain(struct bench *b, bool flush)
{
	uint64_t ns = thread_ns(), n = count(b);
	struct xp_err err;

	if (xp_drain_pass(&b->drain, &err) < 0 || (flush && xp_writer_flush(b->w, &err) < 0))
		die(&err);
	b->instructions += count(b) - n;
	b->cpu_ns += thread_ns() - ns;
}

static void run(struct bench *b)
{
	for (unsigned int tenth = 1; tenth <= b->seconds * 10; tenth++) {
		for (unsigned int cpu = 0; cpu < b->cpus; cpu++)
			produce(b, &b->fakes[cpu], b->hz / 10);
		drain(b, tenth % 10 == 0);
	}
}

static int print(const struct bench *b)
{
	double samples = (double)b->drain.nr_delivered;
	double ns = (double)b->cpu_ns / samples, percent = ns / 1e9 * 1000 * 100;

	printf("samples            %.0f (%u s at %u Hz on %u CPUs)\n", samples, b->seconds, b->hz, b->cpus);
	printf("time per sample    %.0f ns\n", ns);
	printf("share of a CPU     %.4f%% for 1,000 samples/s (limit %.1f%%)\n", percent, LIMIT_PERCENT);
	if (b->instructions)
		printf("instructions       %.0f a sample\n", (double)b->instructions / samples);
	printf("profile            %.2f bytes a sample, without names\n", (double)xp_writer_bytes(b->w) / samples);
	return percent < LIMIT_PERCENT ? 0 : 1;
}

static unsigned int argument(char **argv, int argc, int i, unsigned int otherwise)
{
	return i < argc ? (unsigned int)strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct xp_names_config cfg = { .no_perf = true, .no_hypercall = true };
	const struct xp_collect_config config = { .nr_events = 0 };
	struct xp_event event = { .name = (char *)"timer", .source = (char *)"ipi", .modifiers = (char *)"" };
	struct xp_err err;

	b.seconds = argument(argv, argc, 1, 60);
	b.hz = argument(argv, argc, 2, 1000);
	b.cpus = argument(argv, argc, 3, 2);
	if (!b.seconds || b.hz < 10 || b.hz / 10 > RING / sizeof(struct xprof_sample) || !b.cpus || b.cpus > MAX_CPUS) {
		fprintf(stderr, "usage: bench-collect [SECONDS [HZ (10 to 20000) [CPUS (1 to %u)]]]\n", MAX_CPUS);
		return 2;
	}
	for (unsigned int cpu = 0; cpu < b.cpus; cpu++)
		fake_init(&b, cpu);
	b.counter = open_counter();
	b.sink.arg = &b;
	b.sink.samples = on_samples;
	if (xp_writer_open(&b.w, "/dev/null", &err) < 0 || xp_write_event(b.w, &event, &err) < 0 ||
	    xp_names_open(&b.names, b.w, &cfg, &err) < 0 ||
	    xp_drain_init(&b.drain, b.rings, b.cpus, b.w, &b.sink, &config, &err) < 0)
		die(&err);
	run(&b);
	return print(&b);
}
