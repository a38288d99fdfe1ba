// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/places.h"

#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

int cli_places_add(struct cli_places *p, const char *verb, const char *dir)
{
	struct stat st;

	if (stat(dir, &st) || !S_ISDIR(st.st_mode))
		return cli_usage(verb, "--symdir %.200s: there is no such folder", dir);
	if (p->nr_symdirs == CLI_MAX_SYMDIRS)
		return cli_usage(verb, "--symdir: more than %d folders", CLI_MAX_SYMDIRS);
	p->symdirs[p->nr_symdirs++] = dir;
	return 0;
}

/* An absolute path; one that is too long is none. */
__attribute__((format(printf, 3, 4)))
static void set_path(char *path, size_t size, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, size, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= size || *path != '/')
		*path = '\0';
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

void cli_places_finish(struct cli_places *p)
{
	const char *xdg = environment("XDG_CACHE_HOME"), *home = environment("HOME");
	const char *debuginfod = environment("DEBUGINFOD_CACHE_PATH");

	if (debuginfod)
		set_path(p->debuginfod, sizeof(p->debuginfod), "%s", debuginfod);
	else if (xdg)
		set_path(p->debuginfod, sizeof(p->debuginfod), "%s/debuginfod_client", xdg);
	else if (home)
		set_path(p->debuginfod, sizeof(p->debuginfod), "%s/.cache/debuginfod_client", home);
	p->places = (struct xp_binary_places){
		.root = "", .libdir = cli_libdir(), .symdirs = p->symdirs, .nr_symdirs = p->nr_symdirs,
		.debuginfod = *p->debuginfod ? p->debuginfod : NULL, .keep_lines = true,
	};
}

void cli_places_beside(struct cli_places *p, const char *profile)
{
	const char *slash = profile ? strrchr(profile, '/') : NULL;
	int len = slash ? (int)(slash - profile) : 1;
	char ids[sizeof(p->beside) + 16];
	struct stat st;

	if (len >= (int)sizeof(p->beside))
		return;
	snprintf(p->beside, sizeof(p->beside), "%.*s", slash && !len ? 1 : len, slash ? profile : ".");
	snprintf(ids, sizeof(ids), "%s/.build-id", p->beside);
	if (p->nr_symdirs == CLI_MAX_SYMDIRS || stat(ids, &st) || !S_ISDIR(st.st_mode))
		return;
	memmove(p->symdirs + 1, p->symdirs, p->nr_symdirs * sizeof(*p->symdirs));
	p->symdirs[0] = p->beside;
	p->places.nr_symdirs = ++p->nr_symdirs;
}
