/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explains why the kernel would not execute an existing file, from its first bytes.
 */
#ifndef LINUX_EXEC_FORMAT_H
#define LINUX_EXEC_FORMAT_H

#include "base/error.h"

/* Advises on ENOENT, ENOEXEC or ELIBBAD of execve(2): the interpreter of the "#!" line, the ELF
 * loader, or the machine. */
void exec_format_explain(const char *path, int err, struct berth_error *e);

#endif
