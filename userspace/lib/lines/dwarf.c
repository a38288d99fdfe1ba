// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Addresses go to units by the units' own ranges (.debug_aranges lacks those of
 * clang and of assembler); each unit that has any is gone through once: its
 * tree for the inlined calls that hold an address, its line table for where
 * the innermost stands.
 */
#include "lib/lines/dwarf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <limits.h>

#include "lib/lines/answer.h"
#include "lib/lines/demangle.h"
#include "lib/lines/unlinked.h"

#define MAX_DEPTH 1000u /* of a unit's tree */
#define NONE UINT32_MAX

struct unit { Dwarf_Die die, tree; }; /* tree: of split DWARF the other half, else the same */
struct range { uint64_t from, to, reach; uint32_t unit; }; /* reach: the highest `to` so far */

/* An inlined call. Its caller is the parent, or the function itself. */
struct call {
	uint32_t parent;
	uint32_t function, file; /* numbers in the answer */
	uint64_t line;
};

struct place { uint64_t addr; uint32_t unit, call; bool in_function; };

struct job {
	Dwarf *dwarf;
	struct unit *units;
	size_t nr_units, room_units;
	struct range *ranges;
	size_t nr_ranges, room_ranges;
	struct place *places;    /* by unit, then address */
	size_t nr;
	struct call *calls;
	size_t nr_calls, room_calls;
	/* the unit at hand */
	struct place *first, *end;
	Dwarf_Die *unit;
	Dwarf_Files *files;
	const char *dir;
	bool everything;         /* functions within functions, too */
	struct xp_demangler names;
	struct xp_answer answer;
	bool failed;             /* no memory */
};

static bool grow(struct job *j, void *array, size_t nr, size_t *room, size_t size)
{
	void **v = array, *more;
	size_t want = *room ? 2 * *room : 256;

	if (nr < *room)
		return true;
	more = realloc(*v, want * size);
	if (!more) {
		j->failed = true;
		return false;
	}
	*v = more;
	*room = want;
	return true;
}

/* ---- which unit has an address ---- */

static void add_ranges(struct job *j, Dwarf_Die *die, uint32_t unit)
{
	Dwarf_Addr base, from, to;
	ptrdiff_t at = 0;

	while ((at = dwarf_ranges(die, at, &base, &from, &to)) > 0) {
		/* A function that the linker has dropped lies at 0. */
		if (!from || from >= to || !grow(j, &j->ranges, j->nr_ranges, &j->room_ranges, sizeof(*j->ranges)))
			continue;
		j->ranges[j->nr_ranges++] = (struct range){ from, to, 0, unit };
	}
}

static void read_units(struct job *j)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die die, sub;
	uint8_t type;

	while (!dwarf_get_units(j->dwarf, cu, &cu, NULL, &type, &die, &sub)) {
		if ((type != DW_UT_compile && type != DW_UT_skeleton) ||
		    !grow(j, &j->units, j->nr_units, &j->room_units, sizeof(*j->units)))
			continue;
		j->units[j->nr_units] = (struct unit){ die, type == DW_UT_skeleton && dwarf_tag(&sub) ? sub : die };
		add_ranges(j, &die, (uint32_t)j->nr_units++);
	}
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

static void sort_ranges(struct job *j)
{
	uint64_t reach = 0;
	size_t i;

	if (j->nr_ranges)
		qsort(j->ranges, j->nr_ranges, sizeof(*j->ranges), compare_ranges);
	for (i = 0; i < j->nr_ranges; i++) {
		reach = j->ranges[i].to > reach ? j->ranges[i].to : reach;
		j->ranges[i].reach = reach;
	}
}

