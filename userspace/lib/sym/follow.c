// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/follow.h"

#include <linux/xprof.h>
#include <x86intrin.h>

#include "lib/base/file.h"
#include "lib/sym/names.h"
#include "lib/sym/procmaps.h"
#include "lib/sym/vdso.h"

#define SECOND_NS 1000000000u
#define CLOCKS_DIFFER 50 /* at most 1/50 s, kernel's time from TSC */

int xp_follow_init(struct xp_follow *f, const char *root, int64_t tsc_offset, bool use_perf, struct xp_err *err)
{
	struct xp_err why = { "not wanted" };

	*f = (struct xp_follow){ .tsc_offset = tsc_offset };
	snprintf(f->root, sizeof(f->root), "%s", root);
	if (!xp_spaces_init(&f->spaces, XP_NAMES_MAX_MAPS) || !xp_images_init(&f->images, XP_NAMES_MAX_IMAGES, root))
		return xp_fail(err, XP_E_NOMEM, "no memory to follow processes");
	f->last = f->anchors[0] = f->anchors[1] = xp_clock_pair_now();
	if (use_perf && !xp_perf_open(&f->perf, &why))
		snprintf(f->how, sizeof(f->how), "perf");
	else
		snprintf(f->how, sizeof(f->how), "/proc: no perf events: %.200s", why.text);
	return 0;
}

void xp_follow_release(struct xp_follow *f)
{
	xp_perf_close(f->perf);
	xp_mm_queue_release(&f->queue);
	xp_spaces_release(&f->spaces);
	xp_images_release(&f->images);
}

uint64_t xp_follow_now(const struct xp_follow *f)
{
	return __rdtsc() - (uint64_t)f->tsc_offset;
}

uint64_t xp_follow_second(const struct xp_follow *f)
{
	const struct xp_clock_pair *a = &f->anchors[0];

	if (f->last.ns - a->ns < SECOND_NS / 1000)
		return 4ull * SECOND_NS; /* nothing measured yet: no less than it is */
	return xp_clock_tsc(a, &f->last, a->ns + SECOND_NS) - a->tsc;
}

/* ---- mappings, from wherever ---- */

static void add_mapping(struct xp_follow *f, struct xp_space *space, struct xp_mapping *map,
			struct xp_image_key *key, struct xp_span name)
{
	char text[XP_MAP_NAME_MAX];

	key->kind = (uint8_t)xp_map_kind(name);
	if (key->kind == XP_IMAGE_VDSO && map->end <= UINT32_MAX)
		name = xp_span_of(XP_VDSO32); /* of a 32-bit process: another one */
	xp_map_name(name, text);
	key->name = text;
	map->image = xp_images_get(&f->images, key);
	if (map->image == XP_IMAGE_NONE)
		f->spaces.lost_maps++;
	else
		xp_space_map(&f->spaces, space, map);
}

void xp_follow_read_maps(struct xp_follow *f, struct xp_space *space, uint64_t tsc)
{
	struct xp_buf text = XP_BUF_INIT;
	struct xp_procmap m;
	struct xp_span rest;
	struct xp_err ignored; /* it may have gone: no error */
	char path[sizeof(f->root) + 32];

	snprintf(path, sizeof(path), "%s/proc/%u/maps", f->root, space->tgid);
	if (!xp_file_read(path, &text, XP_PROCMAPS_MAX_BYTES, &ignored)) {
		rest = (struct xp_span){ (const char *)text.data, text.len };
		while (xp_procmaps_next(&rest, &m)) {
			struct xp_mapping map = { .tsc = tsc, .start = m.start, .end = m.end, .offset = m.offset };
			struct xp_image_key key = { .major = m.major, .minor = m.minor, .inode = m.inode };

			add_mapping(f, space, &map, &key, m.name);
		}
		space->read_tsc = xp_follow_now(f) + xp_follow_second(f) / CLOCKS_DIFFER;
	}
	xp_buf_release(&text);
}

/* ---- task records ---- */

