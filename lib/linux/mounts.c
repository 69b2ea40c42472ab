/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies of existing mounts, their attributes and propagation, and moving them to their targets.
 * Every mount and every target is an fd, which the caller has resolved and verified.
 *
 * mount_setattr(2) changes only what it is told to. So, unlike with mount(2)'s MS_REMOUNT |
 * MS_BIND, a flag that came with the source (nosuid, nodev of the host's mount) stays without being
 * repeated, and EPERM means that a word of the configuration asks for something that the kernel has
 * locked: a mount that was copied into a user namespace from outside keeps its ro, nosuid, nodev,
 * noexec and access time setting.
 */
#include "linux/mounts.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/text.h"

static int set_attributes(int mount_fd, struct mount_attr *attr, bool recursive)
{
	unsigned int flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);

	if (attr->attr_set == 0 && attr->attr_clr == 0 && attr->propagation == 0)
		return 0;
	return mount_setattr(mount_fd, "", flags, attr, sizeof(*attr)) < 0 ? -errno : 0;
}

static const struct {
	uint64_t attribute;
	unsigned long flag; /* in statfs.f_flags; 0: any */
	const char *word;
} lockable[] = {
	{ MOUNT_ATTR_RDONLY, ST_RDONLY, "rw" },         { MOUNT_ATTR_NOSUID, ST_NOSUID, "suid" },
	{ MOUNT_ATTR_NODEV, ST_NODEV, "dev" },          { MOUNT_ATTR_NOEXEC, ST_NOEXEC, "exec" },
	{ MOUNT_ATTR__ATIME, 0, "atime and its like" },
};

/* Names the words that cannot be had. Below a recursive one it may be any mount of the tree that
 * says no, so all that were asked for are named. */
static void advise_locked(int mount_fd, uint64_t clear, bool recursive, struct berth_error *e)
{
	struct statfs st = { 0 };
	char words[64] = "", *end = words; /* all of them are shorter */

	if (fstatfs(mount_fd, &st) < 0)
		recursive = true;
	for (size_t i = 0; i < ARRAY_SIZE(lockable); i++) {
		bool there = recursive || !lockable[i].flag ||
			     ((unsigned long)st.f_flags & lockable[i].flag);

		if (!(clear & lockable[i].attribute) || !there)
			continue;
		end = stpcpy(stpcpy(end, end > words ? ", " : ""), lockable[i].word);
	}
	if (words[0])
		advise(e,
		       "%s: the mount came from outside this user namespace, which locks what is "
		       "to be cleared; leave the option out",
		       words);
	else
		advise(e, "CAP_SYS_ADMIN is needed in the user namespace that owns the mount "
			  "namespace");
}

static int fail_attributes(int mount_fd, const struct mount_attr *attr, bool recursive, int err,
			   struct berth_error *e)
{
	int r = fail(e, err, "set the mount's attributes");

	if (err == EPERM)
		advise_locked(mount_fd, attr->attr_clr, recursive, e);
	else if (err == EINVAL)
		advise(e, "it is not the root of a mount of this mount namespace");
	else if (err == EBUSY)
		advise(e, "a file of it is open for writing");
	return r;
}

int mount_set_attributes(int mount_fd, uint64_t set, uint64_t clear, bool recursive,
			 struct berth_error *e)
{
	struct mount_attr attr = { .attr_set = set, .attr_clr = clear };
	int r = set_attributes(mount_fd, &attr, recursive);

	return r < 0 ? fail_attributes(mount_fd, &attr, recursive, -r, e) : 0;
}

int mount_set_propagation(int mount_fd, unsigned long propagation, bool recursive,
			  struct berth_error *e)
{
	struct mount_attr attr = { .propagation = propagation };
	int r = set_attributes(mount_fd, &attr, recursive);

	if (r < 0) {
		fail(e, -r, "set the mount's propagation");
		if (r == -EINVAL)
			advise(e, "it is not the root of a mount of this mount namespace");
	}
	return r;
}

