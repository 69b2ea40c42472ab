/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beginning of a compiled profile: ENOSYS for system calls that are younger than the profile.
 */
#ifndef LINUX_SECCOMP_ENOSYS_H
#define LINUX_SECCOMP_ENOSYS_H

#include <linux/filter.h>

#include "linux/seccomp.h"

enum { SECCOMP_PROLOGUE_MAX = 160 };

struct seccomp_prologue {
	size_t n;
	struct sock_filter v[SECCOMP_PROLOGUE_MAX];
};

/* Instructions to stand in front of the profile's program: they fall through to it for every call that they do not answer. */
void seccomp_build_prologue(const struct seccomp_profile *p, struct seccomp_prologue *ret);

#endif
