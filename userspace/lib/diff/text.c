// SPDX-License-Identifier: GPL-2.0-or-later
/* Two sides, for people. */
#include <inttypes.h>
#include <math.h>

#include "lib/base/text.h"
#include "lib/diff/diff.h"
#include "lib/report/format.h"
#include "lib/report/head.h"
#include "lib/report/table.h"

/* ---- numbers ---- */

/* 12.4M, 3.10, 0.004: three digits that count. */
static const char *si(char text[XP_FORMAT_TEXT], double value)
{
	static const char units[] = " kMGTP";
	size_t u = 0;

	while (fabs(value) >= 999.5 && u + 2 < sizeof(units)) {
		value /= 1000;
		u++;
	}
	snprintf(text, XP_FORMAT_TEXT, "%.*f%.1s", value && fabs(value) < 0.01 ? 5 : fabs(value) < 10 ? 2 : fabs(value) < 100 ? 1 : 0,
		 value, u ? units + u : "");
	return text;
}

static const char *value_text(char text[XP_FORMAT_TEXT], const struct xp_diff *d, const struct xp_diff_event *e, double value)
{
	if (d->options.norm == XP_DIFF_TOTAL)
		snprintf(text, XP_FORMAT_TEXT, "%.2f%%", 100 * value);
	else if (e->is_timer && d->options.norm == XP_DIFF_TIME) /* ns of CPU time a second */
		snprintf(text, XP_FORMAT_TEXT, "%.2f%%", value / 1e7);
	else
		si(text, value);
	return text;
}

/* In percent; where that is no measure any more, and for what goes with it, as a factor. */
static const char *change_text(char text[XP_FORMAT_TEXT], double ratio, bool factor)
{
	if (isinf(ratio))
		snprintf(text, XP_FORMAT_TEXT, "∞");
	else if (factor)
		snprintf(text, XP_FORMAT_TEXT, "×%.*f", ratio < 10 ? 2 : ratio < 100 ? 1 : 0, ratio);
	else
		snprintf(text, XP_FORMAT_TEXT, "%+.1f%%", 100 * (ratio - 1));
	return text;
}

static bool is_factor(const struct xp_change *c)
{
	return c->ratio >= 10 || c->high >= 1000;
}

static const char *limits_text(char text[2 * XP_FORMAT_TEXT], const struct xp_change *c)
{
	char low[XP_FORMAT_TEXT], high[XP_FORMAT_TEXT];

	if (!(c->low > 0) && isinf(c->high))
		return "-";
	snprintf(text, 2 * XP_FORMAT_TEXT, "%s … %s", change_text(low, c->low, is_factor(c)), change_text(high, c->high, is_factor(c)));
	return text;
}

/* ---- head ---- */

static void put_side(FILE *out, const struct xp_diff *d, size_t side)
{
	const struct xp_diff_side *s = &d->sides[side];
	char text[XP_FORMAT_TEXT];
	uint64_t ns = 0;
	double samples = 0;
	size_t r, e;

	fprintf(out, "# %s ", side == XP_OLD ? "old" : "new");
	for (r = 0; r < s->nr; r++) {
		fputs(r ? ", " : "", out);
		xp_text_print(out, s->runs[r].name);
		ns += s->runs[r].duration_ns;
		for (e = 0; e < s->runs[r].agg->nr_events; e++)
			samples += (double)s->runs[r].agg->samples.of[e];
	}
	fprintf(out, ": %zu run%s, ", s->nr, s->nr == 1 ? "" : "s");
	if (ns)
		fprintf(out, "%s, ", xp_format_duration(text, ns));
	fprintf(out, "%s samples", xp_format_count(text, (uint64_t)samples));
	if (d->options.norm == XP_DIFF_WORK) {
		double work = 0;

		for (r = 0; r < s->nr; r++)
			work += d->norm[side][r];
		fprintf(out, ", %s %s", xp_format_count(text, (uint64_t)work), d->options.counter ? d->options.counter : "units of work");
	}
	fputc('\n', out);
}

/* What of a side cannot be trusted. */
static void put_losses(FILE *out, const struct xp_diff *d, size_t side)
{
	const struct xp_diff_side *s = &d->sides[side];
	struct xp_counts lost;
	char text[XP_FORMAT_TEXT];
	uint64_t sum = 0;
	size_t r, e;

	for (r = 0; r < s->nr; r++) {
		xp_report_lost(s->runs[r].profile, &lost);
		for (e = 0; e < XPROF_MAX_EVENTS; e++)
			sum += lost.of[e];
		if (s->runs[r].profile->damage) {
			fputs("# warning: ", out);
			xp_text_print(out, s->runs[r].name);
			fputs(" is damaged: ", out);
			xp_text_print(out, s->runs[r].profile->damage);
			fputc('\n', out);
		}
	}
	if (sum)
		fprintf(out, "# warning: %s samples of the %s side were lost\n", xp_format_count(text, sum), side == XP_OLD ? "old" : "new");
}

