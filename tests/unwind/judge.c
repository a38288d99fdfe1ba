// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * judge FILE: compares what lib/unwind derives from a hypervisor's machine code
 * with what its compiler wrote down in .debug_frame, instruction by
 * instruction. The judge is libdw, which shares nothing with us.
 *
 * The compiler does not know what inline assembler pushes. Where its rows deny
 * that a push or pop moved rsp they contradict the machine itself, and the sum
 * of what they deny is added to them until they and the machine agree again;
 * such instructions are counted as "explained".
 *
 * Fails if one differs unexplained, or if fewer than 99% have the right rule.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/unwind/xen.h"

#define DWARF_RBP 6
#define DWARF_RSP 7

struct truth { bool known; int reg; int64_t offset; };

struct judge {
	struct xp_unwind_code image;
	struct xp_flow *flow;
	Dwarf_CFI *cfi;
	Dwarf_Frame *frame;            /* of [from, to) */
	Dwarf_Addr from, to;
	int64_t denied;                /* what the compiler's rows miss at this instruction */
	struct truth last;             /* of the instruction before, if it runs on into this one */
	struct xp_insn last_insn;
	unsigned long agree, explained, differ, none, without_truth, rbp_lost, rbp_differ;
};

static struct truth truth_at(struct judge *j, uint64_t addr)
{
	Dwarf_Op *ops;
	size_t nr = 0;
	bool signal;

	if (!j->frame || addr < j->from || addr >= j->to) {
		free(j->frame);
		j->frame = NULL;
		if (dwarf_cfi_addrframe(j->cfi, addr, &j->frame)) {
			j->frame = NULL;
			return (struct truth){ 0 };
		}
		dwarf_frame_info(j->frame, &j->from, &j->to, &signal);
	}
	if (dwarf_frame_cfa(j->frame, &ops, &nr) || !nr)
		return (struct truth){ 0 };
	if (nr == 1 && ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31)
		return (struct truth){ true, ops[0].atom - DW_OP_breg0, (int64_t)ops[0].number };
	if (nr == 1 && ops[0].atom == DW_OP_bregx)
		return (struct truth){ true, (int)ops[0].number, (int64_t)ops[0].number2 };
	return (struct truth){ true, -1, 0 };
}

/* By how much the instruction before has moved rsp on its way to addr. False: nobody can tell. */
static bool moved_before(const struct judge *j, uint64_t addr, int64_t *moved)
{
	const struct xp_insn *i = &j->last_insn;

	*moved = i->rsp == XP_RSP_ADD ? i->n : 0;
	if (i->flow == XP_FLOW_CALL && i->target == addr)
		*moved = -8;
	else if (i->flow == XP_FLOW_BRANCH || i->flow == XP_FLOW_CALL)
		return true;
	else if (i->flow != XP_FLOW_NEXT)
		return false;
	return i->rsp == XP_RSP_KEPT || i->rsp == XP_RSP_ADD;
}

/* How far the row for this instruction lies from where the one before has left rsp. */
static void follow_denial(struct judge *j, uint64_t addr, struct truth *t)
{
	int64_t moved;

	if (!j->last.known || j->last.reg != DWARF_RSP || !moved_before(j, addr, &moved)) {
		j->denied = 0;
		return;
	}
	/* Between lea and and: r10 holds the CFA, and rsp is where it was. */
	if (t->known && t->reg != DWARF_RSP && t->reg != DWARF_RBP)
		*t = (struct truth){ true, DWARF_RSP, j->last.offset - moved };
	else if (t->reg == DWARF_RSP)
		j->denied += j->last.offset - moved - t->offset;
}

static bool same(const struct truth *t, const struct xp_frame_state *s)
{
	return s->kind == XP_FRAME_CALL && ((t->reg == DWARF_RSP && s->rsp == t->offset) ||
					    (t->reg == DWARF_RBP && s->rbp == t->offset));
}

/* Where the caller's rbp is, in the same words. False: in other ones. */
static bool rbp_truth(struct judge *j, enum xp_rbp_rule *rule, int64_t *offset)
{
	Dwarf_Op mem[3], *ops = NULL;
	size_t nr = 0;

	*offset = 0;
	if (dwarf_frame_register(j->frame, DWARF_RBP, mem, &ops, &nr) || nr > 2)
		return false;
	*rule = nr ? XP_RBP_SAVED : ops ? XP_RBP_LOST : XP_RBP_SAME;
	if (nr == 2)
		*offset = (int64_t)ops[1].number;
	return true;
}

