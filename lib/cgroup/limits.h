/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What linux.resources asks for. Private to lib/cgroup.
 */
#ifndef CGROUP_LIMITS_H
#define CGROUP_LIMITS_H

#include "cgroup/resources.h"

/* The first property that needs a cgroup to be there ("memory.limit"), or NULL. Device rules do not count, nor does a value that asks for
 * what is so anyhow. */
const char *limits_first(const struct cgroup_resources *r);

#endif
