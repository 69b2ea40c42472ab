/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See self.h for what it guards against. All of this happens on the host, before anything of a
 * container is accessed; what is mounted at /proc is not trusted.
 *
 * The read-only mount is detached. When its fd is closed, it no longer belongs to any mount
 * namespace, but the executing file still holds it. From then on nobody can make it writable:
 * mount_setattr(2) and mount(2) accept only mounts of the caller's mount namespace (EINVAL),
 * whatever the caller's capabilities. While the fd is open, mount_setattr(2) would accept it. So
 * the fd must be closed before anything of a container can see berth.
 */
#include "linux/self.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "linux/mounts.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3 */
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020 /* Linux 6.3 */
#endif

static int open_self(int proc, int flags, int *ret_fd, struct berth_error *e)
{
	*ret_fd = openat(proc, "self/exe", flags | O_CLOEXEC);
	return *ret_fd < 0 ? fail(e, errno, "open the executing file") : 0;
}

/* A copy in memory that is sealed, as execute_anew() makes it. */
static bool is_sealed(int proc, int fd)
{
	autoclose int readable = -1;
	struct berth_error ignored;

	if (!fd_has_magic(fd, TMPFS_MAGIC) || open_self(proc, O_RDONLY, &readable, &ignored) < 0)
		return false;

	int seals = fcntl(readable, F_GET_SEALS);

	return seals >= 0 && (seals & F_SEAL_WRITE);
}

static bool is_writable_for_nobody(int proc, int fd, const struct statx *st)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && ((unsigned long)fs.f_flags & ST_RDONLY))
		return true;
	return (st->stx_attributes & STATX_ATTR_VERITY) || is_sealed(proc, fd);
}

int self_is_exposed(int proc, const struct id_maps *uids, bool *ret_exposed, struct berth_error *e)
{
	autoclose int fd = -1;
	struct statx st;
	uint32_t id;
	int r = open_self(proc, O_PATH, &fd, e);

	if (r < 0)
		return r;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) < 0)
		return fail(e, errno, "look at the executing file");
	if (is_writable_for_nobody(proc, fd, &st))
		*ret_exposed = false;
	else if (uids->n == 0)
		*ret_exposed = true;
	else /* the group's bit stands for what an ACL allows whomever, too */
		*ret_exposed = idmap_to_container(uids, st.stx_uid, &id) ||
			       (st.stx_mode & (S_IWGRP | S_IWOTH));
	return 0;
}

static int open_readonly(int proc, int *ret_fd, struct berth_error *e)
{
	autoclose int file = -1, mount = -1;
	char path[32];
	int r = open_self(proc, O_PATH, &file, e);

	if (r == 0)
		r = mount_clone(file, "", false, &mount, e);
	if (r == 0)
		r = mount_set_attributes(mount, MOUNT_ATTR_RDONLY, 0, false, e);
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "self/fd/%d", mount);
	*ret_fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? fail(e, errno, "open the executing file on a read-only mount") : 0;
}

static int copy_file(int from, int to)
{
	struct stat st;
	off_t at = 0;

	if (fstat(from, &st) < 0)
		return -1;
	while (at < st.st_size) {
		ssize_t n = sendfile(to, from, &at, (size_t)(st.st_size - at));

		if (n < 0)
			return -1;
		if (n == 0) {
			errno = EIO;
			return -1;
		}
	}
	return 0;
}

static int open_copy(int proc, int *ret_fd, struct berth_error *e)
{
	const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	autoclose int file = -1, copy = -1;
	int r = open_self(proc, O_RDONLY, &file, e);

	if (r < 0)
		return r;
	copy = memfd_create("berth", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (copy < 0 && errno == EINVAL)
		copy = memfd_create("berth", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (copy < 0 || copy_file(file, copy) < 0)
		return fail(e, errno, "copy the executing file to memory");
	if (fcntl(copy, F_ADD_SEALS, seals | F_SEAL_EXEC) < 0 &&
	    fcntl(copy, F_ADD_SEALS, seals) < 0)
		return fail(e, errno, "seal the copy of the executing file");
	*ret_fd = take_fd(&copy);
	return 0;
}

static int execute_anew(int fd, char *const *argv, struct berth_error *e)
{
	(void)syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	return fail(e, errno, "execute berth anew from a file that cannot be written to");
}

int self_protect(int proc, char *const *argv, struct berth_error *e)
{
	autoclose int fd = -1;
	struct berth_error why = { 0 };
	int r = open_readonly(proc, &fd, &why);

	if (r == 0 && self_remap(proc, fd, &why) == 0)
		return 0;
	log_debug("berth executes itself anew: %s", why.text);
	/* EINVAL: we were executed from a mount of another mount namespace. */
	if (r == -EPERM || r == -EINVAL) {
		why = (struct berth_error){ 0 };
		r = open_copy(proc, &fd, &why);
	}
	if (r == 0)
		return execute_anew(fd, argv, e);
	*e = why;
	return r;
}
