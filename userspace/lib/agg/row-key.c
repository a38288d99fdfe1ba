/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/agg-impl.h"

/* Idle is one row, unless nothing else was asked for. */
static bool is_folded_idle(const struct xp_agg *a, enum xp_mode mode)
{
	return mode == XP_MODE_IDLE && a->config.filter.modes != 1u << XP_MODE_IDLE;
}

static void set_process(const struct xp_agg *a, unsigned int keys, struct xp_row_key *key, const struct xp_resolution *r)
{
	if (r->task == XP_NONE || (a->config.process_of_user_only && r->mode != XP_MODE_USER))
		return;
	if (keys & (XP_KEY_PROCESS | XP_KEY_PID))
		key->process = a->impl->comm_ids[r->task];
	if (keys & XP_KEY_PID)
		key->tgid = a->profile->tasks[r->task].tgid;
}

static void set_code(const struct xp_agg *a, unsigned int keys, struct xp_row_key *key, const struct xp_site *s,
		     const struct xp_resolution *r)
{
	uint64_t address;

	if (keys & (XP_KEY_IMAGE | XP_KEY_LINE))
		key->image = r->image;
	if (keys & XP_KEY_LINE)
		key->address = r->address;
	if (!(keys & XP_KEY_SYMBOL))
		return;
	if (r->symbol) {
		key->image = r->image;
		key->symbol = (uint32_t)(r->symbol - a->profile->images[r->image].symbols);
	} else if (a->config.addresses) {
		address = keys & (XP_KEY_IMAGE | XP_KEY_LINE) && r->image != XP_NONE ? r->address : s->ip;
		key->address = address < XP_ADDRESS_LAST ? address : XP_ADDRESS_LAST;
	}
}

void xp_agg_key(const struct xp_agg *a, unsigned int keys, struct xp_row_key *key, const struct xp_site *s,
		const struct xp_resolution *r)
{
	*key = (struct xp_row_key){
		.domain = keys & XP_KEY_DOMAIN ? r->domain : XP_NONE,
		.vcpu = XP_NONE,
		.cpu = keys & XP_KEY_CPU ? a->impl->packed->cpu : XP_NONE,
		.mode = keys & XP_KEY_MODE || r->mode == XP_MODE_IDLE ? (uint32_t)r->mode : XP_NONE,
		.process = XP_NONE, .tgid = XP_NONE, .image = XP_NONE, .symbol = XP_NONE,
		.address = XP_ADDRESS_NONE,
	};
	if (is_folded_idle(a, r->mode))
		return;
	if (keys & XP_KEY_VCPU)
		key->vcpu = s->vcpu;
	set_process(a, keys, key, r);
	set_code(a, keys, key, s, r);
}

void xp_agg_row(const struct xp_agg *a, struct xp_row *row, const struct xp_row_key *k, unsigned int keys)
{
	const struct xp_profile *p = a->profile;

	*row = (struct xp_row){
		.domain = k->domain, .vcpu = k->vcpu, .cpu = k->cpu, .mode = k->mode, .tgid = k->tgid,
		.comm = k->process == XP_NONE ? NULL : p->tasks[k->process].comm,
		.image = k->image == XP_NONE ? NULL : &p->images[k->image],
		.has_address = k->address <= XP_ADDRESS_LAST,
		.other_addresses = k->address == XP_ADDRESS_OTHERS,
		.truncated = k->address == XP_ADDRESS_CUT,
	};
	if (row->has_address)
		row->address = k->address;
	if (k->symbol != XP_NONE)
		row->symbol = &row->image->symbols[k->symbol];
	if (!(keys & (XP_KEY_IMAGE | XP_KEY_LINE)))
		row->image = NULL;
}