static void judge_rbp(struct judge *j, const struct xp_rule *r)
{
	enum xp_rbp_rule rule = XP_RBP_LOST;
	int64_t offset;

	if (r->rbp_rule == XP_RBP_LOST)
		j->rbp_lost++;
	else if (!rbp_truth(j, &rule, &offset) || rule != r->rbp_rule || (rule == XP_RBP_SAVED && offset != r->rbp))
		j->rbp_differ++;
}

static void judge_insn(struct judge *j, uint64_t addr, const struct truth *t)
{
	struct xp_frame_state s;
	struct xp_rule rule;

	if (!xp_flow_state(j->flow, addr, &s))
		s = (struct xp_frame_state){ .kind = XP_FRAME_NONE };
	xp_state_rule(&s, &rule);
	if (rule.kind == XP_FRAME_NONE) {
		j->none++;
	} else if (same(t, &s)) {
		j->agree++;
		judge_rbp(j, &rule);
	} else if (t->reg == DWARF_RSP && j->denied && s.kind == XP_FRAME_CALL && s.rsp == t->offset + j->denied) {
		j->explained++;
	} else if (j->differ++ < 20) {
		printf("differs at %#lx: r%d%+ld, and here kind %d, rsp %d, rbp %d (rows deny %ld)\n", (unsigned long)addr,
		       t->reg, (long)t->offset, s.kind, s.rsp, s.rbp, (long)j->denied);
	}
}

/* Fills the space between functions; where it is run it is reached. */
static bool is_padding(struct judge *j, uint64_t addr, const uint8_t *b)
{
	struct xp_frame_state s;

	return (b[0] == 0x90 || b[0] == 0xcc || b[0] == 0x66 || (b[0] == 0x0f && b[1] == 0x1f)) &&
	       !xp_flow_state(j->flow, addr, &s);
}

static void judge_section(struct judge *j, const struct xp_unwind_code_section *s)
{
	size_t at = 0;

	j->last.known = false;
	while (at + 16 < s->len) {
		struct xp_insn insn;
		uint64_t addr = s->addr + at;
		struct truth t;

		if (!xp_insn_decode(&insn, addr, s->bytes + at, s->len - at)) {
			at++;
			continue;
		}
		t = truth_at(j, addr);
		if (!is_padding(j, addr, s->bytes + at)) {
			follow_denial(j, addr, &t);
			if (t.known)
				judge_insn(j, addr, &t);
			else
				j->without_truth++;
			j->last = t;
			j->last_insn = insn;
		}
		at += insn.len;
	}
}

static int verdict(const struct judge *j)
{
	double all = (double)(j->agree + j->explained + j->differ + j->none);
	double right = all ? 100 * (double)(j->agree + j->explained) / all : 0;

	printf("%.0f instructions with the compiler's word: %.3f%% agree, of them %lu where its rows deny what inline "
	       "assembler pushes; %lu differ; %lu have no rule (%.3f%%)\n", all, right, j->explained, j->differ, j->none,
	       all ? 100 * (double)j->none / all : 0);
	printf("of those that agree, the caller's rbp: %lu differ, %lu lost; %lu more instructions (assembler) have no word\n",
	       j->rbp_differ, j->rbp_lost, j->without_truth);
	return j->differ || j->rbp_differ || right < 99;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int measure(const struct xp_unwind_code *image, struct xp_err *err)
{
	struct xp_buf bytes = XP_BUF_INIT;
	struct xp_unwind_table t;
	double begin = seconds();
	int rc = xp_xen_rules(&t, image, err);

	if (rc)
		return rc;
	printf("%zu rules in %.3f s; %zu bytes", t.nr, seconds() - begin, t.nr * sizeof(*t.rules));
	xp_unwind_table_encode(&t, &bytes);
	printf(", %zu to keep\n", bytes.len);
	xp_buf_release(&bytes);
	xp_unwind_table_release(&t);
	return 0;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "";
	struct xp_buf file = XP_BUF_INIT;
	struct judge j = { 0 };
	struct xp_err err;
	Dwarf *dwarf;
	size_t i;
	int fd;

	if (xp_file_read(path, &file, 512 << 20, &err) || xp_unwind_code_load(&j.image, file.data, file.len, path, &err) ||
	    measure(&j.image, &err) || !(j.flow = xp_xen_flow(&j.image, &err))) {
		fprintf(stderr, "judge: %s\n", err.text);
		return 2;
	}
	fd = open(path, O_RDONLY);
	dwarf = dwarf_begin(fd, DWARF_C_READ);
	j.cfi = dwarf ? dwarf_getcfi(dwarf) : NULL;
	if (!j.cfi) {
		printf("no .debug_frame in %s: only measured\n", path);
		return argc < 3;
	}
	for (i = 0; i < j.image.nr_sections; i++)
		if (j.image.sections[i].exec)
			judge_section(&j, &j.image.sections[i]);
	return verdict(&j);
}
