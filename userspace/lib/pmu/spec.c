// SPDX-License-Identifier: GPL-2.0-or-later
#include "lib/pmu/spec.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Sorts the letters into their order. False: one is unknown or there twice. */
static bool set_modifiers(struct xp_event_spec *spec, const char *letters, size_t len)
{
	size_t n = 0;

	for (const char *m = XP_EVENT_LETTERS; *m; m++)
		if (memchr(letters, *m, len))
			spec->modifiers[n++] = *m;
	spec->modifiers[n] = '\0';
	return n == len;
}

static bool set_period(struct xp_event_spec *spec, const char *digits, size_t len)
{
	char *end;

	errno = 0;
	spec->period = strtoull(digits, &end, 10);
	return !errno && end == digits + len && spec->period;
}

static int parse_field(struct xp_event_spec *spec, const char *field, size_t len, const char *text, int text_len,
		       struct xp_err *err)
{
	if (len && isdigit((unsigned char)field[0])) {
		if (spec->period || !set_period(spec, field, len))
			return xp_fail(err, XP_E_USAGE, "in event '%.*s', '%.*s' is not a period (how many events from one sample to "
				       "the next, more than 0; nanoseconds for the timer), or the second one", text_len, text,
				       (int)len, field);
		return 0;
	}
	if (!len || spec->modifiers[0] || !set_modifiers(spec, field, len))
		return xp_fail(err, XP_E_USAGE, "in event '%.*s', '%.*s' is neither a period (digits) nor modifiers (letters of "
			       XP_EVENT_LETTERS ": x Xen, k kernel, u user, G guests, H dom0)", text_len, text, (int)len, field);
	return 0;
}

int xp_event_spec_parse(struct xp_event_spec *spec, const char *text, size_t len, struct xp_err *err)
{
	const char *end = text + len, *p = memchr(text, ':', len);
	size_t name = p ? (size_t)(p - text) : len;
	int ret = 0;

	memset(spec, 0, sizeof(*spec));
	if (!name || name >= sizeof(spec->name))
		return xp_fail(err, XP_E_USAGE, "'%.*s' has no name of an event: NAME[:PERIOD][:MODIFIERS] is wanted", (int)len, text);
	memcpy(spec->name, text, name);
	while (p && ret == 0) {
		const char *field = p + 1;

		p = memchr(field, ':', (size_t)(end - field));
		ret = parse_field(spec, field, (size_t)((p ? p : end) - field), text, (int)len, err);
	}
	return ret;
}

int xp_event_specs_add(struct xp_event_specs *s, const char *text, struct xp_err *err)
{
	int ret = 0;

	for (; ret == 0; text++) {
		size_t len = strcspn(text, ",");

		if (s->nr == XPROF_MAX_EVENTS)
			return xp_fail(err, XP_E_USAGE, "more than %u events cannot be recorded together", XPROF_MAX_EVENTS);
		ret = xp_event_spec_parse(&s->of[s->nr], text, len, err);
		s->nr += ret == 0;
		text += len;
		if (!*text)
			break;
	}
	return ret;
}