/* Without perf events the records themselves tell of fork and exec. */
static void follow_by_proc(struct xp_follow *f, struct xp_space *space, const struct xprof_task *task)
{
	if (task->type == XPROF_TASK_FORK) {
		xp_space_fork(&f->spaces, space, xp_spaces_find(&f->spaces, task->ppid), task->tsc);
	} else if (task->type == XPROF_TASK_EXEC) {
		xp_space_exec(&f->spaces, space, task->tsc, task->comm);
		xp_follow_read_maps(f, space, task->tsc);
	}
}

int xp_follow_task(struct xp_follow *f, const struct xprof_task *task, struct xp_err *err)
{
	struct xp_root root = { .cr3 = task->cr3, .tsc = task->tsc, .exec = task->type == XPROF_TASK_EXEC };
	struct xp_space *space;

	memcpy(root.comm, task->comm, sizeof(root.comm));
	if (!task->cr3 || task->type == XPROF_TASK_EXIT || task->type == XPROF_TASK_LOST)
		return 0;
	space = xp_spaces_get(&f->spaces, task->tgid);
	if (space && task->type == XPROF_TASK_SNAPSHOT && space->nr_roots)
		return 0; /* another thread of it, or it has been told already */
	if (!space || !xp_space_root(space, &root))
		return xp_fail(err, XP_E_NOMEM, "no memory for process %u", task->tgid);
	if (task->type == XPROF_TASK_SNAPSHOT)
		xp_follow_read_maps(f, space, 0);
	else if (!f->perf)
		follow_by_proc(f, space, task);
	return 0;
}

/* ---- perf events ---- */

static void apply_map(struct xp_follow *f, struct xp_space *space, const struct xp_mm_event *event, uint64_t tsc)
{
	struct xp_mapping map = { .tsc = tsc, .start = event->start, .end = event->end, .offset = event->offset };
	struct xp_image_key key = {
		.major = event->major, .minor = event->minor, .inode = event->inode, .build_id = event->build_id,
	};

	add_mapping(f, space, &map, &key, event->name);
}

static void apply_exec(struct xp_follow *f, struct xp_space *space, const struct xp_mm_event *event, uint64_t tsc)
{
	char comm[XP_COMM] = "";

	memcpy(comm, event->name.at, event->name.len < XP_COMM ? event->name.len : XP_COMM - 1);
	xp_space_exec(&f->spaces, space, tsc, comm);
}

static void apply_event(const struct xp_mm_event *event, void *arg)
{
	struct xp_follow *f = arg;
	struct xp_space *space = xp_spaces_get(&f->spaces, event->tgid);
	uint64_t tsc = xp_clock_tsc(&f->anchors[0], &f->last, event->ns) - (uint64_t)f->tsc_offset;

	if (!space) {
		f->lost_events++;
		return;
	}
	if (event->type == XP_MM_EXEC)
		apply_exec(f, space, event, tsc);
	else if (event->type == XP_MM_FORK)
		xp_space_fork(&f->spaces, space, xp_spaces_find(&f->spaces, event->parent), tsc);
	else
		apply_map(f, space, event, tsc);
}

static void queue_event(const struct xp_mm_event *event, void *arg)
{
	struct xp_follow *f = arg;

	xp_mm_queue_add(&f->queue, event);
}

/*
 * Xen corrects its idea of the TSC's rate about once a second, and Linux
 * follows: a line is drawn through the last one or two seconds only.
 */
static void move_clock(struct xp_follow *f)
{
	f->last = xp_clock_pair_now();
	if (f->last.ns - f->anchors[1].ns < SECOND_NS)
		return;
	f->anchors[0] = f->anchors[1];
	f->anchors[1] = f->last;
}

void xp_follow_poll(struct xp_follow *f, bool all)
{
	uint64_t before = f->last.ns;

	move_clock(f);
	if (!f->perf)
		return;
	f->lost_events += xp_perf_drain(f->perf, queue_event, f);
	/* What is stamped before the last poll has surely been written by now, on every CPU. */
	xp_mm_queue_take(&f->queue, all ? UINT64_MAX : before, apply_event, f);
	f->lost_events += f->queue.dropped;
	f->queue.dropped = 0;
}
