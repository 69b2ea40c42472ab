/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth's own executable file. A container may get hold of it: its program may be a link to
 * /proc/self/exe, or begin with #!/proc/self/exe. Then one of its processes opens /proc/PID/exe,
 * waits until berth has ended and overwrites the file (CVE-2019-5736). Where that is possible,
 * berth continues from a file that nobody can write to. docs/decisions/self-protection.md says
 * when, and what it costs.
 */
#ifndef LINUX_SELF_H
#define LINUX_SELF_H

#include <stdbool.h>

#include "linux/idmap.h"

/* Whether a process to which these ids are mapped could write to the file. Without any mapping:
 * whoever is root of the host, or ourselves. `proc` is from procfs_open(), here and below. */
int self_is_exposed(int proc, const struct id_maps *uids, bool *ret_exposed,
		    struct berth_error *e) must_check;

/* Goes on from a read-only mount of the file. Where the kernel cannot exchange an executing file,
 * or the program is not static: executes the same program with these arguments from there, or,
 * without the privilege to mount, from a sealed copy in memory; then whatever is open and not
 * close-on-exec stays open. */
int self_protect(int proc, char *const *argv, struct berth_error *e) must_check;

/* The first way alone (self_remap.c): `file` becomes the executing file. */
int self_remap(int proc, int file, struct berth_error *e) must_check;

#endif
