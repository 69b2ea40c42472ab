/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Init makes the mounts of the configuration, in order. Each mount is built detached, then moved
 * onto a target that is held as an fd: between finding the target and mounting, there is no path
 * that a hostile image could redirect.
 *
 * Namespaces: the container's, the root directory still the host's.
 */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/path.h"
#include "linux/mounts.h"
#include "start/notify.h"
#include "start/steps.h"

static bool is_type(const struct mount_spec *m, const char *type)
{
	return m->type && text_equal(m->type, type);
}

static bool is_cgroup(const struct mount_spec *m)
{
	return !m->bind && (is_type(m, "cgroup") || is_type(m, "cgroup2"));
}

/* What is masked and made read-only later lies in procfs and sysfs: a link in the place of /proc or
 * /sys would have them mounted elsewhere (CVE-2019-19921). */
static bool wants_plain_target(const struct mount_spec *m)
{
	static const char *const places[] = { "/proc", "/sys" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (path_is_same(m->destination, places[i]))
			return true;
	}
	return !m->bind && (is_type(m, "proc") || is_type(m, "sysfs"));
}

/* The check of the configuration knows what lies below /proc by the destination's text. A link of
 * the image may lead there under another name (CVE-2025-52881). */
static int check_target(const struct mount_spec *m, int target, struct berth_error *e)
{
	if (path_is_below(m->destination, "/proc") || !fd_has_magic(target, PROC_SUPER_MAGIC))
		return 0;
	return refuse(e, EPERM, "%s leads into procfs, where nothing may be mounted",
		      m->destination);
}

static int open_target(const struct start *s, const struct mount_spec *m, bool file, int *ret_fd,
		       struct berth_error *e)
{
	autoclose int parent = -1;
	const char *name = NULL;
	int r;

	if (!wants_plain_target(m))
		return make_in_root(s->root, m->destination, file, ret_fd, e);
	r = make_parent_in_root(s->root, m->destination, &parent, &name, e);
	if (r < 0)
		return r;
	*ret_fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret_fd < 0 && errno == ENOENT) {
		if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
			return fail(e, errno, "make directory %s", m->destination);
		*ret_fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (*ret_fd >= 0)
		return 0;
	if (errno == ENOTDIR || errno == ELOOP)
		return refuse(e, ENOTDIR, "%s has to be a directory, not a link or file",
			      m->destination);
	return fail(e, errno, "open %s", m->destination);
}

/* Without a right to the image, nothing that is missing can be made in it. */
static int explain_access(const struct start *s, int r, struct berth_error *e)
{
	uint32_t host;

	if (r == -EACCES && idmap_to_host(&s->config->lin->uids, 0, &host))
		advise(e,
		       "the container's root is uid %u of the host, to whom the root file system "
		       "has to belong",
		       host);
	return r;
}

/* A bind mount's source that the host did not open: the caller has no privilege, and its own paths
 * are within its reach in here as well. */
static int open_own_source(const struct start *s, const struct mount_spec *m, int *ret_fd,
			   struct berth_error *e)
{
	autofree char *path = path_of_source(s, m);

	if (!path)
		return fail(e, ENOMEM, "path of a mount's source");
	return mount_clone(AT_FDCWD, path, m->recursive_bind, ret_fd, e);
}

/*
 * The container's view of its cgroup. A cgroup namespace of its own shows just that; without one,
 * or without a cgroup, the file system shows what is the host's, so it is read-only then, whatever
 * is asked (CVE-2023-25809).
 */
static bool sees_own_cgroup(const struct start *s)
{
	const struct namespace_spec *n = config_namespace(s->config, CLONE_NEWCGROUP);

	return n && (n->path ? !s->cgroup_ns_is_host : s->has_cgroup);
}

static void make_readonly(struct mount_spec *m)
{
	m->attr_set |= MOUNT_ATTR_RDONLY;
	m->attr_clear &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	m->rattr_clear &= ~(uint64_t)MOUNT_ATTR_RDONLY;
}