static void put_settings(FILE *out, const struct xp_diff *d)
{
	size_t i;

	if (!d->nr_settings)
		fputs("# configured alike, as far as the profiles tell\n", out);
	for (i = 0; i < d->nr_settings; i++) {
		fputs("# differs: ", out);
		xp_text_print(out, d->settings[i].key);
		fputs(": ", out);
		xp_text_print(out, d->settings[i].was);
		fputs(" → ", out);
		xp_text_print(out, d->settings[i].is);
		fputc('\n', out);
	}
}

static void put_method(FILE *out, const struct xp_diff *d)
{
	static const char *const norms[] = { "by time", "by all that was not idle: shares", "by work done" };

	fprintf(out, "# normalized %s", norms[d->options.norm]);
	if (d->options.norm == XP_DIFF_WORK && d->options.counter)
		fprintf(out, " (%s)", d->options.counter);
	if (d->sides[XP_OLD].sliced)
		fputs("; one run a side: what changes from run to run is not covered", out);
	fputc('\n', out);
}

static void put_head(FILE *out, const struct xp_diff *d)
{
	size_t side;

	for (side = 0; side < XP_SIDES; side++)
		put_side(out, d, side);
	for (side = 0; side < XP_SIDES; side++)
		put_losses(out, d, side);
	put_settings(out, d);
	put_method(out, d);
}

/* ---- tables ---- */

static const char *unit_of(const struct xp_diff *d, const struct xp_diff_event *e, char text[XP_FORMAT_TEXT])
{
	if (d->options.norm == XP_DIFF_TOTAL)
		return "share";
	if (d->options.norm == XP_DIFF_TIME)
		return e->is_timer ? "of one CPU" : "a second";
	snprintf(text, XP_FORMAT_TEXT, "%sper %s", e->is_timer ? "ns " : "",
		 !d->options.counter ? "unit of work" : !strcmp(d->options.counter, "packets") ? "packet" :
		 !strcmp(d->options.counter, "acks") ? "ack" : "byte");
	return text;
}

static void put_key(struct xp_table *t, const struct xp_diff_key *k, enum xp_key key)
{
	switch (key) {
	case XP_KEY_DOMAIN:  xp_table_name(t, k->domain ? k->domain : "-"); break;
	case XP_KEY_MODE:    xp_table_cell(t, k->mode < XP_NR_MODES ? xp_mode_names[k->mode] : "-"); break;
	case XP_KEY_PROCESS: xp_table_name(t, k->process ? k->process : "-"); break;
	case XP_KEY_IMAGE:   xp_table_name(t, !k->image ? "-" : k->image[0] ? k->image : "[anonymous]"); break;
	case XP_KEY_SYMBOL:  xp_table_name(t, k->symbol ? k->symbol : "[unresolved]"); break;
	default:             xp_table_cell(t, "-"); break;
	}
}

static const char *head_of(enum xp_key key)
{
	switch (key) {
	case XP_KEY_DOMAIN:  return "Domain";
	case XP_KEY_MODE:    return "Mode";
	case XP_KEY_PROCESS: return "Process";
	case XP_KEY_IMAGE:   return "Image";
	default:             return "Symbol";
	}
}

static void put_columns(struct xp_table *t, const struct xp_diff *d)
{
	char text[XP_FORMAT_TEXT];

	xp_table_column(t, "Old", true, false);
	xp_table_column(t, "New", true, false);
	xp_table_column(t, "Change", true, false);
	snprintf(text, sizeof(text), "%g%% limits", 100 * d->options.confidence);
	xp_table_column(t, text, true, false);
	xp_table_column(t, "", false, false);
}

static const char *change_of(char text[XP_FORMAT_TEXT], const struct xp_diff_line *line)
{
	if (!(line->samples[XP_OLD] > 0))
		return "new";
	return line->samples[XP_NEW] > 0 ? change_text(text, line->compared.change.ratio, is_factor(&line->compared.change)) : "gone";
}

static void put_values(struct xp_table *t, const struct xp_diff *d, const struct xp_diff_event *e, struct xp_diff_line *line)
{
	char text[2 * XP_FORMAT_TEXT];

	xp_diff_limits(d, line);
	xp_table_cell(t, value_text(text, d, e, line->value[XP_OLD]));
	xp_table_cell(t, value_text(text, d, e, line->value[XP_NEW]));
	xp_table_cell(t, change_of(text, line));
	xp_table_cell(t, limits_text(text, &line->compared.change));
	xp_table_cell(t, line->significant ? "*" : "");
}

static bool is_shown(const struct xp_diff *d, const struct xp_diff_line *line)
{
	return line->kind != XP_DIFF_ROW || line->significant || 100 * line->share >= d->options.percent_limit;
}

static const char *domain_of(const struct xp_diff_line *line)
{
	return line->kind == XP_DIFF_ALL ? "all that is not idle" : line->row->key.domain ? line->row->key.domain : "-";
}

