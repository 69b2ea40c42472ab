/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last steps before execve(2), and execve(2) itself: working directory and program.
 */
#ifndef LINUX_EXEC_H
#define LINUX_EXEC_H

#include "base/error.h"

/* chdir(2), and proof that it lies below "/" (getcwd(2) not "(unreachable)": CVE-2024-21626). */
int exec_chdir(const char *cwd, struct berth_error *e) must_check;

/* Finds the program as execvp(3) would with PATH of `env`: *ret_path points into malloc'd memory.
 * The texts of the errors are what engines look for: "executable file not found in $PATH", "no such
 * file or directory", "permission denied". */
int exec_find(const char *name, char *const *env, char **ret_path,
	      struct berth_error *e) must_check;

/* execve(2). Returns only on failure, with advice on ENOENT (interpreter or loader missing),
 * ENOEXEC (format, architecture), EACCES (noexec). Makes no system call but execve itself until it
 * fails. */
int exec_run(const char *path, char *const *args, char *const *env,
	     struct berth_error *e) must_check;

#endif
