/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/base/sort.h"

#include <stdbool.h>

typedef int compare_fn(const void *, const void *);

static bool is_sorted(const char *a, size_t nr, size_t size, compare_fn *compare)
{
	size_t i;

	for (i = 1; i < nr; i++)
		if (compare(a + (i - 1) * size, a + i * size) > 0)
			return false;
	return true;
}

static void swap(char *a, char *b, size_t size)
{
	while (size--) {
		char t = *a;

		*a++ = *b;
		*b++ = t;
	}
}

static void insertion_sort(char *a, size_t nr, size_t size, compare_fn *compare)
{
	size_t i, j;

	for (i = 1; i < nr; i++)
		for (j = i; j && compare(a + (j - 1) * size, a + j * size) > 0; j--)
			swap(a + (j - 1) * size, a + j * size, size);
}

/* Sorted runs [0, mid) and [mid, nr) of a, merged into out. */
static void merge(char *out, const char *a, size_t mid, size_t nr, size_t size, compare_fn *compare)
{
	size_t i = 0, j = mid;

	while (i < mid && j < nr) {
		bool left = compare(a + i * size, a + j * size) <= 0;

		memcpy(out, a + (left ? i++ : j++) * size, size);
		out += size;
	}
	memcpy(out, a + i * size, (mid - i) * size);
	out += (mid - i) * size;
	memcpy(out, a + j * size, (nr - j) * size);
}

static void merge_sort(char *a, char *temp, size_t nr, size_t size, compare_fn *compare)
{
	size_t mid = nr / 2;

	if (nr <= 8) {
		insertion_sort(a, nr, size, compare);
		return;
	}
	merge_sort(a, temp, mid, size, compare);
	merge_sort(a + mid * size, temp, nr - mid, size, compare);
	merge(temp, a, mid, nr, size, compare);
	memcpy(a, temp, nr * size);
}

void xp_stable_sort(void *array, size_t nr, size_t size, compare_fn *compare)
{
	char *temp;

	if (nr < 2 || is_sorted(array, nr, size, compare))
		return;
	temp = malloc(nr * size);
	if (temp)
		merge_sort(array, temp, nr, size, compare);
	else
		insertion_sort(array, nr, size, compare);
	free(temp);
}
