// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/guest/programs.h"

#include <string.h>

#include "lib/guest/kept.h"
#include "lib/guest/program-rules.h"

#define VMAS_MAX 4096u /* of one process */
#define VDSO_MAX (64u << 10)
#define UNREADABLE (XP_GNO_FILE - 1) /* it changes just now */

struct reading {
	struct xp_gprograms *to;
	struct xp_guser user;
	const struct xp_gask *ask;
	struct xp_gfile_key keys[XP_GPROGRAMS_MAX]; /* of new files */
	size_t nr_keys;
	uint64_t budget;
	struct xp_gmemory memory; /* of the process that is read */
	struct xp_gvma vmas[VMAS_MAX];
	size_t nr_vmas;
};

/* ---- a file --------------------------------------------------------------*/

bool xp_gprograms_name(struct xp_gkept_name *n, const char *guest, const struct xp_gprogram *p)
{
	size_t at;

	if (!guest || !*guest || p->build_id_len < 8 || p->build_id_len > XP_GBUILD_ID)
		return false;
	at = (size_t)snprintf(n->text, sizeof(n->text), "%s-", guest);
	for (uint32_t i = 0; i < p->build_id_len && at + 3 < sizeof(n->text); i++)
		at += (size_t)snprintf(n->text + at, sizeof(n->text) - at, "%02x", p->build_id[i]);
	return true;
}

/* It was read before: its symbols lie on disk. */
static bool recall(struct xp_gfile_info *info, const char *guest)
{
	struct xp_gkept_name name;
	struct xp_gkept kept;
	struct xp_gprogram was;
	bool same;

	if (!xp_gprograms_name(&name, guest, &info->program) || !xp_gkept_open(&kept, name.text))
		return false;
	same = kept.head.len == sizeof(was);
	if (same) {
		memcpy(&was, kept.head.data, sizeof(was));
		same = was.nr_segments == info->program.nr_segments &&
		       !memcmp(was.segments, info->program.segments, sizeof(was.segments)) && was.table == XP_GTABLE_ALL;
	}
	if (same) {
		info->program = was;
		info->kept = kept.body_crc;
	}
	xp_gkept_release(&kept);
	return same;
}

/* On disk, if it can be had there again. */
static void keep(struct xp_gfile_info *info, const char *guest, const struct xp_buf *symbols)
{
	struct xp_buf head = XP_BUF_INIT;
	struct xp_gkept_name name;

	if (info->program.table != XP_GTABLE_ALL || !symbols->len || !xp_gprograms_name(&name, guest, &info->program))
		return;
	xp_buf_add(&head, &info->program, sizeof(info->program));
	xp_gkept_store(name.text, &head, symbols);
	xp_buf_release(&head);
	recall(info, guest);
}

static void read_file(struct reading *r, const struct xp_gfile *f, const struct xp_gfile_key *key, const char *path)
{
	struct xp_gfile_info info = { .key = *key };
	struct xp_buf symbols = XP_BUF_INIT, rules = XP_BUF_INIT;
	bool is_program = xp_gprogram_open(&info.program, f);

	if (is_program && r->ask->rules)
		xp_gprogram_rules(&info.program, f, &rules);
	if (is_program && !recall(&info, r->ask->guest)) {
		xp_gprogram_symbols(&info.program, f, &symbols);
		keep(&info, r->ask->guest, &symbols);
	}
	xp_buf_blob(&r->to->files, &info, sizeof(info));
	xp_buf_string(&r->to->files, path);
	xp_buf_blob(&r->to->files, symbols.data, info.kept ? 0 : symbols.len);
	xp_buf_blob(&r->to->files, rules.data, rules.len);
	xp_buf_release(&symbols);
	xp_buf_release(&rules);
}

/* ---- which file ----------------------------------------------------------*/

