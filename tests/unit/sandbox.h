/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of the kernel's parts: namespaces of the test's own, which go when its process ends.
 *
 *	START_TEST(mounts)
 *	{
 *		if (!sandbox(CLONE_NEWNS))
 *			return;
 *		...
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

/* Enters new namespaces (CLONE_NEWUSER: as its root, with the one id mapped). False, with a line on
 * stderr that says why, where that is not permitted. In a new mount namespace scratch_path()
 * becomes a tmpfs, and everything else is cut off from the host. */
bool sandbox(int flags);
/* Enters further ones, where the first call worked: whatever is not allowed here for good reasons
 * is said to be skipped, too. */
bool sandbox_more(int flags);
/* Runs the function in a child process (in new pid namespaces: as their pid 1) and fails the test
 * if it did. */
void in_child(void (*function)(void));

/* In the tmpfs, which scratch() and unit.h's functions, that had the directory before, do not
 * see. */
void make_directory(const char *path);
void make_file(const char *path, const char *text);
void make_symlink(const char *path, const char *target);

/* Opens the path O_PATH without following; fails the test where it cannot. */
int path_fd(const char *path);
/* The mount that the path or the fd lies on. */
uint64_t mount_id(const char *path);
uint64_t mount_id_of(int fd);
/* ST_* of the mount. */
unsigned long flags_of(const char *path);
/* The line of /proc/self/mountinfo for the mount point, or NULL. The topmost, if there are
 * several. */
const char *mount_line(const char *path);
/* A path below scratch_path(), in static memory (of four, by turns). */
const char *below(const char *path);

#endif
