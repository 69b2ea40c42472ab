/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device nodes and the links in /dev. Where mknod(2) is allowed, berth makes nodes. In a user
 * namespace, it binds the host's nodes, which are opened and verified beforehand.
 */
#ifndef LINUX_DEVICES_H
#define LINUX_DEVICES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct device_spec {
	const char *path; /* in the container */
	char type;        /* 'c', 'u' (the same), 'b', 'p' */
	int64_t major, minor;
	bool has_major, has_minor;
	bool has_mode;
	uint32_t mode; /* permission bits; the decoder drops the type bits of engines' configs */
	bool has_uid, has_gid;
	uint32_t uid, gid;
};

/* /dev/null, zero, full, random, urandom, tty (config-linux.md, "Default Devices"). */
extern const struct device_spec default_devices[6];

/* Opens the host's device at the spec's path (O_PATH) and proves type and numbers: to bind it into
 * a user namespace. */
int device_open_host(const struct device_spec *d, int *ret_fd, struct berth_error *e) must_check;
/* Makes devices in a root; `dir` is -1 at first and to be closed at the end. The paths have to
 * stay. */
struct device_maker {
	int root;
	int dir;           /* the directory of the last device */
	const char *place; /* its path: `length` bytes */
	size_t length;
};
/* Makes the node in the root: mknodat, owner, mode; what already is there has to be the same
 * device, else an error. host_fd not -1: the host's device is bind-mounted there instead (open_tree
 * of it). The caller's umask has to be 0. An existing node keeps owner and mode unless the spec has
 * some; a bound one always does. */
int device_make(struct device_maker *m, const struct device_spec *d, int host_fd,
		struct berth_error *e) must_check;
/* /dev/fd, stdin, stdout, stderr -> /proc/self/fd..., /dev/ptmx -> pts/ptmx, /dev/core unless
 * absent in proc. Existing ones are kept, except a wrong ptmx on a tmpfs; links are made only where
 * their source exists after the mounts (runtime-linux.md). */
int device_make_links(int root, struct berth_error *e) must_check;
/* A detached mount of the host's /dev/null, proved, to mask files with (read-only: its owner and
 * mode cannot be changed through it). To be called in the container's mount namespace before the
 * root is entered. */
int device_open_null(int *ret_fd, struct berth_error *e) must_check;

#endif
