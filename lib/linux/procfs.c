/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See procfs.h for what it guards against. What is mounted at /proc is not trusted until it is
 * verified.
 */
#include "linux/procfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/number.h"
#include "linux/mounts.h"

enum { PROC_ROOT_INO = 1 }; /* of every instance, since Linux 2.6 */

static bool is_proc_root(int fd)
{
	struct stat st;

	return fd_has_magic(fd, PROC_SUPER_MAGIC) && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_ino == PROC_ROOT_INO;
}

/* An instance shows the processes of one pid namespace. In another's, "self" is missing or another
 * number. */
static bool shows_us(int proc)
{
	char text[16];
	ssize_t n = readlinkat(proc, "self", text, sizeof(text) - 1);
	int pid;

	if (n < 0)
		return false;
	text[n] = '\0';
	return parse_int(text, &pid) == 0 && pid == getpid();
}

int procfs_open(int *ret_fd, struct berth_error *e)
{
	static const struct mount_spec own = {
		.destination = "a detached procfs",
		.type = "proc",
		.source = "proc",
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
	};
	autoclose int fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0 || !is_proc_root(fd) || !shows_us(fd)) {
		close_fd(&fd);
		r = mount_new(&own, &fd, e);
		if (r < 0)
			return in_context(e, r, "/proc is not a procfs of this pid namespace");
	}
	*ret_fd = take_fd(&fd);
	return 0;
}
