/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding the v2 tree and reading its interface files. /proc/self/mountinfo is only a hint:
 * fstatfs(2) verifies that what is opened is cgroup2, and everything below is reached by
 * open_beneath().
 */
#include "cgroup/tree.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include <linux/magic.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/mountinfo.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "cgroup/cgroup.h"

enum { OWN_MAX = 64 << 10, EVENTS_MAX = 256, RECHECK_MS = 200 };

int tree_parse_mountinfo(const char *text, const char *wanted, char **ret_mount_point,
			 char **ret_root)
{
	autofree char *point = NULL, *root = NULL;

	for (;;) {
		autofree char *this_point = NULL, *this_root = NULL;

		if (!mountinfo_next(&text, "cgroup2", &this_point, &this_root))
			break;
		if (!this_point || !this_root)
			return -ENOMEM;
		/* Of several at one place the last one is on top. Without a wish, a mount of the
		 * whole tree is better than a bind mount of a part of it, which may come first. */
		if (wanted ? !text_equal(this_point, wanted) : point && text_equal(root, "/"))
			continue;
		if (!wanted && point && !text_equal(this_root, "/"))
			continue;
		free_pointer(&point);
		free_pointer(&root);
		point = TAKE(this_point);
		root = TAKE(this_root);
	}
	if (!point)
		return -ENOENT;
	*ret_mount_point = TAKE(point);
	*ret_root = TAKE(root);
	return 0;
}

int tree_parse_own(const char *text, char **ret_path)
{
	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (!text_starts(line, "0::/"))
			continue;
		*ret_path = strndup(line + 3, (size_t)(end - line) - 3);
		return *ret_path ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

/* The two places where distributions mount it, before the possibly very long mountinfo is read. */
static int open_usual_place(struct cgroup_tree *ret)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		autoclose int fd = open(places[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0 || !fd_has_magic(fd, CGROUP2_SUPER_MAGIC))
			continue;
		ret->mount_point = strdup(places[i]);
		if (!ret->mount_point)
			return -ENOMEM;
		ret->dir = take_fd(&fd);
		return 0;
	}
	return -ENOENT;
}

static int read_mountinfo(const char *wanted, char **ret_point, char **ret_root,
			  struct berth_error *e)
{
	autofree char *text = NULL;
	autoclose int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	size_t length;
	int r;

	if (fd < 0)
		return fail(e, errno, "open /proc/self/mountinfo");
	r = read_whole(fd, MOUNTINFO_MAX, "/proc/self/mountinfo", &text, &length, e);
	if (r < 0)
		return r;
	r = tree_parse_mountinfo(text, wanted, ret_point, ret_root);
	if (r == -ENOENT) {
		r = refuse(e, ENODEV, "no cgroup v2 tree is mounted");
		advise(e,
		       "mount -t cgroup2 none %s, or do without cgroups: --cgroup-manager disabled",
		       access("/sys/fs/cgroup/unified", F_OK) == 0 ? "/sys/fs/cgroup/unified"
								   : "/sys/fs/cgroup");
	} else if (r < 0) {
		return fail(e, -r, "read /proc/self/mountinfo");
	}
	return r;
}

