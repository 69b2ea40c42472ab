/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources as a list of writes to files of the cgroup. Making the list touches nothing, so
 * all arithmetic is here and is tested without a cgroup. docs/cgroups.md shows the translation as a
 * table. Private to lib/cgroup.
 */
#ifndef CGROUP_LIMITS_H
#define CGROUP_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "cgroup/resources.h"

struct setting {
	const char *property; /* below linux.resources: "memory.limit" */
	char *file;           /* "memory.max" */
	char *value;          /* each line is a write of its own */
	bool is_default;      /* what a new cgroup has anyhow: needs no controller */
	bool may_lack;        /* a kernel without the file is fine */
	bool or_next;         /* the next one is for kernels without the file */
};

struct settings {
	size_t n, size;
	struct setting *v;
	bool failed; /* out of memory; told once, by limits_settings() */
};

enum { CONTROLLER_MAX = 32 };
#define LIMIT_MAX UINT64_MAX /* "max" */

/* What of an existing cgroup matters when a part of its limits is changed. */
struct limits_now {
	uint64_t memory_max, memory_current, swap_max, swap_current;
	uint64_t quota, burst;
	bool idle;
	bool existing; /* an update: "max" has to be written even though it is the default */
};

/* A new cgroup. */
extern const struct limits_now limits_fresh;

/* What cgroup v2 has no equivalent for does not come here: oci/check_resources.c refuses it. r may
 * be NULL. */
int limits_settings(const struct cgroup_resources *r, const struct limits_now *now,
		    struct settings *ret, struct berth_error *e) must_check;
void settings_free(struct settings *s);
#define autosettings cleanup(settings_free)

/* The first property that needs a cgroup to be there, or NULL. Device rules do not count. */
const char *settings_first(const struct settings *s);
/* The controller that the file belongs to, or "" (cgroup.*, *.pressure). */
void setting_controller(const char *file, char controller[CONTROLLER_MAX]);

/* The three conversions of version 1's numbers. */
uint64_t limits_cpu_weight(uint64_t shares);
unsigned int limits_io_weight(unsigned int weight);
int limits_swap_max(int64_t swap, uint64_t memory_max, uint64_t *ret,
		    struct berth_error *e) must_check;

#endif
