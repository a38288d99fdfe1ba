// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * readelf -wF FILE | judge-cfi FILE: compares what lib/unwind makes of a file's
 * .eh_frame with the rows that binutils print, each of which says from where on
 * the CFA, rbp and the return address are where. The reader of the file is
 * ours, the words are readelf's, and neither shares code with the other.
 *
 * What readelf calls "exp" it does not show: those rows are counted, and those of
 * them that got a rule are looked up by libdw.
 *
 * Fails if a row differs, or if one that rules can express has none.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <unistd.h>

#include "lib/unwind/binary.h"

#define DWARF_RBP 6
#define DWARF_RSP 7
#define MAX_COLUMNS 32

struct judge {
	struct xp_unwind_table table;
	Dwarf_CFI *cfi[2]; /* of .eh_frame, of .debug_frame; NULL: none */
	char columns[MAX_COLUMNS][8];
	unsigned int nr_columns;
	unsigned long rows, agree, differ, by_expr, by_expr_ruled, others, ends;
	bool signal;
	uint64_t end;   /* of the function whose rows come */
};

static void report(struct judge *j, uint64_t addr, const char *cfa, const char *rbp, const char *ra)
{
	const struct xp_rule *r = xp_unwind_table_find(&j->table, addr);

	if (j->differ++ >= 20)
		return;
	printf("differs at %#lx: CFA %s, rbp %s, ra %s, and here ", (unsigned long)addr, cfa, rbp, ra);
	if (r)
		printf("kind %d base %d cfa %d, rbp rule %d %d\n", r->kind, r->base, r->cfa, r->rbp_rule, r->rbp);
	else
		printf("no rule\n");
}

static bool rbp_agrees(const struct xp_rule *r, const char *rbp)
{
	if (rbp[0] == 'c')
		return r->rbp_rule == XP_RBP_SAVED && r->rbp == strtol(rbp + 1, NULL, 10);
	if (!strcmp(rbp, "exp"))
		return r->rbp_rule == XP_RBP_AT_RBP || r->rbp_rule == XP_RBP_LOST;
	if (!strcmp(rbp, "u") || !strcmp(rbp, "s")) /* "u" also where nothing is said, which means: kept */
		return r->rbp_rule == XP_RBP_SAME || (rbp[0] == 'u' && r->rbp_rule == XP_RBP_LOST);
	return r->rbp_rule == XP_RBP_LOST;
}

/* By libdw: the one expression that rules have for it. */
static bool expr_agrees(struct judge *j, uint64_t addr, const struct xp_rule *r)
{
	Dwarf_Frame *frame;
	Dwarf_Op *ops = NULL;
	size_t nr = 0;
	bool ok = false;

	if ((!j->cfi[0] || dwarf_cfi_addrframe(j->cfi[0], addr, &frame)) &&
	    (!j->cfi[1] || dwarf_cfi_addrframe(j->cfi[1], addr, &frame)))
		return false;
	if (!dwarf_frame_cfa(frame, &ops, &nr)) {
		if (r->base == XP_CFA_PLT)
			ok = nr == 9 && ops[0].atom == DW_OP_breg7 && ops[0].number == 8 && ops[2].atom == DW_OP_lit15 &&
			     ops[4].atom == DW_OP_lit0 + (unsigned int)r->cfa;
		else if (r->kind == XP_FRAME_SIGNAL)
			ok = nr == 2 && ops[0].atom == DW_OP_breg7 && (int64_t)ops[0].number == r->cfa + 160;
		else
			ok = nr == 2 && ops[1].atom == DW_OP_deref && (int64_t)ops[0].number == r->cfa &&
			     ops[0].atom == (r->base == XP_CFA_AT_RBP ? DW_OP_breg6 : DW_OP_breg7);
	}
	free(frame);
	return ok;
}

static bool is_rule_for(const struct xp_rule *r, const char *cfa, const char *rbp)
{
	bool by_rsp = !strncmp(cfa, "rsp+", 4);

	return r && r->kind == XP_FRAME_CALL && r->base == (by_rsp ? XP_CFA_RSP : XP_CFA_RBP) && r->cfa == strtol(cfa + 4, NULL, 10) &&
	       rbp_agrees(r, rbp);
}

