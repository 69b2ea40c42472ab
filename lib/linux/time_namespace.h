/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time namespace with offsets (time_namespaces(7)).
 */
#ifndef LINUX_TIME_NAMESPACE_H
#define LINUX_TIME_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct time_offset {
	bool set;
	int64_t secs;
	uint32_t nanosecs;
};

/*
 * Makes a time namespace with these offsets and enters it. Offsets can be written until the first
 * process is in the namespace, so clone3(2) with CLONE_NEWTIME, which puts the child right into it,
 * comes too late for them. `proc` is a procfs that shows the caller, who must not have become
 * undumpable in a user namespace: its files there would belong to the host's root.
 */
int time_namespace_enter(int proc, const struct time_offset *monotonic,
			 const struct time_offset *boottime, struct berth_error *e) must_check;

#endif
