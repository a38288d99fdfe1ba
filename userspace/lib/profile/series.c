/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SERI chunks: readings of the host's counters. Each record begins with its kind; one of a later version is skipped. */
#include "lib/profile/codec.h"

const char *const xp_series_what_names[XP_SERIES_NR_WHAT] = {
	[XP_SERIES_CPU_TIME] = "cpu-time", [XP_SERIES_RUN_STATES] = "run-states", [XP_SERIES_PINNING] = "pinning",
	[XP_SERIES_PACKETS] = "packets", [XP_SERIES_ACKS] = "acks",
};

/* ---- encode ---- */

static void encode_vcpu(struct xp_buf *b, const struct xp_series_record *r)
{
	size_t i;

	xp_buf_varint(b, r->u.vcpu.domain);
	xp_buf_varint(b, r->u.vcpu.vcpu);
	xp_buf_u8(b, r->u.vcpu.state);
	xp_buf_varint(b, r->u.vcpu.cpu);
	xp_buf_varint(b, r->u.vcpu.nr);
	for (i = 0; i < r->u.vcpu.nr; i++)
		xp_buf_varint(b, r->u.vcpu.ns[i]);
}

static void encode_vif(struct xp_buf *b, const struct xp_series_record *r)
{
	xp_buf_varint(b, r->u.vif.index);
	xp_buf_varint(b, r->u.vif.domid);
	xp_buf_varint(b, r->u.vif.devid);
	xp_buf_varint(b, r->u.vif.backend);
	xp_put_string(b, r->u.vif.name);
	xp_put_string(b, r->u.vif.why);
}

static void encode_traffic(struct xp_buf *b, const struct xp_series_record *r)
{
	xp_buf_varint(b, r->u.traffic.vif);
	xp_buf_u8(b, r->u.traffic.has_acks);
	xp_buf_varint(b, r->u.traffic.sent_packets);
	xp_buf_varint(b, r->u.traffic.sent_bytes);
	xp_buf_varint(b, r->u.traffic.received_packets);
	xp_buf_varint(b, r->u.traffic.received_bytes);
	if (r->u.traffic.has_acks) {
		xp_buf_varint(b, r->u.traffic.sent_acks);
		xp_buf_varint(b, r->u.traffic.received_acks);
	}
}

void xp_series_encode(struct xp_buf *b, const struct xp_series_record *r)
{
	xp_buf_u8(b, r->kind);
	xp_buf_varint(b, r->tsc);
	switch (r->kind) {
	case XP_SERIES_SOURCE:
		xp_buf_u8(b, r->u.source.what);
		xp_put_string(b, r->u.source.why);
		break;
	case XP_SERIES_DOMAIN:
		xp_buf_varint(b, r->u.domain.index);
		xp_buf_varint(b, r->u.domain.domid);
		xp_buf_add(b, r->u.domain.uuid, sizeof(r->u.domain.uuid));
		xp_put_string(b, r->u.domain.name);
		break;
	case XP_SERIES_DOMAIN_TIME:
		xp_buf_varint(b, r->u.time.domain);
		xp_buf_varint(b, r->u.time.vcpus);
		xp_buf_u8(b, r->u.time.flags);
		xp_buf_varint(b, r->u.time.cpu_ns);
		break;
	case XP_SERIES_VCPU:
		encode_vcpu(b, r);
		break;
	case XP_SERIES_PIN:
		xp_buf_varint(b, r->u.pin.domain);
		xp_buf_varint(b, r->u.pin.vcpu);
		xp_put_string(b, r->u.pin.cpus);
		break;
	case XP_SERIES_VIF:
		encode_vif(b, r);
		break;
	case XP_SERIES_TRAFFIC:
		encode_traffic(b, r);
		break;
	case XP_SERIES_GONE:
		xp_buf_u8(b, r->u.gone.of);
		xp_buf_varint(b, r->u.gone.index);
		break;
	}
}

/* ---- decode ---- */

static uint32_t decode_index(struct xp_cursor *c)
{
	return (uint32_t)xp_cursor_bounded(c, XP_SERIES_INDEX_MAX, "a number in a series");
}

static uint16_t decode_u16(struct xp_cursor *c, const char *what)
{
	return (uint16_t)xp_cursor_bounded(c, UINT16_MAX, what);
}

