/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile, written. Records wait in one buffer per kind of chunk and samples
 * in one per CPU, until there are enough for a chunk or somebody flushes; a
 * chunk goes to the file by one write. After an error the file is cut back to
 * its last whole chunk and nothing is written any more.
 */
#include <errno.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/profile/codec.h"

/* In the order in which a flush writes them: what is referred to comes first. */
static const uint32_t record_types[] = {
	XP_CHUNK_HOST, XP_CHUNK_EVENT, XP_CHUNK_CLOCK, XP_CHUNK_DOMAIN, XP_CHUNK_IMAGE,
	XP_CHUNK_MAP, XP_CHUNK_TASK, XP_CHUNK_LOST, XP_CHUNK_GAP, XP_CHUNK_PERIOD, XP_CHUNK_STATS, XP_CHUNK_SERIES,
};
#define NR_RECORD_TYPES (sizeof(record_types) / sizeof(record_types[0]))

struct cpu_samples {
	struct xprof_sample *samples;
	uint32_t *chains;          /* of a writer with chains */
	size_t nr, cap;
};

struct xp_writer {
	int fd;                    /* -1: to memory, or nowhere */
	struct xp_buf *memory;     /* borrowed */
	bool forgets;              /* nowhere */
	char *path;
	uint64_t bytes;            /* in the file, all whole chunks */
	int failed;                /* enum xp_error, once something has */
	struct xp_err err;         /* its text */
	struct xp_deflater deflater;
	struct xp_sample_encoder *encoder;
	struct xp_chain_tree *tree; /* NULL: a profile without chains */
	struct xp_buf out;         /* the chunk at hand */
	struct xp_buf record;      /* the record at hand */
	struct xp_buf rows[NR_RECORD_TYPES];
	struct cpu_samples *cpus;
	size_t nr_cpus;
	size_t nr_events;
	uint32_t nr_images;
};

/* ---- the file ---- */

static int fail(struct xp_writer *w, int code, struct xp_err *err)
{
	w->failed = code;
	if (err)
		w->err = *err;
	return code;
}

/* What failed before fails again, with the same text. */
static int check(const struct xp_writer *w, struct xp_err *err)
{
	return w->failed ? xp_fail(err, w->failed, "%s", w->err.text) : 0;
}

static int put_in_memory(struct xp_writer *w, struct xp_err *err)
{
	xp_buf_add(w->memory, w->out.data, w->out.len);
	if (!xp_buf_ok(w->memory))
		return fail(w, xp_fail(err, XP_E_NOMEM, "%s: no memory for it", w->path), err);
	w->bytes += w->out.len;
	xp_buf_reset(&w->out);
	return 0;
}

/* Writes w->out, which is whole, and empties it. */
static int put_out(struct xp_writer *w, struct xp_err *err)
{
	int rc;

	if (!xp_buf_ok(&w->out))
		return fail(w, xp_fail(err, XP_E_NOMEM, "%s: no memory to write", w->path), err);
	if (w->memory)
		return put_in_memory(w, err);
	rc = xp_file_write_all(w->fd, w->out.data, w->out.len, w->path, err);
	if (rc) {
		/* A pipe cannot be cut; its reader will see that the last chunk is not whole. */
		if (ftruncate(w->fd, (off_t)w->bytes) == 0)
			(void)!lseek(w->fd, (off_t)w->bytes, SEEK_SET);
		return fail(w, rc, err);
	}
	w->bytes += w->out.len;
	xp_buf_reset(&w->out);
	return 0;
}

static int put_file_header(struct xp_writer *w, struct xp_err *err)
{
	xp_buf_add(&w->out, XP_FILE_MAGIC, XP_FILE_MAGIC_BYTES);
	xp_buf_u16(&w->out, XP_FORMAT_MAJOR);
	xp_buf_u16(&w->out, w->tree ? XP_FORMAT_MINOR : XP_FORMAT_MINOR_PLAIN);
	if (xp_buf_ok(&w->out))
		xp_buf_u32(&w->out, xp_crc(w->out.data, w->out.len));
	return put_out(w, err);
}

static void writer_free(struct xp_writer *w)
{
	size_t i;

	for (i = 0; i < NR_RECORD_TYPES; i++)
		xp_buf_release(&w->rows[i]);
	for (i = 0; i < w->nr_cpus; i++) {
		free(w->cpus[i].samples);
		free(w->cpus[i].chains);
	}
	free(w->cpus);
	xp_buf_release(&w->out);
	xp_buf_release(&w->record);
	xp_deflater_release(&w->deflater);
	xp_sample_encoder_free(w->encoder);
	xp_chain_tree_free(w->tree);
	free(w->path);
	free(w);
}

