/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls of a profile that are decided by their number alone: the most of any profile.
 * They become a binary search in front of the program that libseccomp makes for the others.
 */
#ifndef LINUX_SECCOMP_DIRECT_H
#define LINUX_SECCOMP_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct seccomp_direct_call {
	uint32_t number, action;
	bool rest; /* libseccomp's */
};

struct seccomp_direct {
	size_t n, room;
	struct seccomp_direct_call *v;
};

/* A call that the profile names, with what is to be done with it (SECCOMP_RET_*), whether or not
 * that is for libseccomp. One that is named twice and not the same both times is. */
int seccomp_direct_add(struct seccomp_direct *d, uint32_t number, uint32_t action,
		       bool rest) must_check;
/* After the last one. */
void seccomp_direct_settle(struct seccomp_direct *d);
/* Whether libseccomp need not know of it. */
bool seccomp_direct_decides(const struct seccomp_direct *d, uint32_t number);

/* The program: with the call's number loaded and its architecture known, it returns the action or
 * ends, right behind its last instruction. malloc'd; of no instructions where nothing is
 * decided. */
struct sock_filter;
int seccomp_direct_program(const struct seccomp_direct *d, struct sock_filter **ret,
			   size_t *ret_n) must_check;
void seccomp_direct_free(struct seccomp_direct *d);

#endif
