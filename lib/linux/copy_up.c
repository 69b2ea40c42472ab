/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tmpcopyup: copies the content of an image's directory into the new tmpfs that will cover it. The
 * source is hostile and may change meanwhile: no link is followed, no other mount is entered, and
 * every file is checked through the fd from which it is read. Depth is bounded, a file by the size
 * that it had, and the whole by the size of the tmpfs. The destination is detached, so nobody else
 * reaches it.
 */
#include "linux/mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/text.h"

enum { DEPTH_MAX = 64, CHUNK = 1 << 30 };

struct copy {
	int proc;
	uint64_t mount_id; /* of the source */
	char *names, *value;
	int depth;
};

/* One entry of the source: where, and what it was when it was opened. */
struct entry {
	int from, to; /* the directories */
	const char *name;
	struct statx st;
};

static int copy_directory(struct copy *c, int from, int to, struct berth_error *e);

static int look_at(int fd, struct statx *ret)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, ret);
}

/* Attributes that the tmpfs does not know, or that we may not set, are left out. */
static int copy_xattrs(struct copy *c, int from, int to, const char *name, struct berth_error *e)
{
	ssize_t length = flistxattr(from, c->names, XATTR_LIST_MAX);

	for (const char *at = c->names; at < c->names + length; at += strlen(at) + 1) {
		ssize_t n = fgetxattr(from, at, c->value, XATTR_SIZE_MAX);

		if (n < 0 || fsetxattr(to, at, c->value, (size_t)n, 0) == 0)
			continue;
		if (errno == ENOSPC || errno == EDQUOT || errno == ENOMEM)
			return fail(e, errno, "copy attribute %s of %s", at, name);
	}
	return 0;
}

static struct timespec time_of(const struct statx_timestamp *t)
{
	return (struct timespec){ .tv_sec = t->tv_sec, .tv_nsec = (long)t->tv_nsec };
}

/*
 * Owner, then mode, since chown(2) takes the set-uid bits away. Ids without a mapping in our user
 * namespace show as the overflow id and cannot be given to the copy (EINVAL): it stays ours.
 */
static int copy_owner_and_mode(const struct entry *n, struct berth_error *e)
{
	if (fchownat(n->to, n->name, n->st.stx_uid, n->st.stx_gid, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != EINVAL && errno != EPERM)
			return fail(e, errno, "change the owner of %s", n->name);
		log_debug("the copy of %s keeps our ids: %u:%u cannot be given away", n->name,
			  n->st.stx_uid, n->st.stx_gid);
	}
	if (!S_ISLNK(n->st.stx_mode) && fchmodat(n->to, n->name, n->st.stx_mode & 07777, 0) < 0)
		return fail(e, errno, "change the mode of %s", n->name);
	return 0;
}

