/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/agg/agg.h"

const char *const xp_mode_names[XP_NR_MODES] = { "xen", "kernel", "user", "idle" };

/* The first name of a key is ours; the others are aliases, perf's names among them. */
static const struct { const char *name; enum xp_key key; } names[] = {
	{ "domain", XP_KEY_DOMAIN },   { "vcpu", XP_KEY_VCPU },
	{ "pcpu", XP_KEY_CPU },        { "mode", XP_KEY_MODE },
	{ "process", XP_KEY_PROCESS }, { "pid", XP_KEY_PID },
	{ "image", XP_KEY_IMAGE },     { "symbol", XP_KEY_SYMBOL },
	{ "line", XP_KEY_LINE },       { "srcline", XP_KEY_LINE },
	{ "dom", XP_KEY_DOMAIN },      { "cpu", XP_KEY_CPU },
	{ "comm", XP_KEY_PROCESS },    { "dso", XP_KEY_IMAGE },
	{ "sym", XP_KEY_SYMBOL },
};

const char *xp_keys_names(void)
{
	return "domain, vcpu, pcpu (cpu), mode, process (comm), pid, image (dso), symbol (sym), line (srcline)";
}

static unsigned int key_of(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len && !memcmp(names[i].name, text, len))
			return names[i].key;
	return 0;
}

int xp_keys_parse(const char *text, unsigned int *keys, enum xp_key *order, size_t *nr, struct xp_err *err)
{
	*keys = 0;
	*nr = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		unsigned int key = key_of(text, len);

		if (!key)
			return xp_fail(err, XP_E_USAGE, "'%.*s' is no sort key; there are: %s",
				       len < 40 ? (int)len : 40, text, xp_keys_names());
		if (!(*keys & key))
			order[(*nr)++] = (enum xp_key)key;
		*keys |= key;
		if (!text[len])
			return 0;
		text += len + 1;
	}
}
