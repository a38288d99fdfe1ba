// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/sym/unwinder.h"

#include <sys/stat.h>

#include "lib/profile/profile.h"
#include "lib/sym/debugfile.h"
#include "lib/sym/elf.h"
#include "lib/sym/unwinder-impl.h"
#include "lib/sym/vdso.h"
#include "lib/unwind/binary.h"

#define BUCKETS 4096u
#define MAX_LOADS 16u             /* files that one chain may want */
#define SHARE 5                   /* of a CPU: one of so many */
#define CREDIT_NS 100000000       /* that is saved up */
#define FIRST_CREDIT_NS 500000000 /* when a session begins everything is to be read */
#define IDLE_POLLS 100u           /* a process in which nothing was walked for so long is forgotten */

struct xp_unwinder_process {
	uint32_t tgid, first;         /* of the program: its first mapping */
	uint32_t nr_maps;             /* so many are in the space */
	uint64_t born, poll;          /* of the program; the last time that it was walked in */
	struct xp_unwind_space space;
	struct xp_unwinder_process *next;
};

/* What is kept of an image: where its segments go, and under which key the store has its rules (two may be one file). */
struct xp_unwinder_file {
	bool tried;
	uint64_t key[4];
	struct xp_elf_segment *segments;
	size_t nr_segments;
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int xp_unwinder_init(struct xp_unwinder *u, struct xp_follow *follow, const char *root, struct xp_buf *rules, const char **from,
		     struct xp_err *err)
{
	*u = (struct xp_unwinder){ .follow = follow, .root = strdup(root), .credit_ns = FIRST_CREDIT_NS,
				   .last_ns = clock_ns(CLOCK_MONOTONIC) };
	u->processes = calloc(BUCKETS, sizeof(struct xp_unwinder_process *));
	if (!u->root || !u->processes || !xp_unwind_store_init(&u->store, XP_UNWINDER_BYTES)) {
		xp_unwinder_release(u);
		return xp_fail(err, XP_E_NOMEM, "no memory for unwind rules");
	}
	xp_unwind_space_init(&u->kernel, &u->store);
	xp_unwinder_read_kernel(u, rules, from);
	return 0;
}

static void free_process(struct xp_unwinder_process *p)
{
	xp_unwind_space_clear(&p->space);
	free(p);
}

void xp_unwinder_release(struct xp_unwinder *u)
{
	for (size_t i = 0; u->processes && i < BUCKETS; i++) {
		while (u->processes[i]) {
			struct xp_unwinder_process *p = u->processes[i];

			u->processes[i] = p->next;
			free_process(p);
		}
	}
	for (uint32_t i = 0; i < u->nr_files; i++)
		free(u->files[i].segments);
	if (u->store.buckets)
		xp_unwind_space_clear(&u->kernel);
	xp_unwind_store_release(&u->store);
	free(u->processes);
	free(u->files);
	free(u->root);
	*u = (struct xp_unwinder){ 0 };
}

static bool is_over(const struct xp_unwinder *u, const struct xp_unwinder_process *p)
{
	return u->polls - p->poll > IDLE_POLLS || !xp_spaces_find(&u->follow->spaces, p->tgid);
}

void xp_unwinder_poll(struct xp_unwinder *u)
{
	uint64_t now = clock_ns(CLOCK_MONOTONIC);
	struct xp_unwinder_process **link;

	u->credit_ns += (int64_t)((now - u->last_ns) / SHARE);
	if (u->credit_ns > CREDIT_NS)
		u->credit_ns = CREDIT_NS;
	u->last_ns = now;
	u->polls++;
	/* A part of the table each time. */
	for (size_t i = u->polls % 16; i < BUCKETS; i += 16) {
		for (link = &u->processes[i]; *link;) {
			struct xp_unwinder_process *p = *link;

			if (!is_over(u, p)) {
				link = &p->next;
				continue;
			}
			*link = p->next;
			free_process(p);
		}
	}
}

/* ---- a file's rules ---- */

static struct xp_unwinder_file *file_of(struct xp_unwinder *u, uint32_t image)
{
	uint32_t nr = u->follow->images.nr;
	struct xp_unwinder_file *files;

