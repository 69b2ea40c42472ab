/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The v2 tree: finding it, opening cgroups in it, and reading and awaiting its interface files.
 * Private to lib/cgroup.
 */
#ifndef CGROUP_TREE_H
#define CGROUP_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"

struct cgroup_tree {
	int dir;           /* O_PATH, proved to be cgroup2 */
	char *mount_point; /* for messages and advice */
};

int tree_open(struct cgroup_tree *ret, struct berth_error *e) must_check;
void tree_close(struct cgroup_tree *t);
#define autotree cleanup(tree_close)

/* The caller's own cgroup, as a path relative to the mount point (malloc'd); -ENOENT where it does
 * not lie below it. */
int tree_own_path(const struct cgroup_tree *t, char **ret_path, struct berth_error *e) must_check;
/* The same of another process. */
int tree_path_of(const struct cgroup_tree *t, pid_t pid, char **ret_path,
		 struct berth_error *e) must_check;

/* Opens the cgroup (or one of its files) at an absolute path of the tree; "/" is the mount
 * point. */
int tree_open_at(const struct cgroup_tree *t, const char *path, int flags, int *ret_fd,
		 struct berth_error *e) must_check;

/* The parts of /proc/self/mountinfo and /proc/self/cgroup that matter, malloc'd. -ENOENT: not
 * there. `wanted` is a mount point or NULL (the best one). */
int tree_parse_mountinfo(const char *text, const char *wanted, char **ret_mount_point,
			 char **ret_root) must_check;
int tree_parse_own(const char *text, char **ret_path) must_check;

/* Whether somebody has marked the cgroup as given away, as systemd does (Delegate=); for user
 * managers since version 251 so that the user can read it. */
bool tree_is_delegated(int dir);

/* Reads a small interface file; `size` bounds it, the trailing newline is dropped. */
int tree_read(int dir, const char *file, char *text, size_t size, struct berth_error *e) must_check;
/* Whether a list as in cgroup.controllers ("cpu memory pids") has the word. */
bool tree_has_word(const char *list, const char *word);
/* The number behind `key` in a flat keyed file ("populated 1\nfrozen 0\n"). */
bool tree_keyed_value(const char *text, const char *key, uint64_t *ret);
/* Waits until cgroup.events says `key` `value`: -ETIMEDOUT after timeout_ms, -ENODEV if the cgroup
 * goes meanwhile. */
int tree_wait_event(int dir, const char *key, uint64_t value, int timeout_ms,
		    struct berth_error *e) must_check;

#endif
