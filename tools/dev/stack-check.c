// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * usage: stack-check SOURCE HZ SECONDS BYTES [DOMID:TRUTH...]
 *
 * Samples this host with stacks (XPROF_OPEN_STACKS) and looks at each record: which sample it belongs to, and, for
 * domains in which the workload `frames` runs, whether its words are what that says lies there (TRUTH: what it
 * printed). Prints a line for each domain and mode that was sampled; see print_row(). For tests.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/collect/device.h"
#include "lib/collect/source.h"

#define MAX_CPUS   64u
#define MAX_TRUTHS 8u
#define MAX_WORDS  256u
#define RECENT     4096u      /* samples of a CPU that a stack may still belong to */
#define MAX_BYTES  (40u << 10)
#define RING       (4u << 20)

struct truth {
	uint32_t domid;
	uint64_t low, high, sp, syscall;
	uint64_t registers; /* where a system call's registers lie on its kernel stack; 0: not seen yet */
	uint64_t votes;     /* snapshots that reach there */
	uint64_t other, other_votes; /* where they were seen else, and how often since that was somewhere else */
	uint64_t cr3; /* of the process, as its own samples have it; 0: none yet */
	size_t nr;
	struct { uint64_t address, value; } word[MAX_WORDS];
};

struct seen {
	uint64_t tsc;
	uint16_t domid;
	uint8_t mode;
	bool part[XPROF_STACK_PARTS];
};

/* What one domain's samples in one mode had. */
struct row {
	uint64_t samples, without[XPROF_STACK_PARTS], moved, same, bare, words;
	uint64_t leaf, leaf_right;     /* snapshots of frames' loop; of these, with each word as it is */
	uint64_t kernel, kernel_right; /* of its kernel stack; of these, with its registers at the stack's end */
	uint64_t elsewhere;            /* in the kernel, not on that stack (or not that far) */
};

/* A snapshot that is put together from its records. */
struct whole {
	struct xprof_stack head;
	size_t len;
	uint64_t words[MAX_BYTES / 8];
};

struct cpu {
	struct seen recent[RECENT];
	size_t nr, oldest;
	struct whole guest;
	uint64_t own_end; /* where Xen's stack ends, within a CPU's stacks; 0: not seen yet */
};

static struct truth truths[MAX_TRUTHS];
static size_t nr_truths;
static struct cpu cpus[MAX_CPUS];
#define MAX_DOMIDS 16u
static struct row rows[MAX_DOMIDS + 1][8]; /* by domid (the last: idle), mode & 7 */
static uint64_t strays, own, own_short, own_bad_end, broken;

static int die(const char *what)
{
	fprintf(stderr, "stack-check: %s\n", what);
	exit(1);
}

/* ---- truth ---------------------------------------------------------------*/

static void take_line(struct truth *t, const char *line)
{
	uint64_t a, b;

	if (sscanf(line, "leaf %" SCNx64 " %" SCNx64, &a, &b) == 2) {
		t->low = a;
		t->high = b;
	} else if (sscanf(line, "sp %" SCNx64, &a) == 1) {
		t->sp = a;
	} else if (sscanf(line, "syscall %" SCNx64, &a) == 1) {
		t->syscall = a;
	} else if (sscanf(line, "word %" SCNx64 " %" SCNx64, &a, &b) == 2 && t->nr < MAX_WORDS) {
		t->word[t->nr].address = a;
		t->word[t->nr++].value = b;
	}
}

static void read_truth(const char *arg)
{
	struct truth *t = &truths[nr_truths++];
	const char *colon = strchr(arg, ':');
	char line[256], *at;
	FILE *f;

	if (nr_truths > MAX_TRUTHS || !colon)
		die("DOMID:FILE is wanted, at most 8 times");
	t->domid = (uint32_t)strtoul(arg, NULL, 10);
	f = fopen(colon + 1, "r");
	if (!f)
		die(colon + 1);
	while (fgets(line, sizeof(line), f))
		if ((at = strstr(line, "truth: ")) != NULL)
			take_line(t, at + strlen("truth: "));
	fclose(f);
	if (!t->nr || !t->sp || !t->low || !t->syscall)
		die("no truth in a file");
}

