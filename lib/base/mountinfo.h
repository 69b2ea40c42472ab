/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding mounts of one file-system type in the text of /proc/PID/mountinfo
 * (proc_pid_mountinfo(5)).
 */
#ifndef BASE_MOUNTINFO_H
#define BASE_MOUNTINFO_H

#include <stdbool.h>

enum { MOUNTINFO_MAX = 64 << 20 }; /* bytes of the file that are read at most */

/* The next mount of that type at or behind *text, which is moved behind it: its mount point and
 * which directory of the file system is mounted there, malloc'd (NULL: without memory). False where
 * there is none. */
bool mountinfo_next(const char **text, const char *type, char **ret_point, char **ret_root);

#endif
