/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a container's cgroup goes: linux.cgroupsPath, or berth-ID without one (ID alone where that
 * would be too long for a name). An absolute path begins at the mount point. A relative one, and
 * berth-ID, begin there for root; without privilege, at the caller's own cgroup, as far as that is
 * delegated. The path comes from the configuration: it must not contain "..", and it is compared by
 * component.
 *
 * berth-ID has no parent of its own on purpose: making one, enabling controllers in it and removing
 * it again would cost more than the container's cgroup itself.
 */
#include "cgroup/place.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "cgroup/limits.h"
#include "cgroup/owner.h"
#include "cgroup/processes.h"
#include "cgroup/tree.h"

#define PREFIX "berth-"

enum { EVENTS_MAX = 256 };

bool place_is_systemd_form(const char *path)
{
	const char *first = strchr(path, ':');

	return first && strchr(first + 1, ':') && !strchr(path, '/');
}

static int check_path(const char *path, struct berth_error *e)
{
	if (strlen(path) >= PATH_MAX)
		return refuse(e, ENAMETOOLONG, "linux.cgroupsPath is longer than %d bytes",
			      PATH_MAX - 1);
	if (!text_printable(path))
		return refuse(e, EINVAL, "linux.cgroupsPath has control characters in it");
	if (path_has_dotdot(path))
		return refuse(e, EINVAL, "linux.cgroupsPath %s has \"..\" in it", path);
	for (const char *name = path; *name;
	     name += strcspn(name, "/"), name += strspn(name, "/")) {
		if (strcspn(name, "/") > NAME_MAX)
			return refuse(e, ENAMETOOLONG,
				      "linux.cgroupsPath %s has a part longer than %d bytes", path,
				      NAME_MAX);
	}
	return 0;
}

/* An id may be as long as the name of a cgroup. */
static const char *own_prefix(const char *id)
{
	return strlen(PREFIX) + strlen(id) > NAME_MAX ? "" : PREFIX;
}

int place_path(const struct cgroup_request *r, const char *base, char **ret_path,
	       struct berth_error *e)
{
	autofree char *joined = NULL, *normal = NULL;
	const char *given = r->path && *r->path ? r->path : NULL;
	int n;

	if (given && place_is_systemd_form(given)) {
		n = refuse(
			e, EINVAL,
			"linux.cgroupsPath %s has the form slice:prefix:name, which is systemd's",
			given);
		advise(e, "call berth with --systemd-cgroup");
		return n;
	}
	if (given)
		joined = *given == '/' ? strdup(given) : text_printf("%s/%s", base, given);
	else
		joined = text_printf("%s/%s%s", base, own_prefix(r->id), r->id);
	if (!joined)
		return fail(e, ENOMEM, "cgroup path");
	n = check_path(joined, e);
	if (n < 0)
		return n;
	normal = path_normalize(joined);
	if (!normal)
		return fail(e, ENOMEM, "cgroup path");
	if (text_equal(normal, "/"))
		return refuse(e, EINVAL, "linux.cgroupsPath %s is the root of the cgroup tree",
			      given ? given : "");
	*ret_path = TAKE(normal);
	return 0;
}

char *place_own_base(const char *own, bool above_is_delegated)
{
	const char *name = strrchr(own, '/');

	if (!name || name == own)
		return strdup(own);
	if (text_equal(name + 1, OWN_LEAF) || above_is_delegated)
		return strndup(own, (size_t)(name - own));
	return strdup(own);
}

char *place_common_ancestor(const char *a, const char *b)
{
	size_t common = 0, i = 0;

	for (; a[i] && a[i] == b[i]; i++) {
		if (a[i] == '/')
			common = i;
	}
	if ((!a[i] || a[i] == '/') && (!b[i] || b[i] == '/'))
		common = i;
	return common == 0 ? strdup("/") : strndup(a, common);
}

