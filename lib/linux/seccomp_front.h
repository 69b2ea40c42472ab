/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beginning of a compiled profile: it checks the architecture, answers ENOSYS to system calls
 * that are newer than the profile, and jumps to the program of that architecture.
 */
#ifndef LINUX_SECCOMP_FRONT_H
#define LINUX_SECCOMP_FRONT_H

#include <linux/filter.h>

#include "linux/seccomp.h"

/* More architectures than there are words for; each takes at most seven instructions. */
enum { SECCOMP_PARTS_MAX = 24, SECCOMP_FRONT_MAX = 2 + 7 * SECCOMP_PARTS_MAX };

/*
 * What was made for one architecture: a search among calls by their number (seccomp_direct.h), then
 * libseccomp's program. That refuses any other architecture; the search takes it for granted, so
 * only the front may lead there, with the call's number loaded.
 */
struct seccomp_part {
	uint32_t architecture;
	struct sock_filter *v;
	size_t n, n_search;
};

struct seccomp_parts {
	size_t n;
	struct seccomp_part
		v[SECCOMP_PARTS_MAX]; /* unknown architectures get the first one's libseccomp */
};

struct seccomp_front {
	size_t n;
	struct sock_filter v[SECCOMP_FRONT_MAX];
};

/* Instructions to stand in front of all parts, which follow in their order. */
void seccomp_build_front(const struct seccomp_profile *p, const struct seccomp_parts *parts,
			 struct seccomp_front *ret);

#endif
