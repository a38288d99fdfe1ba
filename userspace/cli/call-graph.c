// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/call-graph.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static bool is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(word, name, len);
}

static bool set_limit(struct cli_call_graph *g, const char *word, size_t len)
{
	char *end;
	double limit = strtod(word, &end);

	if (end != word + len || !len || !(limit >= 0 && limit <= 100))
		return false;
	g->limit = limit;
	return true;
}

/* perf's "function" and "percent" are what we always do. */
static bool set_word(struct cli_call_graph *g, const char *word, size_t len)
{
	if (is(word, len, "graph"))
		g->style = XP_GRAPH_ABSOLUTE;
	else if (is(word, len, "fractal"))
		g->style = XP_GRAPH_RELATIVE;
	else if (is(word, len, "none"))
		g->style = XP_GRAPH_NONE;
	else if (is(word, len, "caller"))
		g->callers = 0; /* perf: what is printed first is the caller */
	else if (is(word, len, "callee"))
		g->callers = 1;
	else if (!is(word, len, "function") && !is(word, len, "percent"))
		return set_limit(g, word, len);
	return true;
}

static bool parse(struct cli_call_graph *g, const char *text)
{
	for (;;) {
		size_t len = strcspn(text, ",");

		if (!set_word(g, text, len))
			return false;
		if (!text[len])
			return true;
		text += len + 1;
	}
}

bool cli_call_graph_is(const char *text)
{
	struct cli_call_graph ignored = CLI_CALL_GRAPH_INIT;

	return text && parse(&ignored, text);
}

int cli_call_graph_option(struct cli_call_graph *g, const char *text)
{
	g->on = true;
	if (!text || parse(g, text))
		return 0;
	return cli_usage("report", "-g %s: there are graph, fractal and none; caller and callee; and a percent limit; with commas",
			 text);
}

void cli_call_graph_apply(const struct cli_call_graph *g, struct xp_report_options *o)
{
	o->calls = g->on;
	o->no_children = g->children == 0;
	o->callers = g->callers == -1 ? o->no_children : g->callers;
	o->graph = g->style;
	o->graph_limit = g->limit;
}
