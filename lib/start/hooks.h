/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks (config.md, "POSIX-platform Hooks"): each gets the container's state on standard input and
 * its own environment, nothing else.
 */
#ifndef START_HOOKS_H
#define START_HOOKS_H

#include <berth/container.h>

#include "oci/config.h"
#include "oci/state.h"
#include "start/plan.h"

/* Runs the hooks of that kind in order, in the namespaces and root of the caller; stops at the
 * first failure. `pid` is what the hook shall see. */
int hooks_run(struct start *s, enum hook_kind kind, enum berth_status status, pid_t pid,
	      struct berth_error *e) must_check;
/* All of them, whatever happens: a failure is a logged warning (runtime.md, step 13). */
void hooks_run_poststop(const struct berth_config *c, const struct state_record *r);

#endif
