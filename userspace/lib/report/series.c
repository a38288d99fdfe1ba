/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/report/series.h"

#include <inttypes.h>

#include "lib/agg/filter.h"
#include "lib/agg/series.h"
#include "lib/base/text.h"
#include "lib/report/format.h"
#include "lib/report/table.h"

static bool is_shown(const struct xp_agg *a, const struct xp_series_domain_sum *d)
{
	struct xp_agg_domain domain = { .name = d->name, .domid = d->domid };

	return d->first && xp_filter_takes_domain(&a->config.filter, &domain);
}

static uint64_t ns_of(const struct xp_series_sum *s, uint64_t ticks)
{
	double ns = (double)ticks * s->ns_per_tick;

	return ns > 0 && ns < 1.8e19 ? (uint64_t)ns : 0;
}

/* ---- text ----------------------------------------------------------------*/

struct sums {             /* of a domain's interfaces */
	double sent, sent_acks, received, received_acks; /* a second */
	bool any, acks;
};

static void add_traffic(const struct xp_series_sum *s, const struct xp_series_vif_sum *v, struct sums *sums)
{
	struct xp_series_traffic_sum t;
	double seconds = (double)xp_series_span(v->first, v->last) * s->ns_per_tick / 1e9;

	if (seconds <= 0 || !xp_series_traffic(v, &t))
		return;
	sums->acks = t.has_acks && (!sums->any || sums->acks);
	sums->any = true;
	sums->sent += (double)t.sent_packets / seconds;
	sums->received += (double)t.received_packets / seconds;
	sums->sent_acks += (double)t.sent_acks / seconds;
	sums->received_acks += (double)t.received_acks / seconds;
}

static void traffic_of(const struct xp_series_sum *s, size_t domain, struct sums *sums)
{
	memset(sums, 0, sizeof(*sums));
	for (size_t i = 0; i < s->nr_vifs; i++)
		if (s->vifs[i].domain == domain)
			add_traffic(s, &s->vifs[i], sums);
}

static void put_rate(struct xp_table *t, bool known, double rate)
{
	char text[XP_FORMAT_TEXT];

	xp_table_cell(t, known ? xp_format_count(text, (uint64_t)(rate + 0.5)) : "-");
}

static void put_share(struct xp_table *t, bool known, uint64_t ns, double of)
{
	char text[XP_FORMAT_TEXT];

	snprintf(text, sizeof(text), "%.1f%%", of > 0 ? 100.0 * (double)ns / of : 0);
	xp_table_cell(t, known && of > 0 ? text : "-");
}

/* Where its vCPUs may run, if it is the same for all. */
static const char *pins_of(const struct xp_series_domain_sum *d)
{
	const char *pin = d->nr_vcpus ? d->vcpus[0].pin : NULL;

	for (size_t i = 1; pin && i < d->nr_vcpus; i++)
		if (!d->vcpus[i].pin || strcmp(d->vcpus[i].pin, pin))
			return "various";
	return pin ? pin : "-";
}

static void put_name(struct xp_table *t, const struct xp_series_domain_sum *d)
{
	char *text = NULL;

	if (asprintf(&text, "%s (%u)%s", d->name[0] ? d->name : "?", d->domid, d->gone ? ", ended" : "") < 0)
		text = NULL;
	xp_table_name(t, text ? text : d->name);
	free(text);
}

static void put_row(struct xp_table *t, const struct xp_series_sum *s, size_t i, bool traffic)
{
	const struct xp_series_domain_sum *d = &s->domains[i];
	double ns = (double)xp_series_span(d->first, d->last) * s->ns_per_tick;
	struct sums sums;
	uint64_t waited;
	bool known = xp_series_state_ns(d, XP_RUNNABLE, &waited);
	char text[XP_FORMAT_TEXT];

	put_share(t, true, xp_series_cpu_ns(d), ns);
	put_share(t, known, waited, ns);
	xp_table_cell(t, xp_format_count(text, d->last->u.time.vcpus));
	xp_table_name(t, pins_of(d));
	if (traffic) {
		traffic_of(s, i, &sums);
		put_rate(t, sums.any, sums.sent);
		put_rate(t, sums.any && sums.acks, sums.sent_acks);
		put_rate(t, sums.any, sums.received);
		put_rate(t, sums.any && sums.acks, sums.received_acks);
	}
	put_name(t, d);
}

