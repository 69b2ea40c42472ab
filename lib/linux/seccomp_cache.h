/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cache of compiled seccomp profiles on disk, since compiling takes milliseconds.
 */
#ifndef LINUX_SECCOMP_CACHE_H
#define LINUX_SECCOMP_CACHE_H

#include "linux/seccomp.h"

/* The caller's directory of them, made where it is missing: $BERTH_CACHE (empty: none),
 * /var/cache/berth for root, $XDG_RUNTIME_DIR/berth-cache. -1 where none can be had. */
int seccomp_cache_open(void);
/* As seccomp_compile_safely(), but out of the directory where it holds the program of just this
 * profile; otherwise the program is put there. A directory that is missing (-1), not ours or open
 * to others, and anything else that is wrong with the cache, only means that it is of no use. */
int seccomp_compile_cached(int dir, const struct seccomp_profile *p,
			   struct sock_filter **ret_program, size_t *ret_length,
			   struct berth_error *e) must_check;

#endif