/* A writer that knows everything but where to. */
static int writer_new(struct xp_writer **out, const char *path, bool chains, struct xp_err *err)
{
	struct xp_writer *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (!w)
		return xp_fail(err, XP_E_NOMEM, "%s: no memory to write", path);
	w->fd = -1;
	w->path = strdup(path);
	w->encoder = xp_sample_encoder_new();
	w->tree = chains ? xp_chain_tree_new() : NULL;
	if (!w->path || !w->encoder || (chains && !w->tree)) {
		writer_free(w);
		return xp_fail(err, XP_E_NOMEM, "%s: no memory to write", path);
	}
	*out = w;
	return 0;
}

static int writer_open(struct xp_writer **out, const char *path, bool chains, struct xp_err *err)
{
	struct xp_writer *w;
	int rc = writer_new(&w, path, chains, err);

	*out = NULL;
	if (rc)
		return rc;
	w->fd = xp_file_create_keeping_old(path, err);
	if (w->fd < 0) {
		rc = w->fd;
		writer_free(w);
		return rc;
	}
	rc = put_file_header(w, err);
	if (rc) {
		close(w->fd);
		writer_free(w);
		return rc;
	}
	*out = w;
	return 0;
}

int xp_writer_open(struct xp_writer **out, const char *path, struct xp_err *err)
{
	return writer_open(out, path, false, err);
}

int xp_writer_open_chains(struct xp_writer **out, const char *path, struct xp_err *err)
{
	return writer_open(out, path, true, err);
}

int xp_writer_open_memory(struct xp_writer **out, struct xp_buf *to, struct xp_err *err)
{
	int rc = writer_new(out, "a profile in memory", false, err);

	if (rc)
		return rc;
	(*out)->memory = to;
	(*out)->forgets = !to;
	rc = to ? put_file_header(*out, err) : 0;
	if (rc) {
		writer_free(*out);
		*out = NULL;
	}
	return rc;
}

uint64_t xp_writer_bytes(const struct xp_writer *w)
{
	return w->bytes;
}

/* ---- rows of records ---- */

static size_t row_of(uint32_t type)
{
	size_t i = 0;

	while (record_types[i] != type)
		i++;
	return i;
}

static int flush_row(struct xp_writer *w, size_t row, struct xp_err *err)
{
	struct xp_buf *b = &w->rows[row];
	struct xp_chunk_part part = { b->data, b->len, XP_PART_RECORDS };
	int rc;

	if (!b->len)
		return 0;
	rc = xp_chunk_encode(&w->out, &w->deflater, record_types[row], &part, 1, err);
	if (rc)
		return fail(w, rc, err);
	xp_buf_reset(b);
	return put_out(w, err);
}

static struct xp_buf *begin_record(struct xp_writer *w)
{
	xp_buf_reset(&w->record);
	return &w->record;
}

/* w->record is one record of this kind. */
static int end_record(struct xp_writer *w, uint32_t type, struct xp_err *err)
{
	size_t row = row_of(type);
	int rc = check(w, err);

	if (rc || w->forgets)
		return rc;
	xp_buf_blob(&w->rows[row], w->record.data, w->record.len);
	if (!xp_buf_ok(&w->record) || !xp_buf_ok(&w->rows[row]))
		return fail(w, xp_fail(err, XP_E_NOMEM, "%s: no memory to write", w->path), err);
	return w->rows[row].len < XP_CHUNK_AIM_BYTES ? 0 : flush_row(w, row, err);
}

int xp_write_host(struct xp_writer *w, const char *key, const char *value, struct xp_err *err)
{
	xp_host_encode(begin_record(w), key, value);
	return end_record(w, XP_CHUNK_HOST, err);
}

int xp_write_event(struct xp_writer *w, const struct xp_event *event, struct xp_err *err)
{
	if (w->nr_events >= XPROF_MAX_EVENTS)
		return xp_fail(err, XP_E_USAGE, "more than %u events", XPROF_MAX_EVENTS);
	xp_event_encode(begin_record(w), w->nr_events++, event);
	return end_record(w, XP_CHUNK_EVENT, err);
}

int xp_write_clock(struct xp_writer *w, const struct xp_clock *clock, struct xp_err *err)
{
	xp_clock_encode(begin_record(w), clock);
	return end_record(w, XP_CHUNK_CLOCK, err);
}

int xp_write_domain(struct xp_writer *w, const struct xp_domain *domain, struct xp_err *err)
{
	xp_domain_encode(begin_record(w), domain);
	return end_record(w, XP_CHUNK_DOMAIN, err);
}

