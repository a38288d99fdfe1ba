// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * objtool --dump=orc VMLINUX | judge-orc VMLINUX: compares the rules that
 * lib/unwind makes of a kernel's ORC with what the kernel's own tool reads in
 * it, entry by entry. `judge-orc --regions FILE [BASE]`: those that were read of a running kernel (build/kernel-rules), BASE being
 * where the module is whose entries come, as ".text+OFFSET:". Lines are "ADDRESS: sp:sp+8 bp:prevsp-16 type:call end:0" (6.1), "ADDRESS: type:call sp:sp+8 bp:…" (6.4 and later).
 *
 * Fails if one differs.
 */
#include "lib/base/file.h"
#include "lib/guest/orc.h"
#include "lib/unwind/orc.h"

struct word { char sp[24], bp[24], type[24]; bool end; };

struct judge {
	struct xp_unwind_table table;
	struct xp_buf regions;
	uint64_t start, end; /* what the table is of */
	uint64_t base; /* of ".text+…" */
	unsigned long entries, agree, differ, others;
};

/* "sp+8", "prevsp-16", "(sp)+16", "(bp-24)": the base ("sp", "prevsp", "(sp)", "(bp)"), and the offset. */
static long split(const char *s, char base[24])
{
	size_t n = strcspn(s, "+-");
	bool inside = *s == '(' && n && s[n - 1] != ')' && s[n];

	snprintf(base, 24, "%.*s%s", (int)n, s, inside ? ")" : "");
	return strtol(s + n, NULL, 10);
}

static bool rbp_is(const struct xp_rule *r, const char *bp)
{
	char base[24];
	long offset = split(bp, base);

	if (!strcmp(base, "prevsp"))
		return r->rbp_rule == XP_RBP_SAVED && r->rbp == offset;
	if (!strcmp(base, "bp"))
		return r->rbp_rule == XP_RBP_AT_RBP && r->rbp == offset;
	return !strcmp(base, "(und)") && r->rbp_rule == XP_RBP_SAME;
}

static bool cfa_is(const struct xp_rule *r, const char *sp, long more)
{
	static const struct { const char *name; enum xp_cfa_base base; } bases[] = {
		{ "sp", XP_CFA_RSP }, { "bp", XP_CFA_RBP }, { "(sp)", XP_CFA_AT_RSP_ADD }, { "(bp)", XP_CFA_AT_RBP } };
	char base[24];
	long offset = split(sp, base);
	size_t i;

	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (!strcmp(bases[i].name, base))
			return r->base == bases[i].base && r->cfa == offset + more;
	return false;
}

static bool is_followed(const char *sp)
{
	char base[24];

	split(sp, base);
	return !strcmp(base, "sp") || !strcmp(base, "bp") || !strcmp(base, "(sp)") || !strcmp(base, "(bp)");
}

static bool agrees(const struct xp_rule *r, const struct word *w)
{
	if (w->end || !strcmp(w->type, "end"))
		return r && r->kind == XP_FRAME_END;
	if (!is_followed(w->sp))
		return !r;
	if (!r)
		return false;
	if (!strcmp(w->type, "call"))
		return r->kind == XP_FRAME_CALL && cfa_is(r, w->sp, 0) && rbp_is(r, w->bp);
	if (!strcmp(w->type, "regs")) /* struct pt_regs: rip is its 17th word, rbp its 5th */
		return r->kind == XP_FRAME_REGS && cfa_is(r, w->sp, 16 * 8) && r->rbp_rule == XP_RBP_SAVED && r->rbp == 4 * 8 - 16 * 8;
	return r->kind == XP_FRAME_REGS && cfa_is(r, w->sp, 0) && r->rbp_rule == XP_RBP_SAME;
}

/* In the table, or in the region that has the address. */
static const struct xp_rule *find(struct judge *j, uint64_t addr)
{
	struct xp_gorc_region r;
	struct xp_cursor c;
	struct xp_err err;

	if (!j->regions.len || (addr >= j->start && addr < j->end))
		return xp_unwind_table_find(&j->table, addr);
	xp_cursor_init(&c, "regions", j->regions.data, j->regions.len, &err);
	while (xp_gorc_next(&c, &r)) {
		if (addr < r.start || addr >= r.end)
			continue;
		xp_unwind_table_release(&j->table);
		if (r.rules.left && xp_unwind_table_decode(&j->table, r.rules.pos, r.rules.left, &err))
			break;
		j->start = r.start;
		j->end = r.end;
		return xp_unwind_table_find(&j->table, addr);
	}
	return NULL;
}

