/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beginning of a compiled profile: it looks at the architecture, answers ENOSYS to system calls
 * that are younger than the profile, and jumps to the program of that architecture.
 */
#ifndef LINUX_SECCOMP_FRONT_H
#define LINUX_SECCOMP_FRONT_H

#include <linux/filter.h>

#include "linux/seccomp.h"

/* More architectures than there are words for; each takes at most seven instructions. */
enum { SECCOMP_PARTS_MAX = 24, SECCOMP_FRONT_MAX = 1 + 7 * SECCOMP_PARTS_MAX };

/* What libseccomp made for one architecture. It refuses any other. */
struct seccomp_part {
	uint32_t architecture;
	struct sock_filter *v;
	size_t n;
};

struct seccomp_parts {
	size_t n;
	struct seccomp_part v[SECCOMP_PARTS_MAX]; /* the first is what unknown architectures get */
};

struct seccomp_front {
	size_t n;
	struct sock_filter v[SECCOMP_FRONT_MAX];
};

/* Instructions to stand in front of all parts, which follow in their order. */
void seccomp_build_front(const struct seccomp_profile *p, const struct seccomp_parts *parts,
			 struct seccomp_front *ret);

#endif
