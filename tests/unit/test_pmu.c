// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of events become select codes: those that the vendors' manuals print, checked here number by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/pmu/pmu.h"

#define ALL_BITS 0xfff84ffffull /* event 11:0, unit mask, edge, invert, counter mask */

static struct xprof_op_pmu amd(uint8_t family, uint8_t model)
{
	struct xprof_op_pmu pmu = {
		.kind = XPROF_PMU_CORE, .vendor = 1, .family = family, .model = model, .nr_general = 6, .width_general = 48,
		.usable = 0x3f, .select_mask = ALL_BITS, .least_period = 10000,
	};

	return pmu;
}

static struct xprof_op_pmu intel(uint8_t model, uint32_t unavailable)
{
	struct xprof_op_pmu pmu = {
		.kind = XPROF_PMU_INTEL, .version = 4, .vendor = 2, .family = 6, .model = model, .nr_general = 4, .nr_fixed = 3,
		.width_general = 48, .width_fixed = 48, .usable = 0x70000000full, .select_mask = 0xff84ffff,
		.unavailable = unavailable, .least_period = 10000,
	};

	return pmu;
}

static int plan_of(const struct xprof_op_pmu *pmu, const char *text, const struct xp_pmu_rate *rate, struct xp_pmu_plan *plan,
		   struct xp_err *err)
{
	struct xp_event_specs specs = { 0 };
	int ret = xp_event_specs_add(&specs, text, err);

	return ret ? ret : xp_pmu_plan(pmu, &specs, rate, plan, err);
}

static const struct xp_pmu_rate no_rate;

static void assert_code(struct xprof_op_pmu pmu, const char *name, uint64_t select)
{
	struct xp_pmu_plan plan;
	struct xp_err err;

	if (plan_of(&pmu, name, &no_rate, &plan, &err))
		fail_msg("%s: %s", name, err.text);
	if (plan.events[0].op.select != select)
		fail_msg("family %#x model %#x: %s is %#llx, not %#llx", pmu.family, pmu.model, name,
			 (unsigned long long)plan.events[0].op.select, (unsigned long long)select);
}

static void assert_error(struct xprof_op_pmu pmu, const char *text, int code, const char *said)
{
	struct xp_pmu_plan plan;
	struct xp_err err = { "" };
	int ret = plan_of(&pmu, text, &no_rate, &plan, &err);

	if (ret != code)
		fail_msg("'%s' gave %d: %s", text, ret, err.text);
	if (!strstr(err.text, said))
		fail_msg("'%s' gave: %s", text, err.text);
}

static void test_amd__codes_are_those_of_the_manuals(void **state)
{
	(void)state;
	assert_code(amd(0x0f, 6), "cycles", 0x76);
	assert_code(amd(0x0f, 6), "instructions", 0xc0);
	assert_code(amd(0x0f, 6), "llc-references", 0x077d);
	assert_code(amd(0x0f, 6), "llc-misses", 0x077e);
	assert_code(amd(0x0f, 6), "l1d-misses", 0x41);
	assert_code(amd(0x0f, 6), "dtlb-misses", 0x46);
	assert_code(amd(0x0f, 6), "itlb-misses", 0x85);
	assert_code(amd(0x10, 2), "dtlb-misses", 0x0746);
	assert_code(amd(0x10, 2), "itlb-misses", 0x0385);
	assert_code(amd(0x11, 3), "dtlb-misses", 0x46);
	assert_code(amd(0x14, 1), "llc-misses", 0x037e);
	assert_code(amd(0x14, 1), "dtlb-misses", 0x0c46);
	assert_code(amd(0x15, 1), "l1d-misses", 0x0141);
	assert_code(amd(0x16, 0), "llc-misses", 0x1f43);
	assert_code(amd(0x17, 1), "stalled-cycles-frontend", 0x0287);
	assert_code(amd(0x17, 1), "itlb-misses", 0xff85);
	assert_code(amd(0x17, 0x31), "stalled-cycles-frontend", 0xa9);
	assert_code(amd(0x19, 0x11), "llc-misses", 0x4843);
	assert_code(amd(0x19, 0x11), "l2-misses", 0x0964);
	assert_code(amd(0x19, 0x11), "dtlb-misses", 0xf045);
	assert_code(amd(0x19, 0x11), "itlb-misses", 0x0f85);
	assert_code(amd(0x19, 0x11), "l1d-misses", 0xe860);
	assert_code(amd(0x1a, 2), "l1d-misses", 0xe060);
}

