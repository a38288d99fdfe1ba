// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/lines/lines.h"

#include <sys/stat.h>

#include "lib/base/isolate.h"
#include "lib/lines/answer.h"
#include "lib/lines/cache.h"
#include "lib/lines/dwarf.h"

#define MEMORY  (1ull << 30) /* and four times the file: compressed debug data grow so */
#define SECONDS 30u         /* those of a Linux kernel take 3 */

void xp_lines_release(struct xp_lines *l)
{
	free(l->v);
	free(l->frames);
	xp_arena_release(&l->strings);
	*l = (struct xp_lines){ 0 };
}

const struct xp_line *xp_lines_at(const struct xp_lines *l, uint64_t addr)
{
	size_t low = 0, high = l->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->v[mid].addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->nr && l->v[low].addr == addr ? &l->v[low] : NULL;
}

/* Asks the debug data of an open file. 0 with no lines and a `why`, or XP_E_NOMEM. */
static int ask(struct xp_lines *out, const struct xp_binary *b, const uint64_t *addrs, size_t nr, struct xp_err *err)
{
	struct xp_isolate limits = { .memory = MEMORY, .seconds = SECONDS, .clock_seconds = 10 * SECONDS,
				      .answer = XP_LINES_CACHE_MAX };
	struct xp_dwarf_work work = { b->fd, addrs, nr };
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_err why = { "" };
	struct xp_cursor c;
	struct stat st;
	int rc;

	if (!fstat(b->fd, &st))
		limits.memory += 4 * (uint64_t)st.st_size;
	rc = xp_isolate(&limits, b->path, xp_dwarf_lines, &work, &bytes, &why);
	if (!rc && !bytes.len)
		rc = xp_fail(&why, XP_E_FORMAT, "%s: its debug data cannot be read", b->path);
	if (!rc) {
		xp_cursor_init(&c, b->path, bytes.data, bytes.len, &why);
		rc = xp_answer_read(out, &c);
	}
	xp_buf_release(&bytes);
	if (rc == XP_E_NOMEM)
		return xp_fail(err, rc, "%s", why.text);
	snprintf(out->source, sizeof(out->source), "%s", rc ? "" : b->path);
	out->why = why;
	return 0;
}

static int read_file(struct xp_lines *out, const struct xp_binary_wanted *w, const struct xp_binary_places *places,
		     const uint64_t *addrs, size_t nr, struct xp_err *err)
{
	struct xp_binary b;
	int rc = 0;

	*out = (struct xp_lines){ 0 };
	if (xp_binary_open(&b, w, XP_BINARY_DEBUG, places, &out->why))
		return 0;
	if (b.elf.relocatable && w->kind == XP_IMAGE_FILE)
		xp_fail(&out->why, XP_E_FORMAT, "%s: not linked (ET_REL): nothing can have run it", b.path);
	else
		rc = ask(out, &b, addrs, nr, err);
	xp_binary_close(&b);
	return rc;
}

/* ---- old and new together ---- */

/* Those of addrs that l does not know, in a new array (free it). NULL: no memory. */
static uint64_t *missing(const struct xp_lines *l, const uint64_t *addrs, size_t nr, size_t *nr_missing)
{
	uint64_t *v = malloc((nr + 1) * sizeof(*v));
	size_t i, at = 0;

	*nr_missing = 0;
	for (i = 0; v && i < nr; i++) {
		while (at < l->nr && l->v[at].addr < addrs[i])
			at++;
		if (at == l->nr || l->v[at].addr != addrs[i])
			v[(*nr_missing)++] = addrs[i];
	}
	return v;
}

/* *old becomes what both know; they have no address in common. */
static int unite(struct xp_lines *old, const struct xp_lines *more, struct xp_err *err)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_answer a;
	struct xp_lines both;
	struct xp_cursor c;
	size_t i = 0, j = 0;
	int rc = XP_E_NOMEM;

	xp_answer_init(&a);
	while (i < old->nr || j < more->nr) {
		if (j == more->nr || (i < old->nr && old->v[i].addr < more->v[j].addr))
			xp_answer_line(&a, old, &old->v[i++]);
		else
			xp_answer_line(&a, more, &more->v[j++]);
	}
	xp_answer_finish(&a, &bytes);
	xp_answer_release(&a);
	both = (struct xp_lines){ 0 };
	xp_cursor_init(&c, "lines", bytes.data, bytes.len, err);
	if (xp_buf_ok(&bytes))
		rc = xp_answer_read(&both, &c);
	xp_buf_release(&bytes);
	if (rc)
		return xp_fail(err, XP_E_NOMEM, "no memory for lines");
	snprintf(both.source, sizeof(both.source), "%s", more->source);
	xp_lines_release(old);
	*old = both;
	return 0;
}

/* What the cache lacks is looked up and put into it; too much of it begins anew. */
static int complete(struct xp_lines *out, const struct xp_binary_wanted *w, const struct xp_binary_places *places,
		    const uint64_t *addrs, size_t nr, struct xp_err *err)
{
	struct xp_lines more;
	int rc = read_file(&more, w, places, addrs, nr, err);

	if (!rc && more.nr) {
		if (out->nr + more.nr > XP_LINES_MAX_ADDRESSES)
			xp_lines_release(out);
		rc = unite(out, &more, err);
	}
	if (!rc && more.nr && places->keep_lines)
		xp_lines_cache_store(out, &w->build_id);
	if (!rc)
		out->why = more.why;
	xp_lines_release(&more);
	return rc;
}

int xp_lines_find(struct xp_lines *out, const struct xp_binary_wanted *image, const struct xp_binary_places *places,
		  const uint64_t *addrs, size_t nr, struct xp_err *err)
{
	size_t nr_missing;
	uint64_t *left;
	int rc = 0;

	*out = (struct xp_lines){ 0 };
	if (places->keep_lines)
		xp_lines_cache_load(out, &image->build_id);
	left = missing(out, addrs, nr, &nr_missing);
	if (!left)
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu addresses", nr);
	if (nr_missing)
		rc = complete(out, image, places, left, nr_missing, err);
	free(left);
	return rc;
}
