/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How each kind of chunk is written and read. For most kinds a payload is a
 * row of records, each a varint length and its fields: encode appends the fields of one
 * record, decode reads one and appends it to the profile. A decoder ignores
 * what is behind the last field that it knows (a later minor version's); it
 * returns false when the record is malformed or no memory is to be had (the
 * cursor has the report).
 */
#ifndef XP_PROFILE_CODEC_H
#define XP_PROFILE_CODEC_H

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/cursor.h"
#include "lib/profile/chunk.h"
#include "lib/profile/profile.h"

/* ---- what a profile being read needs beside its public face ---- */

struct xp_profile_file {
	struct xp_arena arena; /* strings, symbol names */
	size_t cap_host, cap_events, cap_clocks, cap_domains, cap_tasks, cap_images, cap_maps,
	       cap_lost, cap_gaps, cap_stats, cap_periods, cap_series, cap_nodes, cap_chain_contexts;
	bool refused;          /* memory was: by the system or by the limit that the file's size sets */
	char *name;            /* of the file, for reports */
	int fd;                /* -1: data */
	const uint8_t *data;
	uint64_t size;
	struct xp_sample_chunk { uint64_t offset; struct xp_chunk_header header; } *chunks; /* of samples */
	size_t nr_chunks, cap_chunks;
	struct xp_inflater inflater;
	struct xp_buf stored, raw; /* the chunk at hand */
};

/* n bytes (which the file has) at offset: *out is in the file's data, or in *buffer until that is used again. */
int xp_profile_bytes(const struct xp_profile_file *f, struct xp_buf *buffer, uint64_t offset, size_t n, const uint8_t **out,
		     struct xp_err *err);

/* One more, cleared, element of p->field; NULL: refused, and the cursor has failed. */
#define xp_profile_append(p, field, cursor) \
	((__typeof__((p)->field))xp_profile_append_to(p, &(p)->field, &(p)->nr_##field, \
						      &(p)->file->cap_##field, sizeof(*(p)->field), cursor))
void *xp_profile_append_to(struct xp_profile *p, void *array, size_t *nr, size_t *cap, size_t size,
			   struct xp_cursor *c);

/* The next string of the cursor, terminated, owned by the profile. NULL: failed. */
char *xp_profile_string(struct xp_profile *p, struct xp_cursor *c);

/* ---- rows of records ---- */

/* NULL is "", and what is longer than the format allows is cut. */
static inline void xp_put_string(struct xp_buf *b, const char *s)
{
	xp_buf_blob(b, s ? s : "", s ? strnlen(s, XP_STRING_MAX) : 0);
}

void xp_host_encode(struct xp_buf *b, const char *key, const char *value);
bool xp_host_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_event_encode(struct xp_buf *b, size_t index, const struct xp_event *event);
bool xp_event_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_clock_encode(struct xp_buf *b, const struct xp_clock *clock);
bool xp_clock_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_domain_encode(struct xp_buf *b, const struct xp_domain *domain);
bool xp_domain_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_domain_finish(struct xp_profile *p); /* sorts; of those with the same domid and beginning the last stays */
void xp_task_encode(struct xp_buf *b, const struct xp_task *task);
bool xp_task_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_task_finish(struct xp_profile *p);   /* sorts */
void xp_image_encode(struct xp_buf *b, uint32_t id, const struct xp_image *image);
bool xp_image_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_map_encode(struct xp_buf *b, const struct xp_map *map);
bool xp_map_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_map_finish(struct xp_profile *p);    /* sorts */
void xp_lost_encode(struct xp_buf *b, const struct xp_lost *lost);
bool xp_lost_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_gap_encode(struct xp_buf *b, const struct xp_gap *gap);
bool xp_gap_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_period_encode(struct xp_buf *b, const struct xp_period *period);
bool xp_period_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_period_finish(struct xp_profile *p); /* sorts */
void xp_stats_encode(struct xp_buf *b, const struct xp_cpu_stats *stats);
bool xp_stats_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_series_encode(struct xp_buf *b, const struct xp_series_record *record);
bool xp_series_decode(struct xp_profile *p, struct xp_cursor *c);

/* ---- symbols: columns (symbol.c) ---- */

/*
 * How many of the nr symbols go into one chunk, and that chunk's payload in
 * two parts. XP_E_USAGE: they are not sorted.
 */
int xp_symbols_encode(struct xp_buf *numbers, struct xp_buf *names, uint32_t image,
		      const struct xp_symbol *symbols, size_t nr, size_t *taken, struct xp_err *err);
/* The whole payload, which must live as long as the profile: names stay where they are. */
bool xp_symbols_decode(struct xp_profile *p, struct xp_cursor *c);
void xp_symbols_release(struct xp_profile *p);

/* ---- nodes of call chains: columns (chain.c, chain-tree.c) ---- */

/* Nodes that are not in the file yet. */
size_t xp_chain_tree_pending(const struct xp_chain_tree *t);
/* Appends a chunk with all of them. 0 or XP_E_NOMEM. */
int xp_chain_tree_encode(struct xp_chain_tree *t, struct xp_buf *out, struct xp_deflater *d, struct xp_err *err);
bool xp_nodes_decode(struct xp_profile *p, struct xp_cursor *c);
/* The number itself, or that of a damaged chain if there is no such node. */
uint32_t xp_node_known(const struct xp_profile *p, uint32_t number);

/* ---- samples: columns (samples.c) ---- */

struct xp_sample_encoder;
struct xp_sample_encoder *xp_sample_encoder_new(void); /* NULL: no memory */
void xp_sample_encoder_free(struct xp_sample_encoder *e);
/* Appends one chunk of nr (at most XP_BLOCK_SAMPLES) samples of one CPU to out. chains: of each; NULL: none has one. */
int xp_samples_encode(struct xp_sample_encoder *e, struct xp_buf *out, struct xp_deflater *d, uint32_t cpu,
		      const struct xprof_sample *samples, const uint32_t *chains, size_t nr, struct xp_err *err);

struct xp_sample_decoder;
struct xp_sample_decoder *xp_sample_decoder_new(void);
void xp_sample_decoder_free(struct xp_sample_decoder *d);
/* The payload's samples; pointers in *out are the decoder's and live until it decodes again. */
bool xp_samples_decode(struct xp_sample_decoder *d, struct xp_cursor *c, struct xp_packed *out);
/* The same as plain columns; pointers in *out are theirs. */
struct xp_sample_columns {
	uint64_t ip[XP_BLOCK_SAMPLES], cr3[XP_BLOCK_SAMPLES];
	uint16_t domid[XP_BLOCK_SAMPLES], vcpu[XP_BLOCK_SAMPLES];
	uint32_t chain[XP_BLOCK_SAMPLES];
	uint8_t event[XP_BLOCK_SAMPLES], mode[XP_BLOCK_SAMPLES];
};
void xp_samples_expand(struct xp_sample_columns *columns, const struct xp_packed *packed, struct xp_block *out);

#endif
