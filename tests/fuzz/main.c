/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a fuzz target is without a fuzzer: a program that runs it over files
 * and folders of files, and prints as a unit test does. Without arguments: over
 * tests/data/fuzz/<target>/, once as it is and then cut and flipped here and
 * there, so that a few thousand inputs come of a small corpus. Needs nothing of ours.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long runs;

/* A copy of exactly this size, so that a sanitizer sees each byte too far. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		exit(1);
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	runs++;
}

static void run_variants(uint8_t *data, size_t size)
{
	size_t step = size / 200 + 1, i;

	run(data, size);
	for (i = 0; i < size; i += step) {
		uint8_t kept = data[i];

		run(data, i);
		data[i] = (uint8_t)~kept;
		run(data, size);
		data[i] = 0xff;
		run(data, size);
		data[i] = kept;
	}
}

static int run_file(const char *path, size_t size)
{
	uint8_t *data = malloc(size + 1);
	FILE *in = fopen(path, "r");
	size_t n;

	if (!data || !in) {
		perror(path);
		exit(1);
	}
	n = fread(data, 1, size, in);
	fclose(in);
	run_variants(data, n);
	free(data);
	return 0;
}

static int run_path(const char *path)
{
	struct dirent *entry;
	struct stat st;
	int failed = 0;
	DIR *dir;

	if (stat(path, &st)) {
		perror(path);
		return 1;
	}
	if (!S_ISDIR(st.st_mode))
		return run_file(path, (size_t)st.st_size);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char inner[4096];

		snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			failed |= run_path(inner);
	}
	if (dir)
		closedir(dir);
	return failed;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	char path[4096];
	int i, failed = 0;

	name = name ? name + 1 : argv[0];
	snprintf(path, sizeof(path), "tests/data/fuzz/%s", name);
	printf("[ RUN      ] %s\n", name);
	run((const uint8_t *)"", 0);
	for (i = 1; i < argc; i++)
		failed |= run_path(argv[i]);
	if (argc == 1)
		failed = run_path(path);
	printf("%lu inputs\n", runs);
	printf(failed ? "[  FAILED  ] %s\n" : "[       OK ] %s\n", name);
	return failed;
}