static void judge_entry(struct judge *j, uint64_t addr, const struct word *w)
{
	const struct xp_rule *r = find(j, addr);

	j->entries++;
	if (!w->end && *w->sp && !is_followed(w->sp) && strcmp(w->sp, "(und)"))
		j->others++;
	if (agrees(r, w)) {
		j->agree++;
	} else if (j->differ++ < 20) {
		printf("differs at %#lx: sp %s, bp %s, type %s, end %d; here ", (unsigned long)addr, w->sp, w->bp, w->type, w->end);
		if (r)
			printf("kind %d base %d cfa %d rbp rule %d %d\n", r->kind, r->base, r->cfa, r->rbp_rule, r->rbp);
		else
			printf("no rule\n");
	}
}

static bool take(const char *line, const char *key, char value[24])
{
	const char *at = strstr(line, key);

	*value = '\0';
	if (at)
		snprintf(value, 24, "%.*s", (int)strcspn(at + strlen(key), " \n"), at + strlen(key));
	return at;
}

static bool read_entry(struct judge *j, const char *line, uint64_t *addr, struct word *w)
{
	bool relative = !strncmp(line, ".text+", 6);
	char *end, flag[24];

	*addr = strtoull(line + (relative ? 6 : 0), &end, 16) + (relative ? j->base : 0);
	if (*end != ':')
		return false;
	take(line, " sp:", w->sp);
	take(line, " bp:", w->bp);
	take(line, " end:", flag);
	w->end = !strcmp(flag, "1");
	if (!take(line, "type:", w->type))
		return false;
	if (strstr(line, "(partial)"))
		snprintf(w->type, sizeof(w->type), "partial");
	return true;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Where two entries have one address the latter counts, unless it says nothing: as the kernel looks them up. */
static void read_entries(struct judge *j)
{
	struct word last = { .type = "" }, w;
	uint64_t last_addr = 0, addr;
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		if (!read_entry(j, line, &addr, &w))
			continue;
		if (*last.type && addr != last_addr)
			judge_entry(j, last_addr, &last);
		last = w;
		last_addr = addr;
	}
	if (*last.type)
		judge_entry(j, last_addr, &last);
	free(line);
}

/* Only code that stays is in a running kernel's regions: .init.text has gone. */
static int judge_regions(struct judge *j, const char *path, const char *base)
{
	struct xp_err err;

	if (xp_file_read(path, &j->regions, 64 << 20, &err)) {
		fprintf(stderr, "judge-orc: %s\n", err.text);
		return 2;
	}
	j->base = base ? strtoull(base, NULL, 16) : 0;
	read_entries(j);
	printf("%s: %zu bytes of regions; %lu entries of objtool: %lu agree, %lu differ\n", path, j->regions.len, j->entries, j->agree,
	       j->differ);
	return !j->entries || j->differ;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "";
	struct xp_buf file = XP_BUF_INIT, bytes = XP_BUF_INIT;
	struct xp_unwind_code image;
	struct judge j = { .entries = 0 };
	struct xp_err err;
	double begin;

	if (argc > 2 && !strcmp(path, "--regions"))
		return judge_regions(&j, argv[2], argv[3]);
	if (xp_file_read(path, &file, 512 << 20, &err) || xp_unwind_code_load(&image, file.data, file.len, path, &err)) {
		fprintf(stderr, "judge-orc: %s\n", err.text);
		return 2;
	}
	begin = seconds();
	if (xp_orc_code_rules(&j.table, &image, &err)) {
		fprintf(stderr, "judge-orc: %s\n", err.text);
		return 2;
	}
	begin = seconds() - begin;
	read_entries(&j);
	xp_unwind_table_encode(&j.table, &bytes);
	printf("%s: %zu rules, %zu bytes (%zu to keep) in %.1f ms; %lu entries of objtool: %lu agree, %lu differ, %lu of other registers\n",
	       path, j.table.nr, j.table.nr * sizeof(*j.table.rules), bytes.len, begin * 1e3, j.entries, j.agree, j.differ, j.others);
	return !j.entries || j.differ;
}
