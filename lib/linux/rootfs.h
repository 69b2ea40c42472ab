/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's root: its own mount, pivot_root(2), read-only and masked paths. Works in the
 * container's mount namespace, on fds.
 */
#ifndef LINUX_ROOTFS_H
#define LINUX_ROOTFS_H

#include <stdbool.h>

#include "base/error.h"

/* Makes every mount of this namespace a slave (MS_SLAVE) or private, so that nothing done here
 * reaches the host. `proc` here and below: a procfs that shows us. */
int rootfs_isolate(int proc, unsigned long propagation, struct berth_error *e) must_check;
/* Mounts the directory (the current working directory) on itself with all below it, and returns an
 * fd of the new root mount. */
int rootfs_mount(int *ret_fd, struct berth_error *e) must_check;
/* pivot_root(2) to `root`, the old root detached, the working directory "/". */
int rootfs_pivot(int proc, int root, struct berth_error *e) must_check;
/* For --no-pivot: MS_MOVE of the root onto "/" and chroot(2). Weaker: see docs/security.md. */
int rootfs_move(int proc, int root, struct berth_error *e) must_check;
/* chroot(2) alone, for a container without a mount namespace of its own. */
int rootfs_chroot(int root, struct berth_error *e) must_check;

/* Each path in `root` that exists becomes a read-only bind of itself, recursively. Missing paths
 * are passed over; nothing else is. */
int rootfs_readonly_path(int root, const char *path, struct berth_error *e) must_check;
/*
 * What hides paths. The mount itself goes onto the first of them, and copies of it onto the others:
 * a mount that is closed without ever having been attached costs an RCU grace period.
 */
struct mask {
	int mount; /* or -1 */
	bool attached;
};

struct masks {
	struct mask
		device; /* hides files: character device 1:3, by device_open_null(); proved again */
	struct mask directory; /* hides directories: an empty tmpfs, made when it is needed */
	const char *label;     /* SELinux mount label of that tmpfs, or NULL */
};

/* Only "does not exist" is passed over. */
int rootfs_mask_path(int root, const char *path, struct masks *m, struct berth_error *e) must_check;

#endif
