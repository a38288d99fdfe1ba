// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "lib/annotate/annotate.h"
#include "lib/annotate/sources.h"
#include "lib/base/text.h"
#include "lib/report/format.h"

#define MIN_COUNT 8
#define SHARE     8

struct printer {
	FILE *out;
	const struct xp_annotation *a;
	struct xp_sources sources;
	bool with_sources;
	int width[XPROF_MAX_EVENTS]; /* of the column of counts */
	const struct xp_line *last;  /* whose lines were printed */
};

static size_t nr_events(const struct printer *p)
{
	return p->a->hits->nr_events;
}

/* ---- the head ---- */

static void print_name(struct printer *p)
{
	const struct xp_image *image = p->a->of->image;
	char hex[2 * XP_BUILD_ID_MAX + 1];
	struct xp_build_id id;

	xp_build_id_set(&id, image->build_id, image->build_id_len);
	xp_build_id_hex(&id, hex);
	fputs("# ", p->out);
	xp_text_print(p->out, p->a->of->symbol->name);
	fputs(" of ", p->out);
	xp_text_print(p->out, image->name);
	fprintf(p->out, "%s%s, samples of ", *hex ? ", build-id " : "", hex);
	xp_text_print(p->out, p->a->of->domains);
	fputs("\n# code of ", p->out);
	xp_text_print(p->out, p->a->code->path);
	fputc('\n', p->out);
}

static void print_lines_source(struct printer *p)
{
	const struct xp_lines *l = &p->a->code->lines.lines;

	fputs("# ", p->out);
	if (l->why.text[0]) {
		fputs("no source lines: ", p->out);
		xp_text_print(p->out, l->why.text);
	} else {
		fputs("source lines by ", p->out);
		xp_text_print(p->out, l->source);
	}
	fputc('\n', p->out);
}

static void print_event(struct printer *p, size_t event)
{
	const struct xp_annotation *a = p->a;
	char count[XP_FORMAT_TEXT], share[XP_FORMAT_TEXT], name[16];

	fprintf(p->out, "# %s samples of ", xp_format_count(count, a->sum_samples[event]));
	xp_text_print(p->out, xp_annotation_event(a, event, name));
	fprintf(p->out, ", %s of what is not idle\n", xp_format_share(share, a->sum_weights[event], a->hits->busy[event]));
}

static void print_head(struct printer *p)
{
	char count[XP_FORMAT_TEXT];
	size_t i;

	print_name(p);
	print_lines_source(p);
	for (i = 0; i < nr_events(p); i++)
		print_event(p, i);
	if (p->a->strays)
		fprintf(p->out, "# %s samples lie within instructions: the code that ran was not quite this\n",
			xp_format_count(count, p->a->strays));
	fputs("#\n", p->out);
}

/* ---- columns ---- */

static void measure(struct printer *p)
{
	char text[XP_FORMAT_TEXT], name[16];
	size_t i;

	for (i = 0; i < nr_events(p); i++) {
		const char *event = xp_annotation_event(p->a, i, name);
		int heads = (int)xp_text_columns(event, strlen(event)) - SHARE;
		int counts = (int)strlen(xp_format_count(text, p->a->sum_samples[i]));

		p->width[i] = counts > MIN_COUNT ? counts : MIN_COUNT;
		if (heads > p->width[i])
			p->width[i] = heads;
	}
}

static void print_heads(struct printer *p)
{
	char name[16];
	size_t i;

	fputc('#', p->out);
	for (i = 0; i < nr_events(p); i++) {
		const char *event = xp_annotation_event(p->a, i, name);
		int width = p->width[i] + SHARE + (i ? 1 : 0);

		fprintf(p->out, "%*s", width - (int)xp_text_columns(event, strlen(event)), "");
		xp_text_print(p->out, event);
	}
	fputs("  Address: Instruction\n", p->out);
}

