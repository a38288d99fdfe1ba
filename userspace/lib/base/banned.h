/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls that are not used here, because they cannot be used safely or because
 * better ones exist. The Makefile includes this first in every file.
 *
 *   strcpy, strcat, strncpy, strncat, sprintf, vsprintf   snprintf, xp_buf
 *   gets, scanf family with %s                            xp_cursor, strtoull
 *   strtok, asctime, ctime, gmtime, localtime             the _r variants
 *   atoi, atol, atoll, atof                               strtoull and its end
 *   alloca                                                malloc
 *   system, tmpnam, mktemp                                execvp, mkstemp
 */
#ifndef XP_BASE_BANNED_H
#define XP_BASE_BANNED_H

/* Headers that declare them come first, or the names could not be declared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define XP_BANNED(func) xp_banned_##func##_is_not_to_be_used

#undef strcpy
#define strcpy(...) XP_BANNED(strcpy)
#undef strcat
#define strcat(...) XP_BANNED(strcat)
#undef strncpy
#define strncpy(...) XP_BANNED(strncpy)
#undef strncat
#define strncat(...) XP_BANNED(strncat)
#undef sprintf
#define sprintf(...) XP_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) XP_BANNED(vsprintf)
#undef gets
#define gets(...) XP_BANNED(gets)
#undef strtok
#define strtok(...) XP_BANNED(strtok)
#undef asctime
#define asctime(...) XP_BANNED(asctime)
#undef ctime
#define ctime(...) XP_BANNED(ctime)
#undef gmtime
#define gmtime(...) XP_BANNED(gmtime)
#undef localtime
#define localtime(...) XP_BANNED(localtime)
#undef atoi
#define atoi(...) XP_BANNED(atoi)
#undef atol
#define atol(...) XP_BANNED(atol)
#undef atoll
#define atoll(...) XP_BANNED(atoll)
#undef atof
#define atof(...) XP_BANNED(atof)
#undef system
#define system(...) XP_BANNED(system)
#undef tmpnam
#define tmpnam(...) XP_BANNED(tmpnam)
#undef mktemp
#define mktemp(...) XP_BANNED(mktemp)
#undef alloca
#define alloca(...) XP_BANNED(alloca)

#endif
