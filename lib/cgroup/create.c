/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a container's cgroup and opening it again. The path was checked by cgroup_locate();
 * cgroupfs knows neither symbolic links nor renames, so mkdirat(2) and unlinkat(2) relative to the
 * tree's fd reach what they name.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/text.h"
#include "cgroup/apply.h"
#include "cgroup/cgroup.h"
#include "cgroup/device_program.h"
#include "cgroup/owner.h"
#include "cgroup/place.h"
#include "cgroup/tree.h"

enum { MAKE_TRIES = 100, CONTROLLERS_MAX = 256, DELEGATE_MAX = 4096 };

/* What of a path has been made. Unless `kept`, it is taken away again. */
struct made {
	const struct cgroup_tree *tree;
	char *path;
	size_t existed; /* that much of the path was there before */
	bool kept;
};

static void undo_made(struct made *m)
{
	int saved = errno;

	while (!m->kept && m->path && strlen(m->path) > m->existed) {
		char *slash = strrchr(m->path, '/');

		/* A parent in which somebody else made a cgroup meanwhile stays: EBUSY. */
		if (unlinkat(m->tree->dir, m->path + 1, AT_REMOVEDIR) < 0 && errno != ENOENT)
			break;
		*slash = '\0';
	}
	free_pointer(&m->path);
	errno = saved;
}

static void mark_parent(const struct made *m)
{
	struct berth_error ignored;
	autoclose int dir = -1;

	if (tree_open_at(m->tree, m->path, O_RDONLY | O_DIRECTORY, &dir, &ignored) == 0)
		owner_mark_parent(dir);
}

/* Makes the directories of m->path from the top. Returns 0, or -errno with m->path cut off behind
 * the one that failed. */
static int make_from_top(struct made *m)
{
	size_t length = strlen(m->path);
	bool existed = true;

	for (char *end = m->path + 1; end <= m->path + length; end++) {
		int r;

		if (*end && *end != '/')
			continue;
		*end = '\0';
		r = mkdirat(m->tree->dir, m->path + 1, 0755);
		if (r < 0 && errno != EEXIST)
			return -errno;
		if (r == 0 && existed)
			m->existed = (size_t)(strrchr(m->path, '/') - m->path);
		if (r == 0 && end < m->path + length)
			mark_parent(m);
		existed = existed && r < 0;
		if (end < m->path + length)
			*end = '/';
	}
	if (existed)
		m->existed = length;
	return 0;
}

/* Nearly always only the last directory is missing. */
static int make_directories(const char *path, struct made *m, struct berth_error *e)
{
	int r = -ENOENT;

	m->path = strdup(path);
	if (!m->path)
		return fail(e, ENOMEM, "make cgroup %s", path);
	m->existed = strlen(path);
	if (mkdirat(m->tree->dir, path + 1, 0755) == 0) {
		m->existed = (size_t)(strrchr(path, '/') - path);
		return 0;
	}
	if (errno == EEXIST)
		return 0;
	/* A parent that somebody removes meanwhile is made again. */
	for (int i = 0; i < MAKE_TRIES && (r == -ENOENT || r == -ENODEV); i++) {
		strcpy(m->path, path);
		r = make_from_top(m);
	}
	if (r == 0)
		return 0;
	r = fail(e, -r, "make cgroup %s%s", m->tree->mount_point, m->path);
	if (r == -EAGAIN)
		advise(e, "a cgroup above limits the number of cgroups: cgroup.max.descendants, "
			  "cgroup.max.depth");
	if (r == -EROFS)
		advise(e, "the cgroup tree is mounted read-only here");
	return r;
}

/* Below a cgroup with processes that also hands cpu, cpuset or pids down, processes cannot be
 * started. */
static int check_type(const struct cgroup *c, struct berth_error *e)
{
	char type[64];
	int r = tree_read(c->dir, "cgroup.type", type, sizeof(type), e);

	if (r < 0 || text_equal(type, "domain") || text_equal(type, "domain threaded"))
		return r;
	r = refuse(e, EOPNOTSUPP, "cgroup %s cannot hold processes: its type is \"%s\"", c->path,
		   type);
	advise(e, "a cgroup above it has processes of its own, and controllers enabled for those "
		  "below");
	return r;
}

int limits_apply(const struct cgroup_tree *t, const struct cgroup *c,
		 const struct cgroup_resources *r, struct berth_error *e)
{
	autosettings struct settings s = { 0 };
	struct limits_now now = limits_fresh;
	int n = 0;

	if (!c->created)
		n = limits_read(c, &now, e);
	if (n == 0)
		n = limits_settings(r, &now, &s, e);
	if (n == 0)
		n = controllers_enable(t, c, &s, e);
	if (n == 0)
		n = settings_apply(c, &s, c->created, e);
	return n;
}

/* Without any rules the default set is allowed and nothing else. */
static int apply_devices(const struct cgroup *c, const struct cgroup_resources *r, bool fresh,
			 struct berth_error *e)
{
	cleanup(device_program_free) struct device_program p = { 0 };
	int n;

	n = device_program_make(r ? r->devices.n : 0, r ? r->devices.v : NULL, &p, e);
	if (n < 0)
		return n;
	return device_program_attach(c->dir, &p, fresh, e);
}

