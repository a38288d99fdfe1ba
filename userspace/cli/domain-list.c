// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/domain-list.h"

#include "cli/cli.h"
#include "lib/base/nearest.h"
#include "lib/base/text.h"

int cli_domain_list_set(struct cli_domain_list *l, const char *verb, const char *text)
{
	char *name, *next;

	cli_domain_list_release(l);
	l->text = strdup(text);
	if (!l->text)
		return cli_usage(verb, "no memory");
	for (name = l->text; name; name = next) {
		next = strchr(name, ',');
		if (next)
			*next++ = '\0';
		if (l->nr == CLI_MAX_DOMAINS)
			return cli_usage(verb, "more than %d domains", CLI_MAX_DOMAINS);
		l->v[l->nr++] = name;
	}
	return 0;
}

static bool is_id(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* Offers all names to *near. True: this is one of them. */
static bool is_known(const char *name, const struct xp_profile *const *p, size_t nr, struct xp_nearest *near)
{
	for (size_t i = 0; i < nr; i++) {
		for (size_t d = 0; p[i] && d < p[i]->nr_domains; d++) {
			if (!strcmp(p[i]->domains[d].name, name))
				return true;
			xp_nearest_offer(near, p[i]->domains[d].name);
		}
	}
	return !strcmp(name, "[idle]");
}

/* "Domain-0, web1, …" */
static void list_names(const struct xp_profile *p, struct xp_buf *text)
{
	for (size_t d = 0; d < p->nr_domains && text->len < 200; d++) {
		if (text->len)
			xp_buf_add(text, ", ", 2);
		xp_text_escape(text, p->domains[d].name, strlen(p->domains[d].name));
	}
	xp_buf_u8(text, '\0');
}

static int no_domain(const char *verb, const char *name, const struct xp_profile *p, const struct xp_nearest *near)
{
	struct xp_buf names = XP_BUF_INIT;
	char typed[256], meant[256];
	int status;

	list_names(p, &names);
	cli_escape(name, typed, sizeof(typed));
	if (near->best)
		status = cli_usage(verb, "the profile has no domain '%s': did you mean '%s'?", typed, cli_escape(near->best, meant, sizeof(meant)));
	else
		status = cli_usage(verb, "the profile has no domain '%s'; there are %s", typed, names.data ? (const char *)names.data : "none");
	xp_buf_release(&names);
	return status;
}

int cli_domain_list_check(const struct cli_domain_list *l, const char *verb, const struct xp_profile *const *p, size_t nr)
{
	for (size_t i = 0; i < l->nr; i++) {
		struct xp_nearest near;

		xp_nearest_init(&near, l->v[i]);
		if (!is_id(l->v[i]) && nr && p[0] && !is_known(l->v[i], p, nr, &near))
			return no_domain(verb, l->v[i], p[0], &near);
	}
	return 0;
}

void cli_domain_list_release(struct cli_domain_list *l)
{
	free(l->text);
	l->text = NULL;
	l->nr = 0;
}
