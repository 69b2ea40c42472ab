/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the build makes of the command tables besides completions.
 */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

#include <stdio.h>

#include <berth/error.h>

/* Copies the template of berth(1) to the standard output, with the lists of options and commands
 * (mdoc(7)) in place of the lines "@OPTIONS@" and "@COMMANDS@". */
int fill_manual(FILE *template, struct berth_error *e);
/* Prints the page of one command, berth-NAME(1). */
int print_manual(const char *name, struct berth_error *e);

#endif
