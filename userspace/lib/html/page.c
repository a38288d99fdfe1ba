// SPDX-License-Identifier: GPL-2.0-or-later
/* The template with its holes filled: {{policy}}, {{style}}, {{script}}, {{data}}. */
#include "lib/html/assets.h"
#include "lib/html/changes.h"
#include "lib/html/data.h"
#include "lib/html/hot.h"
#include "lib/html/html.h"
#include "lib/html/pack.h"

#define FORMAT 2u /* of the data: README.md */

struct page {
	FILE *out;
	struct xp_buf data;
	struct xp_err *err;
};

/* ---- data ---- */

static int put_meta(FILE *out, const struct xp_html_data *d, const struct xp_html_data *base, struct xp_profile *p,
		    const struct xp_html_options *o, struct xp_err *err)
{
	struct xp_json j;
	int rc;

	xp_json_init(&j, out);
	xp_json_object(&j, NULL);
	xp_json_u64(&j, "format", FORMAT);
	xp_json_string(&j, "xprof", o->version);
	rc = xp_html_meta(&j, "profile", d, o->name, err);
	if (!rc && base)
		rc = xp_html_meta(&j, "base", base, o->base_name, err);
	if (!rc && base)
		rc = xp_html_changes(&j, p, o, err);
	if (!rc)
		rc = xp_html_hot(&j, p, d, o, err);
	xp_json_end_object(&j);
	return rc;
}

static void add_columns(struct xp_buf *to, const struct xp_html_data *d)
{
	size_t i;

	for (i = 0; i < XP_HTML_COLUMNS; i++)
		xp_buf_add(to, d->columns[i].data, d->columns[i].len);
}

/* Four bytes: how long the JSON is. The JSON. The columns. */
static int put_data(struct xp_buf *to, const struct xp_html_data *d, const struct xp_html_data *base, struct xp_profile *p,
		    const struct xp_html_options *o, struct xp_err *err)
{
	char *json = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&json, &len);
	int rc = out ? put_meta(out, d, base, p, o, err) : XP_E_NOMEM;

	if (out && fclose(out))
		rc = XP_E_NOMEM;
	if (!rc) {
		xp_buf_u32(to, (uint32_t)len);
		xp_buf_add(to, json, len);
		add_columns(to, d);
		if (base)
			add_columns(to, base);
	}
	free(json);
	if (rc == XP_E_NOMEM || !xp_buf_ok(to))
		return xp_fail(err, XP_E_NOMEM, "no memory for a page");
	return rc;
}

static int make_data(struct xp_buf *to, struct xp_profile *p, const struct xp_html_options *o, struct xp_err *err)
{
	struct xp_html_data d, base;
	int rc = xp_html_data_init(&d, p, &o->filter, false, err);

	memset(&base, 0, sizeof(base));
	if (!rc && o->base)
		rc = xp_html_data_init(&base, o->base, &o->filter, true, err);
	if (!rc)
		rc = put_data(to, &d, o->base ? &base : NULL, p, o, err);
	xp_html_data_release(&base);
	xp_html_data_release(&d);
	return rc;
}

/* ---- the template ---- */

static void put_policy(FILE *out)
{
	char style[XP_HTML_HASH_TEXT], script[XP_HTML_HASH_TEXT];

	xp_html_hash(style, xp_html_style, (size_t)(xp_html_style_end - xp_html_style));
	xp_html_hash(script, xp_html_script, (size_t)(xp_html_script_end - xp_html_script));
	fprintf(out, "default-src 'none'; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", style, script);
}

static int fill(struct page *p, const char *name, size_t len)
{
	if (!strncmp(name, "policy", len))
		put_policy(p->out);
	else if (!strncmp(name, "style", len))
		fwrite(xp_html_style, 1, (size_t)(xp_html_style_end - xp_html_style), p->out);
	else if (!strncmp(name, "script", len))
		fwrite(xp_html_script, 1, (size_t)(xp_html_script_end - xp_html_script), p->out);
	else
		return xp_html_pack(p->out, &p->data, p->err);
	return 0;
}

static int put_page(struct page *p)
{
	const char *at = xp_html_template, *hole, *end;
	int rc = 0;

	while (!rc && (hole = strstr(at, "{{")) && (end = strstr(hole, "}}"))) {
		fwrite(at, 1, (size_t)(hole - at), p->out);
		rc = fill(p, hole + 2, (size_t)(end - hole - 2));
		at = end + 2;
	}
	fputs(at, p->out);
	return rc;
}

int xp_html_write(FILE *out, struct xp_profile *p, const struct xp_html_options *o, struct xp_err *err)
{
	struct page page = { .out = out, .data = XP_BUF_INIT, .err = err };
	int rc = make_data(&page.data, p, o, err);

	if (!rc)
		rc = put_page(&page);
	xp_buf_release(&page.data);
	return rc;
}
