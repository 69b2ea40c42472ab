/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Init enters the container: from a fresh clone to a process inside the container's root. Trust:
 * the root file system is hostile and may change at any moment; it is reached only through the fd
 * of its root mount.
 *
 *	row                 root dir   mounts      user, pid, net, ipc, uts
 *	become-root         host's     container   container
 *	... container-hooks host's     container   container
 *	enter-root and on   container  container   container
 */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/path.h"
#include "linux/devices.h"
#include "linux/loopback.h"
#include "linux/mounts.h"
#include "linux/rootfs.h"
#include "linux/sysctl.h"
#include "linux/tty.h"
#include "start/hooks.h"
#include "start/steps.h"

int become_root(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;
	uint32_t host;
	struct user_spec root = { 0 };

	/* Where id 0 is not mapped, the first id that is takes its place: only a mapped id can make
	 * files. */
	if (l->uids.n && !idmap_to_host(&l->uids, 0, &host))
		root.uid = l->uids.v[0].container_id;
	if (l->gids.n && !idmap_to_host(&l->gids, 0, &host))
		root.gid = l->gids.v[0].container_id;
	return user_apply(&root, s->setgroups_denied || !s->request->privileged, e);
}

int new_session(struct start *s, struct berth_error *e)
{
	/* EPERM: leader of a session already, which a freshly cloned process never is. */
	if (setsid() < 0)
		return fail(e, errno, "new session");
	return s->request->create->no_new_keyring ? 0 : keyring_new(e);
}

int new_cgroup_namespace(struct start *s, struct berth_error *e)
{
	(void)s;
	return unshare(CLONE_NEWCGROUP) < 0 ? fail(e, errno, "new cgroup namespace") : 0;
}

bool wants_own_ipc(const struct start *s)
{
	return s->request->privileged && config_new_namespace(s->config, CLONE_NEWUSER) &&
	       config_new_namespace(s->config, CLONE_NEWIPC);
}

int new_ipc_namespace(struct start *s, struct berth_error *e)
{
	(void)s;
	return unshare(CLONE_NEWIPC) < 0 ? fail(e, errno, "new ipc namespace") : 0;
}

int set_loopback_up(struct start *s, struct berth_error *e)
{
	(void)s;
	return loopback_up(e);
}

int isolate_mounts(struct start *s, struct berth_error *e)
{
	unsigned long asked = s->config->lin->rootfs_propagation;

	/* Slave is enough to keep what happens here from the host; what the host mounts later is
	 * let in unless the configuration says no. */
	return rootfs_isolate(
		s->proc, asked == MS_PRIVATE || asked == MS_UNBINDABLE ? MS_PRIVATE : MS_SLAVE, e);
}

int mount_root(struct start *s, struct berth_error *e)
{
	close_fd(&s->root); /* the host's: its mount is not of this namespace */
	if (config_new_namespace(s->config, CLONE_NEWNS)) {
		int r = rootfs_mount(&s->root, e);

		if (r < 0)
			return r;
	} else {
		s->root = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	/* Hooks of the host must not have a directory of the image as their working directory: what
	 * they load from there would be the image's (CVE-2025-23266). */
	if (s->root < 0 || chdir("/") < 0)
		return fail(e, errno, "open the root file system");
	return 0;
}

/* In a user namespace nodes cannot be made. What is bound instead: for listed devices the nodes
 * that the host made for us, if it was allowed to; otherwise the host's own. */
static int open_device(const struct start *s, const struct device_spec *d, bool listed, int *ret_fd,
		       struct berth_error *e)
{
	if (!config_namespace(s->config, CLONE_NEWUSER) || d->type == 'p')
		return 0;
	if (listed && s->nodes >= 0)
		return open_node(s, (size_t)(d - s->config->lin->devices.v), ret_fd, e);
	return device_open_host(d, ret_fd, e);
}

static int make_device(const struct start *s, struct device_maker *m, const struct device_spec *d,
		       bool listed, struct berth_error *e)
{
	autoclose int fd = -1;
	int r = open_device(s, d, listed, &fd, e);

	if (r == 0)
		r = device_make(m, d, fd, e);
	/* Root of a user namespace that somebody else has made, a rootless engine above all, may
	 * make no nodes either: the host's own are all there is. */
	if (r == -EPERM && fd < 0 && d->type != 'p') {
		*e = (struct berth_error){ 0 };
		r = device_open_host(d, &fd, e);
		if (r == 0)
			r = device_make(m, d, fd, e);
	}
	return r;
}

/* /dev bound from the host has its devices and links already, and they are the host's to keep. */
static bool has_own_dev(const struct berth_config *c)
{
	for (size_t i = 0; i < c->mounts.n; i++) {
		const struct mount_spec *m = &c->mounts.v[i];

		if (m->bind && path_is_same(m->destination, "/dev"))
			return false;
	}
	return true;
}

static bool is_listed(const struct berth_config *c, const struct device_spec *d)
{
	for (size_t i = 0; i < c->lin->devices.n; i++) {
		if (path_is_same(c->lin->devices.v[i].path, d->path))
			return true;
	}
	return false;
}

/* Below a /dev that is the host's, what is listed has to be there already. */
static int prove_device(const struct start *s, const struct device_spec *d, struct berth_error *e)
{
	autoclose int fd = -1;
	struct stat st;
	int r = open_in_root(s->root, d->path, O_PATH, &fd, e);
	mode_t type = d->type == 'b' ? S_IFBLK : d->type == 'p' ? S_IFIFO : S_IFCHR;

	if (r < 0)
		return in_context(e, r, "device of the bound /dev");
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
	    (d->type == 'p' ||
	     st.st_rdev == makedev((unsigned int)d->major, (unsigned int)d->minor)))
		return 0;
	return refuse(e, EEXIST, "%s of the bound /dev is not the device that is asked for",
		      d->path);
}