static struct truth *truth_of(uint32_t domid)
{
	for (size_t i = 0; i < nr_truths; i++)
		if (truths[i].domid == domid)
			return &truths[i];
	return NULL;
}

/* ---- what a snapshot says ------------------------------------------------*/

static const uint64_t *word_at(const struct whole *w, uint64_t address)
{
	uint64_t at = address - w->head.sp;

	return at % 8 == 0 && at / 8 < w->len ? &w->words[at / 8] : NULL;
}

static bool leaf_is_right(const struct whole *w, const struct truth *t)
{
	size_t found = 0;

	for (size_t i = 0; i < t->nr; i++) {
		const uint64_t *word = word_at(w, t->word[i].address);

		if (word && *word != t->word[i].value)
			return false;
		found += word != NULL;
	}
	return w->head.sp == t->sp && found == t->nr;
}

/* words: NULL is none. */
static bool is_ours(const struct truth *t, const uint64_t *words)
{
	return words && words[0] >= t->low && words[0] <= t->syscall && words[3] == t->sp;
}

/* Where in the snapshot they lie. 0: nowhere. */
static uint64_t find_registers(const struct whole *w, const struct truth *t)
{
	for (size_t i = 0; i + 3 < w->len; i++)
		if (is_ours(t, w->words + i))
			return w->head.sp + 8 * i;
	return 0;
}

/*
 * The kernel's stack begins with what was pushed on the way into it: rip, cs, flags, rsp. Where that is, snapshots
 * say; the first may be of another stack (the one that a CPU enters on), so the place that is seen more often wins. False: this
 * snapshot does not reach there, or is of another stack.
 */
static bool is_of_the_process(const struct whole *w, struct truth *t)
{
	uint64_t seen;

	if (t->registers && word_at(w, t->registers) && word_at(w, t->registers + 24)) {
		t->votes++;
		return true;
	}
	seen = find_registers(w, t);
	if (!seen)
		return false;
	if (seen != t->other)
		t->other_votes = 0;
	t->other = seen;
	if (++t->other_votes <= t->votes)
		return false;
	t->registers = t->other;
	t->votes = t->other_votes;
	t->other_votes = 0;
	return true;
}

/* Linux has two page tables for a process where it hides its kernel: they differ in one bit. */
static uint64_t process_of(uint64_t cr3)
{
	return cr3 & ~(uint64_t)0x1000;
}

static void judge(struct row *r, const struct whole *w)
{
	struct truth *t = truth_of(w->head.rec.domid);
	unsigned int code = w->head.rec.mode & XPROF_MODE_CODE;

	if (!t || !w->len)
		return;
	if (code == XPROF_MODE_USER && w->head.ip >= t->low && w->head.ip < t->high) {
		t->cr3 = process_of(w->head.cr3);
		r->leaf++;
		r->leaf_right += leaf_is_right(w, t);
	} else if (code == XPROF_MODE_KERNEL && t->cr3 && process_of(w->head.cr3) == t->cr3) {
		r->elsewhere += !is_of_the_process(w, t);
		if (!is_of_the_process(w, t))
			return;
		r->kernel++;
		r->kernel_right += is_ours(t, word_at(w, t->registers));
	}
}

/* ---- records -------------------------------------------------------------*/

static struct row *row_of(uint16_t domid, uint8_t mode)
{
	if (domid >= MAX_DOMIDS && domid != XPROF_DOMID_IDLE)
		die("a domain has an id above 15");
	return &rows[domid == XPROF_DOMID_IDLE ? MAX_DOMIDS : domid][mode & 7];
}

