/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing whole files, and keeping track of file descriptors. The files may be hostile:
 * sizes are bounded here, and the caller checks types.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/path.h"

/* What fstat(2) says of a regular file; 0 where it does not know, as with procfs. */
static size_t told_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
}

static size_t larger_size(size_t size, size_t told, size_t max)
{
	size_t wanted = size ? size * 2 : told ? told : 4096;

	return wanted < max ? wanted : max + 1;
}

int read_whole(int fd, size_t max, const char *what, char **ret_text, size_t *ret_length,
	       struct berth_error *e)
{
	autofree char *text = NULL;
	size_t length = 0, size = 0, told = told_size(fd);

	max = max < SSIZE_MAX / 2 ? max : SSIZE_MAX / 2;
	for (;;) {
		if (length == size) {
			size = larger_size(size, told, max);
			char *larger = realloc(text, size + 1);
			if (!larger)
				return fail(e, ENOMEM, "read %s", what);
			text = larger;
		}
		ssize_t n = read(fd, text + length, size - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(e, errno, "read %s", what);
		if (n == 0)
			break;
		length += (size_t)n;
		if (length > max)
			return refuse(e, EFBIG, "read %s: it is larger than %zu bytes", what, max);
		if (length == told) /* a read that finds the end has nothing to add */
			break;
	}
	text[length] = '\0';
	*ret_text = TAKE(text);
	*ret_length = length;
	return 0;
}

int read_file(int dir, const char *path, size_t max, char **ret_text, size_t *ret_length,
	      struct berth_error *e)
{
	autoclose int fd = -1;
	int r = open_beneath(dir, path, O_RDONLY | O_NOFOLLOW | O_NOCTTY, 0, &fd, e);

	if (r < 0)
		return r;
	return read_whole(fd, max, path, ret_text, ret_length, e);
}

int write_file(int dir, const char *path, const char *text, size_t length, struct berth_error *e)
{
	autoclose int fd = -1;
	int r = open_beneath(dir, path, O_WRONLY | O_NOFOLLOW | O_NOCTTY, 0, &fd, e);

	if (r < 0)
		return r;
	ssize_t n = write(fd, text, length);
	if (n < 0)
		return fail(e, errno, "write %s", path);
	if ((size_t)n != length)
		return refuse(e, EIO, "write %s: only %zd of %zu bytes were taken", path, n,
			      length);
	return 0;
}

int write_all(int fd, const void *data, size_t length)
{
	const char *rest = data;

	while (length > 0) {
		ssize_t n = write(fd, rest, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		rest += n;
		length -= (size_t)n;
	}
	return 0;
}

/* Makes the temporary file. One that is there already was left by a process that had our pid and
 * was killed. */
static int make_temporary(int dir, const char *name, int *ret_fd)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
				0600);

		if (fd >= 0) {
			*ret_fd = fd;
			return 0;
		}
		if (errno != EEXIST || unlinkat(dir, name, 0) < 0)
			return -errno;
	}
	return -EEXIST;
}

int create_file(int dir, const char *name, const void *data, size_t length, struct berth_error *e)
{
	autoclose int fd =
		openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return fail(e, errno, "make file %s", name);
	r = write_all(fd, data, length);
	return r < 0 ? fail(e, -r, "write %s", name) : 0;
}

int replace_file(int dir, const char *name, const void *data, size_t length, mode_t mode,
		 struct berth_error *e)
{
	autoclose int fd = -1;
	char temporary[NAME_MAX + 1];

	if (name[0] == '\0' || strchr(name, '/'))
		return refuse(e, EINVAL, "write %s: not the name of a file", name);
	if (snprintf(temporary, sizeof(temporary), ".%s.%d", name, getpid()) >=
	    (int)sizeof(temporary))
		return fail(e, ENAMETOOLONG, "write %s", name);

	int r = make_temporary(dir, temporary, &fd);
	if (r < 0)
		return fail(e, -r, "make temporary file for %s", name);
	r = write_all(fd, data, length);
	if (r == 0 && fchmod(fd, mode) < 0) /* not by open(2): the umask would count */
		r = -errno;
	if (r == 0 && renameat(dir, temporary, dir, name) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlinkat(dir, temporary, 0);
		return fail(e, -r, "write %s", name);
	}
	return 0;
}

DIR *list_directory(int dir)
{
	autoclose int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (d)
		(void)take_fd(&fd);
	return d;
}

bool fd_has_magic(int fd, unsigned long magic)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

bool fd_is_device(int fd, mode_t type, unsigned int major_number, unsigned int minor_number)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	       st.st_rdev == makedev(major_number, minor_number);
}

int set_cloexec(int fd, bool on, struct berth_error *e)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags < 0)
		return fail(e, errno, "get flags of file descriptor %d", fd);
	flags = on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC;
	if (fcntl(fd, F_SETFD, flags) < 0)
		return fail(e, errno, "set flags of file descriptor %d", fd);
	return 0;
}

/* The smallest of the fds that is not below `from`, or -1. */
static int next_kept(const int *keep, size_t n_keep, unsigned int from)
{
	int next = -1;

	for (size_t i = 0; i < n_keep; i++) {
		if (keep[i] >= 0 && (unsigned int)keep[i] >= from && (next < 0 || keep[i] < next))
			next = keep[i];
	}
	return next;
}

int close_all_but(unsigned int first, const int *keep, size_t n_keep, struct berth_error *e)
{
	unsigned int from = first;

	for (;;) {
		int kept = next_kept(keep, n_keep, from);
		unsigned int last = kept < 0 ? ~0U : (unsigned int)kept - 1;

		if (from <= last && close_range(from, last, 0) < 0)
			return fail(e, errno, "close file descriptors from %u on", from);
		if (kept < 0)
			return 0;
		from = (unsigned int)kept + 1;
	}
}
