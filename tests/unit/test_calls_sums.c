/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Call chains, counted: sums that must hold, and the tree of calls as JSON has it. */
#include "unit/calls.h"

#include "lib/agg/call-graph.h"
#include "lib/report/report.h"

static void print_json(FILE *out, void *arg)
{
	struct xp_err err;

	assert_int_equal(xp_report_json(out, arg, &err), 0);
}

static void test_json__has_children_chains_and_calls(void **state)
{
	const struct xp_agg_config config = { .keys = XP_REPORT_JSON_KEYS, .chains = true };
	struct xp_profile *p;
	struct xp_agg *a;
	struct build b;
	char *text;

	(void)state;
	calls_begin(&b);
	ADD(USER, 0x1110, FRAMES({ 0x1020, USER, false }), 3);
	calls_add(&b, 100, 0, USER, 0x1010, NULL, 0, XP_CHAIN_TRUNCATED, 1);
	p = build_read(&b);
	assert_int_equal(xp_agg_run(&a, p, &config, &b.err), 0);
	text = printed(print_json, a);
	assert_non_null(strstr(text,
"  \"symbols\": [\n"
"    {\"domain\": \"Domain-0\", \"domain_id\": 0, \"mode\": \"user\", \"image\": \"/bin/work\", \"symbol\": \"work\", "
"\"samples\": {\"timer\": 3}, \"counts\": {\"timer\": 3000}, \"children\": {\"timer\": 3000}},\n"
"    {\"domain\": \"Domain-0\", \"domain_id\": 0, \"mode\": \"user\", \"image\": \"/bin/work\", \"symbol\": \"main\", "
"\"samples\": {\"timer\": 1}, \"counts\": {\"timer\": 1000}, \"children\": {\"timer\": 4000}},\n"
"    {\"domain\": \"Domain-0\", \"domain_id\": 0, \"mode\": null, \"image\": null, \"symbol\": \"[truncated]\", "
"\"samples\": {\"timer\": 0}, \"counts\": {\"timer\": 0}, \"children\": {\"timer\": 1000}}\n"
"  ],\n"
"  \"chains\": {\n"
"    \"none\": {\"timer\": 0},\n"
"    \"complete\": {\"timer\": 3000},\n"
"    \"truncated\": {\"timer\": 1000},\n"
"    \"no-rule\": {\"timer\": 0},\n"
"    \"moved\": {\"timer\": 0},\n"
"    \"broken\": {\"timer\": 0},\n"
"    \"dropped\": {\"timer\": 0},\n"
"    \"damaged\": {\"timer\": 0}\n"
"  },\n"
"  \"calls\": [\n"
"    {\"caller\": null, \"symbol\": 1, \"counts\": {\"timer\": 0}},\n"
"    {\"caller\": 0, \"symbol\": 0, \"counts\": {\"timer\": 3000}},\n"
"    {\"caller\": null, \"symbol\": 2, \"counts\": {\"timer\": 0}},\n"
"    {\"caller\": 2, \"symbol\": 1, \"counts\": {\"timer\": 1000}}\n"
"  ]\n"));
	free(text);
	xp_agg_free(a);
	xp_profile_free(p);
	build_clear(&b);
}

/* Children of a function are at least its own, at most all; roots make up all; whatever the sort. */
static void test_sums__hold_for_random_chains(void **state)
{
	static const unsigned int keys[] = {
		XP_KEY_SYMBOL, XP_KEY_DOMAIN | XP_KEY_MODE, XP_REPORT_JSON_KEYS, XP_REPORT_JSON_KEYS | XP_KEY_PROCESS | XP_KEY_CPU,
	};
	struct xp_call_frame frames[12];
	struct xp_profile *p;
	struct build b;
	size_t i, k, n;

	(void)state;
	random_begin();
	calls_begin(&b);
	for (i = 0; i < 20000; i++) {
		n = random_below(12);
		for (k = 0; k < n; k++)
			frames[k] = (struct xp_call_frame){ 0x1000 + random_below(0x500), USER, random_below(2) };
		calls_add(&b, 100 + i, random_below(2) ? 0 : 5, USER, 0x1000 + random_below(0x500), frames, n,
		       XP_CHAIN_COMPLETE + random_below(2), 1);
	}
	p = build_read(&b);
	for (k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		const struct xp_agg_config config = { .keys = keys[k], .addresses = true, .chains = true };
		uint64_t self = 0, below_none = 0;
		struct xp_agg *a;

		assert_int_equal(xp_agg_run(&a, p, &config, &b.err), 0);
		for (i = 0; i < a->nr_rows; i++) {
			const struct xp_row *row = &a->rows[i];
			const struct xp_graph_options down = { .limit = 1 }, up = { .callers = true, .self = true, .limit = 1 };
			struct xp_graph g;
			uint64_t sum = 0;

			self += row->weights[0];
			assert_in_range(row->children[0], row->weights[0], 20000000);
			assert_int_equal(xp_graph_init(&g, a, row, &down, &b.err), 0);
			for (n = 0; n < g.nr_first; n++)
				sum += g.v[g.first + n].weight;
			assert_int_equal(sum, row->children[0]);
			xp_graph_release(&g);
			assert_int_equal(xp_graph_init(&g, a, row, &up, &b.err), 0);
			for (sum = 0, n = 0; n < g.nr_first; n++)
				sum += g.v[g.first + n].weight;
			assert_int_equal(sum, row->weights[0]);
			xp_graph_release(&g);
		}
		assert_int_equal(self, 20000000);
		for (i = 1; i < xp_agg_nr_calls(a); i++) {
			struct xp_call_counts alone;
			uint32_t row;

			xp_agg_call(a, i, &row, &alone);
			below_none += alone.weights[0];
		}
		assert_int_equal(below_none, 20000000);
		xp_agg_free(a);
	}
	xp_profile_free(p);
	build_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json__has_children_chains_and_calls),
		cmocka_unit_test(test_sums__hold_for_random_chains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
