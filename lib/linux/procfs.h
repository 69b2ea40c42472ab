/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A procfs that can be trusted. What is mounted at /proc may be a tmpfs, a bind mount of one
 * process's directory, or real with something mounted over parts of it (CVE-2019-16884,
 * CVE-2025-52881). So /proc is taken only if its file system is procfs and it is that file system's
 * root; otherwise berth makes a detached instance of its own. Everything below is reached by
 * open_beneath(), which refuses links and mounts on the way.
 */
#ifndef LINUX_PROCFS_H
#define LINUX_PROCFS_H

#include "base/error.h"

/* The fd stays valid after pivot_root(2) and shows processes of the pid namespace of the caller. */
int procfs_open(int *ret_fd, struct berth_error *e) must_check;

#endif
