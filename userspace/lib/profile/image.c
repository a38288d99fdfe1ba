/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IMAG chunks: what code comes from. The number stands in the record: a damaged chunk does not shift the others. */
#include "lib/profile/codec.h"

#define IMAGE_MAX 0xffffffu

void xp_image_encode(struct xp_buf *b, uint32_t id, const struct xp_image *image)
{
	size_t len = image->build_id_len <= sizeof(image->build_id) ? image->build_id_len
								    : sizeof(image->build_id);

	xp_buf_varint(b, id);
	xp_buf_u8(b, image->kind);
	xp_buf_blob(b, image->build_id, len);
	xp_put_string(b, image->name);
	xp_put_string(b, image->why);
}

/* Elements up to id; those that no record describes are without a name. */
static bool make_room(struct xp_profile *p, size_t id, struct xp_cursor *c)
{
	while (p->nr_images <= id) {
		struct xp_image *image = xp_profile_append(p, images, c);

		if (!image)
			return false;
		image->kind = XP_IMAGE_ANON;
		image->name = "";
		image->why = "its record is damaged";
	}
	return true;
}

bool xp_image_decode(struct xp_profile *p, struct xp_cursor *c)
{
	size_t id = (size_t)xp_cursor_bounded(c, IMAGE_MAX, "an image's number");
	struct xp_image image = { 0 };
	const char *build_id;
	size_t len;

	image.kind = xp_cursor_u8(c);
	build_id = xp_cursor_string(c, &len);
	if (len > sizeof(image.build_id))
		return xp_cursor_fail(c, "a build-id has %zu bytes", len);
	image.name = xp_profile_string(p, c);
	image.why = xp_profile_string(p, c);
	if (!xp_cursor_ok(c) || !make_room(p, id, c))
		return false;
	if (p->images[id].nr_symbols)
		return xp_cursor_fail(c, "image %zu comes again", id);
	image.symbols = p->images[id].symbols; /* memory of symbols that turned out to be malformed */
	memcpy(image.build_id, build_id, len);
	image.build_id_len = (uint8_t)len;
	p->images[id] = image;
	return true;
}
