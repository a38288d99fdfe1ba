/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vCPUs: their times, by one request for all where the hypervisor tells run states (the profiler in it does), else
 * one by one and only the CPU time; and where they may run.
 */
#include <stdio.h>

#include "lib/series/series-internal.h"

static int put(struct xp_series *s, const struct xp_series_domain *d, const struct xp_host_vcpu *v, uint64_t tsc,
	       struct xp_err *err)
{
	struct xp_series_record r = {
		.tsc = tsc, .kind = XP_SERIES_VCPU,
		.u.vcpu = { .domain = d->index, .vcpu = v->vcpu, .state = v->state, .nr = v->nr, .cpu = v->cpu },
	};

	memcpy(r.u.vcpu.ns, v->ns, sizeof(v->ns));
	return xp_series_put(s, &r, err);
}

/* The list of domains is older than this one: whoever came since then waits for the next reading. */
static const struct xp_series_domain *domain_of(const struct xp_series *s, const struct xp_host_vcpu *v)
{
	for (size_t i = 0; i < s->nr_domains; i++)
		if (s->domains[i].domid == v->domid && !memcmp(s->domains[i].uuid, v->uuid, sizeof(v->uuid)))
			return &s->domains[i];
	return NULL;
}

static int put_list(struct xp_series *s, const struct xp_host_vcpu *list, size_t nr, uint64_t tsc, struct xp_err *err)
{
	const struct xp_series_domain *d = NULL;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < nr; i++) {
		if (!i || list[i].domid != list[i - 1].domid)
			d = domain_of(s, &list[i]);
		if (d)
			ret = put(s, d, &list[i], list[i].tsc ? list[i].tsc : tsc, err);
	}
	return ret;
}

/* One that went meanwhile has no record. */
static int one_by_one(struct xp_series *s, struct xp_err *err)
{
	const struct xp_series_host *h = s->config.host;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < s->nr_domains; i++) {
		const struct xp_series_domain *d = &s->domains[i];

		for (uint16_t n = 0; ret == 0 && n < d->nr_vcpus; n++) {
			struct xp_host_vcpu v;
			struct xp_err ignored;
			uint64_t before = xp_series_tsc(s);

			if (h->vcpu(h->arg, d->domid, n, &v, &ignored) == 0)
				ret = put(s, d, &v, before + (xp_series_tsc(s) - before) / 2, err);
		}
	}
	return ret;
}

int xp_series_read_vcpus(struct xp_series *s, struct xp_err *err)
{
	const struct xp_series_host *h = s->config.host;
	uint64_t before = xp_series_tsc(s);
	struct xp_host_vcpu *list;
	struct xp_err why;
	size_t nr;
	int ret = h->run_states(h->arg, &list, &nr, &why);

	if (ret < 0) {
		ret = xp_series_source(s, XP_SERIES_RUN_STATES, why.text, err);
		return ret ? ret : one_by_one(s, err);
	}
	ret = xp_series_source(s, XP_SERIES_RUN_STATES, "", err);
	if (ret == 0)
		ret = put_list(s, list, nr, before + (xp_series_tsc(s) - before) / 2, err);
	free(list);
	return ret;
}

/* ---- pinning -------------------------------------------------------------*/

static bool make_room(struct xp_series_domain *d)
{
	char **pins;

	if (d->nr_vcpus <= d->nr_pins)
		return true;
	pins = realloc(d->pins, d->nr_vcpus * sizeof(*pins));
	if (!pins)
		return false;
	memset(pins + d->nr_pins, 0, (d->nr_vcpus - d->nr_pins) * sizeof(*pins));
	d->pins = pins;
	d->nr_pins = d->nr_vcpus;
	return true;
}

static int put_pin(struct xp_series *s, struct xp_series_domain *d, uint16_t vcpu, const char *cpus, struct xp_err *err)
{
	struct xp_series_record r = {
		.tsc = xp_series_tsc(s), .kind = XP_SERIES_PIN, .u.pin = { d->index, vcpu, cpus },
	};
	char *copy;

	if (d->pins[vcpu] && !strcmp(d->pins[vcpu], cpus))
		return 0;
	copy = strdup(cpus);
	if (!copy)
		return xp_fail(err, XP_E_NOMEM, "no memory");
	free(d->pins[vcpu]);
	d->pins[vcpu] = copy;
	return xp_series_put(s, &r, err);
}

/* One request a vCPU: the domains take turns, a vCPU's place is looked at each second, its affinity every eighth. */
#define TURNS 8u

static bool is_its_turn(const struct xp_series *s, const struct xp_series_domain *d)
{
	return d->nr_pins < d->nr_vcpus || d->index % TURNS == s->readings % TURNS;
}

int xp_series_read_pins(struct xp_series *s, struct xp_err *err)
{
	const struct xp_series_host *h = s->config.host;
	struct xp_err why = { "" };
	size_t had = 0, failed = 0;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < s->nr_domains; i++) {
		struct xp_series_domain *d = &s->domains[i];

		if (!is_its_turn(s, d))
			continue;
		if (!make_room(d))
			return xp_fail(err, XP_E_NOMEM, "no memory");
		for (uint16_t n = 0; ret == 0 && n < d->nr_vcpus; n++) {
			char cpus[1024];

			if (h->pin(h->arg, d->domid, n, cpus, sizeof(cpus), &why) < 0) {
				failed++;
				continue;
			}
			had++;
			ret = put_pin(s, d, n, cpus, err);
		}
	}
	if (ret == 0 && (had || failed))
		ret = xp_series_source(s, XP_SERIES_PINNING, had ? "" : why.text, err);
	return ret;
}
