/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Putting settings into effect. Private to lib/cgroup.
 */
#ifndef CGROUP_APPLY_H
#define CGROUP_APPLY_H

#include "cgroup/cgroup.h"
#include "cgroup/limits.h"
#include "cgroup/tree.h"

/* Sees to it that the cgroup has the controllers of all settings, from the root of the tree
 * down. */
int controllers_enable(const struct cgroup_tree *t, const struct cgroup *c,
		       const struct settings *s, struct berth_error *e) must_check;
/* All of that for a cgroup that was just made or found: works the settings out, enables, writes. */
int limits_apply(const struct cgroup_tree *t, const struct cgroup *c,
		 const struct cgroup_resources *r, struct berth_error *e) must_check;
/* Writes the settings, in order. `fresh`: the cgroup was made just now, and what it has anyhow is
 * not written. */
int settings_apply(const struct cgroup *c, const struct settings *s, bool fresh,
		   struct berth_error *e) must_check;
/* What of an existing cgroup the arithmetic needs to know. */
int limits_read(const struct cgroup *c, struct limits_now *ret, struct berth_error *e) must_check;

/* Reads a file with a number or "max" (LIMIT_MAX) in it; no file counts as `missing`. */
int read_number(int dir, const char *file, uint64_t missing, uint64_t *ret,
		struct berth_error *e) must_check;

#endif
