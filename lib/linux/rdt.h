/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource Director Technology: groups of the resctrl file system
 * (Documentation/filesystems/resctrl.rst), as config-linux.md, "IntelRdt", wants them. All
 * functions except rdt_open() take the root directory of that file system. A group is named by its
 * directory; "." is the root, the default class.
 */
#ifndef LINUX_RDT_H
#define LINUX_RDT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct rdt_spec {
	const char *clos_id; /* NULL: a group of the container's own, with its id for a name */
	size_t n_schemata;
	const char **schemata;
	const char *l3_cache_schema, *mem_bw_schema;
	bool enable_monitoring;
};

/* Finds a mounted resctrl in mountinfo, opens it and proves it. */
int rdt_open(int *ret_root, struct berth_error *e) must_check;
/* The group's name: within `r` or `id`, or static. */
const char *rdt_group_name(const struct rdt_spec *r, const char *id);
/* Whether the group has to be made; an error where it exists but must not, or the other way. An
 * existing one is compared with the schemata asked for, nothing is written. */
int rdt_plan(int root, const struct rdt_spec *r, const char *id, bool *ret_make,
	     struct berth_error *e) must_check;
/* Makes the group, writes its schemata; nothing of it stays on failure. */
int rdt_make(int root, const struct rdt_spec *r, const char *group,
	     struct berth_error *e) must_check;
/* Writes the schemata to a group that is there: l3CacheSchema, memBwSchema, then the lines of
 * schemata. */
int rdt_write_schemata(int root, const struct rdt_spec *r, const char *group,
		       struct berth_error *e) must_check;
/* The same for a monitoring group within it; `path` is GROUP/mon_groups/ID. */
int rdt_make_monitor(int root, const char *path, struct berth_error *e) must_check;
/* Puts the process into the group and, if not NULL, the monitoring group. */
int rdt_join(int root, const char *group, const char *monitor, pid_t pid,
	     struct berth_error *e) must_check;
/* Removes a group or a monitoring group; it may be gone already. */
int rdt_remove(int root, const char *path, struct berth_error *e) must_check;

/* Whether a line such as "L3:0=7f0;1=1f" is what the text of a schemata file says; domains that it
 * does not name do not count. */
bool rdt_schema_matches(const char *line, const char *schemata);

#endif