static uint32_t unit_at(const struct job *j, uint64_t addr)
{
	size_t low = 0, high = j->nr_ranges;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (j->ranges[mid].from <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	while (low-- && j->ranges[low].reach > addr)
		if (j->ranges[low].to > addr)
			return j->ranges[low].unit;
	return NONE;
}

static int compare_units(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->unit != y->unit)
		return x->unit < y->unit ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static int compare_addrs(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static bool place_all(struct job *j, const struct xp_dwarf_work *work)
{
	size_t i;

	j->nr = work->nr;
	j->places = calloc(j->nr + 1, sizeof(*j->places));
	if (!j->places)
		return false;
	for (i = 0; i < j->nr; i++)
		j->places[i] = (struct place){ work->addrs[i], unit_at(j, work->addrs[i]), NONE, false };
	qsort(j->places, j->nr, sizeof(*j->places), compare_units);
	return true;
}

/* ---- a unit's tree ---- */

static const char *name_of(Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	if (dwarf_attr_integrate(die, DW_AT_linkage_name, &attr) || dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attr) ||
	    dwarf_attr_integrate(die, DW_AT_name, &attr))
		return dwarf_formstring(&attr);
	return NULL;
}

/* libdw's name of file 0 up to DWARF 4, where files are counted from 1: there it means that none is known. */
static bool is_no_file(const char *path)
{
	return !path || !strcmp(path, "???");
}

/* A path's number in the answer: what is relative is so to the unit's folder. */
static uint32_t path_number(struct job *j, const char *path)
{
	char text[PATH_MAX];

	if (is_no_file(path))
		return 0;
	if (*path == '/' || !j->dir)
		return xp_answer_string(&j->answer, path);
	snprintf(text, sizeof(text), "%s/%s", j->dir, path);
	return xp_answer_string(&j->answer, text);
}

static uint64_t number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	return dwarf_attr(die, name, &attr) && !dwarf_formudata(&attr, &value) ? value : 0;
}

/* File 0 is a file like others since DWARF 5 (clang's is the unit's own source): none is said by leaving the attribute out. */
static uint32_t call_file(struct job *j, Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Word file;

	if (!j->files || !dwarf_attr(die, DW_AT_call_file, &attr) || dwarf_formudata(&attr, &file))
		return 0;
	return path_number(j, dwarf_filesrc(j->files, file, NULL, NULL));
}

static uint32_t add_call(struct job *j, Dwarf_Die *die, uint32_t parent)
{
	uint64_t line = number_of(die, DW_AT_call_line);

	if (!grow(j, &j->calls, j->nr_calls, &j->room_calls, sizeof(*j->calls)))
		return NONE;
	j->calls[j->nr_calls] = (struct call){
		.parent = parent,
		.function = xp_demangler_number(&j->names, &j->answer, name_of(die)),
		.file = call_file(j, die),
		.line = line > UINT32_MAX ? 0 : line,
	};
	return (uint32_t)j->nr_calls++;
}

/* The first place of the unit at or behind addr. */
static struct place *place_at(const struct job *j, uint64_t addr)
{
	struct place *low = j->first, *high = j->end;

