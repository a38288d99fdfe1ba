/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a profile: opened, counted, reported, dumped, made a page of (its own base), and again without names;
 * reports go nowhere. Once as they are, and once with all checksums put right, or nothing
 * behind them would ever be reached.
 */
#include <zlib.h>

#include "lib/anon/anon.h"
#include "lib/html/html.h"
#include "lib/profile/format.h"
#include "lib/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void report(struct xp_profile *p, FILE *out, unsigned int keys, bool json)
{
	const struct xp_agg_config config = { .keys = keys, .addresses = !json };
	const struct xp_report_options options = {
		.order = { XP_KEY_DOMAIN, XP_KEY_SYMBOL }, .nr_order = 2, .columns = keys == 255 ? 0 : 70,
	};
	struct xp_agg *a;
	struct xp_err err;

	if (xp_agg_run(&a, p, &config, &err))
		return;
	if (json)
		xp_report_json(out, a, &err);
	else
		xp_report_text(out, a, &options, &err);
	xp_agg_free(a);
}

/* Callers and callees, by keys that functions are and by keys that they are not. */
static void report_calls(struct xp_profile *p, FILE *out, unsigned int keys, bool callers)
{
	const struct xp_agg_config config = { .keys = keys, .addresses = keys != XP_REPORT_JSON_KEYS, .chains = true };
	const struct xp_report_options options = {
		.order = { XP_KEY_SYMBOL }, .nr_order = 1, .columns = 60, .calls = true, .callers = callers, .no_children = callers,
		.graph_limit = 1, .percent_limit = 1,
	};
	struct xp_agg *a;
	struct xp_err err;

	if (xp_agg_run(&a, p, &config, &err))
		return;
	if (keys == XP_REPORT_JSON_KEYS)
		xp_report_json(out, a, &err);
	xp_report_text(out, a, &options, &err);
	xp_agg_free(a);
}

static void report_anonymously(struct xp_profile *p, FILE *out)
{
	struct xp_anon anon;
	struct xp_err err;

	if (xp_anon_init(&anon, "salt", &err))
		return;
	if (!xp_anonymize(&anon, p, &err)) {
		report(p, out, XP_REPORT_JSON_KEYS, true);
		xp_report_dump(out, p, false, &err);
	}
	xp_anon_release(&anon);
}

/* Compared with itself; of large ones this takes long. */
static void make_page(struct xp_profile *p, const uint8_t *data, size_t size, FILE *out)
{
	struct xp_html_options options = { .name = "p", .base_name = "p", .version = "0" };
	struct xp_err err;

	xp_profile_open_memory(&options.base, data, size, &err);
	xp_html_write(out, p, &options, &err);
	xp_profile_free(options.base);
}

static void use(const uint8_t *data, size_t size)
{
	static FILE *out;
	struct xp_profile *p;
	struct xp_err err;

	if (!out)
		out = fopen("/dev/null", "w");
	xp_profile_open_memory(&p, data, size, &err);
	if (!p)
		return;
	report(p, out, XP_REPORT_JSON_KEYS, true);
	report(p, out, 255, false);
	report(p, out, XP_KEY_DOMAIN | XP_KEY_SYMBOL, false);
	report_calls(p, out, XP_REPORT_JSON_KEYS, false);
	report_calls(p, out, XP_KEY_DOMAIN | XP_KEY_SYMBOL | XP_KEY_CPU, true);
	xp_report_dump(out, p, false, &err);
	xp_report_dump(out, p, true, &err);
	make_page(p, data, size, out);
	report_anonymously(p, out);
	xp_profile_free(p);
}

static void put_crc(uint8_t *at, const uint8_t *data, size_t len)
{
	uint32_t crc = (uint32_t)crc32_z(0, data, len);

	memcpy(at, &crc, 4);
}

static void repair(uint8_t *data, size_t size)
{
	size_t at = XP_FILE_HEADER_BYTES;

	memcpy(data, XP_FILE_MAGIC "\1\0\0", 12);
	put_crc(data + 12, data, 12);
	while (size - at >= XP_CHUNK_HEADER_BYTES) {
		uint32_t stored;

		memcpy(&stored, data + at + 4, 4);
		if (stored > size - at - XP_CHUNK_HEADER_BYTES)
			stored = (uint32_t)(size - at - XP_CHUNK_HEADER_BYTES);
		memcpy(data + at + 4, &stored, 4);
		put_crc(data + at + 12, data + at + XP_CHUNK_HEADER_BYTES, stored);
		put_crc(data + at + 16, data + at, 16);
		at += XP_CHUNK_HEADER_BYTES + stored;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	use(data, size);
	if (size < XP_FILE_HEADER_BYTES)
		return 0;
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	repair(copy, size);
	use(copy, size);
	free(copy);
	return 0;
}
