// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts the instructions of each NMI, from its delivery (the first instruction
 * of its handler) to the IRET that ends it, seen from outside. Works for Xen and
 * for Linux on the bare machine; one CPU, because what is counted inline is one
 * variable for all.
 *
 * Arguments; addresses are hexadecimal:
 *   entry=ADDR             the NMI's handler (Xen: nmi; Linux: asm_exc_nmi)
 *   first=ADDR, last=ADDR  the addresses of the code of the host, that is of Xen
 *                          or of Linux's kernel
 *   fault=ADDR             handler of an exception that may happen within an NMI
 *                          and end in an IRET of its own; repeatable
 *   etext=ADDR             code of the host from here on came by live patch; an NMI
 *                          in which some of it ran was the profiler's (without:
 *                          every NMI is the profiler's)
 *   out=FILE               gets one line of JSON for each phase and class
 *
 * A phase begins when some program executes "nopl 0x706eNN(%rax)", NN being its
 * number; phase 0 is before the first.
 *
 * Classes, by what was interrupted: "host"; "user", that is all else: a PV guest,
 * or Linux's user mode; "svm": the NMI was taken right behind STGI, after a guest
 * of SVM had been left.
 *
 * A string instruction with a REP prefix is one instruction, as for a real
 * counter; the emulator executes it once for each iteration.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin-api.h"

int qemu_plugin_version = QEMU_PLUGIN_API_VERSION;

#define MAX_COST   16384 /* more is counted as this much */
#define MAX_FAULTS 8
#define MAX_PHASES 16

enum class { HOST, USER, SVM, CLASSES };
static const char *const class_names[CLASSES] = { "host", "user", "svm" };

static struct {
	uint64_t entry, first, last, etext;
	uint64_t fault[MAX_FAULTS];
	unsigned int faults;
	const char *out;
} args = { .etext = UINT64_MAX };

/* Instructions executed, added at the start of each block. An NMI's handler begins a block and IRET ends one. */
static uint64_t all, host, patch;

static struct {
	bool active;
	enum class class;
	unsigned int depth; /* exceptions within the NMI that have not returned yet */
	uint64_t all, patch;
	uint64_t again; /* iterations of REP beyond the first */
} nmi;

/* `all` and `host` when the host last left itself (it returned, or opened the gate behind a guest). */
static uint64_t left_all, left_host, stgi_host;

static uint64_t rep_addr, rep_all;
static unsigned int phase;
static uint64_t histogram[MAX_PHASES][CLASSES][2][MAX_COST + 1];

/* What ran before the handler, whose first block has already added its `size`. */
static enum class interrupted(uint64_t size)
{
	uint64_t before = host - size;

	if (before == stgi_host)
		return SVM;
	return before == left_host && all - size > left_all ? USER : HOST;
}

static void on_entry(unsigned int vcpu, void *size)
{
	(void)vcpu;
	nmi.active = true;
	nmi.class = interrupted((uintptr_t)size);
	nmi.depth = 0;
	nmi.all = all - (uintptr_t)size;
	nmi.patch = patch;
	nmi.again = 0;
}

static void on_fault(unsigned int vcpu, void *unused)
{
	(void)vcpu;
	(void)unused;
	nmi.depth++;
}

static void end_nmi(void)
{
	uint64_t cost = all - nmi.all - nmi.again;
	bool profiler = args.etext == UINT64_MAX || patch != nmi.patch;

	histogram[phase][nmi.class][profiler][cost < MAX_COST ? cost : MAX_COST]++;
	nmi.active = false;
}

static void on_leave(unsigned int vcpu, void *is_iret)
{
	(void)vcpu;
	left_all = all;
	left_host = host;
	if (!nmi.active || !is_iret)
		return;
	if (nmi.depth)
		nmi.depth--;
	else
		end_nmi();
}

static void on_stgi(unsigned int vcpu, void *unused)
{
	(void)vcpu;
	(void)unused;
	stgi_host = host;
}

/* From its second iteration on, the instruction is a block of its own. */
static void on_rep(unsigned int vcpu, void *addr)
{
	(void)vcpu;
	if (rep_addr == (uintptr_t)addr && all == rep_all + 1)
		nmi.again++;
	rep_addr = (uintptr_t)addr;
	rep_all = all;
}

static void on_mark(unsigned int vcpu, void *number)
{
	(void)vcpu;
	phase = (uintptr_t)number % MAX_PHASES;
}

static bool is(const struct qemu_plugin_insn *insn, const char *bytes, size_t n)
{
	return qemu_plugin_insn_size(insn) >= n && !memcmp(qemu_plugin_insn_data(insn), bytes, n);
}

static bool is_rep_string(const struct qemu_plugin_insn *insn)
{
	const unsigned char *b = qemu_plugin_insn_data(insn);
	size_t n = qemu_plugin_insn_size(insn);
	unsigned char op = b[n - 1];

	return n >= 2 && n <= 3 && (b[0] == 0xf3 || b[0] == 0xf2) &&
	       ((op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf));
}

