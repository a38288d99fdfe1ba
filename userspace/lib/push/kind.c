// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is sent where:
 *
 *   pyroscope  push.v1.PushRequest [grafana/pyroscope api/push/v1/push.proto @0ed69a0], a series of one sample
 *   parca      WriteRawRequest as JSON, by the HTTP gateway [parca-dev/parca profilestore.proto @182cd09]
 *   otlp       ExportProfilesServiceRequest [open-telemetry/opentelemetry-proto @ac2c4b5]
 */
#include "lib/push/kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "lib/base/json.h"
#include "lib/base/text.h"
#include "lib/export/proto.h"

/* By which both know what they show: a profile's type is this name, the sample type and the period type. */
#define NAME_LABEL "__name__"
#define NAME "process_cpu"

void xp_push_uuid(char text[XP_PUSH_UUID], const uint8_t id[16])
{
	size_t at = 0;

	for (size_t i = 0; i < 16; i++)
		at += (size_t)snprintf(text + at, XP_PUSH_UUID - at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
}

/* ---- pyroscope ---- */

/* Names of domains and hosts may be anything; labels are text. */
static void put_label(struct xp_buf *series, const char *name, const char *value)
{
	struct xp_buf label = XP_BUF_INIT, text = XP_BUF_INIT;

	xp_text_escape(&text, value, strlen(value));
	if (!xp_buf_ok(&text))
		series->failed = true;
	xp_proto_text(&label, 1, name);
	xp_proto_bytes(&label, 2, text.data, text.len);
	xp_proto_message(series, 1, &label);
	xp_buf_release(&label);
	xp_buf_release(&text);
}

static void body_pyroscope(struct xp_buf *out, const struct xp_store_message *m, const struct xp_store_options *o)
{
	struct xp_buf series = XP_BUF_INIT, sample = XP_BUF_INIT;
	char uuid[XP_PUSH_UUID];

	xp_push_uuid(uuid, m->id);
	put_label(&series, NAME_LABEL, NAME);
	for (size_t i = 0; i < o->nr_labels; i++)
		put_label(&series, o->labels[i].name, o->labels[i].value);
	put_label(&series, "domain", m->domain);
	xp_proto_bytes(&sample, 1, m->data, m->len);
	xp_proto_text(&sample, 2, uuid);
	xp_proto_message(&series, 2, &sample);
	xp_proto_message(out, 1, &series);
	xp_buf_release(&series);
	xp_buf_release(&sample);
}

/* ---- parca ---- */

static void put_json_label(struct xp_json *j, const char *name, const char *value)
{
	xp_json_flat_object(j, NULL);
	xp_json_string(j, "name", name);
	xp_json_string(j, "value", value);
	xp_json_end_object(j);
}

static void put_json(FILE *f, const struct xp_store_message *m, const struct xp_store_options *o, const char *base64)
{
	struct xp_json j;

	xp_json_init(&j, f);
	xp_json_object(&j, NULL);
	xp_json_array(&j, "series");
	xp_json_object(&j, NULL);
	xp_json_object(&j, "labels");
	xp_json_array(&j, "labels");
	put_json_label(&j, NAME_LABEL, NAME);
	for (size_t i = 0; i < o->nr_labels; i++)
		put_json_label(&j, o->labels[i].name, o->labels[i].value);
	put_json_label(&j, "domain", m->domain);
	xp_json_end_array(&j);
	xp_json_end_object(&j);
	xp_json_array(&j, "samples");
	xp_json_flat_object(&j, NULL);
	xp_json_string(&j, "rawProfile", base64);
	xp_json_end_object(&j);
	xp_json_end_array(&j);
	xp_json_end_object(&j);
	xp_json_end_array(&j);
	xp_json_bool(&j, "normalized", true); /* addresses are those in the images */
	xp_json_end_object(&j);
}

static void body_parca(struct xp_buf *out, const struct xp_store_message *m, const struct xp_store_options *o)
{
	char *base64 = malloc(BASE64_ENCODE_RAW_LENGTH(m->len) + 1), *text = NULL;
	size_t len = 0;
	FILE *f = base64 ? open_memstream(&text, &len) : NULL;
	bool ok = f;

	if (f) {
		base64_encode_raw(base64, m->len, m->data);
		base64[BASE64_ENCODE_RAW_LENGTH(m->len)] = '\0';
		put_json(f, m, o, base64);
		ok = !ferror(f);
		ok = !fclose(f) && ok;
	}
	if (ok)
		xp_buf_add(out, text, len);
	else
		out->failed = true;
	free(base64);
	free(text);
}

/* ---- the list ---- */

const struct xp_push_kind xp_push_kinds[] = {
	{ "pyroscope", "/push.v1.PusherService/Push", "application/proto", NULL, "Grafana Pyroscope", false, "service_name", "host",
	  xp_store_pprof, body_pyroscope },
	{ "parca", "/profiles/writeraw", "application/json", NULL, "Parca", false, "service_name", "host", xp_store_pprof, body_parca },
	{ "otlp", "/v1development/profiles", "application/x-protobuf", "gzip", "OpenTelemetry profiles (alpha), by HTTP", true,
	  "service.name", "host.name", xp_store_otlp, NULL },
	{ NULL, NULL, NULL, NULL, NULL, false, NULL, NULL, NULL, NULL },
};

const struct xp_push_kind *xp_push_kind(const char *name, size_t len)
{
	for (const struct xp_push_kind *k = xp_push_kinds; k->name; k++)
		if (strlen(k->name) == len && !memcmp(k->name, name, len))
			return k;
	return NULL;
}