	if (image < u->nr_files)
		return &u->files[image];
	files = image < nr ? realloc(u->files, nr * sizeof(*files)) : NULL;
	if (!files)
		return NULL;
	memset(files + u->nr_files, 0, (nr - u->nr_files) * sizeof(*files));
	u->files = files;
	u->nr_files = nr;
	return &files[image];
}

/*
 * Which file it is. (Not its build-id: that is what a file says of itself, and rules of one that a user made up are not to be
 * taken for libc's.)
 */
static bool set_key(struct xp_unwinder_file *f, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return false;
	f->key[0] = st.st_dev;
	f->key[1] = st.st_ino;
	f->key[2] = (uint64_t)st.st_size;
	f->key[3] = (uint64_t)st.st_ctim.tv_sec * 1000000000u + (uint64_t)st.st_ctim.tv_nsec;
	return true;
}

static void note_segments(struct xp_unwinder_file *f, const struct xp_elf *elf)
{
	f->segments = calloc(elf->nr_segments + 1, sizeof(*f->segments));
	if (!f->segments)
		return;
	memcpy(f->segments, elf->segments, elf->nr_segments * sizeof(*f->segments));
	f->nr_segments = elf->nr_segments;
}

/* Its own, or those of its debug file. */
static void read_file(struct xp_unwinder *u, struct xp_unwind_table *t, struct xp_elf *elf, int fd)
{
	struct xp_debugfile debug;
	struct xp_err ignored;

	if (!xp_binary_rules(t, fd, elf->name, &ignored))
		return;
	xp_unwind_table_init(t, 0);
	if (!xp_debugfile_open(&debug, elf, u->root, elf->name))
		return;
	if (xp_binary_rules(t, debug.fd, debug.elf.name, &ignored))
		xp_unwind_table_init(t, 0);
	xp_debugfile_release(&debug);
}

static struct xp_unwind_shared *keep(struct xp_unwinder *u, struct xp_unwinder_file *f, struct xp_unwind_table *t)
{
	u->stats.files++;
	u->stats.without += !t->nr;
	return xp_unwind_store_add(&u->store, f->key, sizeof(f->key), t);
}

static struct xp_unwind_shared *rules_of_file(struct xp_unwinder *u, struct xp_unwinder_file *f, uint32_t image)
{
	struct xp_images *images = &u->follow->images;
	struct xp_unwind_shared *shared = NULL;
	struct xp_unwind_table t;
	struct xp_err ignored;
	struct xp_elf elf;
	int fd;

	if (f->tried && (shared = xp_unwind_store_get(&u->store, f->key, sizeof(f->key))))
		return shared;
	fd = xp_images_open(images, image);
	if (fd < 0)
		return NULL;
	if (set_key(f, fd) && !xp_elf_open(&elf, fd, images->v[image].key.name, &ignored)) {
		if (!f->tried)
			note_segments(f, &elf);
		f->tried = true;
		shared = xp_unwind_store_get(&u->store, f->key, sizeof(f->key));
		if (!shared) {
			read_file(u, &t, &elf, fd);
			shared = keep(u, f, &t);
		}
		xp_elf_release(&elf);
	}
	xp_images_close(images, image, fd);
	return shared;
}

/* The one of all 64-bit processes. */
static struct xp_unwind_shared *rules_of_vdso(struct xp_unwinder *u, struct xp_unwinder_file *f)
{
	struct xp_unwind_shared *shared = f->tried ? xp_unwind_store_get(&u->store, f->key, sizeof(f->key)) : NULL;
	const void *bytes;
	struct xp_unwind_table t;
	struct xp_err ignored;
	struct xp_elf elf;
	size_t len;