static bool is_fault(uint64_t addr)
{
	unsigned int i;

	for (i = 0; i < args.faults; i++)
		if (args.fault[i] == addr)
			return true;
	return false;
}

static void watch(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_udata_cb_t cb, uint64_t data)
{
	qemu_plugin_register_vcpu_insn_exec_cb(insn, cb, QEMU_PLUGIN_CB_NO_REGS, (void *)(uintptr_t)data);
}

static void watch_host_insn(struct qemu_plugin_insn *insn, uint64_t addr)
{
	if (is_fault(addr))
		watch(insn, on_fault, 0);
	else if (is(insn, "\x48\xcf", 2)) /* iretq */
		watch(insn, on_leave, 1);
	else if (is(insn, "\x48\x0f\x07", 3)) /* sysretq */
		watch(insn, on_leave, 0);
	else if (is(insn, "\x0f\x01\xdc", 3)) /* stgi */
		watch(insn, on_stgi, 0);
	else if (is_rep_string(insn))
		watch(insn, on_rep, addr);
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	uint64_t addr = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
	bool in_host = addr >= args.first && addr <= args.last;

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &all, n);
	if (in_host)
		qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &host, n);
	if (in_host && addr >= args.etext)
		qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &patch, n);
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		const unsigned char *bytes = qemu_plugin_insn_data(insn);

		addr = qemu_plugin_insn_vaddr(insn);
		if (addr == args.entry)
			watch(insn, on_entry, n);
		else if (in_host)
			watch_host_insn(insn, addr);
		else if (qemu_plugin_insn_size(insn) == 7 && is(insn, "\x0f\x1f\x80", 3) && bytes[4] == 0x6e &&
			 bytes[5] == 0x70 && bytes[6] == 0)
			watch(insn, on_mark, bytes[3]);
	}
}

static unsigned int quantile(const uint64_t *h, uint64_t total, double q)
{
	uint64_t seen = 0;
	unsigned int cost;

	for (cost = 0; cost < MAX_COST; cost++) {
		seen += h[cost];
		if ((double)seen >= q * (double)total && seen)
			break;
	}
	return cost;
}

static void print_histogram(FILE *f, unsigned int number, const char *class, bool profiler, const uint64_t *h)
{
	uint64_t total = 0;
	unsigned int cost;

	for (cost = 0; cost <= MAX_COST; cost++)
		total += h[cost];
	if (total)
		fprintf(f,
			"{\"phase\": %u, \"class\": \"%s\", \"profiler\": %s, \"count\": %" PRIu64
			", \"median\": %u, \"p90\": %u, \"p99\": %u}\n",
			number, class, profiler ? "true" : "false", total, quantile(h, total, 0.5),
			quantile(h, total, 0.9), quantile(h, total, 0.99));
}

static void print_phase(FILE *f, unsigned int number, bool profiler)
{
	static uint64_t sum[MAX_COST + 1];
	unsigned int class, cost;

	memset(sum, 0, sizeof(sum));
	for (class = 0; class < CLASSES; class++) {
		print_histogram(f, number, class_names[class], profiler, histogram[number][class][profiler]);
		for (cost = 0; cost <= MAX_COST; cost++)
			sum[cost] += histogram[number][class][profiler][cost];
	}
	print_histogram(f, number, "all", profiler, sum);
}

static void on_exit_(qemu_plugin_id_t id, void *unused)
{
	FILE *f = fopen(args.out, "w");
	unsigned int i;

	(void)id;
	(void)unused;
	if (!f) {
		perror(args.out);
		return;
	}
	for (i = 0; i < 2 * MAX_PHASES; i++)
		print_phase(f, i / 2, i % 2);
	fclose(f);
}

static bool parse(const char *arg)
{
	const char *value = strchr(arg, '=');
	uint64_t address;

	if (!value)
		return false;
	address = strtoull(++value, NULL, 16);
	if (!strncmp(arg, "out=", 4))
		args.out = strdup(value);
	else if (!strncmp(arg, "entry=", 6))
		args.entry = address;
	else if (!strncmp(arg, "first=", 6))
		args.first = address;
	else if (!strncmp(arg, "last=", 5))
		args.last = address;
	else if (!strncmp(arg, "etext=", 6))
		args.etext = address;
	else if (!strncmp(arg, "fault=", 6) && args.faults < MAX_FAULTS)
		args.fault[args.faults++] = address;
	else
		return false;
	return true;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!parse(argv[i])) {
			fprintf(stderr, "nmi-cost: what is %s?\n", argv[i]);
			return -1;
		}
	if (!args.entry || !args.first || !args.last || !args.out) {
		fprintf(stderr, "nmi-cost: wants entry=HEX,first=HEX,last=HEX,out=FILE\n");
		return -1;
	}
	if (info->system.smp_vcpus != 1) {
		fprintf(stderr, "nmi-cost: counts on one CPU, this machine has %d\n", info->system.smp_vcpus);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_, NULL);
	return 0;
}