/* The domain and then its modes, as rows of one table. */
static void put_domain_lines(struct xp_table *t, const struct xp_diff *d, struct xp_diff_event *e)
{
	size_t i, m;

	for (i = 0; i < e->nr; i++) {
		struct xp_diff_line *line = &e->lines[i];

		if (line->kind != XP_DIFF_ALL && line->kind != XP_DIFF_DOMAIN)
			continue;
		put_values(t, d, e, line);
		xp_table_name(t, domain_of(line));
		xp_table_cell(t, "");
		for (m = 0; m < e->nr && line->kind == XP_DIFF_DOMAIN && !line->row->idle; m++) {
			struct xp_diff_line *mode = &e->lines[m];

			if (mode->kind != XP_DIFF_MODE || strcmp(domain_of(mode), domain_of(line)))
				continue;
			put_values(t, d, e, mode);
			xp_table_cell(t, "");
			xp_table_cell(t, xp_mode_names[mode->row->key.mode]);
		}
	}
}

static int put_domains(FILE *out, const struct xp_diff *d, struct xp_diff_event *e, const struct xp_diff_text_options *o,
		       struct xp_err *err)
{
	struct xp_table t;
	bool ok;

	xp_table_init(&t);
	put_columns(&t, d);
	xp_table_column(&t, "Domain", false, true);
	xp_table_column(&t, "Mode", false, false);
	put_domain_lines(&t, d, e);
	ok = xp_table_print(out, &t, o->columns, 0);
	xp_table_release(&t);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for the domains' table");
}

static void put_summary(FILE *out, const struct xp_diff *d, const struct xp_diff_event *e, size_t shown)
{
	char a[XP_FORMAT_TEXT], b[XP_FORMAT_TEXT];
	size_t new = 0, gone = 0, i;

	for (i = 0; i < e->nr; i++) {
		const struct xp_diff_line *l = &e->lines[i];

		new += l->kind == XP_DIFF_ROW && l->significant && !(l->samples[XP_OLD] > 0);
		gone += l->kind == XP_DIFF_ROW && l->significant && !(l->samples[XP_NEW] > 0);
	}
	fprintf(out, "# %s of %s rows have changed (*: by more than chance, at a false discovery rate of %g%%), %zu of them new, %zu gone\n",
		xp_format_count(a, e->nr_significant), xp_format_count(b, e->nr_tested), 100 * (1 - d->options.confidence), new, gone);
	if (shown < e->nr_tested)
		fprintf(out, "# %s rows below %g%% that have not changed are not shown; --percent-limit 0 shows them\n",
			xp_format_count(a, e->nr_tested - shown), d->options.percent_limit);
	if (e->dispersion.common > 1.005)
		fprintf(out, "# counts vary %.2f times as much as chance alone lets them, and were tested as such\n",
			e->dispersion.common);
}

static int put_rows(FILE *out, const struct xp_diff *d, struct xp_diff_event *e, const struct xp_diff_text_options *o,
		    struct xp_err *err)
{
	struct xp_table t;
	size_t i, k, shown = 0;
	bool ok;

	xp_table_init(&t);
	put_columns(&t, d);
	for (k = 0; k < o->nr_order; k++)
		xp_table_column(&t, head_of(o->order[k]), false, o->order[k] != XP_KEY_MODE);
	for (i = 0; i < e->nr; i++) {
		if (e->lines[i].kind != XP_DIFF_ROW || !is_shown(d, &e->lines[i]))
			continue;
		shown++;
		put_values(&t, d, e, &e->lines[i]);
		for (k = 0; k < o->nr_order; k++)
			put_key(&t, &e->lines[i].row->key, o->order[k]);
	}
	ok = xp_table_print(out, &t, o->columns, 0);
	xp_table_release(&t);
	put_summary(out, d, e, shown);
	return ok ? 0 : xp_fail(err, XP_E_NOMEM, "no memory for %zu rows", e->nr);
}

static bool has_samples(const struct xp_diff *d, const struct xp_diff_event *e, size_t side)
{
	const struct xp_diff_side *s = &d->sides[side];
	size_t r, i;

	for (r = 0; r < s->nr; r++)
		for (i = 0; i < s->runs[r].agg->nr_events && i < XPROF_MAX_EVENTS; i++)
			if (d->events.of[side][r][i] == e->index && s->runs[r].agg->samples.of[i])
				return true;
	return false;
}

static int put_event(FILE *out, const struct xp_diff *d, struct xp_diff_event *e, const struct xp_diff_text_options *o,
		     struct xp_err *err)
{
	char text[XP_FORMAT_TEXT];
	size_t side;
	int rc;

	fputs("#\n# ", out);
	xp_text_print(out, e->name);
	fprintf(out, ", %s\n", unit_of(d, e, text));
	for (side = 0; side < XP_SIDES; side++)
		if (!has_samples(d, e, side))
			fprintf(out, "# the %s side has no samples of it: nothing can be compared\n", side == XP_OLD ? "old" : "new");
	fputs("#\n", out);
	rc = put_domains(out, d, e, o, err);
	fputs("#\n", out);
	return rc ? rc : put_rows(out, d, e, o, err);
}

int xp_diff_text(FILE *out, struct xp_diff *d, const struct xp_diff_text_options *o, struct xp_err *err)
{
	size_t e;
	int rc = 0;

	put_head(out, d);
	for (e = 0; e < d->nr_events && !rc; e++)
		rc = put_event(out, d, &d->per_event[e], o, err);
	return rc;
}
