/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a profile: opened, counted, reported, dumped. Reports go nowhere. */
#include "lib/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void report(struct xp_profile *p, FILE *out, unsigned int keys, bool json)
{
	const struct xp_agg_config config = { .keys = keys, .addresses = !json };
	const struct xp_report_options options = { .order = { XP_KEY_DOMAIN, XP_KEY_SYMBOL }, .nr_order = 2 };
	struct xp_agg *a;
	struct xp_err err;

	if (xp_agg_run(&a, p, &config, &err))
		return;
	if (json)
		xp_report_json(out, a, &err);
	else
		xp_report_text(out, a, &options, &err);
	xp_agg_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *out;
	struct xp_profile *p;
	struct xp_err err;

	if (!out)
		out = fopen("/dev/null", "w");
	xp_profile_open_memory(&p, data, size, &err);
	if (!p)
		return 0;
	report(p, out, XP_REPORT_JSON_KEYS, true);
	report(p, out, ~0u, false);
	xp_report_dump(out, p, false, &err);
	xp_report_dump(out, p, true, &err);
	xp_profile_free(p);
	return 0;
}
