/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaching files below a directory that may not be trusted. Nothing in berth builds a path into a
 * container's root file system and hands it to a system call that follows links; it comes here
 * instead.
 *
 * in_root: absolute links and ".." are resolved as if `root` were "/", magic links are refused
 * (openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS). For the container's root file system.
 * beneath: additionally no step may leave `dir` or cross a mount (RESOLVE_BENEATH | RESOLVE_NO_XDEV
 * | RESOLVE_NO_SYMLINKS). For procfs, sysfs, cgroup and state directories, where a link or a mount
 * in the way is an attack.
 *
 * All fds are O_CLOEXEC. When openat2 fails with EAGAIN (a rename raced with ".."), it is repeated
 * a limited number of times.
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

int open_in_root(int root, const char *path, int flags, int *ret_fd,
		 struct berth_error *e) must_check;
int open_beneath(int dir, const char *path, int flags, mode_t mode, int *ret_fd,
		 struct berth_error *e) must_check;

/*
 * Opens (O_PATH) the directory or, with `file`, the regular file at `path` in the root, making what
 * is missing component by component with mkdirat(2) mode 0755 and mknodat(2) mode 0644 (never
 * O_CREAT), following links within the root as the kernel would. Where a link leads to what is
 * not there, that is made. A component that exists and is not a directory is an error. What exists
 * already is opened as it is, whatever its type.
 */
int make_in_root(int root, const char *path, bool file, int *ret_fd,
		 struct berth_error *e) must_check;

/* Opens the parent directory of `path` in the root, made as above, and points *ret_name at the last
 * component within `path`. A path without a usable last component ("/", "..", trailing "/.") is
 * refused. */
int make_parent_in_root(int root, const char *path, int *ret_dir, const char **ret_name,
			struct berth_error *e) must_check;

/* Where the fd was opened, or has been moved to since: malloc'd. `proc` is a procfs directory fd
 * that shows us. For a program that can be told by name alone. */
int path_of_fd(int proc, int fd, char **ret, struct berth_error *e) must_check;

/* Whether the path's components, taken literally, would leave the root ("..", as a component). */
bool path_has_dotdot(const char *path);
/* Whether `path` is `top` or lies below it, compared by components. Both are absolute and need not
 * be normal. */
bool path_is_below(const char *path, const char *top);
/* Whether both are the same place, compared in the same way. */
bool path_is_same(const char *a, const char *b);
/* Lexically: no "//", no "/./", no trailing "/", ".." folded (never above "/"). Absolute paths
 * only. Returns malloc'd memory or NULL. */
char *path_normalize(const char *path) must_check;

#endif