static bool is_delegated(const struct cgroup_tree *t, const char *path)
{
	struct berth_error ignored;
	autoclose int fd = -1;

	return tree_open_at(t, path, O_RDONLY | O_DIRECTORY, &fd, &ignored) == 0 &&
	       tree_is_delegated(fd);
}

static int find_own_base(const struct cgroup_tree *t, const char *own, char **ret_base,
			 struct berth_error *e)
{
	autofree char *above = NULL;
	const char *name = strrchr(own, '/');
	bool above_is_delegated = false;

	if (name && name != own) {
		above = strndup(own, (size_t)(name - own));
		if (!above)
			return fail(e, ENOMEM, "cgroup path");
		above_is_delegated = is_delegated(t, above) && !is_delegated(t, own);
	}
	*ret_base = place_own_base(own, above_is_delegated);
	return *ret_base ? 0 : fail(e, ENOMEM, "cgroup path");
}

/* Whether the caller may make the cgroup and clone(2) into it: a writable directory where the first
 * missing part goes, and, as the kernel asks of CLONE_INTO_CGROUP, a writable cgroup.procs in the
 * closest common ancestor of both. 0, or the errno, negative. */
int place_check_reach(const struct cgroup_tree *t, const char *own, const char *path,
		      struct berth_error *e)
{
	autofree char *above = strdup(path),
		      *common = own ? place_common_ancestor(own, path) : NULL;
	autoclose int dir = -1, ancestor = -1;
	int r = -ENOENT;