static void put_columns(struct xp_table *t, bool traffic)
{
	xp_table_column(t, "CPU", true, false);
	xp_table_column(t, "Steal", true, false);
	xp_table_column(t, "vCPUs", true, true);
	xp_table_column(t, "Pinned to", false, true);
	if (traffic) {
		xp_table_column(t, "Sent/s", true, true);
		xp_table_column(t, "ACKs/s", true, true);
		xp_table_column(t, "Received/s", true, true);
		xp_table_column(t, "ACKs/s", true, true);
	}
	xp_table_column(t, "Domain", false, true);
}

static void put_absences(FILE *out, const struct xp_agg *a, const struct xp_series_sum *s)
{
	size_t i;

	for (i = 0; i < XP_SERIES_NR_WHAT; i++) {
		if (!s->why[i])
			continue;
		fprintf(out, "# %s could not be read: ", xp_series_what_names[i]);
		xp_text_print(out, s->why[i]);
		fputc('\n', out);
	}
	for (i = 0; i < s->nr_vifs; i++) {
		const struct xp_series_record *v = s->vifs[i].vif;

		if (s->vifs[i].first || !v->u.vif.why[0] ||
		    (s->vifs[i].domain != XP_SERIES_NONE && !is_shown(a, &s->domains[s->vifs[i].domain])))
			continue;
		fprintf(out, "# interface %u of domain %u has no counters: ", v->u.vif.devid, v->u.vif.domid);
		xp_text_print(out, v->u.vif.why);
		fputc('\n', out);
	}
}

static bool has_traffic(const struct xp_series_sum *s)
{
	for (size_t i = 0; i < s->nr_vifs; i++)
		if (s->vifs[i].first)
			return true;
	return false;
}

/* Who used most CPU time comes first. */
static int compare(const void *px, const void *py, void *arg)
{
	const struct xp_series_sum *s = arg;
	uint32_t x = *(const uint32_t *)px, y = *(const uint32_t *)py;
	uint64_t nx = xp_series_cpu_ns(&s->domains[x]), ny = xp_series_cpu_ns(&s->domains[y]);

	if (nx != ny)
		return nx > ny ? -1 : 1;
	return x < y ? -1 : x > y;
}

static bool put_rows(struct xp_table *t, const struct xp_agg *a, const struct xp_series_sum *s, bool traffic)
{
	uint32_t *order = calloc(s->nr_domains + 1, sizeof(*order));
	size_t nr = 0;

	if (!order)
		return false;
	for (size_t i = 0; i < s->nr_domains; i++)
		if (is_shown(a, &s->domains[i]))
			order[nr++] = (uint32_t)i;
	qsort_r(order, nr, sizeof(*order), compare, (void *)s);
	for (size_t i = 0; i < nr; i++)
		put_row(t, s, order[i], traffic);
	free(order);
	return true;
}

static bool put_table(FILE *out, const struct xp_agg *a, const struct xp_series_sum *s, const struct xp_report_options *o)
{
	bool traffic = has_traffic(s), ok;
	char text[XP_FORMAT_TEXT], time[XP_FORMAT_TEXT];
	struct xp_table t;

	fprintf(out, "#\n# over time: %s readings in %s, in percent of one CPU; Steal: ready to run, but not running\n#\n",
		xp_format_count(text, s->readings), xp_format_duration(time, ns_of(s, s->last_tsc - s->first_tsc)));
	xp_table_init(&t);
	put_columns(&t, traffic);
	ok = put_rows(&t, a, s, traffic) && xp_table_print(out, &t, o->columns, 0);
	xp_table_release(&t);
	return ok;
}

int xp_report_series(FILE *out, const struct xp_agg *a, const struct xp_report_options *o, struct xp_err *err)
{
	struct xp_series_sum s;
	bool ok = true;
	int rc = xp_series_sum_init(&s, a->profile, err);

	if (rc)
		return rc;
	if (s.readings > 1)
		ok = put_table(out, a, &s, o);
	put_absences(out, a, &s);
	xp_series_sum_release(&s);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for the table over time");
}

/* ---- JSON ----------------------------------------------------------------*/

static void put_states(struct xp_json *j, const struct xp_series_domain_sum *d)
{
	static const char *const keys[XP_NR_RUN_STATES] = { "running_ns", "runnable_ns", "blocked_ns", "offline_ns" };

	for (int state = 0; state < XP_NR_RUN_STATES; state++) {
		uint64_t ns;

		if (xp_series_state_ns(d, (enum xp_run_state)state, &ns))
			xp_json_u64(j, keys[state], ns);
		else
			xp_json_null(j, keys[state]);
	}
}

