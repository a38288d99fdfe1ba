// SPDX-License-Identifier: GPL-2.0-or-later
/* Sessions on host.h's host: the hypervisor's own session.c, its rings from harness.h. */
#include <stdio.h>
#include <stdlib.h>

#include <pmu.h>
#include <source.h>

#include "host.h"

uint32_t host_ring_bytes = 1u << 20, host_stack_bytes;

static struct hv_ring rings[HOST_CPUS];
static uint64_t seen[HOST_CPUS];

/* What pages.c, source.c and the way in supply to session.c: here the source is always the PMU. */
int xprof_source_why(unsigned int source)
{
	return source == XPROF_SOURCE_PMU ? (int)xprof_pmu_why() : XPROF_WHY_NO_HPET;
}

void xprof_source_limit(struct xprof_session *s)
{
	(void)s;
}

int xprof_source_start(struct xprof_session *s)
{
	xprof_pmu_start(s);
	return 0;
}

void xprof_source_stop(struct xprof_session *s)
{
	xprof_pmu_stop(s);
}

void xprof_source_check(struct xprof_session *s)
{
	xprof_pmu_check(s);
}

void xprof_nmi_barrier(void)
{
	/* NMIs are taken by the one thread there is. */
}

const void *xprof_livepatch_mark(void)
{
	return host.livepatch_mark;
}

void send_guest_global_virq(struct domain *d, uint32_t virq)
{
	(void)d;
	(void)virq;
}

void xprof_zombie_add(struct xprof_session *s)
{
	(void)s;
	abort(); /* nothing is mapped */
}

bool xprof_have_zombies(void)
{
	return false;
}

static void ring_create(struct xprof_session *s, unsigned int cpu)
{
	struct xprof_cpu *c = calloc(1, sizeof(*c));

	hv_ring_init(&rings[cpu], host_ring_bytes);
	seen[cpu] = 0;
	c->cpu = cpu;
	c->records = rings[cpu].r;
	if (xprof_pmu_cpu_create(s, c) || xprof_stacks_create(s, c))
		abort();
	s->cpu[cpu] = c;
}

bool xprof_pages_release(struct xprof_session *s)
{
	for (unsigned int cpu = 0; cpu < s->nr_cpus; cpu++) {
		xprof_pmu_cpu_free(s->cpu[cpu]);
		xprof_stacks_free(s->cpu[cpu]);
		free(s->cpu[cpu]);
		hv_ring_release(&rings[cpu]);
	}
	free(s->cpu);
	free(s->ctl);
	free(s);
	return true;
}

struct xprof_session *host_open(uint32_t flags)
{
	struct xprof_op_open open = { .source = XPROF_SOURCE_PMU, .flags = flags, .ring_bytes = host_ring_bytes,
				      .stack_bytes = flags & XPROF_OPEN_STACKS ? host_stack_bytes : 0 };
	int rc = xprof_open(&open);

	if (rc) {
		fprintf(stderr, "open: %d\n", rc);
		abort();
	}
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		ring_create(xprof_session, cpu);
	return xprof_session;
}

int host_event(uint32_t select, uint64_t period, uint32_t flags, uint32_t fixed)
{
	struct xprof_op_event op = {
		.select = select, .period = period, .flags = flags, .fixed = fixed,
		.seed = (uint32_t)host_random() | 1,
	};

	return xprof_event_add(xprof_session, &op);
}

int host_limited_event(uint32_t select, uint64_t period, uint32_t flags, uint32_t counters)
{
	struct xprof_op_event op = {
		.select = select, .period = period, .flags = flags, .counters = counters,
		.seed = (uint32_t)host_random() | 1,
	};

	return xprof_event_add(xprof_session, &op);
}

void host_start(void)
{
	uint64_t owner;
	int rc = xprof_start(xprof_session, &owner);

	if (rc) {
		fprintf(stderr, "start: %d\n", rc);
		abort();
	}
}

void host_stop(void)
{
	if (xprof_stop(xprof_session))
		abort();
}

void host_close(void)
{
	if (xprof_close(xprof_session))
		abort();
}

int host_end(void **state)
{
	(void)state;
	host_answer_faults();
	if (xprof_session)
		host_close();
	return 0;
}

void (*host_stack)(const struct xprof_stack *stack);

static void read_gap(const struct xprof_gap *gap, struct host_seen *all)
{
	all->gaps[gap->rec.event]++;
	all->gap_ticks += gap->last_tsc - gap->first_tsc;
}

static uint64_t read_one(const struct xprof_rec *rec, struct host_seen *all, host_sample_t *f, void *arg)
{
	switch (rec->type) {
	case XPROF_REC_SAMPLE:
		all->samples[rec->event]++;
		if (f)
			f((const void *)rec, arg);
		break;
	case XPROF_REC_LOST:
		all->lost += ((const struct xprof_lost *)(const void *)rec)->count;
		break;
	case XPROF_REC_GAP:
		read_gap((const void *)rec, all);
		break;
	case XPROF_REC_PERIOD:
		all->periods[rec->mode]++;
		break;
	case XPROF_REC_DOMAIN:
		all->domains++;
		break;
	case XPROF_REC_STACK:
		all->stacks[rec->event]++;
		if (host_stack)
			host_stack((const void *)rec);
		break;
	default:
		abort();
	}
	return rec->size * 8u;
}

void host_read(struct host_seen *all, host_sample_t *f, void *arg)
{
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++) {
		struct hv_ring *ring = &rings[cpu];

		while (seen[cpu] != ring->header->prod)
			seen[cpu] += read_one((const void *)(ring->data + (seen[cpu] & (ring->size - 1))), all, f, arg);
		*ring->cons = seen[cpu];
	}
}
