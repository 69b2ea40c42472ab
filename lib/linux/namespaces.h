/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces (namespaces(7)): their names, opening those to join, joining.
 */
#ifndef LINUX_NAMESPACES_H
#define LINUX_NAMESPACES_H

#include "base/text.h"

struct namespace_spec {
	int type;         /* CLONE_NEWNS, CLONE_NEWPID, ... */
	const char *path; /* NULL: a new one */
};

/* "mount", "pid", ...: the words of the specification, in the order in which `features` lists
 * them. */
extern const struct word namespace_words[];

/* Opens a namespace file and proves that it is one, of that type (NS_GET_NSTYPE). Follows links:
 * the path is the caller's, /proc/PID/ns/net included. */
int namespace_open(const char *path, int type, int *ret_fd, struct berth_error *e) must_check;
/* Whether it is the one that the caller is in. `proc`: a procfs that shows the caller. */
int namespace_is_own(int proc, int fd, int type, bool *ret, struct berth_error *e) must_check;
/* Whether the caller is in the user namespace that the kernel began with. */
bool in_first_user_namespace(void);
/* setns(2) with advice for what goes wrong. */
int namespace_join(int fd, int type, struct berth_error *e) must_check;

#endif
