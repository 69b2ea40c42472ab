/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.devices of a container in a user namespace, where mknod(2) is not allowed: a host with
 * privilege makes the nodes beforehand, with owner and mode, in a detached tmpfs; init binds them
 * from there. Without privilege, init can only bind the nodes of the host's own /dev.
 *
 * Before Linux 6.15, open_tree(2) cannot copy from a detached mount (EINVAL). So init attaches it
 * for that moment, on top of "/": no path leads there, and no mount point has to be made.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "linux/mounts.h"
#include "start/steps.h"

static int make_node(int dir, const char *name, const struct device_spec *d,
		     const struct config_linux *l, struct berth_error *e)
{
	mode_t type = d->type == 'b' ? S_IFBLK : S_IFCHR;
	mode_t mode = d->has_mode ? d->mode : 0666;
	uint32_t uid = d->has_uid ? d->uid : 0, gid = d->has_gid ? d->gid : 0;

	/* The maps of a joined user namespace are not ours to know: there the owner is nobody, and
	 * the mode decides. */
	if (!idmap_to_host(&l->uids, uid, &uid) || !idmap_to_host(&l->gids, gid, &gid))
		uid = gid = 0;
	if (mknodat(dir, name, type, makedev((unsigned int)d->major, (unsigned int)d->minor)) < 0 ||
	    fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(dir, name, mode, 0) < 0)
		return fail(e, errno, "make a node for %s", d->path);
	return 0;
}

int make_nodes(struct start *s, struct berth_error *e)
{
	static const char *const data[] = { "mode=0755", "size=64k" };
	const struct mount_spec tmpfs = {
		.destination = "device nodes",
		.type = "tmpfs",
		.source = "tmpfs",
		.data = (const char **)(uintptr_t)data,
		.n_data = ARRAY_SIZE(data),
	};
	const struct config_linux *l = s->config->lin;
	int r = mount_new(&tmpfs, &s->nodes, e);

	for (size_t i = 0; i < l->devices.n && r == 0; i++) {
		char name[24];

		(void)snprintf(name, sizeof(name), "%zu", i);
		if (l->devices.v[i].type != 'p')
			r = make_node(s->nodes, name, &l->devices.v[i], l, e);
	}
	return r;
}

int attach_nodes(struct start *s, struct berth_error *e)
{
	autoclose int top = -1;
	int r;

	if (s->nodes < 0)
		return 0;
	top = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return fail(e, errno, "open /");
	r = mount_attach(s->nodes, top, e);
	return r < 0 ? in_context(e, r, "attach the device nodes") : 0;
}

int open_node(const struct start *s, size_t i, int *ret_fd, struct berth_error *e)
{
	char name[24];

	(void)snprintf(name, sizeof(name), "%zu", i);
	*ret_fd = openat(s->nodes, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0
		       ? fail(e, errno, "open the node of %s", s->config->lin->devices.v[i].path)
		       : 0;
}

int detach_nodes(struct start *s, struct berth_error *e)
{
	if (s->nodes < 0)
		return 0;
	close_fd(&s->nodes);
	/* "/.." leads to what lies on top of "/". */
	return umount2("/..", MNT_DETACH) < 0 ? fail(e, errno, "detach the device nodes") : 0;
}
