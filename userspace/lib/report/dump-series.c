/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/report/dump-series.h"

#include <inttypes.h>

#include "lib/base/text.h"

static const char *state_name(uint8_t state)
{
	static const char *const names[XP_NR_RUN_STATES] = { "running", "runnable", "blocked", "offline" };

	return state < XP_NR_RUN_STATES ? names[state] : "?";
}

static void print_name(FILE *out, const char *key, const char *name)
{
	fprintf(out, " %s=", key);
	xp_text_print(out, name);
}

static void print_domain(FILE *out, const struct xp_series_record *r)
{
	size_t i;

	fprintf(out, "series-domain tsc=%" PRIu64 " id=%u domid=%u uuid=", r->tsc, r->u.domain.index, r->u.domain.domid);
	for (i = 0; i < sizeof(r->u.domain.uuid); i++)
		fprintf(out, "%02x", r->u.domain.uuid[i]);
	print_name(out, "name", r->u.domain.name);
}

static void print_vcpu(FILE *out, const struct xp_series_record *r)
{
	static const char *const keys[XP_NR_RUN_STATES] = { "running_ns", "runnable_ns", "blocked_ns", "offline_ns" };
	size_t i;

	fprintf(out, "series-vcpu tsc=%" PRIu64 " domain=%u vcpu=%u cpu=%u state=%s", r->tsc, r->u.vcpu.domain,
		r->u.vcpu.vcpu, r->u.vcpu.cpu, state_name(r->u.vcpu.state));
	for (i = 0; i < r->u.vcpu.nr; i++)
		fprintf(out, " %s=%" PRIu64, keys[i], r->u.vcpu.ns[i]);
}

static void print_vif(FILE *out, const struct xp_series_record *r)
{
	fprintf(out, "series-vif tsc=%" PRIu64 " id=%u domid=%u devid=%u backend=%u", r->tsc, r->u.vif.index, r->u.vif.domid,
		r->u.vif.devid, r->u.vif.backend);
	print_name(out, "name", r->u.vif.name);
	print_name(out, "why", r->u.vif.why);
}

static void print_traffic(FILE *out, const struct xp_series_record *r)
{
	fprintf(out, "series-traffic tsc=%" PRIu64 " vif=%u sent_packets=%" PRIu64 " sent_bytes=%" PRIu64
		" received_packets=%" PRIu64 " received_bytes=%" PRIu64, r->tsc, r->u.traffic.vif, r->u.traffic.sent_packets,
		r->u.traffic.sent_bytes, r->u.traffic.received_packets, r->u.traffic.received_bytes);
	if (r->u.traffic.has_acks)
		fprintf(out, " sent_acks=%" PRIu64 " received_acks=%" PRIu64, r->u.traffic.sent_acks, r->u.traffic.received_acks);
}

void xp_report_dump_series(FILE *out, const struct xp_series_record *r)
{
	switch (r->kind) {
	case XP_SERIES_SOURCE:
		fprintf(out, "series-source tsc=%" PRIu64 " what=%s", r->tsc,
			r->u.source.what < XP_SERIES_NR_WHAT ? xp_series_what_names[r->u.source.what] : "?");
		print_name(out, "why", r->u.source.why);
		break;
	case XP_SERIES_DOMAIN:
		print_domain(out, r);
		break;
	case XP_SERIES_DOMAIN_TIME:
		fprintf(out, "series-time tsc=%" PRIu64 " domain=%u vcpus=%u flags=%u cpu_ns=%" PRIu64, r->tsc, r->u.time.domain,
			r->u.time.vcpus, r->u.time.flags, r->u.time.cpu_ns);
		break;
	case XP_SERIES_VCPU:
		print_vcpu(out, r);
		break;
	case XP_SERIES_PIN:
		fprintf(out, "series-pin tsc=%" PRIu64 " domain=%u vcpu=%u", r->tsc, r->u.pin.domain, r->u.pin.vcpu);
		print_name(out, "cpus", r->u.pin.cpus);
		break;
	case XP_SERIES_VIF:
		print_vif(out, r);
		break;
	case XP_SERIES_TRAFFIC:
		print_traffic(out, r);
		break;
	case XP_SERIES_GONE:
		fprintf(out, "series-gone tsc=%" PRIu64 " of=%s id=%u", r->tsc,
			r->u.gone.of == XP_SERIES_DOMAIN ? "domain" : r->u.gone.of == XP_SERIES_VIF ? "vif" : "?", r->u.gone.index);
		break;
	}
	fputc('\n', out);
}
