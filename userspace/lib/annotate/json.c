// SPDX-License-Identifier: GPL-2.0-or-later
/* What xprof annotate --json prints; xprof-annotate(1) has it. */
#include "lib/base/json.h"

#include <inttypes.h>

#include "lib/annotate/annotate.h"

#define VERSION 1u

static void put_events(struct xp_json *j, const char *key, const struct xp_annotation *a, const uint64_t *v)
{
	char name[16];
	size_t i;

	xp_json_flat_object(j, key);
	for (i = 0; i < a->hits->nr_events; i++)
		xp_json_u64(j, xp_annotation_event(a, i, name), v[i]);
	xp_json_end_object(j);
}

/* Addresses are strings: not every reader of JSON has 64 bits. */
static void put_address(struct xp_json *j, const char *key, uint64_t addr)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, addr);
	xp_json_string(j, key, text);
}

static void put_frames(struct xp_json *j, const struct xp_annotation *a, const struct xp_line *line)
{
	size_t i;

	xp_json_array(j, "frames");
	for (i = 0; line && i < line->nr; i++) {
		const struct xp_line_frame *f = &a->code->lines.lines.frames[line->first + i];

		xp_json_object(j, NULL);
		xp_json_string(j, "function", f->function ? f->function : i + 1 == line->nr ? a->of->symbol->name : NULL);
		xp_json_string(j, "file", f->file);
		xp_json_u64(j, "line", f->line);
		xp_json_end_object(j);
	}
	xp_json_end_array(j);
}

static void put_insn(struct xp_json *j, const struct xp_annotation *a, size_t i)
{
	const struct xp_code_insn *insn = &a->code->insns[i];

	xp_json_flat_object(j, NULL);
	put_address(j, "address", insn->addr);
	xp_json_string(j, "text", insn->text);
	put_events(j, "samples", a, &a->samples[i * a->hits->nr_events]);
	put_events(j, "weights", a, &a->weights[i * a->hits->nr_events]);
	put_frames(j, a, xp_code_line(a->code, insn));
	xp_json_end_object(j);
}

static void put_head(struct xp_json *j, const struct xp_annotation *a)
{
	const struct xp_image *image = a->of->image;
	char hex[2 * XP_BUILD_ID_MAX + 1];
	struct xp_build_id id;

	xp_build_id_set(&id, image->build_id, image->build_id_len);
	xp_build_id_hex(&id, hex);
	xp_json_u64(j, "schema_version", VERSION);
	xp_json_bool(j, "complete", a->profile->complete && !a->profile->damage);
	xp_json_string(j, "symbol", a->of->symbol->name);
	put_address(j, "start", a->of->symbol->start);
	put_address(j, "end", a->of->symbol->end);
	xp_json_string(j, "image", image->name);
	xp_json_string(j, "build_id", hex);
	xp_json_string(j, "domains", a->of->domains);
	xp_json_string(j, "code", a->code->path);
	xp_json_string(j, "lines", a->code->lines.lines.why.text[0] ? NULL : a->code->lines.lines.source);
	xp_json_string(j, "no_lines", a->code->lines.lines.why.text[0] ? a->code->lines.lines.why.text : NULL);
	put_events(j, "samples", a, a->sum_samples);
	put_events(j, "weights", a, a->sum_weights);
	put_events(j, "weights_not_idle", a, a->hits->busy);
	xp_json_u64(j, "strays", a->strays);
}

void xp_annotate_json(FILE *out, const struct xp_annotation *a)
{
	struct xp_json j;
	size_t i;

	xp_json_init(&j, out);
	xp_json_object(&j, NULL);
	put_head(&j, a);
	xp_json_array(&j, "instructions");
	for (i = 0; i < a->code->nr; i++)
		put_insn(&j, a, i);
	xp_json_end_array(&j);
	xp_json_end_object(&j);
}
