// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/html/changes.h"

#include "lib/base/text.h"
#include "lib/diff/diff.h"
#include "lib/export/stacks.h"

#define KEYS (XP_KEY_DOMAIN | XP_KEY_MODE | XP_KEY_IMAGE | XP_KEY_SYMBOL)
#define CONFIDENCE 0.95
#define SHARE 0.0005   /* functions of less are there only if they have changed */
#define MAX_ROWS 1000u /* of an event */

struct changes { struct xp_json *j; struct xp_diff d; struct xp_buf b; };

static void put_text(struct changes *c, const char *text)
{
	xp_json_string(c->j, NULL, text ? xp_stack_text(&c->b, text) : "");
}

static bool is_shown(const struct xp_diff_line *l)
{
	return l->kind == XP_DIFF_ROW && !l->row->idle && (l->significant || l->share >= SHARE);
}

/* [domain, mode, image, symbol, ratio's low and high limit (null: infinite), whether it has changed] */
static void put_line(struct changes *c, struct xp_diff_line *l)
{
	const struct xp_diff_key *k = &l->row->key;

	xp_diff_limits(&c->d, l);
	xp_json_flat_array(c->j, NULL);
	put_text(c, k->domain);
	xp_json_string(c->j, NULL, k->mode < XP_NR_MODES ? xp_mode_names[k->mode] : "");
	put_text(c, k->image ? xp_text_last_part(k->image) : NULL);
	put_text(c, k->symbol ? k->symbol : "[unresolved]");
	xp_json_number(c->j, NULL, l->compared.change.low, 4);
	xp_json_number(c->j, NULL, l->compared.change.high, 4);
	xp_json_bool(c->j, NULL, l->significant);
	xp_json_end_array(c->j);
}

/* Lines are in order: those that have changed first. */
static void put_event(struct changes *c, struct xp_diff_event *e)
{
	size_t i, nr = 0;

	xp_json_object(c->j, NULL);
	xp_json_string(c->j, "name", xp_stack_text(&c->b, e->name));
	xp_json_array(c->j, "rows");
	for (i = 0; i < e->nr && nr < MAX_ROWS; i++) {
		if (!is_shown(&e->lines[i]))
			continue;
		put_line(c, &e->lines[i]);
		nr++;
	}
	xp_json_end_array(c->j);
	xp_json_end_object(c->j);
}

static void put_events(struct changes *c)
{
	size_t i;

	xp_json_array(c->j, "changes");
	for (i = 0; i < c->d.nr_events; i++)
		put_event(c, &c->d.per_event[i]);
	xp_json_end_array(c->j);
}

int xp_html_changes(struct xp_json *j, struct xp_profile *p, const struct xp_html_options *o, struct xp_err *err)
{
	struct xp_diff_run runs[XP_SIDES] = {
		[XP_OLD] = { .profile = o->base, .name = o->base_name }, [XP_NEW] = { .profile = p, .name = o->name },
	};
	struct xp_diff_side sides[XP_SIDES] = { [XP_OLD] = { .runs = &runs[XP_OLD], .nr = 1 }, [XP_NEW] = { .runs = &runs[XP_NEW], .nr = 1 } };
	const struct xp_diff_options options = { .norm = XP_DIFF_TIME, .confidence = CONFIDENCE, .keys = KEYS };
	struct changes c = { .j = j };
	size_t side;
	int rc = xp_diff_run(&c.d, sides, &options, &o->filter, err);

	if (!rc) {
		put_events(&c);
		xp_diff_release(&c.d);
	} else if (rc == XP_E_USAGE) { /* nothing can be compared: the page says so itself */
		xp_json_array(j, "changes");
		xp_json_end_array(j);
		rc = 0;
	}
	for (side = 0; side < XP_SIDES; side++)
		xp_agg_free(runs[side].agg);
	xp_buf_release(&c.b);
	return rc;
}
