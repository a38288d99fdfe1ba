/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All samples of a profile, chunk by chunk. While the caller counts one chunk, a thread of its own reads and decodes the next
 * ones: both take about the same time. The thread allocates nothing and touches nothing of the profile that changes;
 * where there is no second CPU, or no thread to be had, the caller's does it all.
 */
#include <pthread.h>
#include <unistd.h>

#include "lib/profile/codec.h"

#define SLOTS 3u /* chunks decoded at a time: one that is looked at, one that is ready, one at work */

/* A chunk's place once decoded. */
struct slot {
	struct xp_sample_decoder *decoder;
	struct xp_packed packed;
	int rc;
	struct xp_err err;
};

struct reader {
	const struct xp_profile *p;
	struct xp_inflater inflater;
	struct xp_buf stored, raw;  /* with room for the largest chunk */
	struct slot slots[SLOTS];   /* chunk i is in slot i % SLOTS */
	pthread_mutex_t lock;       /* of what follows */
	pthread_cond_t changed;
	size_t decoded, taken;      /* chunks: up to here; decoded - taken <= SLOTS */
	bool stop;                  /* nobody wants more */
};

/* ---- one chunk ---- */

/* Nothing that is not there is referred to. */
static void check_chains(const struct xp_profile *p, struct xp_packed *packed)
{
	uint32_t *chain = (uint32_t *)(uintptr_t)packed->chain; /* the decoder's */
	size_t i;

	for (i = 0; chain && i < packed->nr_sites; i++)
		chain[i] = xp_node_known(p, chain[i]);
}

static int decode_chunk(struct reader *r, const struct xp_sample_chunk *chunk, struct slot *slot)
{
	const struct xp_chunk_header *h = &chunk->header;
	struct xp_profile_file *f = r->p->file;
	const uint8_t *payload;
	struct xp_err why = { "" };
	struct xp_cursor c;
	int rc;

	rc = xp_profile_bytes(f, &r->stored, chunk->offset + XP_CHUNK_HEADER_BYTES, h->stored, &payload, &slot->err);
	if (rc)
		return rc;
	rc = xp_chunk_inflate(&r->inflater, h, payload, r->raw.data, &why);
	if (!rc) {
		xp_cursor_init(&c, "payload", r->raw.data, h->raw, &why);
		rc = xp_samples_decode(slot->decoder, &c, &slot->packed) ? 0 : XP_E_FORMAT;
	}
	if (!rc)
		check_chains(r->p, &slot->packed);
	if (rc)
		xp_fail(&slot->err, rc, "%s: chunk SMPL at offset %llu: %.800s", f->name, (unsigned long long)chunk->offset, why.text);
	return rc;
}

static struct slot *slot_of(struct reader *r, size_t chunk)
{
	return &r->slots[chunk % SLOTS];
}

static void decode(struct reader *r, size_t chunk)
{
	slot_of(r, chunk)->rc = decode_chunk(r, &r->p->file->chunks[chunk], slot_of(r, chunk));
}

/* ---- the thread that is ahead ---- */

/* False: nobody wants more. */
static bool wait_for_slot(struct reader *r)
{
	bool stop;

	pthread_mutex_lock(&r->lock);
	while (!r->stop && r->decoded - r->taken == SLOTS)
		pthread_cond_wait(&r->changed, &r->lock);
	stop = r->stop;
	pthread_mutex_unlock(&r->lock);
	return !stop;
}

static void *run_ahead(void *arg)
{
	struct reader *r = arg;
	size_t i;

	for (i = 0; i < r->p->file->nr_chunks && wait_for_slot(r); i++) {
		decode(r, i);
		pthread_mutex_lock(&r->lock);
		r->decoded++;
		pthread_cond_signal(&r->changed);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

static const struct slot *wait_for_chunk(struct reader *r, size_t chunk)
{
	pthread_mutex_lock(&r->lock);
	while (r->decoded <= chunk)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
	return slot_of(r, chunk);
}

static void give_back(struct reader *r, bool stop)
{
	pthread_mutex_lock(&r->lock);
	r->taken++;
	r->stop = stop;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

/* ---- all chunks ---- */

static int hand_on(const struct slot *slot, int (*fn)(const struct xp_packed *packed, void *arg), void *arg, struct xp_err *err)
{
	return slot->rc ? xp_fail(err, slot->rc, "%s", slot->err.text) : fn(&slot->packed, arg);
}

static int each_ahead(struct reader *r, int (*fn)(const struct xp_packed *packed, void *arg), void *arg, struct xp_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < r->p->file->nr_chunks && !rc; i++) {
		rc = hand_on(wait_for_chunk(r, i), fn, arg, err);
		give_back(r, rc);
	}
	return rc;
}

static int each_alone(struct reader *r, int (*fn)(const struct xp_packed *packed, void *arg), void *arg, struct xp_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < r->p->file->nr_chunks && !rc; i++) {
		decode(r, i);
		rc = hand_on(slot_of(r, i), fn, arg, err);
	}
	return rc;
}

static bool init(struct reader *r, const struct xp_profile *p)
{
	const struct xp_profile_file *f = p->file;
	size_t stored = 0, raw = 0, i;

	*r = (struct reader){ .p = p, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	for (i = 0; i < f->nr_chunks; i++) {
		stored = f->chunks[i].header.stored > stored ? f->chunks[i].header.stored : stored;
		raw = f->chunks[i].header.raw > raw ? f->chunks[i].header.raw : raw;
	}
	for (i = 0; i < SLOTS && i < f->nr_chunks; i++) {
		r->slots[i].decoder = xp_sample_decoder_new();
		if (!r->slots[i].decoder)
			return false;
	}
	return (f->data || xp_buf_reserve(&r->stored, stored)) && xp_buf_reserve(&r->raw, raw);
}

static void release(struct reader *r)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		xp_sample_decoder_free(r->slots[i].decoder);
	xp_inflater_release(&r->inflater);
	xp_buf_release(&r->stored);
	xp_buf_release(&r->raw);
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->changed);
}

int xp_profile_each_packed(struct xp_profile *p, int (*fn)(const struct xp_packed *packed, void *arg),
			   void *arg, struct xp_err *err)
{
	bool worth_it = p->file->nr_chunks > 1 && sysconf(_SC_NPROCESSORS_ONLN) > 1;
	struct reader r;
	pthread_t thread;
	int rc;

	if (!init(&r, p)) {
		rc = xp_fail(err, XP_E_NOMEM, "%s: no memory to read samples", p->file->name);
	} else if (worth_it && !pthread_create(&thread, NULL, run_ahead, &r)) {
		rc = each_ahead(&r, fn, arg, err);
		pthread_join(thread, NULL);
	} else {
		rc = each_alone(&r, fn, arg, err);
	}
	release(&r);
	return rc;
}

/* ---- as plain columns ---- */

struct expanding {
	struct xp_sample_columns *columns;
	int (*fn)(const struct xp_block *block, void *arg);
	void *arg;
};

static int expand(const struct xp_packed *packed, void *arg)
{
	const struct expanding *e = arg;
	struct xp_block block;

	xp_samples_expand(e->columns, packed, &block);
	return e->fn(&block, e->arg);
}

int xp_profile_each_block(struct xp_profile *p, int (*fn)(const struct xp_block *block, void *arg),
			  void *arg, struct xp_err *err)
{
	struct expanding e = { malloc(sizeof(*e.columns)), fn, arg };
	int rc = e.columns ? xp_profile_each_packed(p, expand, &e, err) :
		xp_fail(err, XP_E_NOMEM, "%s: no memory to read samples", p->file->name);

	free(e.columns);
	return rc;
}