/* The tree as it is mounted here, for who may not mount it anew. */
static int bind_cgroup_tree(const struct mount_spec *m, int *ret_fd, struct berth_error *e)
{
	autofree char *path = NULL;
	autoclose int fd = -1;
	int r = cgroup_mount_point(&path, e);

	if (r == 0)
		r = mount_clone(AT_FDCWD, path, true, &fd, e);
	if (r == 0)
		r = mount_set_attributes(fd, m->attr_set | MOUNT_ATTR_RDONLY, 0, true, e);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

static int new_cgroup_mount(const struct start *s, const struct mount_spec *m, int *ret_fd,
			    struct berth_error *e)
{
	struct mount_spec cgroup2 = *m;
	struct berth_error why = { 0 };
	int r;

	cgroup2.type = "cgroup2";
	if (!m->source)
		cgroup2.source = "cgroup2";
	r = mount_new(&cgroup2, ret_fd, &why);
	/* In a user namespace that is not the first, a new mount takes a new cgroup namespace. */
	if (r == -EPERM && !config_namespace(s->config, CLONE_NEWCGROUP))
		return bind_cgroup_tree(m, ret_fd, e);
	if (r < 0)
		*e = why;
	return r;
}

static bool has_mode(const struct mount_spec *m)
{
	for (size_t i = 0; i < m->n_data; i++) {
		if (text_starts(m->data[i], "mode="))
			return true;
	}
	return false;
}

/* The mode of the directory that is going to be covered, as an option; NULL where there is none
 * yet. */
static char *covered_mode(const struct start *s, const struct mount_spec *m)
{
	autoclose int covered = -1;
	struct berth_error absent = { 0 };
	struct stat st;

	if (open_in_root(s->root, m->destination, O_PATH | O_DIRECTORY, &covered, &absent) < 0 ||
	    fstat(covered, &st) < 0)
		return NULL;
	return text_printf("mode=%o", st.st_mode & 07777);
}

/* A new file system. A tmpfs takes over the mode of the directory that it covers, as engines expect
 * from runc. */
static int new_mount(const struct start *s, const struct mount_spec *m, int *ret_fd,
		     struct berth_error *e)
{
	struct mount_spec with_mode = *m;
	autofree const char **data = NULL;
	autofree char *mode = NULL;

	if (is_type(m, "tmpfs") && !has_mode(m))
		mode = covered_mode(s, m);
	if (!mode)
		return mount_new(m, ret_fd, e);
	data = calloc(m->n_data + 1, sizeof(*data));
	if (!data)
		return fail(e, ENOMEM, "options of the tmpfs");
	for (size_t i = 0; i < m->n_data; i++)
		data[i] = m->data[i];
	data[with_mode.n_data++] = mode;
	with_mode.data = data;
	return mount_new(&with_mode, ret_fd, e);
}

static int new_mapped_mount(const struct mount_spec *m, int userns, int *ret_fd,
			    struct berth_error *e)
{
	autoclose int fd = -1;
	int r = mount_new(m, &fd, e);

	if (r == 0)
		r = mount_set_idmap(fd, userns, false, e);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

static int open_mount(struct start *s, size_t i, const struct mount_spec *m, int *ret_fd,
		      struct berth_error *e)
{
	bool prepared = s->sources && s->sources[i] >= 0;

	if (prepared && m->bind) {
		*ret_fd = take_fd(&s->sources[i]);
		return 0;
	}
	if (!prepared && mount_is_mapped(m))
		return refuse(e, EPERM, "an idmapped mount takes privilege on the host");
	if (m->bind)
		return open_own_source(s, m, ret_fd, e);
	if (prepared)
		return new_mapped_mount(m, s->sources[i], ret_fd, e);
	if (is_cgroup(m))
		return new_cgroup_mount(s, m, ret_fd, e);
	return new_mount(s, m, ret_fd, e);
}

static int copy_up(const struct start *s, int mount_fd, int target, struct berth_error *e)
{
	autoclose int from = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return from < 0 ? fail(e, errno, "read what is to be copied up")
			: mount_copy_up(s->proc, from, mount_fd, e);
}

static int change_mount(const struct start *s, struct mount_spec *m, struct berth_error *e)
{
	autoclose int target = -1;
	int r = open_in_root(s->root, m->destination, O_PATH, &target, e);

	if (r < 0)
		return r;
	if (fd_has_magic(target, CGROUP2_SUPER_MAGIC) && !sees_own_cgroup(s))
		make_readonly(m);
	return mount_change(target, m, e);
}

/* 0, 1 or -errno. The root of a file system of its own is a directory. */
static int is_file(int mount, const struct mount_spec *m)
{
	struct stat st;

	if (!m->bind)
		return 0;
	return fstat(mount, &st) < 0 ? -errno : !S_ISDIR(st.st_mode);
}

/* A new mount has its attributes from the beginning, except for what had to wait until it was
 * filled. */
static bool is_complete(const struct mount_spec *m)
{
	return !m->bind && !m->copy_up && !m->propagation[0] && !m->propagation[1];
}

/* Its files carry labels of their own, or none at all; what is bound has those of its source. */
static bool takes_no_context(const struct mount_spec *m)
{
	static const char *const types[] = { "proc", "sysfs", "cgroup", "cgroup2", "mqueue" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (is_type(m, types[i]))
			return true;
	for (size_t i = 0; i < m->n_data; i++)
		if (text_starts(m->data[i], "context="))
			return true;
	return m->bind || m->remount;
}

/* linux.mountLabel as one more option of the file system. */
static int add_context(const struct start *s, struct mount_spec *m, const char ***ret_data,
		       char **ret_context, struct berth_error *e)
{
	const char *label = s->config->lin->mount_label;

	if (!label || takes_no_context(m))
		return 0;
	*ret_context = text_printf("context=%s", label);
	*ret_data = calloc(m->n_data + 1, sizeof(**ret_data));
	if (!*ret_context || !*ret_data)
		return fail(e, ENOMEM, "label of a mount");
	for (size_t i = 0; i < m->n_data; i++)
		(*ret_data)[i] = m->data[i];
	(*ret_data)[m->n_data++] = *ret_context;
	m->data = *ret_data;
	return 0;
}

static int make_mount(struct start *s, size_t i, struct berth_error *e)
{
	struct mount_spec m = s->config->mounts.v[i];
	autofree const char **data = NULL;
	autofree char *context = NULL, *plain = NULL;
	autoclose int mount = -1, target = -1;
	int r;

	/* What was judged is the path without "..": where links of the image are in front of one,
	 * it leads elsewhere. */
	if (path_has_dotdot(m.destination) || wants_plain_target(&m)) {
		plain = path_normalize(m.destination);
		if (!plain)
			return fail(e, ENOMEM, "destination of a mount");
		m.destination = plain;
	}
	if (m.remount)
		return change_mount(s, &m, e);
	if (is_cgroup(&m) && !sees_own_cgroup(s))
		make_readonly(&m);
	/* The devices are still to be made in there. */
	if (is_type(&m, "tmpfs") && (m.attr_set & MOUNT_ATTR_RDONLY) &&
	    path_is_below("/dev", m.destination)) {
		s->deferred_readonly = (int)i;
		m.attr_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	r = add_context(s, &m, &data, &context, e);
	if (r == 0)
		r = open_mount(s, i, &m, &mount, e);
	if (r < 0)
		return r;
	r = is_file(mount, &m);
	if (r < 0)
		return fail(e, -r, "look at what is to be mounted");
	r = explain_access(s, open_target(s, &m, r, &target, e), e);
	if (r == 0)
		r = check_target(&m, target, e);
	if (r == 0 && m.copy_up)
		r = copy_up(s, mount, target, e);
	if (r == 0 && !is_complete(&m))
		r = mount_apply(mount, &m, e);
	return r < 0 ? r : mount_attach(mount, target, e);
}

int mount_notify_directory(struct start *s, struct berth_error *e)
{
	static const struct mount_spec m = {
		.destination = NOTIFY_PLACE,
		.bind = true,
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			    MOUNT_ATTR_NOEXEC,
	};
	autoclose int target = -1;
	int r = 0;

	if (s->notify_mount < 0)
		r = mount_clone(AT_FDCWD, s->notify_path, false, &s->notify_mount, e);
	if (r == 0)
		r = open_target(s, &m, false, &target, e);
	if (r == 0)
		r = check_target(&m, target, e);
	if (r == 0)
		r = mount_apply(s->notify_mount, &m, e);
	if (r == 0)
		r = mount_attach(s->notify_mount, target, e);
	close_fd(&s->notify_mount);
	return r;
}

int make_mounts(struct start *s, struct berth_error *e)
{
	for (size_t i = 0; i < s->config->mounts.n; i++) {
		int r = make_mount(s, i, e);

		if (r < 0)
			return in_context(e, r, "mounts[%zu], %s", i,
					  s->config->mounts.v[i].destination);
	}
	return 0;
}
