/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaching files below a directory whose content is hostile and may change at any moment. Only the
 * kernel follows links, and only within the root. What berth makes, it makes by a single name in a
 * directory that it holds open. Where a link leads to what is still to be made, its text takes its
 * place in the path, and that goes to the kernel again.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"

/*
 * RESOLVE_IN_ROOT and RESOLVE_BENEATH end with EAGAIN when anything on the whole system was renamed
 * or mounted while ".." was resolved: a busy machine needs more than a few attempts, an attacker
 * must not get endless ones.
 */
enum { ATTEMPTS = 128 };

enum { LINKS_MAX = 40 }; /* as the kernel's own MAXSYMLINKS */

static int open_how(int dir, const char *path, int flags, mode_t mode, unsigned long resolve)
{
	struct open_how how = {
		.flags = (unsigned int)flags | O_CLOEXEC,
		.mode = mode,
		.resolve = resolve,
	};
	int fd = -1;

	for (int i = 0; i < ATTEMPTS; i++) {
		fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd < 0 ? -errno : fd;
}

static int open_rooted(int root, const char *path, int flags)
{
	return open_how(root, path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

int open_in_root(int root, const char *path, int flags, int *ret_fd, struct berth_error *e)
{
	int fd = open_rooted(root, path, flags);

	if (fd < 0)
		return fail(e, -fd, "open %s in the root file system", path);
	*ret_fd = fd;
	return 0;
}

int open_beneath(int dir, const char *path, int flags, mode_t mode, int *ret_fd,
		 struct berth_error *e)
{
	int fd = open_how(dir, path, flags, mode,
			  RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);

	if (fd < 0) {
		int r = fail(e, -fd, "open %s", path);
		if (fd == -EXDEV)
			advise(e, "it leaves its directory, or something is mounted in the way");
		else if (fd == -ELOOP)
			advise(e, "a symbolic link is in the way");
		return r;
	}
	*ret_fd = fd;
	return 0;
}

/*
 * Makes `name` in the directory and opens what then is there. Somebody else may have been faster,
 * or may put something else in its place: a link is refused, anything else taken as if it had been
 * there before.
 */
static int make_name(int parent, const char *name, bool file)
{
	int made = file ? mknodat(parent, name, S_IFREG | 0644, 0) : mkdirat(parent, name, 0755);
	struct stat st;

	if (made < 0 && errno != EEXIST)
		return -errno;
	autoclose int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	return take_fd(&fd);
}

/* The end of the component that begins at or behind `from`; *ret_start is where it begins. NULL
 * where there is none. */
static char *next_component(char *from, char **ret_start)
{
	while (*from == '/')
		from++;
	if (*from == '\0')
		return NULL;
	*ret_start = from;
	return strchrnul(from, '/');
}

/*
 * Walks down by ever longer prefixes of the path, so that the kernel resolves each as a whole
 * within the root. What is missing is made in the directory that the prefix before it led to.
 */
static int walk_and_make(int root, char *path, bool file, int *ret_fd)
{
	autoclose int here = open_rooted(root, "/", O_PATH | O_DIRECTORY);
	char *start = NULL, *after = NULL;

	if (here < 0)
		return here;
	for (char *end = next_component(path, &start); end; end = after) {
		char *next = NULL, separator = *end;
		after = next_component(end, &next);
		bool last = !after;

		*end = '\0';
		int fd = open_rooted(root, path, O_PATH | (last ? 0 : O_DIRECTORY));
		if (fd == -ENOENT)
			fd = make_name(here, start, file && last);
		*end = separator;
		if (fd < 0)
			return fd;
		close_fd(&here);
		here = fd;
		start = next;
	}
	*ret_fd = take_fd(&here);
	return 0;
}

/* Nearly always only the last component is missing, and is a name. *ret_fd: of what was made;
 * -ENOENT otherwise. */
static int make_last(int root, char *path, bool file, int *ret_fd)
{
	char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	autoclose int parent = -1;
	int fd;

	if (!slash || name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -ENOENT;
	*slash = '\0';
	parent = open_rooted(root, slash > path ? path : "/", O_PATH | O_DIRECTORY);
	*slash = '/';
	if (parent < 0)
		return parent;
	fd = make_name(parent, name, file);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

/* The text of the link at `path`; false where it is none, or leads somewhere. */
static bool read_dangling(int root, const char *path, char text[PATH_MAX])
{
	autoclose int link = open_rooted(root, path, O_PATH | O_NOFOLLOW);
	autoclose int end = -1;
	ssize_t n = link < 0 ? -1 : readlinkat(link, "", text, PATH_MAX);

	if (n <= 0 || n == PATH_MAX)
		return false;
	text[n] = '\0';
	end = open_rooted(root, path, O_PATH);
	return end == -ENOENT;
}

/* Puts the text of the first link that leads nowhere in its place. False: there is none, or the
 * path would be too long. */
static bool expand_dangling(int root, char path[PATH_MAX])
{
	char text[PATH_MAX], expanded[PATH_MAX];
	char *start = NULL;

	for (char *end = next_component(path, &start); end; end = next_component(end, &start)) {
		char separator = *end;
		bool dangling;
		int n;

		*end = '\0';
		dangling = read_dangling(root, path, text);
		*end = separator;
		if (!dangling)
			continue;
		n = snprintf(expanded, sizeof(expanded), "%.*s%s%s",
			     text[0] == '/' ? 0 : (int)(start - path), path, text, end);
		if (n < 0 || (size_t)n >= sizeof(expanded))
			return false;
		memcpy(path, expanded, (size_t)n + 1);
		return true;
	}
	return false;
}

static int make_missing(int root, char path[PATH_MAX], bool file, int *ret_fd)
{
	int r = -ELOOP;

	for (int links = 0; links < LINKS_MAX && r == -ELOOP; links++) {
		if (links > 0 && !expand_dangling(root, path))
			break;
		r = make_last(root, path, file, ret_fd);
		if (r == -ENOENT)
			r = walk_and_make(root, path, file, ret_fd);
	}
	return r;
}

int make_in_root(int root, const char *path, bool file, int *ret_fd, struct berth_error *e)
{
	size_t length = strlen(path);
	/* "" and "/" are the root; a trailing "/" says nothing, it would only keep a file from
	 * being made. */
	int fd = open_rooted(root, length ? path : "/", O_PATH);

	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	if (fd != -ENOENT)
		return fail(e, -fd, "open %s in the root file system", path);
	if (length >= PATH_MAX)
		return fail(e, ENAMETOOLONG, "make %s in the root file system", path);

	char copy[PATH_MAX];

	memcpy(copy, path, length + 1);
	int r = make_missing(root, copy, file, ret_fd);
	if (r < 0) {
		r = fail(e, -r, "make %s %s in the root file system", file ? "file" : "directory",
			 path);
		if (r == -ELOOP)
			advise(e, "symbolic links go in circles");
		return r;
	}
	return 0;
}

int make_parent_in_root(int root, const char *path, int *ret_dir, const char **ret_name,
			struct berth_error *e)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t length = (size_t)(name - path);
	char parent[PATH_MAX];
	struct stat st;

	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return refuse(e, EINVAL,
			      "make %s in the root file system: it does not end in a name", path);
	if (length >= sizeof(parent))
		return fail(e, ENAMETOOLONG, "make %s in the root file system", path);
	memcpy(parent, path, length);
	parent[length] = '\0';
	autoclose int dir = open_rooted(root, length ? parent : "/", O_PATH | O_DIRECTORY);
	if (dir == -ENOENT) {
		int r = make_in_root(root, parent, false, &dir, e);
		if (r < 0)
			return r;
		if (fstat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
			return fail(e, ENOTDIR, "make %s in the root file system", path);
	}
	if (dir < 0)
		return fail(e, -dir, "make %s in the root file system", path);
	*ret_dir = take_fd(&dir);
	*ret_name = name;
	return 0;
}

bool path_has_dotdot(const char *path)
{
	while (*path) {
		const char *end = strchrnul(path, '/');

		if (end - path == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path = *end ? end + 1 : end;
	}
	return false;
}

/*
 * The components of a path from its end on, with "." left out and ".." folded: read backwards, a
 * ".." takes away the next component. One at the root leads to the root.
 */
struct backwards {
	const char *start, *end; /* what has not been read */
	const char *name;        /* the component found */
	size_t length;
};

static struct backwards read_backwards(const char *path)
{
	return (struct backwards){ .start = path, .end = path + strlen(path) };
}

static bool previous_component(struct backwards *b)
{
	size_t swallow = 0;

	while (b->end > b->start) {
		const char *end = b->end;
		const char *name = end;

		while (name > b->start && name[-1] != '/')
			name--;
		b->end = name > b->start ? name - 1 : name;
		b->name = name;
		b->length = (size_t)(end - name);
		if (b->length == 0 || (b->length == 1 && name[0] == '.'))
			continue;
		if (b->length == 2 && name[0] == '.' && name[1] == '.')
			swallow++;
		else if (swallow > 0)
			swallow--;
		else
			return true;
	}
	return false;
}

static size_t count_components(const char *path)
{
	struct backwards b = read_backwards(path);
	size_t n = 0;

	while (previous_component(&b))
		n++;
	return n;
}

bool path_is_below(const char *path, const char *top)
{
	size_t n_path = count_components(path), n_top = count_components(top);
	struct backwards p = read_backwards(path), t = read_backwards(top);

	if (n_path < n_top)
		return false;
	for (size_t i = n_top; i < n_path; i++)
		(void)previous_component(&p);
	while (previous_component(&p) && previous_component(&t)) {
		if (p.length != t.length || memcmp(p.name, t.name, p.length) != 0)
			return false;
	}
	return true;
}

bool path_is_same(const char *a, const char *b)
{
	return path_is_below(a, b) && path_is_below(b, a);
}

char *path_normalize(const char *path)
{
	size_t size = strlen(path) + 2; /* "" becomes "/" */
	char *normal = malloc(size);
	struct backwards b = read_backwards(path);
	size_t at = size - 1;

	if (!normal)
		return NULL;
	normal[at] = '\0';
	while (previous_component(&b)) {
		at -= b.length;
		memcpy(normal + at, b.name, b.length);
		normal[--at] = '/';
	}
	if (normal[at] == '\0')
		normal[--at] = '/';
	memmove(normal, normal + at, size - at);
	return normal;
}

int path_of_fd(int proc, int fd, char **ret, struct berth_error *e)
{
	char link[32], path[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "self/fd/%d", fd);
	n = readlinkat(proc, link, path, sizeof(path));
	if (n < 0 || (size_t)n >= sizeof(path))
		return fail(e, n < 0 ? errno : ENAMETOOLONG, "find the path of fd %d", fd);
	*ret = strndup(path, (size_t)n);
	return *ret ? 0 : fail(e, ENOMEM, "path of fd %d", fd);
}
