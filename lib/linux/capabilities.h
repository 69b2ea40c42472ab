/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The five capability sets of a thread (capabilities(7)).
 */
#ifndef LINUX_CAPABILITIES_H
#define LINUX_CAPABILITIES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Bit n is capability n. */
struct capability_sets {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};

/* "CAP_CHOWN" ... all of them, by number. */
extern const struct word capability_words[];

/* Before the change of user: drops from the bounding set what is not in it, and keeps permitted
 * capabilities across setuid (PR_SET_KEEPCAPS). */
int capabilities_before_user(const struct capability_sets *c, struct berth_error *e) must_check;
/* After it: effective, permitted and inheritable exactly, then ambient exactly. What we do not have
 * and cannot grant is left out with a warning (config.md, "capabilities"). Ambient ones that are
 * not both permitted and inheritable are left out, too. */
int capabilities_after_user(const struct capability_sets *c, struct berth_error *e) must_check;
/* The sets of capset(2) as they are (bounding and ambient stay empty), and setting them in a single
 * system call. */
int capabilities_read(struct capability_sets *ret, struct berth_error *e) must_check;
int capabilities_write(const struct capability_sets *c, struct berth_error *e) must_check;
/* Whether the caller has that capability effective in its user namespace. */
bool capability_held(int capability);

#endif
