/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may stand where the cursor is, for shells: `xprof __complete WORD...`
 * prints a candidate a line, for the last WORD, which may be empty. Nothing:
 * a file, or whatever the shell would take.
 *
 * Options come from the help texts, so they cannot be forgotten here.
 */
#ifndef XP_CLI_COMPLETE_H
#define XP_CLI_COMPLETE_H

#define CLI_COMPLETE "__complete"

/* argv: the words behind "xprof". Never fails: who completes wants no messages. */
void cli_complete(int argc, char **argv);

#endif
