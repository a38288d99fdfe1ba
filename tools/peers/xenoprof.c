// SPDX-License-Identifier: GPL-2.0-or-later
#include "xenoprof.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xen/xen.h>
#include <xen/xenoprof.h>
#include <xencall.h>
#include <xenforeignmemory.h>

#define PAGE_SHIFT  12
#define MAX_SAMPLES 65536 /* asked for; Xen gives what fits into its 32 pages per domain */

/* The buffers of one domain: one for each vCPU, packed, whole pages together. */
struct area {
	uint16_t domain;
	char *base;
	size_t pages;
	unsigned int bufs;
	size_t stride;
	bool *chain; /* of each buffer: the next entry is a sample, those after it are its callers */
	bool *frames;
};

struct xenoprof_session {
	xencall_handle *call;
	xenforeignmemory_handle *memory;
	bool reserved, enabled, running;
	unsigned long depth;
	unsigned int areas;
	struct area area[1 + XENOPROF_MAX_PASSIVE];
};

/* The hypercall with a copy of *arg that Xen can reach; what Xen wrote into it comes back. */
static bool op(struct xenoprof_session *s, int cmd, const char *what, void *arg, size_t size)
{
	void *bounce = NULL;
	int rc;

	if (size) {
		bounce = xencall_alloc_buffer(s->call, size);
		if (!bounce) {
			fprintf(stderr, "xenoprof: no memory for the arguments of %s\n", what);
			return false;
		}
		memcpy(bounce, arg, size);
	}
	rc = xencall2(s->call, __HYPERVISOR_xenoprof_op, (uint64_t)cmd, (uintptr_t)bounce);
	if (rc < 0)
		fprintf(stderr, "xenoprof: Xen refused %s: %s\n", what, strerror(errno));
	if (size) {
		memcpy(arg, bounce, size);
		xencall_free_buffer(s->call, bounce);
	}
	return rc >= 0;
}

static bool plain(struct xenoprof_session *s, int cmd, const char *what)
{
	return op(s, cmd, what, NULL, 0);
}

static bool map_area(struct xenoprof_session *s, uint16_t domain, int32_t bufs, int32_t stride, uint64_t address)
{
	struct area *a = &s->area[s->areas];
	xen_pfn_t *frames;
	int *errors;

	*a = (struct area){ .domain = domain, .bufs = (unsigned int)bufs, .stride = (size_t)stride };
	a->pages = (a->bufs * a->stride + (1 << PAGE_SHIFT) - 1) >> PAGE_SHIFT;
	frames = calloc(a->pages, sizeof(*frames));
	errors = calloc(a->pages, sizeof(*errors));
	a->chain = calloc(a->bufs, sizeof(*a->chain));
	a->frames = calloc(a->bufs, sizeof(*a->frames));
	if (frames && errors && a->chain && a->frames) {
		for (size_t i = 0; i < a->pages; i++)
			frames[i] = (address >> PAGE_SHIFT) + i;
		a->base = xenforeignmemory_map(s->memory, DOMID_SELF, PROT_READ | PROT_WRITE, a->pages, frames, errors);
	}
	free(frames);
	free(errors);
	s->areas++;
	if (!a->base)
		fprintf(stderr, "xenoprof: cannot map the %zu pages of domain %u's buffers: %s\n", a->pages, domain,
			strerror(errno));
	return a->base != NULL;
}

static bool add_own_domain(struct xenoprof_session *s)
{
	struct xenoprof_get_buffer buffer = { .max_samples = MAX_SAMPLES };
	domid_t self = 0;

	return op(s, XENOPROF_get_buffer, "a buffer", &buffer, sizeof(buffer)) &&
	       map_area(s, 0, buffer.nbuf, buffer.bufsize, buffer.buf_gmaddr) &&
	       op(s, XENOPROF_set_active, "to profile dom0", &self, sizeof(self));
}

static bool add_passive(struct xenoprof_session *s, uint16_t domain)
{
	xenoprof_passive_t passive = { .domain_id = domain, .max_samples = MAX_SAMPLES };

	return op(s, XENOPROF_set_passive, "to profile another domain", &passive, sizeof(passive)) &&
	       map_area(s, domain, passive.nbuf, passive.bufsize, passive.buf_gmaddr);
}

static bool add_domains(struct xenoprof_session *s, const struct xenoprof_config *c)
{
	if (!add_own_domain(s))
		return false;
	for (unsigned int i = 0; i < c->passives; i++)
		if (!add_passive(s, c->passive[i]))
			return false;
	return true;
}

static bool set_counters(struct xenoprof_session *s, const struct xenoprof_config *c, int32_t counters)
{
	for (unsigned int i = 0; i < (unsigned int)counters; i++) {
		struct xenoprof_counter counter = { .ind = i };

		if (i < c->events) {
			counter.enabled = 1;
			counter.event = c->event[i].code;
			counter.unit_mask = c->event[i].unit_mask;
			counter.count = c->event[i].count;
			counter.hypervisor = counter.kernel = counter.user = 1;
		}
		if (!op(s, XENOPROF_counter, "a counter", &counter, sizeof(counter)))
			return false;
	}
	return true;
}

