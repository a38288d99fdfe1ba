/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMPL chunks, read. The layout is drawn in samples-encode.c. A chunk has at
 * most XP_BLOCK_SAMPLES samples, not more sites than samples and not more
 * contexts than sites, so all arrays have a fixed size.
 */
#include "lib/base/varint.h"
#include "lib/profile/codec.h"

struct xp_sample_decoder {
	struct xp_site contexts[XP_BLOCK_SAMPLES];
	struct xp_site sites[XP_BLOCK_SAMPLES];
	uint32_t chain[XP_BLOCK_SAMPLES]; /* of sites */
	uint16_t site[XP_BLOCK_SAMPLES];
	uint64_t tsc[XP_BLOCK_SAMPLES];
};

struct xp_sample_decoder *xp_sample_decoder_new(void)
{
	return malloc(sizeof(struct xp_sample_decoder));
}

void xp_sample_decoder_free(struct xp_sample_decoder *d)
{
	free(d);
}

static bool decode_contexts(struct xp_sample_decoder *d, struct xp_cursor *c, size_t nr)
{
	uint64_t cr3 = 0;
	size_t i;

	for (i = 0; i < nr && xp_cursor_ok(c); i++) {
		struct xp_site *s = &d->contexts[i];

		s->event = xp_cursor_u8(c);
		s->mode = xp_cursor_u8(c);
		s->domid = (uint16_t)xp_cursor_bounded(c, UINT16_MAX, "a domain's id");
		s->vcpu = (uint16_t)xp_cursor_bounded(c, UINT16_MAX, "a vCPU");
		cr3 += (uint64_t)xp_cursor_zigzag(c);
		s->cr3 = cr3;
		if (s->event >= XPROF_MAX_EVENTS)
			return xp_cursor_fail(c, "event %u is not possible", s->event);
	}
	return xp_cursor_ok(c);
}

static bool decode_sites(struct xp_sample_decoder *d, struct xp_cursor *c, size_t nr, size_t nr_contexts)
{
	uint64_t ip = 0;
	size_t i;

	/* Times are not decoded yet: their column holds the addresses. */
	for (i = 0; i < nr && xp_cursor_ok(c); i++) {
		ip += (uint64_t)xp_cursor_zigzag(c);
		d->tsc[i] = ip;
	}
	for (i = 0; i < nr && xp_cursor_ok(c); i++) {
		uint64_t context = xp_cursor_varint(c);

		if (context >= nr_contexts)
			return xp_cursor_fail(c, "context %llu of %zu", (unsigned long long)context, nr_contexts);
		d->sites[i] = d->contexts[context];
		d->sites[i].ip = d->tsc[i];
	}
	return xp_cursor_ok(c);
}

static bool decode_site_numbers(struct xp_sample_decoder *d, struct xp_cursor *c, size_t nr,
				size_t nr_sites, unsigned int planes)
{
	const uint8_t *p = xp_cursor_bytes(c, planes * nr);
	uint16_t max = 0;
	size_t i;

	if (!p)
		return false;
	for (i = 0; i < nr; i++) {
		uint16_t site = 0;

		if (planes)
			site = p[i];
		if (planes > 1)
			site |= (uint16_t)(p[nr + i] << 8);
		d->site[i] = site;
		max = site > max ? site : max;
	}
	if (max >= nr_sites)
		return xp_cursor_fail(c, "site %u of %zu", max, nr_sites);
	return true;
}

static bool decode_times(struct xp_sample_decoder *d, struct xp_cursor *c, size_t nr,
			 unsigned int planes, uint64_t first, uint64_t step)
{
	const uint8_t *p = xp_cursor_bytes(c, planes * (nr - 1));
	unsigned int k;
	size_t i;

	if (!p)
		return false;
	memset(d->tsc, 0, nr * sizeof(*d->tsc));
	for (k = 0; k < planes; k++, p += nr - 1)
		for (i = 1; i < nr; i++)
			d->tsc[i] |= (uint64_t)p[i - 1] << (8 * k);
	d->tsc[0] = first;
	for (i = 1; i < nr; i++) {
		first += step + (uint64_t)xp_unzigzag(d->tsc[i]);
		d->tsc[i] = first;
	}
	return true;
}

static bool decode_chains(struct xp_sample_decoder *d, struct xp_cursor *c, size_t nr)
{
	int64_t chain = 0;
	size_t i;

	for (i = 0; i < nr && xp_cursor_ok(c); i++) {
		chain = (int64_t)((uint64_t)chain + (uint64_t)xp_cursor_zigzag(c));
		if (chain < 0 || chain > UINT32_MAX)
			return xp_cursor_fail(c, "no chain has a number like this");
		d->chain[i] = (uint32_t)chain;
	}
	return xp_cursor_ok(c);
}

bool xp_samples_decode(struct xp_sample_decoder *d, struct xp_cursor *c, struct xp_packed *out)
{
	size_t nr_contexts, site_planes, time_planes;
	uint64_t first, step;

	out->cpu = (uint32_t)xp_cursor_bounded(c, XP_CPU_MAX, "a CPU");
	out->nr = (size_t)xp_cursor_bounded(c, XP_BLOCK_SAMPLES, "a number of samples");
	nr_contexts = (size_t)xp_cursor_bounded(c, out->nr, "a number of contexts");
	out->nr_sites = (size_t)xp_cursor_bounded(c, out->nr, "a number of sites");
	site_planes = xp_cursor_u8(c);
	time_planes = xp_cursor_u8(c);
	first = xp_cursor_varint(c);
	step = xp_cursor_varint(c);
	if (!xp_cursor_ok(c))
		return false;
	if (!out->nr || !nr_contexts || !out->nr_sites || site_planes > 2 || time_planes > 8)
		return xp_cursor_fail(c, "a number in the head is not possible");
	out->sites = d->sites;
	out->site = d->site;
	out->tsc = d->tsc;
	if (!decode_contexts(d, c, nr_contexts) || !decode_sites(d, c, out->nr_sites, nr_contexts) ||
	    !decode_site_numbers(d, c, out->nr, out->nr_sites, (unsigned int)site_planes) ||
	    !decode_times(d, c, out->nr, (unsigned int)time_planes, first, step))
		return false;
	out->chain = c->left ? d->chain : NULL;
	return !c->left || decode_chains(d, c, out->nr_sites);
}

void xp_samples_expand(struct xp_sample_columns *columns, const struct xp_packed *packed, struct xp_block *out)
{
	size_t i;

	for (i = 0; i < packed->nr; i++) {
		const struct xp_site *s = &packed->sites[packed->site[i]];

		columns->ip[i] = s->ip;
		columns->cr3[i] = s->cr3;
		columns->domid[i] = s->domid;
		columns->vcpu[i] = s->vcpu;
		columns->event[i] = s->event;
		columns->mode[i] = s->mode;
		if (packed->chain)
			columns->chain[i] = packed->chain[packed->site[i]];
	}
	*out = (struct xp_block){
		.cpu = packed->cpu, .nr = packed->nr, .tsc = packed->tsc,
		.ip = columns->ip, .cr3 = columns->cr3, .domid = columns->domid,
		.vcpu = columns->vcpu, .event = columns->event, .mode = columns->mode,
		.chain = packed->chain ? columns->chain : NULL,
	};
}