static int copy_times(const struct entry *n, struct berth_error *e)
{
	const struct timespec times[2] = { time_of(&n->st.stx_atime), time_of(&n->st.stx_mtime) };

	if (utimensat(n->to, n->name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(e, errno, "set the times of %s", n->name);
	return 0;
}

/* The size is that of the beginning: a file that keeps growing is not followed. */
static int copy_content(const struct entry *n, int in, int out, struct berth_error *e)
{
	uint64_t left = n->st.stx_size;

	while (left > 0) {
		ssize_t done = sendfile(out, in, NULL, left < CHUNK ? (size_t)left : CHUNK);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			int r = fail(e, errno, "copy %s", n->name);

			if (r == -ENOSPC)
				advise(e, "the tmpfs is too small for what is to be copied up: its "
					  "option size=");
			return r;
		}
		if (done == 0)
			break;
		left -= (uint64_t)done;
	}
	return 0;
}

/* `file` is what was found to be a file: by its name it may be a device by now, and to open one can
 * do something. */
static int copy_file(struct copy *c, const struct entry *n, int file, struct berth_error *e)
{
	autoclose int in = -1, out = -1;
	char self[32];
	int r;

	(void)snprintf(self, sizeof(self), "self/fd/%d", file);
	in = openat(c->proc, self, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return fail(e, errno, "read %s", n->name);
	out = openat(n->to, n->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return fail(e, errno, "make %s", n->name);
	r = copy_content(n, in, out, e);
	if (r == 0)
		r = copy_owner_and_mode(n, e);
	if (r == 0)
		r = copy_xattrs(c, in, out, n->name, e);
	return r;
}

/* What is mounted in the source is not part of it: an empty directory stands for it. */
static int copy_subdirectory(struct copy *c, struct entry *n, struct berth_error *e)
{
	autoclose int in =
		openat(n->from, n->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	autoclose int out = -1;
	int r = 0;

	if (in < 0 || look_at(in, &n->st) < 0)
		return fail(e, errno, "read directory %s", n->name);
	if (mkdirat(n->to, n->name, 0700) < 0)
		return fail(e, errno, "make directory %s", n->name);
	out = openat(n->to, n->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (out < 0)
		return fail(e, errno, "open directory %s", n->name);
	if (n->st.stx_mnt_id == c->mount_id)
		r = copy_directory(c, in, out, e);
	if (r == 0)
		r = copy_owner_and_mode(n, e);
	if (r == 0)
		r = copy_xattrs(c, in, out, n->name, e);
	return r < 0 ? in_context(e, r, "%s", n->name) : 0;
}

static int copy_link(const struct entry *n, int link, struct berth_error *e)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(link, "", target, sizeof(target) - 1);

	if (length < 0)
		return fail(e, errno, "read link %s", n->name);
	target[length] = '\0';
	if (symlinkat(target, n->to, n->name) < 0)
		return fail(e, errno, "make link %s", n->name);
	return copy_owner_and_mode(n, e);
}

static int copy_special(const struct entry *n, struct berth_error *e)
{
	dev_t number = makedev(n->st.stx_rdev_major, n->st.stx_rdev_minor);

	if (mknodat(n->to, n->name, n->st.stx_mode, number) == 0)
		return copy_owner_and_mode(n, e);
	if (errno != EPERM)
		return fail(e, errno, "make %s", n->name);
	log_debug("%s is not copied up: devices cannot be made in a user namespace", n->name);
	return 0;
}

static int copy_entry(struct copy *c, int from, int to, const char *name, struct berth_error *e)
{
	struct entry n = { .from = from, .to = to, .name = name };
	autoclose int fd = openat(from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat made;
	int r;

	if (fd < 0 && errno == ENOENT)
		return 0; /* removed meanwhile */
	if (fd < 0 || look_at(fd, &n.st) < 0)
		return fail(e, errno, "open %s", name);
	if (S_ISREG(n.st.stx_mode))
		r = copy_file(c, &n, fd, e);
	else if (S_ISDIR(n.st.stx_mode))
		r = copy_subdirectory(c, &n, e);
	else if (S_ISLNK(n.st.stx_mode))
		r = copy_link(&n, fd, e);
	else
		r = copy_special(&n, e);
	if (r < 0 || fstatat(to, name, &made, AT_SYMLINK_NOFOLLOW) < 0)
		return r;
	return copy_times(&n, e); /* last: whatever is done to it and in it changes them */
}

static int copy_directory(struct copy *c, int from, int to, struct berth_error *e)
{
	autoclosedir DIR *d = NULL;
	int r = 0;

	if (c->depth >= DEPTH_MAX)
		return refuse(e, ELOOP, "directories are more than %d deep", DEPTH_MAX);
	d = list_directory(from);
	if (!d)
		return fail(e, errno, "read the directory");
	c->depth++;
	while (r == 0) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(d);
		if (!entry)
			break;
		if (!text_equal(entry->d_name, ".") && !text_equal(entry->d_name, ".."))
			r = copy_entry(c, from, to, entry->d_name, e);
		errno = 0;
	}
	if (r == 0 && errno != 0)
		r = fail(e, errno, "read the directory");
	c->depth--;
	return r;
}

int mount_copy_up(int proc, int from, int to, struct berth_error *e)
{
	autofree char *names = malloc(XATTR_LIST_MAX), *value = malloc(XATTR_SIZE_MAX);
	struct copy c = { .proc = proc, .names = names, .value = value };
	struct statx st;
	int r;

	if (!names || !value)
		return fail(e, ENOMEM, "copy up");
	if (look_at(from, &st) < 0)
		return fail(e, errno, "copy up");
	c.mount_id = st.stx_mnt_id;
	r = copy_directory(&c, from, to, e);
	return r < 0 ? in_context(e, r, "copy up") : 0;
}
