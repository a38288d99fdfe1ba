/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder for the files of one test: cmocka's set-up and teardown. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

int folder_make(void **state);
int folder_remove(void **state); /* with the files in it */

const char *folder(void);                 /* its path */
const char *in_folder(const char *name);  /* that of a file in it; until the next call */

#endif
