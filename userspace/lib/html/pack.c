// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/html/pack.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>
#include <zlib.h>

#define LINE 57u /* bytes: 76 characters, so that whoever looks at the file sees lines */

static void put_base64(FILE *out, const uint8_t *data, size_t n)
{
	char line[BASE64_ENCODE_RAW_LENGTH(LINE)];
	size_t at, len;

	for (at = 0; at < n; at += len) {
		len = n - at < LINE ? n - at : LINE;
		base64_encode_raw(line, len, data + at);
		fwrite(line, 1, BASE64_ENCODE_RAW_LENGTH(len), out);
		putc('\n', out);
	}
}

int xp_html_pack(FILE *out, const struct xp_buf *data, struct xp_err *err)
{
	uLongf len = compressBound(data->len);
	struct xp_buf packed = XP_BUF_INIT;
	uint8_t *to = xp_buf_reserve(&packed, len);
	int rc = to ? compress2(to, &len, data->data, data->len, Z_DEFAULT_COMPRESSION) : Z_MEM_ERROR;

	if (rc == Z_OK)
		put_base64(out, to, len);
	xp_buf_release(&packed);
	return rc == Z_OK ? 0 : xp_fail(err, XP_E_NOMEM, "no memory to compress %zu bytes", data->len);
}

void xp_html_hash(char text[XP_HTML_HASH_TEXT], const void *data, size_t n)
{
	char base64[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = "";
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, n, data);
	sha256_digest(&ctx, sizeof(digest), digest);
	base64_encode_raw(base64, sizeof(digest), digest);
	snprintf(text, XP_HTML_HASH_TEXT, "sha256-%s", base64);
}