int xp_write_task(struct xp_writer *w, const struct xp_task *task, struct xp_err *err)
{
	xp_task_encode(begin_record(w), task);
	return end_record(w, XP_CHUNK_TASK, err);
}

int xp_write_image(struct xp_writer *w, const struct xp_image *image, struct xp_err *err)
{
	xp_image_encode(begin_record(w), w->nr_images++, image);
	return end_record(w, XP_CHUNK_IMAGE, err);
}

int xp_write_map(struct xp_writer *w, const struct xp_map *map, struct xp_err *err)
{
	if (map->end < map->start)
		return xp_fail(err, XP_E_USAGE, "a map ends before it begins");
	xp_map_encode(begin_record(w), map);
	return end_record(w, XP_CHUNK_MAP, err);
}

int xp_write_lost(struct xp_writer *w, const struct xp_lost *lost, struct xp_err *err)
{
	xp_lost_encode(begin_record(w), lost);
	return end_record(w, XP_CHUNK_LOST, err);
}

int xp_write_gap(struct xp_writer *w, const struct xp_gap *gap, struct xp_err *err)
{
	xp_gap_encode(begin_record(w), gap);
	return end_record(w, XP_CHUNK_GAP, err);
}

int xp_write_period(struct xp_writer *w, const struct xp_period *period, struct xp_err *err)
{
	xp_period_encode(begin_record(w), period);
	return end_record(w, XP_CHUNK_PERIOD, err);
}

int xp_write_cpu_stats(struct xp_writer *w, const struct xp_cpu_stats *stats, struct xp_err *err)
{
	xp_stats_encode(begin_record(w), stats);
	return end_record(w, XP_CHUNK_STATS, err);
}

int xp_write_series(struct xp_writer *w, const struct xp_series_record *record, struct xp_err *err)
{
	xp_series_encode(begin_record(w), record);
	return end_record(w, XP_CHUNK_SERIES, err);
}

/* ---- symbols ---- */

static int put_symbols(struct xp_writer *w, uint32_t image, const struct xp_symbol *symbols,
		       size_t nr, size_t *taken, struct xp_err *err)
{
	struct xp_buf numbers = XP_BUF_INIT, names = XP_BUF_INIT;
	struct xp_chunk_part parts[2];
	int rc;

	rc = xp_symbols_encode(&numbers, &names, image, symbols, nr, taken, err);
	if (!rc) {
		parts[0] = (struct xp_chunk_part){ numbers.data, numbers.len, XP_PART_RECORDS };
		parts[1] = (struct xp_chunk_part){ names.data, names.len, XP_PART_RECORDS };
		rc = xp_chunk_encode(&w->out, &w->deflater, XP_CHUNK_SYMBOL, parts, 2, err);
	}
	xp_buf_release(&numbers);
	xp_buf_release(&names);
	return rc ? rc : put_out(w, err);
}

int xp_write_symbols(struct xp_writer *w, uint32_t image, const struct xp_symbol *symbols, size_t nr,
		     struct xp_err *err)
{
	int rc = check(w, err);

	if (!rc && image >= w->nr_images)
		return xp_fail(err, XP_E_USAGE, "symbols of image %u, which was not written", image);
	if (!rc)
		rc = flush_row(w, row_of(XP_CHUNK_IMAGE), err);
	while (!rc && nr && !w->forgets) {
		size_t taken = 0;

		rc = put_symbols(w, image, symbols, nr, &taken, err);
		symbols += taken;
		nr -= taken;
	}
	return rc;
}

/* ---- chains ---- */

static int flush_nodes(struct xp_writer *w, struct xp_err *err)
{
	int rc;

	if (!w->tree || !xp_chain_tree_pending(w->tree))
		return 0;
	rc = xp_chain_tree_encode(w->tree, &w->out, &w->deflater, err);
	return rc ? fail(w, rc, err) : put_out(w, err);
}

int xp_write_chain(struct xp_writer *w, const struct xp_chain_context *context, const struct xp_call_frame *frames, size_t nr,
		   enum xp_chain_end end, uint32_t *chain, size_t *known, struct xp_err *err)
{
	int rc = check(w, err);

	if (!rc && !w->tree)
		return xp_fail(err, XP_E_USAGE, "a chain in a profile without chains");
	if (!rc && xp_chain_tree_pending(w->tree) + nr > XP_CHUNK_NODES_MAX)
		rc = flush_nodes(w, err);
	if (rc)
		return rc;
	if (xp_chain_tree_add(w->tree, context, frames, nr, end, chain, known))
		return fail(w, xp_fail(err, XP_E_NOMEM, "%s: no memory for call chains", w->path), err);
	return 0;
}

/* ---- samples ---- */

