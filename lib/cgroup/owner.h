/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which cgroups are berth's. berth marks what it makes with extended attributes of the directory. A
 * mark comes and goes with the cgroup, so it is never out of date, as a record elsewhere could be
 * after a crash. Private to lib/cgroup.
 */
#ifndef CGROUP_OWNER_H
#define CGROUP_OWNER_H

#include <stdbool.h>

#include "cgroup/tree.h"

/* Marks the cgroup as the one of container `id`. Where that cannot be (someone else's directory),
 * it stays unmarked, with a debug message. */
void owner_mark_container(int dir, const char *id);
bool owner_is_container(int dir, const char *id);
/* Marks a cgroup that was only made because it was missing on the way. */
void owner_mark_parent(int dir);
/* Removes those cgroups above `path` that berth made on the way and that are empty now. */
void owner_remove_parents(const struct cgroup_tree *t, const char *path);

#endif