static void judge_row(struct judge *j, uint64_t addr, const char *cfa, const char *rbp, const char *ra)
{
	const struct xp_rule *r = xp_unwind_table_find(&j->table, addr);

	j->rows++;
	if (!strcmp(ra, "u")) {
		j->ends++;
		if (!r || r->kind != XP_FRAME_END)
			report(j, addr, cfa, rbp, ra);
		else
			j->agree++;
	} else if (!strcmp(cfa, "exp") || j->signal) {
		j->by_expr++;
		if (!r)
			return;
		j->by_expr_ruled++;
		if (!expr_agrees(j, addr, r))
			report(j, addr, cfa, rbp, ra);
	} else if (strcmp(ra, "c-8") || (strncmp(cfa, "rsp+", 4) && strncmp(cfa, "rbp+", 4))) {
		j->others++;
		if (r)
			report(j, addr, cfa, rbp, ra);
	} else if (is_rule_for(r, cfa, rbp)) {
		j->agree++;
	} else {
		report(j, addr, cfa, rbp, ra);
	}
}

static void take_columns(struct judge *j, char *line)
{
	char *word, *save;

	j->nr_columns = 0;
	for (word = strtok_r(line, " \n", &save); word && j->nr_columns < MAX_COLUMNS; word = strtok_r(NULL, " \n", &save))
		snprintf(j->columns[j->nr_columns++], sizeof(j->columns[0]), "%s", word);
}

static void take_row(struct judge *j, char *line)
{
	const char *cfa = "", *rbp = "s", *ra = "";
	uint64_t addr = strtoull(line, NULL, 16);
	unsigned int i = 0;
	char *word, *save;

	for (word = strtok_r(line, " \n", &save); word && i < j->nr_columns; word = strtok_r(NULL, " \n", &save)) {
		if (word[0] == '(')
			continue; /* a register's name, behind its number */
		if (!strcmp(j->columns[i], "CFA"))
			cfa = word;
		else if (!strcmp(j->columns[i], "rbp"))
			rbp = word;
		else if (!strcmp(j->columns[i], "ra"))
			ra = word;
		i++;
	}
	if (addr < j->end) /* a row behind its function's last byte says nothing */
		judge_row(j, addr, cfa, rbp, ra);
}

/* "… FDE cie=… pc=START..END" */
static void take_function(struct judge *j, const char *pc)
{
	uint64_t start = strtoull(pc + 3, NULL, 16);
	const char *dots = strstr(pc, "..");

	j->end = dots ? strtoull(dots + 2, NULL, 16) : 0;
	if (start >= j->end)
		j->end = 0;
}

static bool is_row(const char *line)
{
	return strspn(line, "0123456789abcdef") == 16 && line[16] == ' ';
}

static void read_rows(struct judge *j)
{
	char *line = NULL, *pc;
	bool in_function = false;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		if (strstr(line, " CIE \"") ) {
			in_function = false;
			j->signal = false;
		} else if ((pc = strstr(line, " pc="))) {
			take_function(j, pc + 1);
			in_function = true;
		} else if (strstr(line, "   LOC ")) {
			take_columns(j, line);
		} else if (in_function && is_row(line)) {
			take_row(j, line);
		}
	}
	free(line);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	double begin = seconds();
	struct xp_buf bytes = XP_BUF_INIT;
	struct judge j = { .signal = false };
	struct xp_err err;
	Dwarf *dwarf;

	if (xp_binary_rules(&j.table, fd, path, &err)) {
		fprintf(stderr, "judge-cfi: %s\n", err.text);
		return 2;
	}
	begin = seconds() - begin;
	elf_version(EV_CURRENT);
	j.cfi[0] = dwarf_getcfi_elf(elf_begin(fd, ELF_C_READ, NULL));
	dwarf = dwarf_begin(fd, DWARF_C_READ);
	j.cfi[1] = dwarf ? dwarf_getcfi(dwarf) : NULL;
	read_rows(&j);
	xp_unwind_table_encode(&j.table, &bytes);
	printf("%s: %zu rules, %zu bytes (%zu to keep) in %.1f ms; %lu rows of readelf: %lu agree, %lu differ; %lu are expressions "
	       "(%lu have a rule, which libdw confirms), %lu of other registers\n", path, j.table.nr,
	       j.table.nr * sizeof(*j.table.rules), bytes.len, begin * 1e3, j.rows, j.agree, j.differ, j.by_expr,
	       j.by_expr_ruled, j.others);
	return !j.rows || j.differ;
}