static void test_intel__codes_are_those_of_the_manuals(void **state)
{
	(void)state;
	assert_code(intel(0x55, 0), "cycles", 0x3c);
	assert_code(intel(0x55, 0), "llc-references", 0x4f2e);
	assert_code(intel(0x55, 0), "llc-misses", 0x412e);
	assert_code(intel(0x55, 0), "dtlb-misses", 0x0108);
	assert_code(intel(0x55, 0), "itlb-misses", 0x0185);
	assert_code(intel(0x3a, 0), "dtlb-misses", 0x8108);
	assert_code(intel(0x6a, 0), "dtlb-misses", 0x0e08);
	assert_code(intel(0x6a, 0), "l2-misses", 0x1ff1);
	assert_code(intel(0x8f, 0), "dtlb-misses", 0x0e12);
	assert_code(intel(0x1a, 0), "l2-misses", 0xaa24);
	assert_code(intel(0x1a, 0), "stalled-cycles-backend", 0x01803fb1); /* counter mask 1, inverted */
	assert_code(intel(0x97, 0), "branch-misses", 0xc5); /* hybrid: architectural events only */
	assert_error(intel(0x97, 0), "dtlb-misses", XP_E_ABSENT, "(Intel, another family 6) cannot count 'dtlb-misses'");
}

static void test_intel__fixed_counters_and_what_is_not_there(void **state)
{
	struct xprof_op_pmu pmu = intel(0x55, 1u << 6); /* EBX bit 6: no branch misses */
	struct xp_pmu_plan plan;
	struct xp_err err;

	(void)state;
	assert_int_equal(plan_of(&pmu, "cycles,instructions,llc-misses", &no_rate, &plan, &err), 0);
	assert_int_equal(plan.events[0].op.fixed, 2);
	assert_int_equal(plan.events[1].op.fixed, 1);
	assert_int_equal(plan.events[2].op.fixed, 0);
	pmu.version = 1;
	pmu.nr_fixed = 0;
	assert_int_equal(plan_of(&pmu, "cycles,instructions", &no_rate, &plan, &err), 0);
	assert_int_equal(plan.events[0].op.fixed, 0);
	assert_int_equal(plan.events[1].op.fixed, 0);
	assert_error(pmu, "branch-misses", XP_E_ABSENT, "cannot count 'branch-misses'; it can: cycles, instructions");
	assert_null(xp_pmu_find(&pmu, "branch-misses"));
	assert_non_null(xp_pmu_find(&pmu, "branches"));
}

