/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Translates linux.cgroupsPath to a path in the tree. This touches nothing and can be tested by
 * itself. Private to lib/cgroup.
 */
#ifndef CGROUP_PLACE_H
#define CGROUP_PLACE_H

#include "cgroup/cgroup.h"
#include "cgroup/tree.h"

/* The leaf that berth moves its own processes to when they are in the way of enabling controllers
 * ("no internal processes"). */
#define OWN_LEAF "berth.leaf"

/* `base` is where relative and absent paths go; the result is normal, malloc'd. */
int place_path(const struct cgroup_request *r, const char *base, char **ret_path,
	       struct berth_error *e) must_check;
/* The base for a caller without privilege whose own cgroup is `own` (malloc'd): itself, or the
 * cgroup above if `own` is only a leaf of it. */
char *place_own_base(const char *own, bool above_is_delegated) must_check;
/* The closest common ancestor of two normal paths, malloc'd. */
char *place_common_ancestor(const char *a, const char *b) must_check;
/* Refuses a cgroup that is not ours alone, or in which nothing would run (config-linux.md, "Control
 * groups"). */
int place_check(const struct cgroup *c, struct berth_error *e) must_check;
/* Whether the caller may make the cgroup and clone(2) into it from its own, `own` (NULL: not to be
 * seen from here). 0, or the errno, negative. */
int place_check_reach(const struct cgroup_tree *t, const char *own, const char *path,
		      struct berth_error *e) must_check;
/* Whether the path has systemd's form, "slice:prefix:name". */
bool place_is_systemd_form(const char *path);

#endif
