/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile, read. One pass over the file checks every chunk and decodes all
 * but the samples, of which it keeps the places. Whatever is damaged is left
 * out and said: a chunk whose checksum is wrong; one whose contents are
 * malformed; and where a chunk's header cannot be believed, everything up to
 * the next chunk that is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/profile/codec.h"

/* Decoded, a file takes at most so much memory: 16 MiB and 64 times its size. */
#define MEMORY_BASE (16u << 20)
#define MEMORY_PER_BYTE 64u

static const struct record_kind {
	uint32_t type;
	bool (*decode)(struct xp_profile *p, struct xp_cursor *c);
} record_kinds[] = {
	{ XP_CHUNK_HOST, xp_host_decode },   { XP_CHUNK_EVENT, xp_event_decode },
	{ XP_CHUNK_CLOCK, xp_clock_decode }, { XP_CHUNK_DOMAIN, xp_domain_decode },
	{ XP_CHUNK_TASK, xp_task_decode },   { XP_CHUNK_IMAGE, xp_image_decode },
	{ XP_CHUNK_MAP, xp_map_decode },     { XP_CHUNK_LOST, xp_lost_decode },
	{ XP_CHUNK_GAP, xp_gap_decode },     { XP_CHUNK_STATS, xp_stats_decode },
	{ XP_CHUNK_PERIOD, xp_period_decode }, { XP_CHUNK_SERIES, xp_series_decode },
};

/* ---- helpers of the decoders ---- */

void *xp_profile_append_to(struct xp_profile *p, void *array, size_t *nr, size_t *cap, size_t size,
			   struct xp_cursor *c)
{
	char *old, *grown, *element;

	memcpy(&old, array, sizeof(old));
	grown = xp_arena_grow(&p->file->arena, old, *nr, cap, size);
	if (!grown) {
		p->file->refused = true;
		xp_cursor_fail(c, "no memory, or more than a file of this size may take");
		return NULL;
	}
	memcpy(array, &grown, sizeof(grown));
	element = grown + (*nr)++ * size;
	memset(element, 0, size);
	return element;
}

char *xp_profile_string(struct xp_profile *p, struct xp_cursor *c)
{
	size_t len;
	const char *s = xp_cursor_string(c, &len);
	char *copy;

	if (!xp_cursor_ok(c))
		return NULL;
	if (len > XP_STRING_MAX) {
		xp_cursor_fail(c, "a string has %zu bytes", len);
		return NULL;
	}
	copy = xp_arena_string(&p->file->arena, s, len);
	if (!copy) {
		p->file->refused = true;
		xp_cursor_fail(c, "no memory, or more than a file of this size may take");
	}
	return copy;
}

/* ---- the file's bytes ---- */