static int make_listed_devices(const struct start *s, struct device_maker *m, bool own_dev,
			       struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;
	int r = 0;

	for (size_t i = 0; i < l->devices.n && r == 0; i++) {
		const struct device_spec *d = &l->devices.v[i];

		if (own_dev || !path_is_below(d->path, "/dev"))
			r = make_device(s, m, d, true, e);
		else
			r = prove_device(s, d, e);
	}
	return r;
}

static int make_all_devices(const struct start *s, struct berth_error *e)
{
	const struct berth_config *c = s->config;
	struct device_maker m = { .root = s->root, .dir = -1 };
	bool own_dev = has_own_dev(c);
	int r = 0;

	for (size_t i = 0; own_dev && i < ARRAY_SIZE(default_devices) && r == 0; i++) {
		if (!is_listed(c, &default_devices[i]))
			r = make_device(s, &m, &default_devices[i], false, e);
	}
	if (r == 0)
		r = make_listed_devices(s, &m, own_dev, e);
	close_fd(&m.dir);
	return r == 0 && own_dev ? device_make_links(s->root, e) : r;
}

int make_devices(struct start *s, struct berth_error *e)
{
	mode_t mask = umask(0); /* devices are born with their mode */
	int r = attach_nodes(s, e);

	if (r == 0)
		r = make_all_devices(s, e);
	(void)umask(mask);
	return r == 0 ? detach_nodes(s, e) : r;
}

int open_terminal(struct start *s, struct berth_error *e)
{
	const struct config_process *p = s->config->process;
	autoclose int master = -1, slave = -1;
	int r;

	r = tty_open(s->root, &master, &slave, e);
	if (r == 0 && p->console_size)
		r = tty_set_size(master, (uint16_t)p->console_size->height,
				 (uint16_t)p->console_size->width, e);
	/* The program's user has to be able to open /dev/tty's other names again. */
	if (r == 0 && fchown(slave, p->user.uid, (gid_t)-1) < 0)
		r = fail(e, errno, "give the terminal to uid %u", p->user.uid);
	if (r == 0)
		r = tty_take(slave, e);
	if (r < 0)
		return r;
	s->outbox = take_fd(&master);
	return 0;
}

int mount_console(struct start *s, struct berth_error *e)
{
	return tty_mount_console(s->root, STDIN_FILENO, e);
}

int run_container_hooks(struct start *s, struct berth_error *e)
{
	return hooks_run(s, HOOK_CREATE_CONTAINER, BERTH_CREATING, getpid(), e);
}

int enter_root(struct start *s, struct berth_error *e)
{
	int r = 0;

	/* Opened while the host's /dev is in sight; an empty mask from the container's would show
	 * what it should hide (CVE-2025-31133). */
	if (s->config->lin->masked_paths.n)
		r = device_open_null(&s->null_device, e);
	if (r < 0)
		return r;
	if (!config_new_namespace(s->config, CLONE_NEWNS))
		return rootfs_chroot(s->root, e);
	return s->request->create->no_pivot ? rootfs_move(s->proc, s->root, e)
					    : rootfs_pivot(s->proc, s->root, e);
}

int make_directory(struct start *s, struct berth_error *e)
{
	const struct config_process *p = s->config->process;
	autoclose int fd = -1;

	/* If it cannot be made, entering it will say so. */
	if (p && make_in_root(s->root, p->cwd, false, &fd, e) < 0)
		*e = (struct berth_error){ 0 };
	return 0;
}

int set_names(struct start *s, struct berth_error *e)
{
	const char *host = s->config->hostname, *domain = s->config->domainname;

	if (host && sethostname(host, strlen(host)) < 0)
		return fail(e, errno, "set hostname %s", host);
	if (domain && setdomainname(domain, strlen(domain)) < 0)
		return fail(e, errno, "set domainname %s", domain);
	return 0;
}

int write_sysctls(struct start *s, struct berth_error *e)
{
	const struct key_values *k = &s->config->lin->sysctl;
	int r = 0;

	for (size_t i = 0; i < k->n && r == 0; i++)
		r = sysctl_write(s->proc, k->v[i].key, k->v[i].value, e);
	return r;
}

int protect_paths(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;
	struct masks masks = { { s->null_device, false }, { -1, false }, l->mount_label };
	int r = 0;

	for (size_t i = 0; i < l->readonly_paths.n && r == 0; i++)
		r = rootfs_readonly_path(s->root, l->readonly_paths.v[i], e);
	for (size_t i = 0; i < l->masked_paths.n && r == 0; i++)
		r = rootfs_mask_path(s->root, l->masked_paths.v[i], &masks, e);
	close_fd(&masks.directory.mount);
	close_fd(&s->null_device);
	return r;
}

static int finish_dev(struct start *s, struct berth_error *e)
{
	const struct mount_spec *m = &s->config->mounts.v[s->deferred_readonly];
	autoclose int fd = -1;
	int r = open_in_root(s->root, m->destination, O_PATH | O_DIRECTORY, &fd, e);

	return r < 0 ? r : mount_set_attributes(fd, MOUNT_ATTR_RDONLY, 0, false, e);
}

int finish_root(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;
	int r = 0;

	if (s->deferred_readonly >= 0)
		r = finish_dev(s, e);
	if (r == 0 && l->rootfs_propagation)
		r = mount_set_propagation(s->root, l->rootfs_propagation, false, e);
	if (r == 0 && s->config->root->readonly)
		r = mount_set_attributes(s->root, MOUNT_ATTR_RDONLY, 0, false, e);
	return r;
}
