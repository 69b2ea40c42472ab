/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of a cgroup, described for messages. Private to lib/cgroup.
 */
#ifndef CGROUP_PROCESSES_H
#define CGROUP_PROCESSES_H

#include <stddef.h>

/* The first few processes in it and below, as "12 (sh), 15 (sleep) and more". */
void processes_describe(int dir, char *text, size_t size);
/* The same without those below. */
void processes_describe_own(int dir, char *text, size_t size);

#endif