static int flush_cpu(struct xp_writer *w, uint32_t cpu, struct xp_err *err)
{
	struct cpu_samples *c = &w->cpus[cpu];
	int rc;

	if (!c->nr)
		return 0;
	rc = flush_nodes(w, err); /* what is referred to comes first */
	if (rc)
		return rc;
	rc = xp_samples_encode(w->encoder, &w->out, &w->deflater, cpu, c->samples, c->chains, c->nr, err);
	if (rc)
		return fail(w, rc, err);
	c->nr = 0;
	return put_out(w, err);
}

static struct cpu_samples *samples_of(struct xp_writer *w, uint32_t cpu)
{
	if (cpu >= w->nr_cpus) {
		size_t nr = cpu + 1;
		struct cpu_samples *cpus = realloc(w->cpus, nr * sizeof(*cpus));

		if (!cpus)
			return NULL;
		memset(cpus + w->nr_cpus, 0, (nr - w->nr_cpus) * sizeof(*cpus));
		w->cpus = cpus;
		w->nr_cpus = nr;
	}
	return &w->cpus[cpu];
}

/* Room for at least one more sample. */
static bool cpu_make_room(struct cpu_samples *c, bool with_chains)
{
	size_t cap = c->cap ? c->cap * 2 : 1024;
	struct xprof_sample *samples;
	uint32_t *chains;

	if (c->nr < c->cap)
		return true;
	samples = realloc(c->samples, cap * sizeof(*samples));
	if (!samples)
		return false;
	c->samples = samples;
	if (with_chains) {
		chains = realloc(c->chains, cap * sizeof(*chains));
		if (!chains)
			return false;
		c->chains = chains;
	}
	c->cap = cap;
	return true;
}

static void add_chains(struct cpu_samples *c, const uint32_t *chains, size_t n)
{
	if (!c->chains)
		return;
	if (chains)
		memcpy(c->chains + c->nr, chains, n * sizeof(*chains));
	else
		memset(c->chains + c->nr, 0, n * sizeof(*chains));
}

int xp_write_samples(struct xp_writer *w, uint32_t cpu, const struct xprof_sample *samples, size_t n,
		     struct xp_err *err)
{
	return xp_write_chained_samples(w, cpu, samples, NULL, n, err);
}

int xp_write_chained_samples(struct xp_writer *w, uint32_t cpu, const struct xprof_sample *samples, const uint32_t *chains,
			     size_t n, struct xp_err *err)
{
	struct cpu_samples *c;
	int rc = check(w, err);

	if (rc || w->forgets)
		return rc;
	if (cpu > XP_CPU_MAX)
		return xp_fail(err, XP_E_USAGE, "CPU %u is not possible", cpu);
	if (chains && !w->tree)
		return xp_fail(err, XP_E_USAGE, "chains of samples in a profile without chains");
	c = samples_of(w, cpu);
	while (n) {
		size_t take;

		if (!c || !cpu_make_room(c, w->tree != NULL))
			return fail(w, xp_fail(err, XP_E_NOMEM, "%s: no memory for samples", w->path), err);
		take = n < c->cap - c->nr ? n : c->cap - c->nr;
		memcpy(c->samples + c->nr, samples, take * sizeof(*samples));
		add_chains(c, chains, take);
		chains += chains ? take : 0;
		c->nr += take;
		samples += take;
		n -= take;
		if (c->nr == XP_BLOCK_SAMPLES) {
			rc = flush_cpu(w, cpu, err);
			if (rc)
				return rc;
		}
	}
	return 0;
}

/* ---- the end ---- */

int xp_writer_flush(struct xp_writer *w, struct xp_err *err)
{
	int rc = check(w, err);
	uint32_t i;

	for (i = 0; i < NR_RECORD_TYPES && !rc; i++)
		rc = flush_row(w, i, err);
	if (!rc)
		rc = flush_nodes(w, err);
	for (i = 0; i < w->nr_cpus && !rc; i++)
		rc = flush_cpu(w, i, err);
	return rc;
}

static int put_end(struct xp_writer *w, struct xp_err *err)
{
	int rc;

	if (w->forgets)
		return 0;
	rc = xp_chunk_encode(&w->out, &w->deflater, XP_CHUNK_END, NULL, 0, err);
	return rc ? rc : put_out(w, err);
}

int xp_writer_close(struct xp_writer *w, struct xp_err *err)
{
	int rc;

	if (!w)
		return 0;
	rc = xp_writer_flush(w, err);
	if (!rc)
		rc = put_end(w, err);
	if (w->fd >= 0 && close(w->fd) && !rc)
		rc = xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot write", w->path);
	writer_free(w);
	return rc;
}
