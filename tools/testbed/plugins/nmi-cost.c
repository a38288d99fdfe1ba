// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts the instructions of each NMI in Xen, from its delivery (the first
 * instruction of the IDT entry) to the IRET that ends it, seen from outside.
 *
 * Arguments, hexadecimal: entry=ADDR (Xen's symbol `nmi`), etext=ADDR (`_etext`:
 * what is executed beyond it came by live patch); out=FILE gets one JSON
 * object: NMIs in which the profiler's live patch ran ("profiler") and others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin-api.h"

int qemu_plugin_version = QEMU_PLUGIN_API_VERSION;

#define MAX_CPUS 64
#define MAX_COST 4096 /* more is counted as this much */

/* Xen's text and what live patches add to it. */
#define XEN_FIRST 0xffff82d040000000ull
#define XEN_LAST  0xffff82d07fffffffull

struct cpu {
	bool in_nmi;
	bool profiler;
	unsigned int insns;
} __attribute__((aligned(64)));

static struct cpu cpus[MAX_CPUS];
static uint64_t histogram[2][MAX_COST + 1];
static uint64_t entry, etext;
static const char *out;

static void on_entry(unsigned int vcpu, void *unused)
{
	(void)unused;
	cpus[vcpu % MAX_CPUS] = (struct cpu){ .in_nmi = true, .insns = 1 };
}

static void on_insn(unsigned int vcpu, void *unused)
{
	(void)unused;
	cpus[vcpu % MAX_CPUS].insns++;
}

static void on_patch_insn(unsigned int vcpu, void *unused)
{
	(void)unused;
	cpus[vcpu % MAX_CPUS].insns++;
	cpus[vcpu % MAX_CPUS].profiler = true;
}

static void on_iret(unsigned int vcpu, void *unused)
{
	struct cpu *c = &cpus[vcpu % MAX_CPUS];

	(void)unused;
	c->insns++;
	if (c->in_nmi)
		__atomic_fetch_add(&histogram[c->profiler][c->insns < MAX_COST ? c->insns : MAX_COST], 1,
				   __ATOMIC_RELAXED);
	c->in_nmi = false;
}

static bool is_iret(const struct qemu_plugin_insn *insn)
{
	const unsigned char *bytes = qemu_plugin_insn_data(insn);

	return qemu_plugin_insn_size(insn) == 2 && bytes[0] == 0x48 && bytes[1] == 0xcf;
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t addr = qemu_plugin_insn_vaddr(insn);
		qemu_plugin_vcpu_udata_cb_t cb = on_insn;

		if (addr < XEN_FIRST || addr > XEN_LAST)
			continue;
		if (addr == entry)
			cb = on_entry;
		else if (is_iret(insn))
			cb = on_iret;
		else if (addr >= etext)
			cb = on_patch_insn;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, cb, QEMU_PLUGIN_CB_NO_REGS, NULL);
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

static void print_class(FILE *f, const char *name, const uint64_t *h)
{
	uint64_t total = 0;
	unsigned int cost;

	for (cost = 0; cost <= MAX_COST; cost++)
		total += h[cost];
	fprintf(f, "\"%s\": {\"count\": %" PRIu64 ", \"median\": %u, \"p90\": %u, \"p99\": %u}", name, total,
		quantile(h, total, 0.5), quantile(h, total, 0.9), quantile(h, total, 0.99));
}

static void on_exit_(qemu_plugin_id_t id, void *unused)
{
	FILE *f = fopen(out, "w");

	(void)id;
	(void)unused;
	if (!f) {
		perror(out);
		return;
	}
	fprintf(f, "{");
	print_class(f, "profiler", histogram[1]);
	fprintf(f, ", ");
	print_class(f, "other", histogram[0]);
	fprintf(f, "}\n");
	fclose(f);
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
	int i;

	(void)info;
	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "entry=", 6))
			entry = strtoull(argv[i] + 6, NULL, 16);
		else if (!strncmp(argv[i], "etext=", 6))
			etext = strtoull(argv[i] + 6, NULL, 16);
		else if (!strncmp(argv[i], "out=", 4))
			out = strdup(argv[i] + 4);
	}
	if (!entry || !etext || !out) {
		fprintf(stderr, "nmi-cost: wants entry=HEX,etext=HEX,out=FILE\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_, NULL);
	return 0;
}