static int read_at(const struct xp_profile_file *f, uint64_t offset, uint8_t *out, size_t n, struct xp_err *err)
{
	while (n) {
		ssize_t done = pread(f->fd, out, n, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return xp_fail_errno(err, XP_E_SYSTEM, "%s: cannot read", f->name);
		if (done == 0)
			return xp_fail(err, XP_E_TRUNCATED, "%s: became shorter while it was read", f->name);
		out += done;
		offset += (uint64_t)done;
		n -= (size_t)done;
	}
	return 0;
}

int xp_profile_bytes(const struct xp_profile_file *f, struct xp_buf *buffer, uint64_t offset, size_t n, const uint8_t **out,
		     struct xp_err *err)
{
	uint8_t *p;

	if (f->data) {
		*out = f->data + offset;
		return 0;
	}
	xp_buf_reset(buffer);
	p = xp_buf_reserve(buffer, n);
	if (!p)
		return xp_fail(err, XP_E_NOMEM, "%s: no memory to read a chunk", f->name);
	*out = p;
	return read_at(f, offset, p, n, err);
}

static const char *type_name(uint32_t type, char out[5])
{
	int i;

	for (i = 0; i < 4; i++, type >>= 8) {
		char c = (char)(type & 0xff);

		out[i] = c >= ' ' && c <= '~' ? c : '?';
	}
	out[4] = '\0';
	return out;
}

/* ---- what is wrong ---- */

struct loader {
	struct xp_profile *p;
	struct xp_profile_file *f;
	struct xp_err *err;
	struct xp_err first;  /* damage: the first one */
	size_t damaged;       /* how many */
	size_t chunks;        /* whole ones */
	uint64_t skipped;     /* bytes between chunks, or of them, that were left out */
};

__attribute__((format(printf, 3, 4)))
static void damage(struct loader *l, uint64_t bytes, const char *format, ...)
{
	va_list args;

	l->skipped += bytes;
	if (l->damaged++)
		return;
	va_start(args, format);
	vsnprintf(l->first.text, sizeof(l->first.text), format, args);
	va_end(args);
}

static int describe_damage(struct loader *l)
{
	char more[64] = "";
	int n;

	if (l->damaged > 1)
		snprintf(more, sizeof(more), " (and %zu more)", l->damaged - 1);
	n = asprintf(&l->p->damage, "%s: %.700s%s; %zu whole chunks were read, %" PRIu64 " of %" PRIu64 " bytes left out",
		     l->f->name, l->first.text, more, l->chunks, l->skipped, l->f->size);
	if (n < 0) {
		l->p->damage = NULL;
		return xp_fail(l->err, XP_E_NOMEM, "%s: no memory", l->f->name);
	}
	return xp_fail(l->err, XP_E_TRUNCATED, "%s", l->p->damage);
}

/* ---- chunks ---- */

static const struct record_kind *record_kind(uint32_t type)
{
	size_t i;

	for (i = 0; i < sizeof(record_kinds) / sizeof(record_kinds[0]); i++)
		if (record_kinds[i].type == type)
			return &record_kinds[i];
	return NULL;
}

static bool decode_rows(struct xp_profile *p, const struct record_kind *kind, struct xp_cursor *c)
{
	struct xp_cursor record;

	while (c->left) {
		if (!xp_cursor_sub(c, &record) || !kind->decode(p, &record))
			return false;
	}
	return true;
}

/* Where the inflated payload goes: names of symbols stay where they are. */
static uint8_t *raw_memory(struct loader *l, const struct xp_chunk_header *h)
{
	uint8_t *p;

	if (h->type == XP_CHUNK_SYMBOL) {
		p = xp_arena_alloc(&l->f->arena, h->raw);
	} else {
		xp_buf_reset(&l->f->raw);
		p = xp_buf_reserve(&l->f->raw, h->raw);
	}
	l->f->refused |= !p;
	return p;
}

static void decode_chunk(struct loader *l, uint64_t offset, const struct xp_chunk_header *h,
			 const uint8_t *payload)
{
	const struct record_kind *kind = record_kind(h->type);
	bool (*columns)(struct xp_profile *p, struct xp_cursor *c) = h->type == XP_CHUNK_SYMBOL ? xp_symbols_decode :
		h->type == XP_CHUNK_NODES ? xp_nodes_decode : NULL;
	struct xp_err why = { "no memory, or more than a file of this size may take" };
	struct xp_cursor c;
	char name[5];
	uint8_t *raw;
	bool ok;

	if (!kind && !columns)
		return; /* of a later version: not ours to understand */
	raw = raw_memory(l, h);
	ok = raw && !xp_chunk_inflate(&l->f->inflater, h, payload, raw, &why);
	if (ok) {
		xp_cursor_init(&c, "payload", raw, h->raw, &why);
		ok = kind ? decode_rows(l->p, kind, &c) : columns(l->p, &c);
	}
	if (!ok)
		damage(l, h->stored, "chunk %s at offset %" PRIu64 ": %s", type_name(h->type, name),
		       offset, why.text);
}

static int keep_sample_chunk(struct loader *l, uint64_t offset, const struct xp_chunk_header *h)
{
	struct xp_profile_file *f = l->f;
	struct xp_sample_chunk *chunks;

	chunks = xp_arena_grow(&f->arena, f->chunks, f->nr_chunks, &f->cap_chunks, sizeof(*chunks));
	if (!chunks)
		return xp_fail(l->err, XP_E_NOMEM, "%s: no memory", f->name);
	f->chunks = chunks;
	chunks[f->nr_chunks++] = (struct xp_sample_chunk){ offset, *h };
	return 0;
}

static int take_chunk(struct loader *l, uint64_t offset, const struct xp_chunk_header *h)
{
	const uint8_t *payload;
	char name[5];
	int rc;

	rc = xp_profile_bytes(l->f, &l->f->stored, offset + XP_CHUNK_HEADER_BYTES, h->stored, &payload, l->err);
	if (rc)
		return rc;
	if (!xp_chunk_crc_ok(h, payload)) {
		damage(l, XP_CHUNK_HEADER_BYTES + h->stored, "chunk %s at offset %" PRIu64
		       ": its checksum is wrong", type_name(h->type, name), offset);
		return 0;
	}
	l->chunks++;
	if (h->type == XP_CHUNK_SAMPLES)
		return keep_sample_chunk(l, offset, h);
	if (h->type == XP_CHUNK_END)
		l->p->complete = true;
	else
		decode_chunk(l, offset, h, payload);
	return 0;
}

/* 1: a header that can be believed and whose payload lies in the file. */
static int header_at(struct loader *l, uint64_t offset, struct xp_chunk_header *h)
{
	const uint8_t *data;
	int rc = xp_profile_bytes(l->f, &l->f->stored, offset, XP_CHUNK_HEADER_BYTES, &data, l->err);

	if (rc)
		return rc;
	return xp_chunk_header_decode(h, data) &&
	       h->stored <= l->f->size - offset - XP_CHUNK_HEADER_BYTES;
}

/* The next offset at which a header can be believed, or the file's size. Looks at windows, each byte once. */
static int resync(struct loader *l, uint64_t *offset)
{
	struct xp_chunk_header h;
	uint64_t at = *offset + 1, size = l->f->size;

	while (at < size && size - at >= XP_CHUNK_HEADER_BYTES) {
		size_t window = size - at < 65536 ? (size_t)(size - at) : 65536, i;
		const uint8_t *data;
		int rc = xp_profile_bytes(l->f, &l->f->stored, at, window, &data, l->err);

		if (rc)
			return rc;
		for (i = 0; i + XP_CHUNK_HEADER_BYTES <= window; i++) {
			if (!xp_chunk_header_decode(&h, data + i) ||
			    h.stored > size - at - i - XP_CHUNK_HEADER_BYTES)
				continue;
			*offset = at + i;
			return 0;
		}
		at += i;
	}
	*offset = size;
	return 0;
}

static int skip_damage(struct loader *l, uint64_t *offset)
{
	uint64_t begin = *offset;
	int rc = resync(l, offset);

	if (rc)
		return rc;
	if (*offset == l->f->size)
		damage(l, *offset - begin, "ends in the middle of a chunk, or is damaged from there on, at offset %" PRIu64,
		       begin);
	else
		damage(l, *offset - begin, "damaged from offset %" PRIu64 " to %" PRIu64, begin, *offset);
	return 0;
}

static int load_chunks(struct loader *l)
{
	uint64_t offset = XP_FILE_HEADER_BYTES, size = l->f->size;
	struct xp_chunk_header h;
	int rc = 0;

	while (!rc && offset < size && !l->p->complete) {
		int good = 0;

		if (size - offset >= XP_CHUNK_HEADER_BYTES)
			good = header_at(l, offset, &h);
		if (good < 0)
			return good;
		if (good) {
			rc = take_chunk(l, offset, &h);
			offset += XP_CHUNK_HEADER_BYTES + h.stored;
		} else {
			rc = skip_damage(l, &offset);
		}
	}
	if (!rc && offset < size)
		damage(l, size - offset, "%" PRIu64 " bytes follow the end, at offset %" PRIu64, size - offset, offset);
	if (!rc && !l->p->complete && !l->damaged)
		damage(l, 0, "recording did not end properly: the end chunk is not there, at offset %" PRIu64, offset);
	return rc;
}

static int check_file_header(struct loader *l)
{
	struct xp_profile_file *f = l->f;
	const uint8_t *data;
	struct xp_cursor c;
	uint16_t major;
	uint32_t crc;
	int rc;

	if (f->size < XP_FILE_HEADER_BYTES)
		return xp_fail(l->err, XP_E_FORMAT, "%s: no profile: %" PRIu64 " bytes are too few", f->name, f->size);
	rc = xp_profile_bytes(f, &f->stored, 0, XP_FILE_HEADER_BYTES, &data, l->err);
	if (rc)
		return rc;
	if (memcmp(data, XP_FILE_MAGIC, XP_FILE_MAGIC_BYTES))
		return xp_fail(l->err, XP_E_FORMAT, "%s: no profile of xprof (offset 0: its magic is not there)", f->name);
	crc = xp_crc(data, 12);
	xp_cursor_init(&c, f->name, data + 8, 8, l->err);
	major = xp_cursor_u16(&c);
	xp_cursor_u16(&c);
	if (xp_cursor_u32(&c) != crc)
		return xp_fail(l->err, XP_E_FORMAT, "%s: the file header is damaged (offset 8)", f->name);
	if (major != XP_FORMAT_MAJOR)
		return xp_fail(l->err, XP_E_VERSION, "%s: format version %u; this xprof reads version %u: use the one that wrote it",
			       f->name, major, XP_FORMAT_MAJOR);
	return 0;
}

/* ---- opening and closing ---- */

static int load(struct xp_profile *p, struct xp_err *err)
{
	struct loader l = { .p = p, .f = p->file, .err = err };
	int rc = check_file_header(&l);

	if (!rc)
		rc = load_chunks(&l);
	if (rc)
		return rc;
	if (l.f->refused)
		return xp_fail(err, XP_E_NOMEM, "%s: %.900s", l.f->name, l.first.text);
	xp_domain_finish(p);
	xp_task_finish(p);
	xp_map_finish(p);
	xp_period_finish(p);
	return l.damaged ? describe_damage(&l) : 0;
}

static struct xp_profile *profile_new(const char *name, uint64_t size)
{
	struct xp_profile *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->file = calloc(1, sizeof(*p->file));
	if (!p->file) {
		free(p);
		return NULL;
	}
	p->file->fd = -1;
	p->file->size = size;
	xp_arena_init(&p->file->arena, MEMORY_BASE + size * MEMORY_PER_BYTE);
	p->file->name = strdup(name);
	if (!p->file->name) {
		xp_profile_free(p);
		return NULL;
	}
	return p;
}

static int finish_open(struct xp_profile **out, struct xp_profile *p, struct xp_err *err)
{
	int rc = load(p, err);

	if (rc && rc != XP_E_TRUNCATED) {
		xp_profile_free(p);
		return rc;
	}
	*out = p;
	return rc;
}

int xp_profile_open_memory(struct xp_profile **out, const void *data, size_t len, struct xp_err *err)
{
	struct xp_profile *p = profile_new("profile", len);

	*out = NULL;
	if (!p)
		return xp_fail(err, XP_E_NOMEM, "no memory to read a profile");
	p->file->data = data;
	return finish_open(out, p, err);
}

int xp_profile_open(struct xp_profile **out, const char *path, struct xp_err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct xp_profile *p;
	struct stat st;

	*out = NULL;
	if (fd < 0)
		return xp_fail_errno(err, errno == ENOENT ? XP_E_ABSENT : errno == EACCES ? XP_E_PERM : XP_E_SYSTEM,
				     "%s: cannot open", path);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return xp_fail(err, XP_E_FORMAT, "%s: not a regular file", path);
	}
	p = profile_new(path, (uint64_t)st.st_size);
	if (!p) {
		close(fd);
		return xp_fail(err, XP_E_NOMEM, "%s: no memory to read it", path);
	}
	p->file->fd = fd;
	return finish_open(out, p, err);
}

static void file_free(struct xp_profile_file *f)
{
	xp_arena_release(&f->arena);
	xp_inflater_release(&f->inflater);
	xp_buf_release(&f->stored);
	xp_buf_release(&f->raw);
	free(f->chunks);
	free(f->name);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

void xp_profile_free(struct xp_profile *p)
{
	if (!p)
		return;
	xp_symbols_release(p);
	file_free(p->file);
	free(p->host);
	free(p->events);
	free(p->clocks);
	free(p->domains);
	free(p->tasks);
	free(p->images);
	free(p->maps);
	free(p->lost);
	free(p->gaps);
	free(p->periods);
	free(p->stats);
	free(p->series);
	free(p->nodes);
	free(p->chain_contexts);
	free(p->damage);
	free(p);
}
