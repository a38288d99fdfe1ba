/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/tasks.h"

#include <linux/xprof.h>

#include "lib/base/sort.h"

/* ---- small hash tables of what is true now, while records are gone through ---- */

struct holder {                /* who has a CR3 */
	uint64_t key;          /* cr3 and domid; 0: free slot */
	uint32_t tenure;       /* open one, or XP_NONE */
};
struct process {               /* what a process has */
	uint64_t key;          /* tgid and domid, plus 1; 0: free slot */
	uint64_t cr3;          /* 0: nothing, it has gone */
	uint32_t task;         /* record that began its life */
	size_t life;           /* the present one */
	uint32_t lender;       /* task record of the one that had the CR3 before and may get it back */
};

struct builder {
	struct xp_task_index *x;
	struct holder *holders;
	struct process *processes;
	size_t mask;
};

static size_t hash(uint64_t key)
{
	key *= 0x9e3779b97f4a7c15u;
	return (size_t)(key ^ key >> 29);
}

static struct holder *holder_of(struct builder *b, uint16_t domid, uint64_t cr3)
{
	uint64_t key = (cr3 << 4 ^ (uint64_t)domid << 48) | 1;
	size_t i = hash(key) & b->mask;

	while (b->holders[i].key && b->holders[i].key != key)
		i = (i + 1) & b->mask;
	if (!b->holders[i].key)
		b->holders[i] = (struct holder){ key, XP_NONE };
	return &b->holders[i];
}

static struct process *process_of(struct builder *b, uint16_t domid, uint32_t tgid)
{
	uint64_t key = ((uint64_t)domid << 32 | tgid) + 1;
	size_t i = hash(key) & b->mask;

	while (b->processes[i].key && b->processes[i].key != key)
		i = (i + 1) & b->mask;
	if (!b->processes[i].key)
		b->processes[i] = (struct process){ .key = key, .task = XP_NONE, .lender = XP_NONE };
	return &b->processes[i];
}

/* ---- tenures and lives ---- */

/* Room for one more element; false: no memory. */
static bool grow(void *array, size_t nr, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 256;
	void *old, *p;

	if (nr < *cap)
		return true;
	memcpy(&old, array, sizeof(old));
	p = realloc(old, want * size);
	if (!p)
		return false;
	memcpy(array, &p, sizeof(p));
	*cap = want;
	return true;
}

static bool open_tenure(struct builder *b, struct holder *h, uint64_t cr3, uint64_t tsc, uint32_t task)
{
	struct xp_task_index *x = b->x;

	if (!grow(&x->tenures, x->nr, &x->cap, sizeof(*x->tenures)))
		return false;
	h->tenure = (uint32_t)x->nr;
	x->tenures[x->nr++] = (struct xp_tenure){
		.domid = x->p->tasks[task].domid, .cr3 = cr3, .from = tsc, .to = UINT64_MAX, .task = task,
	};
	return true;
}

static bool begin_life(struct builder *b, struct process *p, uint32_t task)
{
	struct xp_task_index *x = b->x;
	const struct xp_task *t = &x->p->tasks[task];

	if (!grow(&x->lives, x->nr_lives, &x->cap_lives, sizeof(*x->lives)))
		return false;
	p->life = x->nr_lives++;
	x->lives[p->life] = (struct xp_life){
		.domid = t->domid, .tgid = t->tgid, .from = t->tsc, .to = UINT64_MAX, .task = task,
	};
	return true;
}

static void close_tenure(struct builder *b, struct holder *h, uint64_t tsc)
{
	if (h->tenure != XP_NONE)
		b->x->tenures[h->tenure].to = tsc;
	h->tenure = XP_NONE;
}

/* The process has its CR3 no longer; its lender, if that still lives in it, has it again. */
static bool give_up(struct builder *b, struct process *p, uint64_t tsc)
{
	const struct xp_task *tasks = b->x->p->tasks, *mine, *lender;
	struct holder *h;
	uint64_t cr3 = p->cr3;

	p->cr3 = 0;
	if (!cr3)
		return true;
	b->x->lives[p->life].to = tsc;
	mine = &tasks[p->task];
	h = holder_of(b, mine->domid, cr3);
	if (h->tenure == XP_NONE || b->x->tenures[h->tenure].task != p->task)
		return true; /* somebody else's by now */
	close_tenure(b, h, tsc);
	if (p->lender == XP_NONE)
		return true;
	lender = &tasks[p->lender];
	if (process_of(b, lender->domid, lender->tgid)->cr3 != cr3)
		return true;
	return open_tenure(b, h, cr3, tsc, p->lender);
}

static bool take(struct builder *b, struct process *p, uint32_t task)
{
	const struct xp_task *t = &b->x->p->tasks[task];
	struct holder *h = holder_of(b, t->domid, t->cr3);

	p->lender = h->tenure == XP_NONE ? XP_NONE : b->x->tenures[h->tenure].task;
	close_tenure(b, h, t->tsc);
	p->cr3 = t->cr3;
	p->task = task;
	return begin_life(b, p, task) && open_tenure(b, h, t->cr3, t->tsc, task);
}