static bool is_same(const struct xp_gfile_key *a, const struct xp_gfile_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Its index, if it is known; else that at which it will be. */
static uint32_t index_of(const struct reading *r, const struct xp_gfile_key *key, bool *known)
{
	size_t i;

	*known = true;
	for (i = 0; i < r->ask->nr_known; i++)
		if (is_same(&r->ask->known[i], key))
			return (uint32_t)i;
	for (i = 0; i < r->nr_keys; i++)
		if (is_same(&r->keys[i], key))
			return (uint32_t)(r->ask->nr_known + i);
	*known = false;
	return (uint32_t)(r->ask->nr_known + r->nr_keys);
}

static uint32_t find_file(struct reading *r, const struct xp_gvma *v)
{
	struct xp_gfile f = { .u = &r->user, .user = &r->memory, .maps = r->vmas, .nr_maps = r->nr_vmas, .file = v->file, .budget = &r->budget };
	struct xp_gvma vdso = { .start = v->start, .end = v->end };
	char path[XP_GPATH_MAX] = "[vdso]", magic[4];
	struct xp_gfile_key key = { .size = v->end - v->start };
	uint32_t index;
	bool known;

	if (v->file) {
		if (!xp_gfile_find(&r->user, v->file, &key, &f.mapping))
			return UNREADABLE;
	} else {
		if (key.size > VDSO_MAX || !xp_gmemory_read(&r->memory, v->start, magic, 4) || memcmp(magic, "\177ELF", 4))
			return XP_GNO_FILE;
		f.maps = &vdso;
		f.nr_maps = 1;
	}
	index = index_of(r, &key, &known);
	if (known)
		return index;
	if (index >= XP_GPROGRAMS_MAX)
		return UNREADABLE;
	if (v->file && !xp_gpath_read(&r->user, v->file, path))
		snprintf(path, sizeof(path), "[a file whose path cannot be read]");
	f.size = key.size;
	r->keys[r->nr_keys++] = key;
	read_file(r, &f, &key, path);
	return index;
}

/* ---- a process -----------------------------------------------------------*/

static bool is_asked_for(const struct xp_gask *ask, uint64_t cr3)
{
	for (size_t i = 0; i < ask->nr_roots; i++)
		if (ask->roots[i] == cr3)
			return true;
	return false;
}

static void read_process(struct reading *r, const struct xp_gtask *t)
{
	xp_gmemory_init(&r->memory, r->user.kernel->frames, t->cr3 / XP_GPAGE, r->user.kernel->levels);
	r->nr_vmas = xp_gvmas_read(&r->user, t->mm, r->vmas, VMAS_MAX);
	for (size_t i = 0; i < r->nr_vmas; i++) {
		const struct xp_gvma *v = &r->vmas[i];
		struct xp_gmap map = { .cr3 = t->cr3, .started = t->started, .tgid = t->tgid,
				       .start = v->start, .end = v->end, .offset = v->offset };

		if (!(v->flags & XP_GVM_EXEC) || r->to->maps.len >= XP_GMAPS_MAX * sizeof(map))
			continue;
		map.file = find_file(r, v);
		if (!v->file)
			map.offset = 0;
		if (map.file != UNREADABLE)
			xp_buf_add(&r->to->maps, &map, sizeof(map));
	}
}

void xp_gprograms_read(struct xp_gprograms *p, struct xp_gmemory *m, const struct xp_guser_layout *l, const struct xp_buf *tasks,
		       const struct xp_gask *ask)
{
	static struct reading r; /* (too large for a stack) */
	unsigned int processes = 0;

	memset(&r, 0, sizeof(r));
	r.to = p;
	r.ask = ask;
	r.budget = XP_GPROGRAMS_BUDGET;
	if (!xp_guser_init(&r.user, l, m))
		return;
	for (size_t at = 0; at + sizeof(struct xp_gtask) <= tasks->len && processes < XP_GPROCESSES_MAX; at += sizeof(struct xp_gtask)) {
		struct xp_gtask t;

		memcpy(&t, tasks->data + at, sizeof(t));
		if (!is_asked_for(ask, t.cr3))
			continue;
		processes++;
		read_process(&r, &t);
	}
}

void xp_gprograms_release(struct xp_gprograms *p)
{
	xp_buf_release(&p->maps);
	xp_buf_release(&p->files);
}

bool xp_gprograms_next(struct xp_cursor *c, struct xp_gfile_info *info, char path[XP_GPATH_MAX], struct xp_cursor *symbols,
		       struct xp_cursor *rules)
{
	struct xp_cursor part;
	const char *text;
	size_t len;

	if (!c->left || !xp_cursor_sub(c, &part) || part.left != sizeof(*info))
		return false;
	memcpy(info, part.pos, sizeof(*info));
	text = xp_cursor_string(c, &len);
	if (len >= XP_GPATH_MAX || !xp_cursor_sub(c, symbols) || !xp_cursor_sub(c, rules))
		return false;
	memcpy(path, text, len);
	path[len] = '\0';
	info->program.why[sizeof(info->program.why) - 1] = '\0';
	return info->program.nr_segments <= XP_GPROGRAM_SEGMENTS && info->program.build_id_len <= XP_GBUILD_ID;
}
