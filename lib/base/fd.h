/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing whole files, and keeping track of file descriptors.
 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/error.h"

/* Whole file into malloc'd memory with a NUL behind it. More than `max` bytes: -EFBIG. `what` names
 * it in errors. */
int read_whole(int fd, size_t max, const char *what, char **ret_text, size_t *ret_length,
	       struct berth_error *e) must_check;
/* The same for a path below a trusted directory (open_beneath), O_NOFOLLOW. */
int read_file(int dir, const char *path, size_t max, char **ret_text, size_t *ret_length,
	      struct berth_error *e) must_check;
/* Exactly one write(2), as kernel interface files want it; a short one is EIO. Opens with O_WRONLY,
 * never creates. */
int write_file(int dir, const char *path, const char *text, size_t length,
	       struct berth_error *e) must_check;
/* All of it, however many writes it takes. SIGPIPE is the caller's business. */
int write_all(int fd, const void *data, size_t length) must_check;

/* Makes a file (0600) that must not be there yet, and writes it. Whoever is killed meanwhile leaves
 * half of it. */
int create_file(int dir, const char *name, const void *data, size_t length,
		struct berth_error *e) must_check;
/* Atomically puts a file of that name and content into `dir`: O_EXCL temporary, mode, rename. */
int replace_file(int dir, const char *name, const void *data, size_t length, mode_t mode,
		 struct berth_error *e) must_check;

/* The directory for readdir(3), from its beginning; NULL with errno set. */
DIR *list_directory(int dir) must_check;

/* Whether fd lies on a file system of this magic number (statfs(2)). */
bool fd_has_magic(int fd, unsigned long magic);
/* Whether fd is the device `type` (S_IFCHR or S_IFBLK) major:minor. The type is compared before
 * st_rdev means anything. */
bool fd_is_device(int fd, mode_t type, unsigned int major, unsigned int minor);

/* Sets or clears O_CLOEXEC. */
int set_cloexec(int fd, bool on, struct berth_error *e) must_check;
/* Closes every fd from `first` on that is not in `keep` (any order), with close_range(2). */
int close_all_but(unsigned int first, const int *keep, size_t n_keep,
		  struct berth_error *e) must_check;

#endif
