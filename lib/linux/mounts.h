/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts, by file descriptor alone (fsopen(2), open_tree(2), mount_setattr(2), move_mount(2)). A
 * mount is built detached, gets all its attributes there, and only then appears on a target that is
 * held as an fd. Nothing here resolves a path in a container.
 */
#ifndef LINUX_MOUNTS_H
#define LINUX_MOUNTS_H

#include "linux/mount_options.h"

/* A new file-system instance with the spec's type, source, data options, super flags and mount
 * attributes, detached. Kinds with a rule of their own (cgroup) are the caller's business. "ro"
 * makes the mount read-only, and the instance too unless it is of a virtual file system; with
 * copy_up the mount only becomes so by mount_apply(). Needs a mount namespace that is not shared
 * with the host where an option is longer than 255 bytes. */
int mount_new(const struct mount_spec *m, int *ret_fd, struct berth_error *e) must_check;

/* A detached copy of the tree at (dir, path) (AT_EMPTY_PATH semantics where path is ""), with
 * everything below it if recursive. */
int mount_clone(int dir, const char *path, bool recursive, int *ret_fd,
		struct berth_error *e) must_check;

/* Applies attributes and propagation of the spec to a detached or attached mount fd, those of the
 * whole tree first. Read-only and the like on bind mounts included. Flags that are not asked for
 * stay as they are, so that a rootless bind of a nosuid file system works; what the configuration
 * explicitly asks to clear and is locked in a user namespace is an error that names the option. A
 * mount that is attached on a shared one becomes shared: then propagation has to be set (again)
 * afterwards. */
int mount_apply(int mount_fd, const struct mount_spec *m, struct berth_error *e) must_check;

/* Sets or clears MOUNT_ATTR_* on the mount (recursively). */
int mount_set_attributes(int mount_fd, uint64_t set, uint64_t clear, bool recursive,
			 struct berth_error *e) must_check;
/* One of MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE. */
int mount_set_propagation(int mount_fd, unsigned long propagation, bool recursive,
			  struct berth_error *e) must_check;
/* Whether it is to be idmapped: by the option, or by maps of its own. */
static inline bool mount_is_mapped(const struct mount_spec *m)
{
	return m->idmap || m->recursive_idmap || m->uids.n > 0;
}
/* Idmaps the detached mount with the user namespace's maps. */
int mount_set_idmap(int mount_fd, int userns_fd, bool recursive, struct berth_error *e) must_check;

/* Changes the options of an existing mount ("remount"): attributes by mount_setattr, super flags by
 * fspick. */
int mount_change(int target_fd, const struct mount_spec *m, struct berth_error *e) must_check;

/* Moves a detached mount onto the target held by target_fd (a directory or a file, O_PATH). */
int mount_attach(int mount_fd, int target_fd, struct berth_error *e) must_check;

/* Copies what lies in directory `from` into the new tmpfs `to`: files, directories, links, owners,
 * modes, extended attributes (tmpcopyup). Never follows a link, opens nothing but files and
 * directories. Devices, sockets and fifos are made by mknodat where allowed. `proc` is from
 * procfs_open(). */
int mount_copy_up(int proc, int from, int to, struct berth_error *e) must_check;

#endif