static void decode_domain(struct xp_profile *p, struct xp_cursor *c, struct xp_series_record *r)
{
	const uint8_t *uuid;

	r->u.domain.index = decode_index(c);
	r->u.domain.domid = decode_u16(c, "a domain's id");
	uuid = xp_cursor_bytes(c, sizeof(r->u.domain.uuid));
	if (uuid)
		memcpy(r->u.domain.uuid, uuid, sizeof(r->u.domain.uuid));
	r->u.domain.name = xp_profile_string(p, c);
}

static void decode_vcpu(struct xp_cursor *c, struct xp_series_record *r)
{
	size_t i;

	r->u.vcpu.domain = decode_index(c);
	r->u.vcpu.vcpu = decode_u16(c, "a vCPU");
	r->u.vcpu.state = xp_cursor_u8(c);
	r->u.vcpu.cpu = (uint32_t)xp_cursor_bounded(c, XP_CPU_MAX, "a CPU");
	r->u.vcpu.nr = (uint8_t)xp_cursor_bounded(c, XP_NR_RUN_STATES, "a number of run states");
	for (i = 0; i < r->u.vcpu.nr; i++)
		r->u.vcpu.ns[i] = xp_cursor_varint(c);
}

static void decode_vif(struct xp_profile *p, struct xp_cursor *c, struct xp_series_record *r)
{
	r->u.vif.index = decode_index(c);
	r->u.vif.domid = decode_u16(c, "a domain's id");
	r->u.vif.devid = decode_u16(c, "a device's number");
	r->u.vif.backend = decode_u16(c, "a backend's domain");
	r->u.vif.name = xp_profile_string(p, c);
	r->u.vif.why = xp_profile_string(p, c);
}

static void decode_traffic(struct xp_cursor *c, struct xp_series_record *r)
{
	r->u.traffic.vif = decode_index(c);
	r->u.traffic.has_acks = xp_cursor_u8(c) & 1;
	r->u.traffic.sent_packets = xp_cursor_varint(c);
	r->u.traffic.sent_bytes = xp_cursor_varint(c);
	r->u.traffic.received_packets = xp_cursor_varint(c);
	r->u.traffic.received_bytes = xp_cursor_varint(c);
	if (r->u.traffic.has_acks) {
		r->u.traffic.sent_acks = xp_cursor_varint(c);
		r->u.traffic.received_acks = xp_cursor_varint(c);
	}
}

/* False: of a kind that is not known here. */
static bool decode_fields(struct xp_profile *p, struct xp_cursor *c, struct xp_series_record *r)
{
	switch (r->kind) {
	case XP_SERIES_SOURCE:
		r->u.source.what = xp_cursor_u8(c);
		r->u.source.why = xp_profile_string(p, c);
		return true;
	case XP_SERIES_DOMAIN:
		decode_domain(p, c, r);
		return true;
	case XP_SERIES_DOMAIN_TIME:
		r->u.time.domain = decode_index(c);
		r->u.time.vcpus = decode_u16(c, "a domain's number of vCPUs");
		r->u.time.flags = xp_cursor_u8(c);
		r->u.time.cpu_ns = xp_cursor_varint(c);
		return true;
	case XP_SERIES_VCPU:
		decode_vcpu(c, r);
		return true;
	case XP_SERIES_PIN:
		r->u.pin.domain = decode_index(c);
		r->u.pin.vcpu = decode_u16(c, "a vCPU");
		r->u.pin.cpus = xp_profile_string(p, c);
		return true;
	case XP_SERIES_VIF:
		decode_vif(p, c, r);
		return true;
	case XP_SERIES_TRAFFIC:
		decode_traffic(c, r);
		return true;
	case XP_SERIES_GONE:
		r->u.gone.of = xp_cursor_u8(c);
		r->u.gone.index = decode_index(c);
		return true;
	}
	return false;
}

bool xp_series_decode(struct xp_profile *p, struct xp_cursor *c)
{
	struct xp_series_record r, *out;

	memset(&r, 0, sizeof(r));
	r.kind = xp_cursor_u8(c);
	r.tsc = xp_cursor_varint(c);
	if (!decode_fields(p, c, &r))
		return xp_cursor_ok(c);
	out = xp_cursor_ok(c) ? xp_profile_append(p, series, c) : NULL;
	if (out)
		*out = r;
	return out != NULL;
}