static void put_direction(struct xp_json *j, const char *key, uint64_t packets, uint64_t bytes, bool has_acks, uint64_t acks)
{
	xp_json_flat_object(j, key);
	xp_json_u64(j, "packets", packets);
	xp_json_u64(j, "bytes", bytes);
	if (has_acks)
		xp_json_u64(j, "acks", acks);
	else
		xp_json_null(j, "acks");
	xp_json_end_object(j);
}

static void put_vif(struct xp_json *j, const struct xp_series_sum *s, const struct xp_series_vif_sum *v)
{
	struct xp_series_traffic_sum t;
	bool known = xp_series_traffic(v, &t);

	xp_json_flat_object(j, NULL);
	xp_json_u64(j, "devid", v->vif->u.vif.devid);
	xp_json_u64(j, "backend", v->vif->u.vif.backend);
	xp_json_string(j, "name", v->vif->u.vif.name);
	xp_json_string(j, "why", v->vif->u.vif.why);
	xp_json_u64(j, "duration_ns", ns_of(s, xp_series_span(v->first, v->last)));
	if (known) {
		put_direction(j, "sent", t.sent_packets, t.sent_bytes, t.has_acks, t.sent_acks);
		put_direction(j, "received", t.received_packets, t.received_bytes, t.has_acks, t.received_acks);
	} else {
		xp_json_null(j, "sent");
		xp_json_null(j, "received");
	}
	xp_json_end_object(j);
}

static void put_vcpu(struct xp_json *j, const struct xp_series_domain_sum *d, size_t i)
{
	const struct xp_series_vcpu_sum *v = &d->vcpus[i];

	xp_json_flat_object(j, NULL);
	xp_json_u64(j, "id", i);
	xp_json_u64(j, "cpu", v->cpu);
	xp_json_string(j, "affinity", v->pin);
	xp_json_u64(j, "running_ns", v->last[XP_RUNNING] > v->first[XP_RUNNING] ? v->last[XP_RUNNING] - v->first[XP_RUNNING] : 0);
	xp_json_end_object(j);
}

static void put_domain(struct xp_json *j, const struct xp_series_sum *s, size_t i)
{
	const struct xp_series_domain_sum *d = &s->domains[i];
	const uint8_t *u = d->uuid;
	char uuid[37];

	snprintf(uuid, sizeof(uuid), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
	xp_json_object(j, NULL);
	xp_json_string(j, "name", d->name);
	xp_json_u64(j, "id", d->domid);
	xp_json_string(j, "uuid", uuid);
	xp_json_u64(j, "readings", d->readings);
	xp_json_u64(j, "duration_ns", ns_of(s, xp_series_span(d->first, d->last)));
	xp_json_u64(j, "cpu_ns", xp_series_cpu_ns(d));
	put_states(j, d);
	xp_json_bool(j, "ended", d->gone);
	xp_json_array(j, "vcpus");
	for (size_t k = 0; k < d->nr_vcpus; k++)
		if (d->vcpus[k].first_tsc)
			put_vcpu(j, d, k);
	xp_json_end_array(j);
	xp_json_array(j, "vifs");
	for (size_t k = 0; k < s->nr_vifs; k++)
		if (s->vifs[k].domain == i)
			put_vif(j, s, &s->vifs[k]);
	xp_json_end_array(j);
	xp_json_end_object(j);
}

int xp_report_series_json(struct xp_json *j, const struct xp_agg *a, struct xp_err *err)
{
	struct xp_series_sum s;
	int rc = xp_series_sum_init(&s, a->profile, err);

	if (rc)
		return rc;
	if (a->profile->nr_series) {
		xp_json_object(j, "series");
		xp_json_flat_object(j, "absent");
		for (size_t i = 0; i < XP_SERIES_NR_WHAT; i++)
			if (s.why[i])
				xp_json_string(j, xp_series_what_names[i], s.why[i]);
		xp_json_end_object(j);
		xp_json_array(j, "domains");
		for (size_t i = 0; i < s.nr_domains; i++)
			if (is_shown(a, &s.domains[i]))
				put_domain(j, &s, i);
		xp_json_end_array(j);
		xp_json_end_object(j);
	}
	xp_series_sum_release(&s);
	return 0;
}