	if (shared || !xp_vdso_bytes(&bytes, &len) || xp_elf_open_memory(&elf, bytes, len, "[vdso]", &ignored))
		return shared;
	if (!f->tried)
		note_segments(f, &elf);
	f->tried = true;
	f->key[0] = UINT64_MAX; /* no device */
	xp_elf_release(&elf);
	shared = xp_unwind_store_get(&u->store, f->key, sizeof(f->key));
	if (shared)
		return shared;
	if (xp_binary_rules_memory(&t, bytes, len, "[vdso]", &ignored))
		xp_unwind_table_init(&t, 0);
	return keep(u, f, &t);
}

static void load(struct xp_unwinder *u, struct xp_unwind_space *s, const struct xp_space *space, struct xp_unwind_range *range)
{
	const struct xp_mapping *map = xp_space_find(space, range->start);
	struct xp_unwinder_file *f = file_of(u, range->owner);
	struct xp_unwind_shared *shared = NULL;
	struct xp_image_place place;
	const struct xp_image_key *key;
	uint64_t addr = 0;

	if (!map || map->image != range->owner || !f) {
		xp_unwind_space_set(s, range, NULL, 0);
		return;
	}
	key = &u->follow->images.v[map->image].key;
	place = (struct xp_image_place){ space->tgid, map->start, map->end };
	xp_images_pin(&u->follow->images, map->image, &place);
	if (key->kind == XP_IMAGE_FILE)
		shared = rules_of_file(u, f, map->image);
	else if (key->kind == XP_IMAGE_VDSO && strcmp(key->name, XP_VDSO32))
		shared = rules_of_vdso(u, f);
	if (!xp_elf_address(&(struct xp_elf){ .segments = f->segments, .nr_segments = f->nr_segments }, map->offset, &addr)) {
		xp_unwind_store_put(&u->store, shared);
		shared = NULL;
	}
	xp_unwind_space_set(s, range, shared, map->start - addr);
}

/* ---- processes ---- */

static struct xp_unwinder_process *process_of(struct xp_unwinder *u, uint32_t tgid)
{
	struct xp_unwinder_process **bucket = &u->processes[tgid % BUCKETS], *p;

	for (p = *bucket; p; p = p->next)
		if (p->tgid == tgid)
			return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->tgid = tgid;
	xp_unwind_space_init(&p->space, &u->store);
	p->next = *bucket;
	*bucket = p;
	return p;
}

/* Mappings are only ever added, but for a new program's, which begins anew. */
static void follow(struct xp_unwinder_process *p, const struct xp_space *space)
{
	const struct xp_program *now = &space->programs[space->nr_programs - 1];

	if (p->born != now->born || p->first != now->first || p->nr_maps < now->first || p->nr_maps > space->nr_maps) {
		xp_unwind_space_clear(&p->space);
		p->born = now->born;
		p->first = p->nr_maps = now->first;
	}
	for (; p->nr_maps < space->nr_maps; p->nr_maps++) {
		const struct xp_mapping *m = &space->maps[p->nr_maps];

		xp_unwind_space_map(&p->space, m->start, m->end, m->image);
	}
}

/* False: not now. */
static bool may_load(struct xp_unwinder *u, struct xp_unwind_space *s, const struct xp_space *space, struct xp_unwind_range *range)
{
	uint64_t begin, took;

	if (u->credit_ns <= 0)
		return false;
	begin = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	load(u, s, space, range);
	took = clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
	u->credit_ns -= (int64_t)took;
	u->stats.ns += took;
	return true;
}

bool xp_unwinder_process(struct xp_unwinder *u, uint32_t tgid, uint64_t tsc, const struct xp_regs *regs,
			 const struct xp_stack *stack, struct xp_chain *chain)
{
	const struct xp_space *space = xp_spaces_find(&u->follow->spaces, tgid);
	struct xp_unwinder_process *p;
	struct xp_unwind_range *wanted;
	unsigned int loads = 0;

	if (!space || tsc < space->programs[space->nr_programs - 1].born)
		return false;
	p = process_of(u, tgid);
	if (!p)
		return false;
	p->poll = u->polls;
	follow(p, space);
	do {
		xp_unwind_space_walk(chain, &p->space, regs, stack, &wanted);
	} while (wanted && loads++ < MAX_LOADS && may_load(u, &p->space, space, wanted));
	u->stats.put_off += !!wanted;
	return true;
}
