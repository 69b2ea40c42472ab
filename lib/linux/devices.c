/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device nodes and the links in /dev. The directory may be the hostile image's own and may change
 * at any moment: mknodat(2) and symlinkat(2) make names and never follow links. What is then there
 * is opened without following links, and verified before it is used.
 */
#include "linux/devices.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "linux/mounts.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452 /* Linux 6.6, glibc 2.39; the same number on every architecture */
#endif

enum { DEFAULT_MODE = 0666 };

#define CHAR(name, maj, min)                                                                       \
	{                                                                                          \
		.path = (name), .type = 'c', .has_major = true, .major = (maj), .has_minor = true, \
		.minor = (min)                                                                     \
	}

const struct device_spec default_devices[6] = {
	CHAR("/dev/null", 1, 3),   CHAR("/dev/zero", 1, 5),    CHAR("/dev/full", 1, 7),
	CHAR("/dev/random", 1, 8), CHAR("/dev/urandom", 1, 9), CHAR("/dev/tty", 5, 0),
};

static mode_t device_type(const struct device_spec *d)
{
	if (d->type == 'p')
		return S_IFIFO;
	return d->type == 'b' ? S_IFBLK : S_IFCHR;
}

static bool is_device(int fd, const struct device_spec *d)
{
	struct stat st;

	if (d->type == 'p')
		return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
	return fd_is_device(fd, device_type(d), (unsigned int)d->major, (unsigned int)d->minor);
}

static int refuse_other(const struct device_spec *d, struct berth_error *e)
{
	if (d->type == 'p')
		return refuse(e, EEXIST, "%s already exists and is not a fifo", d->path);
	return refuse(e, EEXIST, "%s already exists and is not the device %c %lld:%lld", d->path,
		      d->type, (long long)d->major, (long long)d->minor);
}

int device_open_host(const struct device_spec *d, int *ret_fd, struct berth_error *e)
{
	autoclose int fd = open(d->path, O_PATH | O_CLOEXEC);

	if (fd < 0) {
		int r = fail(e, errno, "open %s of the host", d->path);

		advise(e, "in a user namespace a device is the host's, bound from the same path");
		return r;
	}
	if (!is_device(fd, d)) {
		refuse(e, ENODEV, "%s of the host is not the device %c %lld:%lld", d->path, d->type,
		       (long long)d->major, (long long)d->minor);
		advise(e, "in a user namespace a device is the host's, bound from the same path");
		return -ENODEV;
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

/* Read-only, so that nobody who has it in a container can chmod or chown the host's node; writing
 * to a device does not mind. */
int device_open_null(int *ret_fd, struct berth_error *e)
{
	autoclose int fd = -1;
	int r = mount_clone(AT_FDCWD, "/dev/null", false, &fd, e);

	if (r == 0)
		r = mount_set_attributes(
			fd, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, false, e);
	if (r < 0)
		return in_context(e, r, "open the null device");
	if (!fd_is_device(fd, S_IFCHR, 1, 3))
		return refuse(e, ENODEV, "/dev/null of the host is not the null device");
	*ret_fd = take_fd(&fd);
	return 0;
}

static int open_name(int dir, const char *name, const struct device_spec *d, int *ret_fd,
		     struct berth_error *e)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return fail(e, errno, "open %s", d->path);
	*ret_fd = fd;
	return 0;
}

/*
 * A new node has its mode from mknodat(2). To change that of one that was there takes fchmodat2(2),
 * as fchmod(2) does not work on an O_PATH fd and fchmodat(2) follows a link that was put there
 * meanwhile. Before Linux 6.6 the node is left as it is.
 */
static int set_owner_and_mode(int fd, const struct device_spec *d, bool is_new,
			      struct berth_error *e)
{
	uid_t uid = d->has_uid ? d->uid : (uid_t)-1;
	gid_t gid = d->has_gid ? d->gid : (gid_t)-1;

	if ((d->has_uid || d->has_gid) && fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0) {
		int r = fail(e, errno, "change the owner of %s", d->path);

		if (r == -EINVAL)
			advise(e, "the id is not mapped in the user namespace");
		return r;
	}
	if (is_new || !d->has_mode || syscall(SYS_fchmodat2, fd, "", d->mode, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOSYS)
		return fail(e, errno, "change the mode of %s", d->path);
	log_warning("%s was there before and keeps its mode: changing it safely needs Linux 6.6",
		    d->path);
	return 0;
}

static int make_node(int dir, const char *name, const struct device_spec *d, struct berth_error *e)
{
	mode_t mode = device_type(d) | (d->has_mode ? d->mode & 07777 : DEFAULT_MODE);
	dev_t number = d->type == 'p' ? 0 : makedev((unsigned int)d->major, (unsigned int)d->minor);
	bool is_new = mknodat(dir, name, mode, number) == 0;
	autoclose int fd = -1;
	int r;

	if (!is_new && errno != EEXIST) {
		r = fail(e, errno, "make device %s", d->path);
		if (r == -EPERM)
			advise(e, "device nodes can be made with CAP_MKNOD in the initial user "
				  "namespace only");
		return r;
	}
	/* What was made just now needs no second look: whoever could put something else in its
	 * place could do so later as well. */
	if (is_new && !d->has_uid && !d->has_gid)
		return 0;
	r = open_name(dir, name, d, &fd, e);
	if (r < 0)
		return r;
	if (!is_device(fd, d))
		return refuse_other(d, e);
	return set_owner_and_mode(fd, d, is_new, e);
}

/* Ids of 0 are what engines copy from the host's node: its root, who is nobody in here. */
static bool is_as_asked(int fd, const struct device_spec *d)
{
	struct stat st;

	if (!d->has_mode && !d->has_uid && !d->has_gid)
		return true;
	return fstat(fd, &st) == 0 && (!d->has_mode || (st.st_mode & 07777) == (d->mode & 07777)) &&
	       (!d->has_uid || d->uid == 0 || d->uid == st.st_uid) &&
	       (!d->has_gid || d->gid == 0 || d->gid == st.st_gid);
}

/* The host's device, mounted on a file of that name. Its owner and mode are the host's and stay. */
static int bind_node(int dir, const char *name, const struct device_spec *d, int host_fd,
		     struct berth_error *e)
{
	autoclose int fd = -1, target = -1;
	struct stat st;
	int r;

	if (!is_device(host_fd, d))
		return refuse(e, EINVAL, "what is to be bound at %s is not that device", d->path);
	if (mknodat(dir, name, S_IFREG | 0644, 0) < 0 && errno != EEXIST)
		return fail(e, errno, "make file %s", d->path);
	r = open_name(dir, name, d, &target, e);
	if (r < 0)
		return r;
	if (is_device(target, d))
		return 0;
	if (fstat(target, &st) < 0 || S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode))
		return refuse_other(d, e);
	if (!is_as_asked(host_fd, d))
		log_warning("%s is the host's, and keeps its owner and mode: to make another one "
			    "takes CAP_MKNOD on the host",
			    d->path);
	r = mount_clone(host_fd, "", false, &fd, e);
	if (r == 0)
		r = mount_attach(fd, target, e);
	return r < 0 ? in_context(e, r, "bind device %s", d->path) : 0;
}

/* Most devices are in one directory, which is looked up once for all that stand together. */
static int open_place(struct device_maker *m, const char *path, const char **ret_name,
		      struct berth_error *e)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	int r;

	if (m->dir >= 0 && slash && slash[1] && slash[1] != '.' && length == m->length &&
	    memcmp(path, m->place, length) == 0) {
		*ret_name = slash + 1;
		return 0;
	}
	close_fd(&m->dir);
	r = make_parent_in_root(m->root, path, &m->dir, ret_name, e);
	m->place = path;
	m->length = length;
	return r;
}