static void print_counts(struct printer *p, size_t insn)
{
	char count[XP_FORMAT_TEXT], share[XP_FORMAT_TEXT];
	size_t i;

	for (i = 0; i < nr_events(p); i++) {
		uint64_t samples = p->a->samples[insn * nr_events(p) + i];

		xp_format_count(count, samples);
		xp_format_share(share, p->a->weights[insn * nr_events(p) + i], p->a->sum_weights[i]);
		fprintf(p->out, " %*s%*s", p->width[i], samples ? count : "", SHARE, samples ? share : "");
	}
}

/* ---- lines ---- */

/* The frame at depth, counted from the function itself. */
static const struct xp_line_frame *frame_at(const struct xp_lines *l, const struct xp_line *line, size_t depth)
{
	return &l->frames[line->first + line->nr - 1 - depth];
}

/* Strings of one table are the same only if they are one. */
static bool same_frame(const struct xp_line_frame *x, const struct xp_line_frame *y)
{
	return x->line == y->line && x->file == y->file && x->function == y->function;
}

/* How many frames of the instruction before still hold. */
static size_t frames_kept(const struct xp_lines *l, const struct xp_line *last, const struct xp_line *now)
{
	size_t depth = 0;

	while (last && depth < last->nr && depth < now->nr &&
	       same_frame(frame_at(l, last, depth), frame_at(l, now, depth)))
		depth++;
	return last && depth == now->nr && last->nr > depth ? depth - 1 : depth; /* back from a call: say where to */
}

/* Files are shown by the last part of their path. */
static void print_place(struct printer *p, const struct xp_line_frame *f)
{
	const char *slash = f->file ? strrchr(f->file, '/') : NULL;

	xp_text_print(p->out, f->file ? slash ? slash + 1 : f->file : "?");
	if (f->line)
		fprintf(p->out, ":%" PRIu32, f->line);
	if (f->function) {
		fputs(" in ", p->out);
		xp_text_print(p->out, f->function);
	}
}

static void print_source(struct printer *p, const struct xp_line_frame *f)
{
	struct xp_buf escaped = XP_BUF_INIT;
	size_t len = 0;
	const char *text = p->with_sources ? xp_sources_line(&p->sources, f->file, f->line, &len) : NULL;

	if (text && len) {
		xp_text_escape(&escaped, text, len < 400 ? len : 400);
		fprintf(p->out, "    %.*s", (int)escaped.len, (const char *)escaped.data);
	}
	xp_buf_release(&escaped);
}

/* Where the code that follows is from: a row for each frame, the function itself first, inlined calls indented. */
static void print_frames(struct printer *p, const struct xp_line *line)
{
	const struct xp_lines *l = &p->a->code->lines.lines;
	size_t depth = frames_kept(l, p->last, line), e;
	int margin = 3;

	for (e = 0; e < nr_events(p); e++)
		margin += p->width[e] + SHARE + 1;
	for (; depth < line->nr; depth++) {
		fprintf(p->out, "%*s", margin + 2 * (int)(depth < 20 ? depth : 20), "");
		print_place(p, frame_at(l, line, depth));
		print_source(p, frame_at(l, line, depth));
		fputc('\n', p->out);
	}
}

static void print_insn(struct printer *p, size_t i)
{
	const struct xp_code_insn *insn = &p->a->code->insns[i];
	const struct xp_line *line = xp_code_line(p->a->code, insn);

	if (line)
		print_frames(p, line);
	p->last = line;
	print_counts(p, i);
	fprintf(p->out, "  %" PRIx64 ":  ", insn->addr);
	xp_text_print(p->out, insn->text);
	fputc('\n', p->out);
}

void xp_annotate_text(FILE *out, const struct xp_annotation *a, bool sources)
{
	struct printer p = { .out = out, .a = a, .with_sources = sources };
	size_t i;

	measure(&p);
	print_head(&p);
	print_heads(&p);
	for (i = 0; i < a->code->nr; i++)
		print_insn(&p, i);
	xp_sources_release(&p.sources);
}