static void account(const struct seen *s)
{
	struct row *r = row_of(s->domid, s->mode);

	r->samples++;
	r->without[XPROF_STACK_XEN] += (s->mode & XPROF_MODE_CODE) == XPROF_MODE_XEN && !s->part[XPROF_STACK_XEN];
	r->without[XPROF_STACK_GUEST] += s->domid != XPROF_DOMID_IDLE && !s->part[XPROF_STACK_GUEST];
}

static void take_sample(struct cpu *c, const struct xprof_sample *s)
{
	if (c->nr == RECENT) {
		account(&c->recent[c->oldest]);
		c->recent[c->oldest] = (struct seen){ .tsc = s->tsc, .domid = s->rec.domid, .mode = s->rec.mode };
		c->oldest = (c->oldest + 1) % RECENT;
		return;
	}
	c->recent[c->nr++] = (struct seen){ .tsc = s->tsc, .domid = s->rec.domid, .mode = s->rec.mode };
}

static struct seen *sample_of(struct cpu *c, const struct xprof_stack *s)
{
	for (size_t i = 0; i < c->nr; i++)
		if (c->recent[i].tsc == s->tsc && c->recent[i].domid == s->rec.domid)
			return &c->recent[i];
	return NULL;
}

static void take_own(struct cpu *c, const struct xprof_stack *s, size_t nr)
{
	uint64_t end = (s->sp + nr * 8) & 0x7fff;

	own++;
	if (s->flags & XPROF_STACK_F_TRUNCATED || !nr)
		return;
	own_short++;
	if (c->own_end && c->own_end != end)
		own_bad_end++;
	c->own_end = end;
}

static void take_guest(struct cpu *c, const struct xprof_stack *s, const uint64_t *words, size_t nr, struct row *r)
{
	struct whole *w = &c->guest;

	if (s->flags & (XPROF_STACK_F_MOVED | XPROF_STACK_F_SAME)) {
		r->moved += !!(s->flags & XPROF_STACK_F_MOVED);
		r->same += !!(s->flags & XPROF_STACK_F_SAME);
		return;
	}
	if (!s->offset)
		w->len = 0;
	w->head = *s;
	if (s->offset != w->len * 8 || w->len + nr > MAX_BYTES / 8) {
		broken++;
		return;
	}
	memcpy(w->words + w->len, words, nr * 8);
	w->len += nr;
	if (s->flags & XPROF_STACK_F_MORE)
		return;
	r->bare += !w->len;
	r->words += w->len;
	judge(r, w);
}

static void take_stack(struct cpu *c, const struct xp_record *record)
{
	const struct xprof_stack *s = record->stack;
	const uint64_t *words;
	size_t nr = xp_record_stack_words(record, &words);
	struct seen *of = sample_of(c, s);

	if (!of || s->rec.event >= XPROF_STACK_PARTS) {
		strays++;
		return;
	}
	of->part[s->rec.event] = true;
	if (s->rec.event == XPROF_STACK_XEN)
		take_own(c, s, nr);
	else
		take_guest(c, s, words, nr, row_of(of->domid, of->mode));
}

static void drain(struct xp_device *d)
{
	for (size_t i = 0; i < d->nr_rings; i++) {
		struct xp_ring_cursor cursor;
		struct xp_record record;

		while (xp_ring_has_more(&d->rings[i])) {
			xp_ring_begin(&d->rings[i], &cursor);
			while (xp_ring_next(&cursor, &record))
				if (record.type == XPROF_REC_SAMPLE)
					take_sample(&cpus[i], record.sample);
				else if (record.type == XPROF_REC_STACK)
					take_stack(&cpus[i], &record);
			xp_ring_commit(&d->rings[i], &cursor);
		}
	}
}

/* ---- output --------------------------------------------------------------*/