static bool is_life(const struct xp_task *t)
{
	return t->type == XPROF_TASK_SNAPSHOT || t->type == XPROF_TASK_FORK || t->type == XPROF_TASK_EXEC;
}

static bool add_task(struct builder *b, uint32_t task)
{
	const struct xp_task *t = &b->x->p->tasks[task];
	struct process *p;

	if (t->type == XPROF_TASK_EXIT)
		return give_up(b, process_of(b, t->domid, t->tgid), t->tsc);
	if (!is_life(t) || !t->cr3)
		return true;
	p = process_of(b, t->domid, t->tgid);
	if (p->cr3 == t->cr3 && t->type != XPROF_TASK_EXEC)
		return true; /* a thread, or what we knew */
	return give_up(b, p, t->tsc) && take(b, p, task);
}

static int compare_tenure(const void *pa, const void *pb)
{
	const struct xp_tenure *a = pa, *b = pb;

	if (a->domid != b->domid)
		return a->domid < b->domid ? -1 : 1;
	if (a->cr3 != b->cr3)
		return a->cr3 < b->cr3 ? -1 : 1;
	return a->from < b->from ? -1 : a->from > b->from;
}

/* A time without a tenant belongs to the next one (of a guest's, if it is the first); the last one's end stays. */
static void close_holes(struct xp_task_index *x)
{
	size_t i;

	for (i = 0; i < x->nr; i++) {
		struct xp_tenure *t = &x->tenures[i], *before = i ? t - 1 : NULL;

		if (!before || before->domid != t->domid || before->cr3 != t->cr3)
			t->from = 0;
		else if (t->domid == 0 && before->to < t->from)
			t->from = before->to;
	}
}

static bool build(struct xp_task_index *x)
{
	struct builder b = { .x = x };
	size_t slots = 64;
	uint32_t i;
	bool ok;

	while (slots < x->p->nr_tasks * 2)
		slots *= 2;
	b.mask = slots - 1;
	b.holders = calloc(slots, sizeof(*b.holders));
	b.processes = calloc(slots, sizeof(*b.processes));
	ok = b.holders && b.processes;
	for (i = 0; i < x->p->nr_tasks && ok; i++)
		ok = add_task(&b, i);
	free(b.holders);
	free(b.processes);
	return ok;
}

static int compare_life(const void *pa, const void *pb)
{
	const struct xp_life *a = pa, *b = pb;

	if (a->domid != b->domid)
		return a->domid < b->domid ? -1 : 1;
	if (a->tgid != b->tgid)
		return a->tgid < b->tgid ? -1 : 1;
	return a->from < b->from ? -1 : a->from > b->from;
}

int xp_task_index_init(struct xp_task_index *x, const struct xp_profile *p, struct xp_err *err)
{
	memset(x, 0, sizeof(*x));
	x->p = p;
	if (!build(x)) {
		xp_task_index_release(x);
		return xp_fail(err, XP_E_NOMEM, "no memory for %zu task records", p->nr_tasks);
	}
	xp_stable_sort(x->tenures, x->nr, sizeof(*x->tenures), compare_tenure);
	close_holes(x);
	xp_stable_sort(x->lives, x->nr_lives, sizeof(*x->lives), compare_life);
	return 0;
}

void xp_task_index_release(struct xp_task_index *x)
{
	free(x->tenures);
	free(x->lives);
	memset(x, 0, sizeof(*x));
}

/* ---- questions ---- */

uint32_t xp_task_at(const struct xp_task_index *x, uint16_t domid, uint64_t cr3, uint64_t tsc,
		    uint64_t *from, uint64_t *to)
{
	const struct xp_tenure wanted = { .domid = domid, .cr3 = cr3, .from = tsc };
	size_t lo = 0, hi = x->nr;
	const struct xp_tenure *t;

	while (lo < hi) { /* the first one behind what is wanted */
		size_t mid = (lo + hi) / 2;

		if (compare_tenure(&x->tenures[mid], &wanted) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*from = 0;
	*to = UINT64_MAX;
	t = lo ? &x->tenures[lo - 1] : NULL;
	if (!t || t->domid != domid || t->cr3 != cr3)
		return XP_NONE; /* nobody ever had it: tenures begin at 0 */
	*from = tsc < t->to ? t->from : t->to;
	if (tsc < t->to)
		*to = t->to;
	return tsc < t->to ? t->task : XP_NONE;
}

uint32_t xp_life_at(const struct xp_task_index *x, uint16_t domid, uint32_t tgid, uint64_t tsc)
{
	const struct xp_life wanted = { .domid = domid, .tgid = tgid, .from = tsc };
	size_t lo = 0, hi = x->nr_lives;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (compare_life(&x->lives[mid], &wanted) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo && x->lives[lo - 1].domid == domid && x->lives[lo - 1].tgid == tgid)
		return (uint32_t)lo - 1;
	if (lo < x->nr_lives && x->lives[lo].domid == domid && x->lives[lo].tgid == tgid)
		return (uint32_t)lo;
	return XP_NONE;
}

bool xp_life_is_first(const struct xp_task_index *x, uint32_t life)
{
	const struct xp_life *l = &x->lives[life];

	return !life || l[-1].domid != l->domid || l[-1].tgid != l->tgid;
}