/* The tree first: a plain word is about the top alone and has the last word there (see
 * mount_options.c). */
int mount_apply(int mount_fd, const struct mount_spec *m, struct berth_error *e)
{
	struct mount_attr tree = { .attr_set = m->rattr_set,
				   .attr_clr = m->rattr_clear,
				   .propagation = m->propagation[1] };
	struct mount_attr top = { .attr_set = m->attr_set,
				  .attr_clr = m->attr_clear,
				  .propagation = m->propagation[0] };
	int r = set_attributes(mount_fd, &tree, true);

	if (r < 0) {
		r = fail_attributes(mount_fd, &tree, true, -r, e);
		return in_context(e, r, "mount on %s", m->destination);
	}
	r = set_attributes(mount_fd, &top, false);
	if (r < 0) {
		r = fail_attributes(mount_fd, &top, false, -r, e);
		return in_context(e, r, "mount on %s", m->destination);
	}
	return 0;
}

int mount_set_idmap(int mount_fd, int userns_fd, bool recursive, struct berth_error *e)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP,
				   .userns_fd = (unsigned int)userns_fd };
	int r = set_attributes(mount_fd, &attr, recursive);

	if (r == 0)
		return 0;
	fail(e, -r, "map the ids of the mount");
	if (r == -EINVAL)
		advise(e, "its file system does not support id-mapped mounts on this kernel");
	else if (r == -EPERM)
		advise(e, "the file system belongs to another user namespace, or the mount is "
			  "id-mapped already");
	return r;
}

int mount_clone(int dir, const char *path, bool recursive, int *ret_fd, struct berth_error *e)
{
	unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	int fd;

	if (!path[0])
		flags |= AT_EMPTY_PATH;
	if (recursive)
		flags |= AT_RECURSIVE;
	fd = open_tree(dir, path, flags);
	if (fd < 0) {
		int r = path[0] ? fail(e, errno, "bind %s", path)
				: fail(e, errno, "copy the mount");

		if (r == -EINVAL && !recursive)
			advise(e, "the source lies in another mount namespace, is unbindable, or "
				  "has mounts below it that a user namespace must not uncover: "
				  "\"rbind\" takes them along");
		else if (r == -EINVAL)
			advise(e, "the source lies in another mount namespace or is unbindable");
		else if (r == -ENOENT)
			advise(e, "the source of a bind mount has to exist");
		else if (r == -EPERM)
			advise(e, "mounting needs CAP_SYS_ADMIN in the user namespace that owns "
				  "the mount namespace");
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static bool is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* move_mount(2) says EINVAL for most things (6.18), a file on a directory included, which mount(2)
 * calls ENOTDIR. */
static void advise_attach(int mount_fd, int target_fd, int err, struct berth_error *e)
{
	if (err == ENOENT)
		advise(e, "the target was removed or unmounted meanwhile");
	else if (err == ELOOP)
		advise(e, "the target lies within the mount itself");
	else if (err == EPERM)
		advise(e, "mounting needs CAP_SYS_ADMIN in the user namespace that owns the mount "
			  "namespace");
	else if ((err == EINVAL || err == ENOTDIR) &&
		 is_directory(mount_fd) != is_directory(target_fd))
		advise(e, "a directory can be mounted on a directory only, and a file on a file");
	else if (err == EINVAL)
		advise(e, "the target does not lie in this mount namespace, or an unbindable mount "
			  "was to go onto a shared one");
}

int mount_attach(int mount_fd, int target_fd, struct berth_error *e)
{
	const unsigned int flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
	int err;

	if (move_mount(mount_fd, "", target_fd, "", flags) == 0)
		return 0;
	err = errno;
	(void)fail(e, err, "put the mount in its place");
	advise_attach(mount_fd, target_fd, err, e);
	return -err;
}