static bool reserve(struct xenoprof_session *s)
{
	s->reserved = plain(s, XENOPROF_reserve_counters, "the counters");
	return s->reserved;
}

static bool enable(struct xenoprof_session *s)
{
	s->enabled = plain(s, XENOPROF_enable_virq, "its NMI handler");
	return s->enabled;
}

static bool run(struct xenoprof_session *s)
{
	s->running = plain(s, XENOPROF_start, "to start");
	return s->running;
}

static bool setup(struct xenoprof_session *s, const struct xenoprof_config *c)
{
	struct xenoprof_init init = { 0 };

	if (!op(s, XENOPROF_init, "to begin (has this Xen xenoprof, and a model of this CPU?)", &init, sizeof(init)))
		return false;
	if (!init.is_primary || init.num_events < (int32_t)c->events) {
		fprintf(stderr, "xenoprof: %s\n", init.is_primary ? "more events than counters" : "not the primary profiler");
		return false;
	}
	s->depth = c->depth;
	return plain(s, XENOPROF_reset_active_list, "an empty list of domains") &&
	       plain(s, XENOPROF_reset_passive_list, "an empty list of passive domains") &&
	       op(s, XENOPROF_set_backtrace, "call chains of this depth", &s->depth, sizeof(s->depth)) &&
	       add_domains(s, c) && reserve(s) && set_counters(s, c, init.num_events) &&
	       plain(s, XENOPROF_setup_events, "to set the counters") && enable(s) && run(s);
}

struct xenoprof_session *xenoprof_start(const struct xenoprof_config *config)
{
	struct xenoprof_session *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->call = xencall_open(NULL, 0);
	s->memory = xenforeignmemory_open(NULL, 0);
	if (s->call && s->memory && setup(s, config))
		return s;
	xenoprof_close(s);
	return NULL;
}

bool xenoprof_stop(struct xenoprof_session *s)
{
	s->running = !plain(s, XENOPROF_stop, "to stop");
	return !s->running;
}

static struct xenoprof_buf *buffer(const struct area *a, unsigned int i)
{
	return (struct xenoprof_buf *)(a->base + i * a->stride);
}

static void hand_over(struct area *a, unsigned int i, const struct event_log *e, xenoprof_consumer *consumer, void *user)
{
	struct xenoprof_sample sample = { .domain = a->domain, .mode = e->mode, .event = e->event, .ip = e->eip };

	if (e->eip == XENOPROF_ESCAPE_CODE && e->event == XENOPROF_TRACE_BEGIN) {
		a->chain[i] = true;
		a->frames[i] = false;
		return;
	}
	sample.frame = a->frames[i];
	a->frames[i] = a->chain[i];
	consumer(&sample, user);
}

static void drain_buffer(struct area *a, unsigned int i, xenoprof_consumer *consumer, void *user)
{
	struct xenoprof_buf *b = buffer(a, i);
	uint32_t head = __atomic_load_n(&b->event_head, __ATOMIC_ACQUIRE), tail = b->event_tail;

	while (tail != head) {
		hand_over(a, i, &b->event_log[tail], consumer, user);
		tail = tail + 1 < b->event_size ? tail + 1 : 0;
	}
	__atomic_store_n(&b->event_tail, tail, __ATOMIC_RELEASE);
}

void xenoprof_drain(struct xenoprof_session *s, xenoprof_consumer *consumer, void *user)
{
	for (unsigned int i = 0; i < s->areas; i++)
		for (unsigned int k = 0; k < s->area[i].bufs; k++)
			drain_buffer(&s->area[i], k, consumer, user);
}

uint64_t xenoprof_lost(const struct xenoprof_session *s)
{
	uint64_t lost = 0;

	for (unsigned int i = 0; i < s->areas; i++)
		for (unsigned int k = 0; k < s->area[i].bufs; k++)
			lost += buffer(&s->area[i], k)->lost_samples;
	return lost;
}

/* Xen hands these pages out again only when nobody maps them: before it gets them back. */
static void unmap_areas(struct xenoprof_session *s)
{
	for (unsigned int i = 0; i < s->areas; i++) {
		if (s->area[i].base)
			xenforeignmemory_unmap(s->memory, s->area[i].base, s->area[i].pages);
		free(s->area[i].chain);
		free(s->area[i].frames);
	}
	s->areas = 0;
}

void xenoprof_close(struct xenoprof_session *s)
{
	if (s->running)
		xenoprof_stop(s);
	if (s->memory)
		unmap_areas(s);
	if (s->enabled)
		plain(s, XENOPROF_disable_virq, "to let go of dom0");
	if (s->reserved)
		plain(s, XENOPROF_release_counters, "to take the counters back");
	if (s->call)
		plain(s, XENOPROF_shutdown, "to end");
	if (s->memory)
		xenforeignmemory_close(s->memory);
	if (s->call)
		xencall_close(s->call);
	free(s);
}
