/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mkprofile/text.h"

static uint64_t random_state;

void draw_begin(uint64_t seed)
{
	random_state = seed;
}

uint64_t draw(void) /* splitmix64 */
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t draw_below(uint64_t n)
{
	return draw() % n;
}

double draw_unit(void)
{
	return (double)(draw() >> 11) / 9007199254740992.0;
}

void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "mkprofile: no memory\n");
		exit(1);
	}
	return p;
}

static char *symbol_name(const char *prefix, size_t i)
{
	static const char *const verbs[] = { "get", "put", "map", "unmap", "lock", "do", "alloc", "free",
					     "update", "handle", "send", "receive", "enqueue", "lookup" };
	static const char *const nouns[] = { "page", "vcpu", "timer", "grant", "event", "skb", "task", "inode",
					     "queue", "domain", "entry", "irq", "request", "buffer" };
	char *name;

	if (asprintf(&name, "%s_%s_%s_%zu", prefix, verbs[i * 7 % 14], nouns[i / 14 % 14], i) < 0)
		name = NULL;
	return must(name);
}

void text_init(const struct change *c, struct text *t, const char *prefix, uint64_t base, uint64_t first, size_t nr)
{
	uint64_t at = first;
	double sum = 0, hot;
	size_t i;

	t->base = base;
	t->nr = nr ? nr : 1;
	t->symbols = must(calloc(t->nr, sizeof(*t->symbols)));
	t->weight = must(calloc(t->nr, sizeof(*t->weight)));
	for (i = 0; i < t->nr; i++) {
		t->symbols[i].start = at;
		t->symbols[i].end = at + 16 + draw_below(600);
		t->symbols[i].name = symbol_name(prefix, i);
		at = (t->symbols[i].end + 15) & ~15ull;
		/* A hot symbol may lie anywhere. */
		hot = 1.0 / (2.0 + (double)draw_below(t->nr));
		sum += c->name && !strcmp(c->name, t->symbols[i].name) ? hot * c->factor : hot;
		t->weight[i] = sum;
	}
}

void text_release(struct text *t)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		free((char *)t->symbols[i].name);
	free(t->symbols);
	free(t->weight);
}

static size_t draw_symbol(const struct text *t)
{
	double want = draw_unit() * t->weight[t->nr - 1];
	size_t lo = 0, hi = t->nr - 1;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->weight[mid] > want)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Two thirds of the samples of a symbol lie at four of its instructions. */
uint64_t draw_ip(const struct text *t)
{
	const struct xp_symbol *s = &t->symbols[draw_symbol(t)];
	uint64_t size = s->end - s->start;
	uint64_t at = draw_below(3) ? (draw_below(4) * 37 + s->start) % size : draw_below(size);

	return t->base + s->start + at;
}
