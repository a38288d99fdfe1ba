/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chunk: header, checksums and compression. What is inside is others' matter. */
#ifndef XP_PROFILE_CHUNK_H
#define XP_PROFILE_CHUNK_H

#include <zlib.h>

#include "lib/base/buf.h"
#include "lib/base/cursor.h"
#include "lib/profile/format.h"

struct xp_chunk_header {
	uint32_t type;
	uint32_t stored;  /* bytes of payload in the file */
	uint32_t raw;     /* and once inflated; the same: not compressed */
	uint32_t crc;     /* of the stored payload */
};

/*
 * Decodes the XP_CHUNK_HEADER_BYTES at data. False: its checksum is wrong or
 * its sizes are impossible; then nothing in it can be relied on.
 */
bool xp_chunk_header_decode(struct xp_chunk_header *h, const uint8_t *data);
uint32_t xp_crc(const uint8_t *data, size_t len);
bool xp_chunk_crc_ok(const struct xp_chunk_header *h, const uint8_t *payload);

/*
 * A deflater that makes chunks, reused. The payload of one chunk comes in
 * parts; each part gets codes of its own (a new deflate block), which is what
 * makes columns of different nature cheap.
 */
enum xp_part {
	XP_PART_RECORDS, /* anything: worth some effort */
	XP_PART_COLUMN,  /* of samples: has repeats, but must be cheap */
	XP_PART_NOISE,   /* only the frequency of bytes matters */
	XP_PART_RANDOM,  /* nothing can be gained: stored */
};
struct xp_deflater {
	z_stream z;
	bool ready;
	enum xp_part kind;
};

void xp_deflater_init(struct xp_deflater *d);
void xp_deflater_release(struct xp_deflater *d);

/* The parts of one chunk's payload, in order. */
struct xp_chunk_part {
	const uint8_t *data;
	size_t len;
	enum xp_part kind;
};

/* Appends a whole chunk to out. 0, XP_E_NOMEM, or XP_E_USAGE when the payload is too large. */
int xp_chunk_encode(struct xp_buf *out, struct xp_deflater *d, uint32_t type,
		    const struct xp_chunk_part *parts, size_t nr, struct xp_err *err);

/* An inflater, reused. (Chunks are whole in memory, where libdeflate takes a third of zlib's time.) */
struct xp_inflater {
	struct libdeflate_decompressor *d; /* NULL: none yet */
};

void xp_inflater_init(struct xp_inflater *i);
void xp_inflater_release(struct xp_inflater *i);

/* The payload, inflated into out[h->raw] when it is compressed. 0 or XP_E_FORMAT, XP_E_NOMEM. */
int xp_chunk_inflate(struct xp_inflater *i, const struct xp_chunk_header *h, const uint8_t *payload,
		     uint8_t *out, struct xp_err *err);

#endif
