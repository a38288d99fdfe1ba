/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Protocol buffers on the wire [protobuf.dev, "Encoding"]: fields appended to a
 * buffer. A field with the value 0 is left out, as proto3 has it.
 */
#ifndef XP_EXPORT_PROTO_H
#define XP_EXPORT_PROTO_H

#include "lib/base/buf.h"

#define XP_PROTO_VARINT 0u
#define XP_PROTO_BYTES  2u

static inline void xp_proto_u64(struct xp_buf *b, unsigned int field, uint64_t value)
{
	if (!value)
		return;
	xp_buf_varint(b, field << 3 | XP_PROTO_VARINT);
	xp_buf_varint(b, value);
}

static inline void xp_proto_bytes(struct xp_buf *b, unsigned int field, const void *data, size_t len)
{
	xp_buf_varint(b, field << 3 | XP_PROTO_BYTES);
	xp_buf_blob(b, data, len);
}

/* Of a repeated field the empty string counts, too. */
static inline void xp_proto_text(struct xp_buf *b, unsigned int field, const char *text)
{
	xp_buf_varint(b, field << 3 | XP_PROTO_BYTES);
	xp_buf_string(b, text);
}

/* A message, built in a buffer of its own, which is empty afterwards. */
static inline void xp_proto_message(struct xp_buf *b, unsigned int field, struct xp_buf *message)
{
	if (!xp_buf_ok(message))
		b->failed = true;
	xp_proto_bytes(b, field, message->data, message->len);
	xp_buf_reset(message);
}

#endif
