// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/export/export.h"

#include "lib/report/report.h"

const struct xp_export_format xp_export_formats[] = {
	{ "pprof", ".pb.gz", "gzip'ed profile.proto: go tool pprof, Pyroscope, Parca", false, true, xp_export_pprof },
	{ "folded", ".folded", "a line a stack: flamegraph.pl, inferno", true, false, xp_export_folded },
	{ "speedscope", ".speedscope.json", "speedscope.app", false, false, xp_export_speedscope },
	{ "firefox", ".firefox.json", "profiler.firefox.com", true, false, xp_export_firefox },
	{ "callgrind", ".callgrind", "KCachegrind, callgrind_annotate", false, false, xp_export_callgrind },
	{ "chrome", ".trace.json", "ui.perfetto.dev, chrome://tracing: which vCPU was where", true, false, xp_export_chrome },
	{ "perf-script", ".perf.txt", "what reads 'perf script': each sample", false, false, xp_export_perf_script },
	{ "csv", ".csv", "the report's rows, for a spreadsheet", false, false, xp_export_csv },
	{ "json", ".json", "the report's rows, as 'xprof report --json'", false, false, xp_export_json },
	{ NULL, NULL, NULL, false, false, NULL },
};

const struct xp_export_format *xp_export_format(const char *name)
{
	const struct xp_export_format *f;

	for (f = xp_export_formats; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

int xp_export_json(FILE *out, struct xp_profile *p, const struct xp_export_options *o, struct xp_err *err)
{
	const struct xp_agg_config config = { .keys = XP_REPORT_JSON_KEYS, .filter = o->filter };
	struct xp_agg *a;
	int rc = xp_agg_run(&a, p, &config, err);

	if (rc)
		return rc;
	rc = xp_report_json(out, a, err);
	xp_agg_free(a);
	return rc;
}