int tree_open(struct cgroup_tree *ret, struct berth_error *e)
{
	autofree char *point = NULL, *root = NULL;
	autoclose int fd = -1;
	int r;

	r = open_usual_place(ret);
	if (r == -ENOMEM)
		return fail(e, ENOMEM, "open the cgroup tree");
	if (r == 0)
		return 0;
	r = read_mountinfo(NULL, &point, &root, e);
	if (r < 0)
		return r;
	fd = open(point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return fail(e, errno, "open the cgroup tree %s", point);
	if (!fd_has_magic(fd, CGROUP2_SUPER_MAGIC))
		return refuse(e, ENODEV,
			      "%s is a cgroup v2 mount that something else is mounted over", point);
	ret->dir = take_fd(&fd);
	ret->mount_point = TAKE(point);
	return 0;
}

void tree_close(struct cgroup_tree *t)
{
	close_fd(&t->dir);
	free_pointer(&t->mount_point);
	t->mount_point = NULL;
}

int cgroup_mount_point(char **ret_path, struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	int r;

	r = tree_open(&t, e);
	if (r < 0)
		return r;
	*ret_path = TAKE(t.mount_point);
	return 0;
}

int cgroup_open_tree(int *ret_dir, struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	int r = tree_open(&t, e);

	if (r == 0)
		*ret_dir = take_fd(&t.dir);
	return r;
}

static int read_path(const struct cgroup_tree *t, const char *file, char **ret_path,
		     struct berth_error *e)
{
	autofree char *text = NULL, *own = NULL, *point = NULL, *root = NULL;
	autoclose int fd = open(file, O_RDONLY | O_CLOEXEC);
	const char *rest;
	size_t length;
	int r;

	if (fd < 0)
		return fail(e, errno, "open %s", file);
	r = read_whole(fd, OWN_MAX, file, &text, &length, e);
	if (r < 0)
		return r;
	r = tree_parse_own(text, &own);
	if (r < 0)
		return refuse(e, -r, "%s has no line for cgroup v2", file);
	r = read_mountinfo(t->mount_point, &point, &root, e);
	if (r < 0)
		return r;
	/* Both paths are relative to the root of the caller's cgroup namespace; a mount made
	 * outside of it shows "/..". */
	if (path_has_dotdot(own) || path_has_dotdot(root) || !path_is_below(own, root))
		return refuse(e, ENOENT,
			      "%s says cgroup %s, which does not lie below %s, where %s is mounted",
			      file, own, t->mount_point, root);
	rest = own + (text_equal(root, "/") ? 0 : strlen(root));
	*ret_path = strdup(*rest ? rest : "/");
	return *ret_path ? 0 : fail(e, ENOMEM, "read %s", file);
}

int tree_own_path(const struct cgroup_tree *t, char **ret_path, struct berth_error *e)
{
	return read_path(t, "/proc/self/cgroup", ret_path, e);
}

int tree_path_of(const struct cgroup_tree *t, pid_t pid, char **ret_path, struct berth_error *e)
{
	char file[32];

	(void)snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	return read_path(t, file, ret_path, e);
}

int tree_open_at(const struct cgroup_tree *t, const char *path, int flags, int *ret_fd,
		 struct berth_error *e)
{
	path += strspn(path, "/");
	return open_beneath(t->dir, *path ? path : ".", flags, 0, ret_fd, e);
}

bool tree_is_delegated(int dir)
{
	char value[4];

	return (fgetxattr(dir, "user.delegate", value, sizeof(value)) == 1 ||
		fgetxattr(dir, "trusted.delegate", value, sizeof(value)) == 1) &&
	       value[0] == '1';
}

int tree_read(int dir, const char *file, char *text, size_t size, struct berth_error *e)
{
	autoclose int fd = -1;
	ssize_t n;
	int r;

	r = open_beneath(dir, file, O_RDONLY, 0, &fd, e);
	if (r < 0)
		return r;
	n = read(fd, text, size - 1);
	if (n < 0)
		return fail(e, errno, "read %s", file);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	return 0;
}

bool tree_has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (; *list; list += strcspn(list, " \n"), list += strspn(list, " \n")) {
		if (strcspn(list, " \n") == length && strncmp(list, word, length) == 0)
			return true;
	}
	return false;
}

bool tree_keyed_value(const char *text, const char *key, uint64_t *ret)
{
	size_t length = strlen(key);

	for (const char *line = text, *end; *line; line = *end ? end + 1 : end) {
		char number[24];
		size_t digits;

		end = strchrnul(line, '\n');
		if (strncmp(line, key, length) != 0 || line[length] != ' ')
			continue;
		digits = (size_t)(end - line) - length - 1;
		if (digits >= sizeof(number))
			return false;
		memcpy(number, line + length + 1, digits);
		number[digits] = '\0';
		return parse_u64(number, ret) == 0;
	}
	return false;
}

int tree_wait_event(int dir, const char *key, uint64_t value, int timeout_ms, struct berth_error *e)
{
	int64_t deadline = clock_ms() + timeout_ms;
	autoclose int fd = -1;
	int r;

	r = open_beneath(dir, "cgroup.events", O_RDONLY, 0, &fd, e);
	if (r < 0)
		return r;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLPRI };
		char text[EVENTS_MAX];
		uint64_t now = ~value;
		int64_t left;
		ssize_t n;

		/* The read also arms the notification: one that comes later makes poll(2) return at
		 * once. */
		n = pread(fd, text, sizeof(text) - 1, 0);
		if (n < 0)
			return fail(e, errno, "read cgroup.events");
		text[n] = '\0';
		if (tree_keyed_value(text, key, &now) && now == value)
			return 0;
		left = deadline - clock_ms();
		if (left <= 0)
			return fail(e, ETIMEDOUT, "wait for \"%s %llu\" in cgroup.events", key,
				    (unsigned long long)value);
		/* Looks again now and then, in case a notification is lost. */
		if (poll(&p, 1, left < RECHECK_MS ? (int)left : RECHECK_MS) < 0 && errno != EINTR)
			return fail(e, errno, "wait for cgroup.events");
	}
}
