/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/profile/chunk.h"

#include <libdeflate.h>

/* deflate cannot do better than this, so a payload that claims more is malformed. */
#define MAX_RATIO 1032u

static uint32_t get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_u32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
	p[2] = (uint8_t)(value >> 16);
	p[3] = (uint8_t)(value >> 24);
}

uint32_t xp_crc(const uint8_t *data, size_t len)
{
	return libdeflate_crc32(0, data, len);
}

/* ---- headers ---- */

bool xp_chunk_header_decode(struct xp_chunk_header *h, const uint8_t *data)
{
	if (get_u32(data + 16) != xp_crc(data, 16))
		return false;
	h->type = get_u32(data);
	h->stored = get_u32(data + 4);
	h->raw = get_u32(data + 8);
	h->crc = get_u32(data + 12);
	return h->stored <= h->raw && h->raw <= XP_CHUNK_MAX_BYTES &&
	       h->raw / MAX_RATIO <= h->stored;
}

bool xp_chunk_crc_ok(const struct xp_chunk_header *h, const uint8_t *payload)
{
	return xp_crc(payload, h->stored) == h->crc;
}

static void header_encode(uint8_t *p, uint32_t type, const uint8_t *payload, size_t stored, size_t raw)
{
	put_u32(p, type);
	put_u32(p + 4, (uint32_t)stored);
	put_u32(p + 8, (uint32_t)raw);
	put_u32(p + 12, xp_crc(payload, stored));
	put_u32(p + 16, xp_crc(p, 16));
}

/* ---- writing ---- */

void xp_deflater_init(struct xp_deflater *d)
{
	memset(d, 0, sizeof(*d));
}

void xp_deflater_release(struct xp_deflater *d)
{
	if (d->ready)
		deflateEnd(&d->z);
	xp_deflater_init(d);
}

static const struct { int level, strategy; } how[] = {
	[XP_PART_RECORDS] = { 6, Z_DEFAULT_STRATEGY },
	[XP_PART_COLUMN] = { 1, Z_DEFAULT_STRATEGY },
	[XP_PART_NOISE] = { 1, Z_HUFFMAN_ONLY },
	[XP_PART_RANDOM] = { 0, Z_DEFAULT_STRATEGY },
};

static bool deflater_begin(struct xp_deflater *d)
{
	if (d->ready)
		return deflateReset(&d->z) == Z_OK;
	d->ready = deflateInit2(&d->z, 6, Z_DEFLATED, MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK;
	d->kind = XP_PART_RECORDS;
	return d->ready;
}

/* False: it does not fit. */
static bool deflate_part(struct xp_deflater *d, const struct xp_chunk_part *part, bool last)
{
	int flush = last ? Z_FINISH : Z_BLOCK;
	int rc;

	if (!part->len && !last)
		return true;
	if (d->kind != part->kind) {
		if (deflateParams(&d->z, how[part->kind].level, how[part->kind].strategy) != Z_OK)
			return false;
		d->kind = part->kind;
	}
	d->z.next_in = (uint8_t *)part->data;
	d->z.avail_in = (uInt)part->len;
	rc = deflate(&d->z, flush);
	if (last)
		return rc == Z_STREAM_END;
	return rc == Z_OK && d->z.avail_in == 0 && d->z.avail_out > 0;
}

/* Bytes of the compressed payload at out, 0 when it takes `room` or more. */
static size_t deflate_parts(struct xp_deflater *d, const struct xp_chunk_part *parts, size_t nr,
			    uint8_t *out, size_t room)
{
	size_t i;

	if (!deflater_begin(d))
		return 0;
	d->z.avail_in = 0;
	d->z.next_out = out;
	d->z.avail_out = (uInt)room;
	for (i = 0; i < nr; i++)
		if (!deflate_part(d, &parts[i], i + 1 == nr))
			return 0;
	return d->z.avail_out ? (size_t)d->z.total_out : 0;
}

int xp_chunk_encode(struct xp_buf *out, struct xp_deflater *d, uint32_t type,
		    const struct xp_chunk_part *parts, size_t nr, struct xp_err *err)
{
	size_t raw = 0, stored, i;
	uint8_t *p;

	for (i = 0; i < nr; i++)
		raw += parts[i].len;
	if (raw > XP_CHUNK_MAX_BYTES)
		return xp_fail(err, XP_E_USAGE, "%zu bytes are too many for one chunk", raw);
	p = xp_buf_reserve(out, XP_CHUNK_HEADER_BYTES + raw);
	if (!p)
		return xp_fail(err, XP_E_NOMEM, "no memory for a chunk of %zu bytes", raw);
	stored = raw > 32 ? deflate_parts(d, parts, nr, p + XP_CHUNK_HEADER_BYTES, raw) : 0;
	if (!stored) {
		for (i = 0; i < nr; i++) {
			if (parts[i].len)
				memcpy(p + XP_CHUNK_HEADER_BYTES + stored, parts[i].data, parts[i].len);
			stored += parts[i].len;
		}
	}
	header_encode(p, type, p + XP_CHUNK_HEADER_BYTES, stored, raw);
	out->len += XP_CHUNK_HEADER_BYTES + stored;
	return 0;
}

/* ---- reading ---- */

void xp_inflater_init(struct xp_inflater *i)
{
	memset(i, 0, sizeof(*i));
}

void xp_inflater_release(struct xp_inflater *i)
{
	libdeflate_free_decompressor(i->d);
	xp_inflater_init(i);
}

int xp_chunk_inflate(struct xp_inflater *i, const struct xp_chunk_header *h, const uint8_t *payload,
		     uint8_t *out, struct xp_err *err)
{
	size_t taken;

	if (h->stored == h->raw) {
		memcpy(out, payload, h->raw);
		return 0;
	}
	if (!i->d)
		i->d = libdeflate_alloc_decompressor();
	if (!i->d)
		return xp_fail(err, XP_E_NOMEM, "no memory to inflate");
	/* (Without a place for what it became, it must become exactly h->raw bytes.) */
	if (libdeflate_zlib_decompress_ex(i->d, payload, h->stored, out, h->raw, &taken, NULL) != LIBDEFLATE_SUCCESS ||
	    taken != h->stored)
		return xp_fail(err, XP_E_FORMAT, "what is compressed cannot be inflated to %u bytes", h->raw);
	return 0;
}