/* As Linux's driver (from AMD) and Intel's event lists have them. */
static void test_limits__counters_that_can_count_it(void **state)
{
	static const struct { uint8_t family, model; const char *event; uint64_t counters; } cases[] = {
		{ 0x15, 2, "cycles", 0x07 }, { 0x15, 2, "instructions", 0 }, { 0x15, 2, "dtlb-misses", 0x07 },
		{ 0x15, 2, "l1d-misses", 0 }, { 0x15, 2, "stalled-cycles-backend", 0x07 },
		{ 0x15, 2, "rff03", 0x08 }, { 0x15, 2, "r5", 0x38 }, { 0x15, 2, "r2e", 0x09 }, { 0x15, 2, "r100000087", 0x01 },
		{ 0x15, 2, "r87", 0x07 }, { 0x15, 2, "r1000000c0", 0x38 }, { 0x15, 2, "r1000000d6", 0 }, { 0x15, 2, "r4db", 0 },
		{ 0x10, 2, "cycles", 0 }, { 0x19, 1, "r5", 0 },
		{ 6, 0x1a, "l1d-misses", 0x3 }, { 6, 0x1a, "cycles", 0 }, { 6, 0x1a, "r100b", 0x8 }, { 6, 0x1a, "r10b", 0 },
		{ 6, 0x3c, "r8a3", 0x4 }, { 6, 0x3c, "r4a3", 0 }, { 6, 0x2a, "r2a3", 0x4 }, { 6, 0x55, "r8a3", 0 },
		{ 6, 0x6a, "dtlb-misses", 0xf }, { 6, 0x6a, "llc-misses", 0 }, { 6, 0x6a, "stalled-cycles-backend", 0xff },
		{ 6, 0x8f, "itlb-misses", 0xf }, { 6, 0x8f, "r4a4", 0x1 }, { 6, 0x97, "r8a3", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xprof_op_pmu pmu = cases[i].family == 6 ? intel(cases[i].model, 0) : amd(cases[i].family, cases[i].model);
		struct xp_pmu_plan plan;
		struct xp_err err = { "" };

		assert_int_equal(plan_of(&pmu, cases[i].event, &no_rate, &plan, &err), 0);
		if (plan.events[0].op.counters != cases[i].counters)
			fail_msg("family %#x model %#x: %s on %#llx, not %#llx", cases[i].family, cases[i].model, cases[i].event,
				 (unsigned long long)plan.events[0].op.counters, (unsigned long long)cases[i].counters);
	}
}

static void test_names__the_nearest_is_named(void **state)
{
	static const struct { const char *typed, *said; } cases[] = {
		{ "cycle", "did you mean 'cycles'?" },
		{ "instrutcions", "did you mean 'instructions'?" },
		{ "llc-miss", "did you mean 'llc-misses'?" },
		{ "dtlb_misses", "did you mean 'dtlb-misses'?" },
		{ "@mem", "did you mean '@memory'?" },
		{ "@memry", "did you mean '@memory'?" },
		{ "cache-misses", "what perf calls so is 'llc-misses' here" },
		{ "dTLB-load-misses", "what perf calls so is 'dtlb-misses' here" },
		{ "zzzzzz", "'xprof list' shows those that this CPU has" },
		{ "rxyz", "there is no event 'rxyz'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xp_err err = { "" };

		assert_error(amd(0x0f, 6), cases[i].typed, XP_E_USAGE, cases[i].said);
		assert_int_equal(xp_pmu_check_name(cases[i].typed, &err), XP_E_USAGE);
	}
}

static void test_raw__is_perfs_syntax(void **state)
{
	struct xp_err err;

	(void)state;
	assert_code(amd(0x19, 1), "r4843", 0x4843);
	assert_code(amd(0x19, 1), "r1000004e1", 0x1000004e1); /* event 1E1h: bits 11:8 lie at 35:32 */
	assert_code(intel(0x55, 0), "r412E", 0x412e);
	assert_error(intel(0x55, 0), "r1000003c", 0, ""); /* counter mask 10H */
	assert_error(intel(0x55, 0), "r10000003c", XP_E_USAGE, "sets bits 0x100000000");
	assert_error(amd(0x19, 1), "r43003c", XP_E_USAGE, "sets bits"); /* USR, OS are ours */
	assert_int_equal(xp_pmu_check_name("rc0", &err), 0);
}

static void test_presets__leave_out_what_a_cpu_lacks(void **state)
{
	struct xprof_op_pmu k8 = amd(0x0f, 6), zen = amd(0x19, 1), unknown = amd(0x77, 1);
	struct xp_pmu_plan plan;
	struct xp_err err;

	(void)state;
	assert_int_equal(plan_of(&k8, "@memory", &no_rate, &plan, &err), 0);
	assert_int_equal(plan.nr, 4); /* no L2 beside the last level */
	assert_string_equal(plan.events[3].name, "llc-misses");
	assert_int_equal(plan_of(&zen, "@memory:u", &no_rate, &plan, &err), 0);
	assert_int_equal(plan.nr, 5);
	assert_string_equal(plan.events[3].name, "l2-misses");
	assert_string_equal(plan.events[3].modifiers, "u");
	assert_int_equal(plan_of(&zen, "@memory,@tlb,dtlb-misses:k", &no_rate, &plan, &err), 0);
	assert_int_equal(plan.nr, 8); /* cycles and instructions once */
	assert_string_equal(plan.events[7].name, "dtlb-misses:k");
	assert_error(unknown, "@tlb", XP_E_ABSENT, "(a CPU that is not known here) cannot count '@tlb'; it can: none by name");
}

static void test_names__are_different_in_one_session(void **state)
{
	struct xprof_op_pmu pmu = amd(0x0f, 6);
	struct xp_pmu_plan plan;
	struct xp_err err;

	(void)state;
	assert_int_equal(plan_of(&pmu, "cycles:x,cycles:ku", &no_rate, &plan, &err), 0);
	assert_string_equal(plan.events[0].name, "cycles");
	assert_string_equal(plan.events[1].name, "cycles:ku");
	assert_error(pmu, "cycles,cycles", XP_E_USAGE, "event 'cycles' is there twice");
	assert_error(pmu, "cycles,cycles:10000", XP_E_USAGE, "event 'cycles' is there twice");
	assert_error(pmu, "cycles:u,instructions,cycles:u,cycles:u", XP_E_USAGE, "event 'cycles:u' is there twice");
}

static void test_periods__own_then_c_then_rate(void **state)
{
	struct xprof_op_pmu pmu = amd(0x0f, 6);
	const struct xp_pmu_rate hz = { .hz = 250 }, period = { .period = 50000 }, small = { .period = 5 };
	struct xp_pmu_plan plan;
	struct xp_err err;

	(void)state;
	assert_int_equal(plan_of(&pmu, "cycles,llc-misses:10000", &no_rate, &plan, &err), 0);
	assert_int_equal(plan.events[0].op.period, 1000);
	assert_true(plan.events[0].op.flags & XPROF_EVENT_RATE);
	assert_int_equal(plan.events[1].op.period, 10000);
	assert_false(plan.events[1].op.flags & XPROF_EVENT_RATE);
	assert_int_equal(plan_of(&pmu, "cycles", &hz, &plan, &err), 0);
	assert_int_equal(plan.events[0].op.period, 250);
	assert_int_equal(plan_of(&pmu, "cycles", &period, &plan, &err), 0);
	assert_int_equal(plan.events[0].op.period, 50000);
	assert_int_equal(plan_of(&pmu, "cycles", &small, &plan, &err), XP_E_USAGE);
	assert_error(pmu, "cycles:9999", XP_E_USAGE, "a sample every 9999 cycles would keep the CPU in the profiler: the least period is 10000");
	assert_error(pmu, "cycles:281474976710656", XP_E_USAGE, "does not fit this CPU's counters of 48 bits");
	assert_error(pmu, "cycles:0", XP_E_USAGE, "'0' is not a period (how many events from one sample to the next, more than 0");
}

static void test_modifiers__say_which_rings_are_counted(void **state)
{
	static const struct { const char *text; uint32_t rings; } cases[] = {
		{ "cycles", XPROF_EVENT_OS | XPROF_EVENT_USR }, { "cycles:x", XPROF_EVENT_OS }, { "cycles:u", XPROF_EVENT_USR },
		{ "cycles:k", XPROF_EVENT_OS | XPROF_EVENT_USR }, { "cycles:xu", XPROF_EVENT_OS | XPROF_EVENT_USR },
		{ "cycles:G", XPROF_EVENT_OS | XPROF_EVENT_USR }, { "cycles:xH", XPROF_EVENT_OS },
	};
	struct xprof_op_pmu pmu = amd(0x0f, 6);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct xp_pmu_plan plan;
		struct xp_err err;

		assert_int_equal(plan_of(&pmu, cases[i].text, &(struct xp_pmu_rate){ .counting = true }, &plan, &err), 0);
		assert_int_equal(plan.events[0].op.flags, cases[i].rings);
	}
}

static void test_plan__too_many_and_mixed_with_time(void **state)
{
	(void)state;
	assert_error(amd(0x0f, 6), "r1,r2,r3,r4,r5,r6,r7,r8,r9,ra,rb,rc,rd,re,rf,r10,r11", XP_E_USAGE, "more than 16 events");
	assert_error(amd(0x0f, 6), "r1,r2,r3,r4,r5,r6,r7,r8,r9,ra,rb,rc,rd,re,@tlb", XP_E_USAGE, "more than 16 events");
	assert_error(amd(0x0f, 6), "cycles,timer", XP_E_USAGE, "'timer' counts time, not events");
}

/* Each table's names are generic ones, each once, and no code sets bits that are the profiler's. */
static void test_tables__are_sound(void **state)
{
	static const uint8_t families[] = { 0x0f, 0x10, 0x11, 0x12, 0x14, 0x15, 0x16, 0x17, 0x19, 0x1a };
	const struct xp_pmu_event *events[XP_PMU_MAX_KNOWN];

	(void)state;
	for (size_t i = 0; i < sizeof(families); i++) {
		struct xprof_op_pmu pmu = amd(families[i], 1);
		size_t nr = xp_pmu_events(&pmu, events);

		assert_in_range(nr, 6, XP_PMU_MAX_KNOWN - 1);
		assert_string_equal(events[0]->name, "cycles");
		assert_string_equal(events[1]->name, "instructions");
		for (size_t e = 0; e < nr; e++) {
			assert_int_equal(events[e]->select & ~ALL_BITS, 0);
			assert_true(strlen(xp_pmu_what(events[e])) > 10);
			assert_true(!strncmp(events[e]->vendor, "PMCx", 4));
		}
	}
	for (unsigned int model = 0; model < 255; model++) {
		struct xprof_op_pmu pmu = intel((uint8_t)model, 0);
		size_t nr = xp_pmu_events(&pmu, events);

		assert_in_range(nr, 6, XP_PMU_MAX_KNOWN - 1);
		for (size_t e = 0; e < nr; e++)
			assert_int_equal(events[e]->select & ~pmu.select_mask, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amd__codes_are_those_of_the_manuals),
		cmocka_unit_test(test_intel__codes_are_those_of_the_manuals),
		cmocka_unit_test(test_intel__fixed_counters_and_what_is_not_there),
		cmocka_unit_test(test_limits__counters_that_can_count_it),
		cmocka_unit_test(test_names__the_nearest_is_named),
		cmocka_unit_test(test_raw__is_perfs_syntax),
		cmocka_unit_test(test_presets__leave_out_what_a_cpu_lacks),
		cmocka_unit_test(test_names__are_different_in_one_session),
		cmocka_unit_test(test_periods__own_then_c_then_rate),
		cmocka_unit_test(test_modifiers__say_which_rings_are_counted),
		cmocka_unit_test(test_plan__too_many_and_mixed_with_time),
		cmocka_unit_test(test_tables__are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