int device_make(struct device_maker *m, const struct device_spec *d, int host_fd,
		struct berth_error *e)
{
	const char *name = NULL;
	int r;

	if (d->type != 'p' &&
	    (d->major < 0 || d->major > UINT32_MAX || d->minor < 0 || d->minor > UINT32_MAX))
		return refuse(e, EINVAL, "%s: %lld:%lld is not the number of a device", d->path,
			      (long long)d->major, (long long)d->minor);
	r = open_place(m, d->path, &name, e);
	if (r < 0)
		return r;
	return host_fd < 0 ? make_node(m->dir, name, d, e) : bind_node(m->dir, name, d, host_fd, e);
}

/* In /dev; those of the same source stand together. */
static const struct link {
	const char *name, *target;
	const char *source; /* has to be in the root */
} links[] = {
	{ "fd", "/proc/self/fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0", "/proc/self/fd" },
	{ "stdout", "/proc/self/fd/1", "/proc/self/fd" },
	{ "stderr", "/proc/self/fd/2", "/proc/self/fd" },
	{ "core", "/proc/kcore", "/proc/kcore" },
	{ "ptmx", "pts/ptmx", "/dev/pts/ptmx" },
};

static int find_source(int root, const char *path, bool *ret, struct berth_error *e)
{
	autoclose int fd = -1;
	int r = open_in_root(root, path, O_PATH, &fd, e);

	if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -ELOOP)
		return r;
	*ret = r == 0;
	return 0;
}

static bool is_link_to(int dir, const char *name, const char *target)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(dir, name, text, sizeof(text));

	return n == (ssize_t)strlen(target) && memcmp(text, target, (size_t)n) == 0;
}

/* The multiplexer is right as the link, as the same one by its whole path, or as the device:
 * Linux 4.7 and later open the devpts beside it. */
static bool is_multiplexer(int dir, const char *name)
{
	autoclose int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return is_link_to(dir, name, "/dev/pts/ptmx") || fd_is_device(fd, S_IFCHR, 5, 2);
}

/* What the image or a mount has put there stays, except that a tmpfs of our own gets a multiplexer
 * that works. */
static int make_link(int dir, const struct link *l, struct berth_error *e)
{
	bool multiplexer = text_equal(l->name, "ptmx");

	if (symlinkat(l->target, dir, l->name) == 0)
		return 0;
	if (errno != EEXIST)
		return fail(e, errno, "make link /dev/%s", l->name);
	if (is_link_to(dir, l->name, l->target) || (multiplexer && is_multiplexer(dir, l->name)))
		return 0;
	if (!multiplexer || !fd_has_magic(dir, TMPFS_MAGIC)) {
		log_warning("/dev/%s is there already and stays as it is: it is no link to %s",
			    l->name, l->target);
		return 0;
	}
	if (unlinkat(dir, l->name, 0) < 0 || symlinkat(l->target, dir, l->name) < 0)
		return fail(e, errno, "put a link in the place of /dev/%s", l->name);
	return 0;
}

int device_make_links(int root, struct berth_error *e)
{
	autoclose int dir = -1;
	const char *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		bool there = found && text_equal(found, links[i].source);
		int r = 0;

		if (!there)
			r = find_source(root, links[i].source, &there, e);
		if (r == 0 && !there)
			continue;
		found = links[i].source;
		if (r == 0 && dir < 0)
			r = make_in_root(root, "/dev", false, &dir, e);
		if (r == 0)
			r = make_link(dir, &links[i], e);
		if (r < 0)
			return r;
	}
	return 0;
}