static void print_row(unsigned int domain, unsigned int mode, const struct row *r)
{
	static const char *const codes[] = { "xen", "kernel", "user", "?" };

	char name[16] = "idle";

	if (domain < MAX_DOMIDS)
		snprintf(name, sizeof(name), "%u", domain);
	if (r->samples)
		printf("row %s %s %s samples %" PRIu64 " no-xen %" PRIu64 " no-guest %" PRIu64 " moved %" PRIu64 " same %" PRIu64
		       " bare %" PRIu64 " words %" PRIu64 " leaf %" PRIu64 " %" PRIu64 " entered %" PRIu64 " %" PRIu64 " elsewhere %" PRIu64 "\n",
		       name, mode & XPROF_MODE_HVM ? "hvm" : "pv", codes[mode & 3],
		       r->samples, r->without[0], r->without[1], r->moved, r->same, r->bare, r->words, r->leaf, r->leaf_right,
		       r->kernel, r->kernel_right, r->elsewhere);
}

static void print_header(const struct xp_ring *ring)
{
	const struct xprof_ring_header *h = ring->header;

	printf("cpu %u produced %" PRIu64 " lost %" PRIu64 " xen %" PRIu64 " %" PRIu64 " guest %" PRIu64 " %" PRIu64 " moved %" PRIu64
	       " stack-ticks %" PRIu64 " longest %" PRIu64 " nmi-ticks %" PRIu64 " corrupt %" PRIu64 "\n",
	       ring->cpu, h->produced[0], h->lost[0], h->stacks[0], h->stacks_lost[0], h->stacks[1], h->stacks_lost[1], h->stacks_moved,
	       h->stack_ticks, h->stack_max, h->handler_ticks, ring->corrupt);
}

static void print_all(const struct xp_device *d)
{
	for (size_t i = 0; i < d->nr_rings; i++) {
		for (size_t n = 0; n < cpus[i].nr; n++)
			account(&cpus[i].recent[n]);
		print_header(&d->rings[i]);
	}
	for (unsigned int domain = 0; domain <= MAX_DOMIDS; domain++)
		for (unsigned int mode = 0; mode < 8; mode++)
			print_row(domain, mode, &rows[domain][mode]);
	printf("own %" PRIu64 " whole %" PRIu64 " bad-end %" PRIu64 " strays %" PRIu64 " broken %" PRIu64 " khz %u\n", own, own_short,
	       own_bad_end, strays, broken, d->info.tsc_khz);
}

static void sample_for(struct xp_device *d, unsigned int seconds)
{
	const struct timespec tick = { 0, 20000000 };
	time_t end = time(NULL) + seconds;

	while (time(NULL) < end) {
		nanosleep(&tick, NULL);
		drain(d);
	}
}

int main(int argc, char **argv)
{
	struct xp_device_options o = { .ring_bytes = RING };
	struct xp_device d;
	struct xp_err err;
	int rc;

	if (argc < 5)
		die("usage: stack-check hpet|ipi HZ SECONDS BYTES [DOMID:TRUTH...]");
	o.source = strcmp(argv[1], "ipi") ? XPROF_SOURCE_HPET : XPROF_SOURCE_IPI;
	o.period_ns = 1000000000u / strtoul(argv[2], NULL, 10);
	o.stack_bytes = (uint32_t)strtoul(argv[4], NULL, 10);
	for (int i = 5; i < argc; i++)
		read_truth(argv[i]);

	rc = xp_device_open(&d, &err);
	if (rc == 0)
		rc = xp_device_begin(&d, &o, &err);
	if (rc == 0 && d.nr_rings > MAX_CPUS)
		die("too many CPUs");
	if (rc == 0)
		rc = xp_device_start(&d, &err);
	if (rc == 0) {
		sample_for(&d, (unsigned int)strtoul(argv[3], NULL, 10));
		rc = xp_device_stop(&d, &err);
	}
	if (rc)
		die(err.text);
	drain(&d);
	print_all(&d);
	xp_device_close(&d);
	return 0;
}