	if (!above || (own && !common))
		return fail(e, ENOMEM, "cgroup path");
	while (r == -ENOENT) {
		r = tree_open_at(t, above, O_PATH | O_DIRECTORY, &dir, e);
		if (r == -ENOENT && *above)
			*strrchr(above, '/') = '\0';
		else if (r < 0)
			return r;
	}
	if (faccessat(dir, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return fail(e, errno, "make a cgroup below %s%s", t->mount_point, above);
	if (!common)
		return 0;
	r = tree_open_at(t, common, O_PATH | O_DIRECTORY, &ancestor, e);
	if (r < 0)
		return r;
	if (faccessat(ancestor, "cgroup.procs", W_OK, AT_EACCESS) < 0)
		return fail(e, errno,
			    "start processes in cgroup %s from %s: write %s%s/cgroup.procs", path,
			    own, t->mount_point, text_equal(common, "/") ? "" : common);
	return 0;
}

/* No cgroup can be made: fine where nothing was asked of it, an error that tells the way
 * otherwise. */
static int do_without(const struct cgroup_request *r, const char *limit,
		      const struct berth_error *why, char **ret_path, struct berth_error *e)
{
	int n;

	if (!limit) {
		if (r->path && *r->path)
			log_warning("container %s runs in berth's own cgroup, not in %s: %s", r->id,
				    r->path, why->text);
		else
			log_debug("no cgroup for container %s: %s", r->id, why->text);
		*ret_path = NULL;
		return 0;
	}
	*e = *why;
	n = in_context(e, -why->code, "linux.resources.%s needs a cgroup, and none can be made",
		       limit);
	advise(e, "get one delegated: systemd-run --user --scope -p Delegate=yes -- berth ...");
	return n;
}

static int locate_in_tree(const struct cgroup_tree *t, const struct cgroup_request *r,
			  const char *limit, char **ret_path, struct berth_error *e)
{
	autofree char *own = NULL, *base = NULL, *path = NULL;
	struct berth_error why;
	int n;

	n = tree_own_path(t, &own, &why);
	if (n < 0 && n != -ENOENT) {
		*e = why;
		return n;
	}
	n = own ? find_own_base(t, own, &base, e) : 0;
	if (n < 0)
		return n;
	n = place_path(r, base && !text_equal(base, "/") ? base : "", &path, e);
	if (n < 0)
		return n;
	n = place_check_reach(t, own, path, &why);
	if (n == -EACCES || n == -EPERM || n == -EROFS)
		return do_without(r, limit, &why, ret_path, e);
	if (n < 0) {
		*e = why;
		return n;
	}
	*ret_path = TAKE(path);
	return 0;
}

static int locate_rootless(const struct cgroup_request *r, const char *limit, char **ret_path,
			   struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	struct berth_error why;

	if (tree_open(&t, &why) < 0)
		return do_without(r, limit, &why, ret_path, e);
	return locate_in_tree(&t, r, limit, ret_path, e);
}

/* A new one can be frozen, too: from above. */
int place_check(const struct cgroup *c, struct berth_error *e)
{
	char text[EVENTS_MAX], names[256];
	uint64_t populated = 0, frozen = 0;
	int r;

	r = tree_read(c->dir, "cgroup.events", text, sizeof(text), e);
	if (r < 0)
		return r;
	(void)tree_keyed_value(text, "populated", &populated);
	(void)tree_keyed_value(text, "frozen", &frozen);
	if (populated) {
		processes_describe(c->dir, names, sizeof(names));
		return refuse(e, EBUSY, "cgroup %s is not empty: %s", c->path, names);
	}
	if (frozen)
		return refuse(e, EBUSY, "cgroup %s is frozen%s", c->path,
			      c->created ? ", by a cgroup above it" : "");
	return 0;
}

/* A stranger's cgroup is refused here already, before it is recorded as the container's. */
static int check_existing(const char *path, struct berth_error *e)
{
	cleanup(cgroup_close) struct cgroup c = { .dir = -1 };
	struct berth_error why;
	int r = cgroup_open(path, &c, &why);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		return place_check(&c, e);
	*e = why;
	return r;
}

static int locate(const struct cgroup_request *r, const char *limit, char **ret_path,
		  struct berth_error *e)
{
	autofree char *path = NULL;
	int n;

	n = r->rootless ? locate_rootless(r, limit, &path, e) : place_path(r, "", &path, e);
	if (n == 0 && path)
		n = check_existing(path, e);
	if (n == 0)
		*ret_path = TAKE(path);
	return n;
}

int cgroup_locate(const struct cgroup_request *r, char **ret_path, struct berth_error *e)
{
	autosettings struct settings s = { 0 };
	const char *limit;
	int n;

	/* What cannot be is told before anything is made. */
	n = limits_settings(r->resources, &limits_fresh, &s, e);
	if (n < 0)
		return n;
	limit = settings_first(&s);
	switch (r->manager) {
	case CGROUP_DISABLED:
		if (limit)
			log_warning("cgroups are disabled: linux.resources.%s has no effect",
				    limit);
		*ret_path = NULL;
		return 0;
	case CGROUP_SYSTEMD:
		return refuse(e, EINVAL, "with systemd the cgroup has no path of our choice");
	case CGROUP_PLAIN:
		break;
	}
	return locate(r, limit, ret_path, e);
}

int cgroup_find_lost(const struct cgroup_request *r, char **ret_path, struct berth_error *e)
{
	cleanup(cgroup_close) struct cgroup c = { .dir = -1 };
	autofree char *path = NULL;
	struct berth_error why;
	int n;

	if (r->path && place_is_systemd_form(r->path))
		return refuse(e, ENOTSUP, "its cgroup is a scope of systemd's");
	n = r->rootless ? locate_rootless(r, NULL, &path, e) : place_path(r, "", &path, e);
	if (n < 0)
		return n;
	if (!path)
		return refuse(e, ESRCH, "it has no cgroup to find its processes by");
	n = cgroup_open(path, &c, &why);
	if (n == -ENOENT)
		return 0;
	if (n < 0) {
		*e = why;
		return n;
	}
	if (!owner_is_container(c.dir, r->id))
		return refuse(e, EPERM, "cgroup %s is not marked as its own", path);
	*ret_path = TAKE(path);
	return 0;
}
