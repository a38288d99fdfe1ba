// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit/folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/xprof-test-XXXXXX";

const char *folder(void)
{
	return path;
}

const char *in_folder(const char *name)
{
	static char file[sizeof(path) + 256];

	snprintf(file, sizeof(file), "%s/%s", path, name);
	return file;
}

int folder_make(void **state)
{
	(void)state;
	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	return mkdtemp(path) ? 0 : -1;
}

int folder_remove(void **state)
{
	struct dirent *e;
	DIR *d = opendir(path);

	(void)state;
	if (!d)
		return -1;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			remove(in_folder(e->d_name));
	closedir(d);
	return rmdir(path);
}