int cgroup_apply_devices(const struct cgroup *c, const struct cgroup_resources *r,
			 struct berth_error *e)
{
	return apply_devices(c, r, c->created, e);
}

int cgroup_create(const struct cgroup_request *r, const char *path, struct cgroup *ret,
		  struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	cleanup(undo_made) struct made made = { .tree = &t };
	cleanup(cgroup_close) struct cgroup c = { .dir = -1 };
	int n;

	n = tree_open(&t, e);
	if (n == 0)
		n = make_directories(path, &made, e);
	if (n < 0)
		return n;
	c.created = made.existed < strlen(path);
	c.path = strdup(path);
	if (!c.path)
		return fail(e, ENOMEM, "make cgroup %s", path);
	n = tree_open_at(&t, path, O_RDONLY | O_DIRECTORY, &c.dir, e);
	if (n < 0)
		return in_context(e, n, "make cgroup %s", path);
	n = place_check(&c, e);
	if (n == 0)
		owner_mark_container(c.dir, r->id);
	if (n == 0 && r->rootless)
		n = check_type(&c, e);
	if (n == 0)
		n = limits_apply(&t, &c, r->resources, e);
	if (n == 0 && !r->devices_later)
		n = apply_devices(&c, r->resources, c.created, e);
	if (n < 0)
		return n;
	made.kept = true;
	*ret = c;
	c = (struct cgroup){ .dir = -1 };
	return 0;
}

int cgroup_update(const struct cgroup *c, const struct cgroup_resources *r, struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	autosettings struct settings s = { 0 };
	struct limits_now now;
	int n;

	n = limits_read(c, &now, e);
	if (n == 0)
		n = limits_settings(r, &now, &s, e);
	if (n == 0)
		n = tree_open(&t, e);
	if (n == 0)
		n = controllers_enable(&t, c, &s, e);
	if (n == 0)
		n = settings_apply(c, &s, false, e);
	if (n == 0 && r->devices.n > 0)
		n = apply_devices(c, r, false, e);
	return n;
}

int cgroup_open(const char *path, struct cgroup *ret, struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	cleanup(cgroup_close) struct cgroup c = { .dir = -1 };
	int r;

	r = tree_open(&t, e);
	if (r < 0)
		return r;
	c.path = strdup(path);
	if (!c.path)
		return fail(e, ENOMEM, "open cgroup %s", path);
	r = tree_open_at(&t, path, O_RDONLY | O_DIRECTORY, &c.dir, e);
	if (r < 0)
		return in_context(e, r, "open cgroup %s", path);
	*ret = c;
	c = (struct cgroup){ .dir = -1 };
	return 0;
}

int cgroup_open_beside(const char *path, pid_t init, struct cgroup *ret, struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	cleanup(cgroup_close) struct cgroup c = { .dir = -1 };
	autofree char *beside = NULL;
	char handed_down[CONTROLLERS_MAX];
	int r;

	r = cgroup_open(path, &c, e);
	if (r == 0)
		r = tree_read(c.dir, "cgroup.subtree_control", handed_down, sizeof(handed_down), e);
	if (r < 0)
		return r;
	if (*handed_down) {
		r = tree_open(&t, e);
		if (r == 0)
			r = tree_path_of(&t, init, &beside, e);
		if (r < 0)
			return in_context(e, r, "cgroup of process %d", init);
		/* The container may have been given a cgroup to move in, but not one elsewhere. */
		if (!path_is_below(beside, path))
			return refuse(e, EINVAL, "process %d is in cgroup %s, and not below %s",
				      init, beside, path);
		cgroup_close(&c);
		return cgroup_open(beside, ret, e);
	}
	*ret = c;
	c = (struct cgroup){ .dir = -1 };
	return 0;
}

void cgroup_close(struct cgroup *c)
{
	close_fd(&c->dir);
	free_pointer(&c->path);
	c->path = NULL;
}

/* The kernel's own list of what a delegatee may have; before 4.15 there was none, and a container
 * host may hide it. */
static int read_delegate_list(char **ret_text, struct berth_error *e)
{
	autoclose int fd = open("/sys/kernel/cgroup/delegate", O_RDONLY | O_CLOEXEC);
	size_t length;

	if (fd >= 0)
		return read_whole(fd, DELEGATE_MAX, "/sys/kernel/cgroup/delegate", ret_text,
				  &length, e);
	*ret_text = strdup("cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n");
	return *ret_text ? 0 : fail(e, ENOMEM, "delegate a cgroup");
}

int cgroup_delegate(const struct cgroup *c, uid_t uid, gid_t gid, struct berth_error *e)
{
	autofree char *list = NULL;
	char *rest = NULL;
	int r;

	r = read_delegate_list(&list, e);
	if (r < 0)
		return r;
	if (fchown(c->dir, uid, gid) < 0)
		return fail(e, errno, "give cgroup %s to user %u", c->path, uid);
	for (char *name = strtok_r(list, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest)) {
		if (strchr(name, '/'))
			continue;
		if (fchownat(c->dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT)
			return fail(e, errno, "give %s of cgroup %s to user %u", name, c->path,
				    uid);
	}
	return 0;
}
