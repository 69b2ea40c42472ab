/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's root: its own mount, pivot_root(2), read-only and masked paths. The root's
 * content is hostile: inside it everything is opened by open_in_root(), and a mount is attached to
 * the same fd that was verified.
 *
 * Namespaces: the container's mount namespace throughout; the root directory is the host's until
 * rootfs_pivot(), rootfs_move() or rootfs_chroot().
 */
#include "linux/rootfs.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/text.h"
#include "linux/mounts.h"

/*
 * setns(2) into the namespace that we are in takes us to its root, which in a chroot is not "/".
 * Without that the host's root would stay the namespace's, for whoever enters it later, as `exec`
 * does; or pivot_root(2) fails, as "/" is no mount point.
 */
static int leave_chroot(int proc, struct berth_error *e)
{
	autoclose int namespace = openat(proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (namespace < 0 || setns(namespace, CLONE_NEWNS) < 0)
		return fail(e, errno, "go to the root of the mount namespace");
	return 0;
}

/* By mount(2): mount_setattr(2) refuses a mount without a parent, which the initramfs is, before
 * Linux 6.9 (EINVAL). */
static int isolate(unsigned long propagation, struct berth_error *e)
{
	if (mount(NULL, "/", NULL, MS_REC | propagation, NULL) < 0)
		return fail(e, errno, "cut the mount namespace off from the host's");
	return 0;
}

/* Back in the chroot afterwards: the hooks are its, too. */
static int isolate_chroot(int proc, unsigned long propagation, struct berth_error *e)
{
	autoclose int top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autoclose int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (top < 0 || here < 0)
		return fail(e, errno, "open / and the working directory");
	r = leave_chroot(proc, e);
	if (r == 0)
		r = isolate(propagation, e);
	if (r == 0 && (fchdir(top) < 0 || chroot(".") < 0 || fchdir(here) < 0))
		r = fail(e, errno, "return into the chroot");
	return r;
}

int rootfs_isolate(int proc, unsigned long propagation, struct berth_error *e)
{
	struct berth_error no_mount_point = { 0 };
	int r = isolate(propagation, &no_mount_point);

	if (r == -EINVAL)
		return isolate_chroot(proc, propagation, e);
	if (r < 0)
		*e = no_mount_point;
	return r;
}

/*
 * The host changes to the directory before it clones: the new mount namespace's copy of the mount
 * then is where we already stand, and the path to it need not be resolved again. As a slave,
 * nothing mounted in the container can reach the host's mount of the same directory. The mount goes
 * onto the directory itself, so that hooks that run in this namespace find the container's mounts
 * by the bundle's path.
 */
int rootfs_mount(int *ret_fd, struct berth_error *e)
{
	autoclose int fd = -1, target = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (target < 0)
		return fail(e, errno, "open the root file system");
	r = mount_clone(target, "", true, &fd, e);
	if (r == 0)
		r = mount_set_propagation(fd, MS_SLAVE, true, e);
	if (r == 0)
		r = mount_attach(fd, target, e);
	if (r < 0)
		return in_context(e, r, "mount the root file system on itself");
	*ret_fd = take_fd(&fd);
	return 0;
}

/* pivot_root(".", ".") stacks the old root on the new one's root directory (pivot_root(2), NOTES).
 * The fd of the old root leads back to it, to take it off. */
int rootfs_pivot(int proc, int root, struct berth_error *e)
{
	autoclose int old = -1;
	int r = leave_chroot(proc, e);

	if (r < 0)
		return r;
	old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (old < 0)
		return fail(e, errno, "open /");
	if (fchdir(root) < 0)
		return fail(e, errno, "change to the root file system");
	if (syscall(SYS_pivot_root, ".", ".") < 0) {
		r = fail(e, errno, "pivot_root");
		if (r == -EINVAL)
			advise(e, "/ is an initramfs, which --no-pivot is for");
		return r;
	}
	/* Before it is taken off: a peer of the host's mounts would have the host's taken off,
	 * too. */
	r = mount_set_propagation(old, MS_SLAVE, true, e);
	if (r < 0)
		return in_context(e, r, "cut off the old root");
	if (fchdir(old) < 0 || umount2(".", MNT_DETACH) < 0)
		return fail(e, errno, "unmount the old root");
	if (chdir("/") < 0)
		return fail(e, errno, "change to the new root");
	return 0;
}

static int enter_chroot(int root, struct berth_error *e)
{
	if (fchdir(root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fail(e, errno, "chroot to the root file system");
	return 0;
}

/* An empty directory that nobody can write to: also where the mount is made writable, since the
 * instance itself is read-only. */
static int mount_empty(const char *label, int *ret_fd, struct berth_error *e)
{
	char context[512];
	const char *data[] = { "ro", "mode=0555", "nr_inodes=1", context };
	const struct mount_spec m = {
		.destination = "a masked directory",
		.type = "tmpfs",
		.source = "tmpfs",
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			    MOUNT_ATTR_NOEXEC,
		.data = data,
		.n_data = ARRAY_SIZE(data) - (label ? 0 : 1),
	};

	if (label) {
		int n = snprintf(context, sizeof(context), "context=%s", label);

		if (n < 0 || (size_t)n >= sizeof(context))
			return refuse(e, EINVAL, "the mount label is too long");
	}
	return mount_new(&m, ret_fd, e);
}

/*
 * Without pivot_root(2) the host's mounts stay in the namespace below the container's root. Its
 * /proc and /sys must go: in the eyes of the kernel a visible procfs allows mounting another one,
 * so a nested user namespace could look behind the masks. Where they are locked (EINVAL), something
 * empty on top has the same effect.
 */
static int hide_mount(const char *path, struct berth_error *e)
{
	autoclose int empty = -1, target = -1;
	struct statx st;
	int r;

	if (umount2(path, MNT_DETACH) == 0 || errno == ENOENT)
		return 0;
	if (errno != EINVAL && errno != EPERM)
		return fail(e, errno, "unmount %s of the host", path);
	target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (target < 0 || statx(target, "", AT_EMPTY_PATH, 0, &st) < 0)
		return fail(e, errno, "look at %s of the host", path);
	if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return 0;
	r = mount_empty(NULL, &empty, e);
	if (r == 0)
		r = mount_attach(empty, target, e);
	return r < 0 ? in_context(e, r, "hide %s of the host", path) : 0;
}

int rootfs_move(int proc, int root, struct berth_error *e)
{
	autoclose int old = -1;
	int r = leave_chroot(proc, e);

	if (r < 0)
		return r;
	old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (old < 0)
		return fail(e, errno, "open /");
	r = hide_mount("/proc", e);
	if (r == 0)
		r = hide_mount("/sys", e);
	if (r == 0)
		r = mount_attach(root, old, e);
	if (r < 0)
		return in_context(e, r, "move the root file system to /");
	return enter_chroot(root, e);
}

int rootfs_chroot(int root, struct berth_error *e)
{
	return enter_chroot(root, e);
}

/* *ret_fd stays -1 where there is no such path. Any other reason for not opening it is an error:
 * what cannot be protected must not be passed over. */
static int open_if_there(int root, const char *path, int *ret_fd, struct berth_error *e)
{
	struct berth_error missing;
	int r = open_in_root(root, path, O_PATH, ret_fd, &missing);

	if (r == 0 || r == -ENOENT || r == -ENOTDIR)
		return 0;
	*e = missing;
	return r;
}

int rootfs_readonly_path(int root, const char *path, struct berth_error *e)
{
	autoclose int target = -1, fd = -1;
	int r = open_if_there(root, path, &target, e);

	if (r == 0 && target < 0)
		return 0;
	if (r == 0)
		r = mount_clone(target, "", true, &fd, e);
	if (r == 0)
		r = mount_set_attributes(fd, MOUNT_ATTR_RDONLY, 0, true, e);
	if (r == 0)
		r = mount_attach(fd, target, e);
	return r < 0 ? in_context(e, r, "make %s read-only", path) : 0;
}

static int attach_mask(struct mask *m, int target, struct berth_error *e)
{
	autoclose int copy = -1;
	int r = m->attached ? mount_clone(m->mount, "", false, &copy, e) : 0;

	if (r == 0)
		r = mount_attach(m->attached ? copy : m->mount, target, e);
	if (r == 0)
		m->attached = true;
	return r;
}

int rootfs_mask_path(int root, const char *path, struct masks *m, struct berth_error *e)
{
	autoclose int target = -1;
	struct stat st;
	int r = open_if_there(root, path, &target, e);

	if (r == 0 && target < 0)
		return 0;
	if (r < 0)
		return in_context(e, r, "mask %s", path);
	if (fstat(target, &st) < 0)
		return fail(e, errno, "mask %s", path);
	if (!S_ISDIR(st.st_mode)) {
		if (!fd_is_device(m->device.mount, S_IFCHR, 1, 3))
			return refuse(e, EINVAL,
				      "mask %s: what is to hide it is not the null device", path);
		r = attach_mask(&m->device, target, e);
	} else {
		if (m->directory.mount < 0)
			r = mount_empty(m->label, &m->directory.mount, e);
		if (r == 0)
			r = attach_mask(&m->directory, target, e);
	}
	return r < 0 ? in_context(e, r, "mask %s", path) : 0;
}