	while (low < high) {
		struct place *mid = low + (high - low) / 2;

		if (mid->addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Whether it holds any of the places; those of a call get it. The call's number in *call, made with the first of them. */
static bool take_places(struct job *j, Dwarf_Die *die, bool is_call, uint32_t parent, uint32_t *call)
{
	Dwarf_Addr base, from, to;
	ptrdiff_t at = 0;
	bool any = false;

	while ((at = dwarf_ranges(die, at, &base, &from, &to)) > 0) {
		struct place *p = place_at(j, from);

		for (; p < j->end && p->addr < to; p++) {
			if (is_call && !any)
				*call = add_call(j, die, parent);
			any = true;
			p->call = *call;
			p->in_function = true;
		}
	}
	return any;
}

static void walk(struct job *j, Dwarf_Die *parent, uint32_t call, unsigned int depth);

static void visit(struct job *j, Dwarf_Die *die, uint32_t call, unsigned int depth)
{
	uint32_t own = NONE;

	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
		if (take_places(j, die, false, NONE, &own) || j->everything)
			walk(j, die, NONE, depth);
		break;
	case DW_TAG_inlined_subroutine:
		if (take_places(j, die, true, call, &own))
			walk(j, die, own, depth);
		break;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
		walk(j, die, call, depth);
		break;
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		if (call == NONE)
			walk(j, die, NONE, depth);
		break;
	default:
		break;
	}
}

static void walk(struct job *j, Dwarf_Die *parent, uint32_t call, unsigned int depth)
{
	Dwarf_Die die;

	if (depth == MAX_DEPTH || dwarf_child(parent, &die))
		return;
	do
		visit(j, &die, call, depth + 1);
	while (!j->failed && !dwarf_siblingof(&die, &die));
}

/* A place that no function of the first level has may be in one within another. */
static bool has_lost_places(const struct job *j)
{
	const struct place *p;

	for (p = j->first; p < j->end; p++)
		if (!p->in_function)
			return true;
	return false;
}

/* ---- a unit's lines ---- */

static const char *string_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;

	return dwarf_attr(die, name, &attr) ? dwarf_formstring(&attr) : NULL;
}

static void begin_unit(struct job *j, struct unit *u)
{
	size_t nr;

	j->unit = &u->die;
	j->dir = string_of(&u->die, DW_AT_comp_dir);
	if (dwarf_getsrcfiles(&u->tree, &j->files, &nr))
		j->files = NULL;
	j->everything = false;
	walk(j, &u->tree, NONE, 0);
	if (!j->failed && has_lost_places(j)) {
		j->everything = true;
		walk(j, &u->tree, NONE, 0);
	}
}

/* What place p is: the frames are kept with the job until all units are done, as the answer is by address. */
struct found { uint32_t file, line; };

static struct found line_of(struct job *j, uint64_t addr)
{
	Dwarf_Line *line = dwarf_getsrc_die(j->unit, addr);
	int number = 0;

	if (!line || dwarf_lineno(line, &number))
		return (struct found){ 0, 0 };
	return (struct found){ path_number(j, dwarf_linesrc(line, NULL, NULL)), number > 0 ? (uint32_t)number : 0 };
}

static bool read_all(struct job *j, struct found *found)
{
	struct place *p = j->places, *all = p + j->nr;

	while (p < all && !j->failed) {
		j->first = p;
		for (j->end = p; j->end < all && j->end->unit == p->unit; j->end++)
			;
		if (p->unit != NONE) {
			begin_unit(j, &j->units[p->unit]);
			for (; p < j->end; p++)
				found[p - j->places] = line_of(j, p->addr);
		}
		p = j->end;
	}
	return !j->failed;
}

/* ---- the answer ---- */

static void put_frames(struct job *j, const struct place *p, const struct found *f)
{
	uint32_t file = f->file, call = p->call;
	uint64_t line = f->line;

	if (!file && call == NONE)
		return;
	while (call != NONE) {
		xp_answer_frame(&j->answer, j->calls[call].function, file, line);
		file = j->calls[call].file;
		line = j->calls[call].line;
		call = j->calls[call].parent;
	}
	xp_answer_frame(&j->answer, 0, file, line);
}

struct sorted { struct place place; struct found found; };

static bool put_all(struct job *j, const struct found *found)
{
	struct sorted *v = calloc(j->nr + 1, sizeof(*v));
	size_t i;

	if (!v)
		return false;
	for (i = 0; i < j->nr; i++)
		v[i] = (struct sorted){ j->places[i], found[i] };
	qsort(v, j->nr, sizeof(*v), compare_addrs); /* a place comes first in it */
	for (i = 0; i < j->nr; i++) {
		xp_answer_begin(&j->answer, v[i].place.addr);
		put_frames(j, &v[i].place, &v[i].found);
	}
	return true;
}

void xp_dwarf_lines(void *arg, struct xp_buf *answer)
{
	const struct xp_dwarf_work *work = arg;
	struct job j = { .dwarf = xp_dwarf_open(work->fd) };
	struct found *found = calloc(work->nr + 1, sizeof(*found));

	if (!j.dwarf)
		return;
	xp_answer_init(&j.answer);
	read_units(&j);
	sort_ranges(&j);
	if (!found || !place_all(&j, work) || !read_all(&j, found) || !put_all(&j, found))
		answer->failed = true;
	xp_answer_finish(&j.answer, answer);
}
