/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory. Trust: its root is checked to be a real directory, owned by berth's user, in
 * which nobody else may write. Everything below is reached from its fd without following links, so
 * that another user can neither plant files nor redirect berth. Its files are parsed as strictly as
 * any input.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/text.h"
#include "container/store.h"
#include "linux/capabilities.h"
#include "linux/namespaces.h"
#include "start/notify.h"

enum { STATE_MAX = 1 << 20, LOCK_PATIENCE_MS = 10000, MAKE_TRIES = 100 };

#define autoentry cleanup(entry_close)

int store_check_id(const char *id, struct berth_error *e)
{
	size_t length = id ? strlen(id) : 0;

	if (length == 0)
		return refuse(e, EINVAL, "container id must not be empty");
	if (length > NAME_MAX)
		return refuse(e, EINVAL, "container id of %zu characters is too long (at most %d)",
			      length, NAME_MAX);
	for (size_t i = 0; i < length; i++) {
		char c = id[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    c == '_' || (i > 0 && (c == '-' || c == '.' || c == '+')))
			continue;
		return refuse(e, EINVAL,
			      "invalid container id: character %zu must be a letter, a digit%s",
			      i + 1, i ? ", '_', '-', '.' or '+'" : " or '_'");
	}
	return 0;
}

/* An ordinary user who became root of a user namespace, as rootless engines do, still is an
 * ordinary user. USER tells that one from a root who was born in there. */
static bool is_root(void)
{
	const char *user = getenv("USER");

	return geteuid() == 0 && ((user && text_equal(user, "root")) || in_first_user_namespace());
}

bool store_rootless(const struct berth_runtime *rt)
{
	if (rt->rootless == BERTH_ROOTLESS_AUTO)
		return !is_root() || !capability_held(CAP_SYS_ADMIN);
	return rt->rootless == BERTH_ROOTLESS_YES;
}

static char *root_path(const struct berth_runtime *rt)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	bool usable = runtime_dir && runtime_dir[0] == '/';

	if (rt->root)
		return strdup(rt->root);
	if (usable && !is_root())
		return text_printf("%s/berth", runtime_dir);
	if (geteuid() == 0)
		return strdup("/run/berth");
	return text_printf("/tmp/berth-%u", (unsigned int)geteuid());
}

static int advise_root(const struct berth_runtime *rt, int r, struct berth_error *e)
{
	if ((r == -EACCES || r == -ENOENT) && !rt->root)
		advise(e, "--root names another directory");
	return r;
}

/* mkdir -p: parents as others would make them, the directory itself for us alone. */
static int make_directories(const struct berth_runtime *rt, char *path, struct berth_error *e)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
			return advise_root(rt, fail(e, errno, "make directory %s", path), e);
		*slash = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return advise_root(rt, fail(e, errno, "make state directory %s", path), e);
	return 0;
}

int store_open_root(const struct berth_runtime *rt, bool make, int *ret_root, struct berth_error *e)
{
	autofree char *path = root_path(rt);
	autoclose int fd = -1;
	struct stat st;
	int r = 0;

	if (!path)
		return fail(e, ENOMEM, "state directory");
	if (path[0] == '\0')
		return refuse(e, EINVAL, "the state directory's name is empty");
	if (make)
		r = make_directories(rt, path, e);
	if (r < 0)
		return r;
	/* In /tmp, or where XDG_RUNTIME_DIR says, anybody could have put a link of that name;
	 * --root is the caller's word. */
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (rt->root ? 0 : O_NOFOLLOW));
	if (fd < 0 || fstat(fd, &st) < 0) {
		r = fail(e, errno, "open state directory %s", path);
		if (r == -ENOTDIR && !rt->root)
			advise(e, "a symbolic link is followed only where --root names it");
		return advise_root(rt, r, e);
	}
	if (st.st_uid != geteuid())
		return refuse(e, EPERM,
			      "state directory %s belongs to uid %u, and berth runs as uid %u",
			      path, st.st_uid, geteuid());
	if (st.st_mode & 0022)
		return refuse(
			e, EPERM,
			"state directory %s is writable for others (mode %04o): chmod go-w it",
			path, st.st_mode & 07777);
	*ret_root = take_fd(&fd);
	return 0;
}

void entry_close(struct entry *en)
{
	close_fd(&en->dir);
	close_fd(&en->root);
	arena_free(&en->arena);
}

int entry_load(struct entry *en, struct berth_error *e)
{
	autofree char *text = NULL;
	size_t length;
	int r;

	r = read_file(en->dir, "state.json", STATE_MAX, &text, &length, e);
	en->unreadable = r == -ENOENT;
	if (r == 0) {
		r = state_record_parse(text, length, &en->arena, &en->record, e);
		en->damaged = en->unreadable = r < 0 && r != -ENOMEM;
	}
	return r;
}

int entry_reload(struct entry *en, struct berth_error *e)
{
	struct berth_error why = { 0 };
	int r = entry_load(en, &why);

	if (r == 0 || en->unreadable)
		return 0;
	*e = why;
	return r;
}

static int load_or_close(struct entry *en, struct berth_error *e)
{
	int r = entry_reload(en, e);

	if (r == 0)
		return 0;
	entry_close(en);
	return in_context(e, r, "container %s", en->id);
}

int entry_look(int root, const char *id, struct entry *ret, struct berth_error *e)
{
	struct entry en = { .root = -1, .dir = -1, .id = id };
	int r = open_beneath(root, id, O_RDONLY | O_DIRECTORY, 0, &en.dir, e);

	if (r == 0)
		r = load_or_close(&en, e);
	if (r == 0)
		*ret = en;
	return r;
}

/* Opens what is there; nothing of it is read. */
static int open_entry(const struct berth_runtime *rt, const char *id, struct entry *ret,
		      struct berth_error *e)
{
	struct entry en = { .root = -1, .dir = -1, .id = id, .rootless = store_rootless(rt) };
	int r = store_check_id(id, e);

	if (r < 0)
		return r;
	r = store_open_root(rt, false, &en.root, e);
	if (r == 0)
		r = open_beneath(en.root, id, O_RDONLY | O_DIRECTORY, 0, &en.dir, e);
	if (r == 0) {
		*ret = en;
		return 0;
	}
	entry_close(&en);
	return r == -ENOENT ? refuse(e, ENOENT, "container %s: container does not exist", id) : r;
}

int entry_open(const struct berth_runtime *rt, const char *id, struct entry *ret,
	       struct berth_error *e)
{
	struct entry en;
	int r = open_entry(rt, id, &en, e);

	if (r == 0)
		r = load_or_close(&en, e);
	if (r == 0)
		*ret = en;
	return r;
}

/* Whether the directory that we have locked is still the one of that name: its last owner may have
 * removed it. */
static int check_there(const struct entry *en, struct berth_error *e)
{
	struct stat ours, named = { 0 };

	if (fstat(en->dir, &ours) < 0 ||
	    (fstatat(en->root, en->id, &named, AT_SYMLINK_NOFOLLOW) < 0 && errno != ENOENT))
		return fail(e, errno, "look at container %s", en->id);
	if (ours.st_dev != named.st_dev || ours.st_ino != named.st_ino)
		return refuse(e, ENOENT, "container %s: container does not exist", en->id);
	return 0;
}

int entry_lock(struct entry *en, struct berth_error *e)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	for (int waited = 0; flock(en->dir, LOCK_EX | LOCK_NB) < 0; waited += 5) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return fail(e, errno, "lock container %s", en->id);
		if (waited >= LOCK_PATIENCE_MS)
			return refuse(
				e, EBUSY,
				"container %s is being worked on by another berth for %d s already",
				en->id, LOCK_PATIENCE_MS / 1000);
		(void)nanosleep(&pause, NULL);
	}
	return check_there(en, e);
}

int entry_open_locked(const struct berth_runtime *rt, const char *id, struct entry *ret,
		      struct berth_error *e)
{
	struct entry en;
	int r = open_entry(rt, id, &en, e);

	if (r < 0)
		return r;
	r = entry_lock(&en, e);
	if (r < 0)
		entry_close(&en);
	else
		*ret = en;
	return r;
}

void entry_unlock(struct entry *en)
{
	(void)flock(en->dir, LOCK_UN);
}

int entry_save(const struct entry *en, const struct state_record *r, struct berth_error *e)
{
	autofree char *text = state_record_json(r);

	if (!text)
		return fail(e, ENOMEM, "state of container %s", en->id);
	return replace_file(en->dir, "state.json", text, strlen(text), 0600, e);
}

/* -ENOENT: before it was locked, a `delete --force` took the new directory for one that a killed
 * create had left. By now the name may be another create's. */
static int make_locked(struct entry *en, struct berth_error *e)
{
	int r;

	close_fd(&en->dir);
	if (mkdirat(en->root, en->id, 0700) < 0)
		return errno == EEXIST
			       ? refuse(e, EEXIST, "container with given ID already exists: %s",
					en->id)
			       : fail(e, errno, "make state directory of %s", en->id);
	r = open_beneath(en->root, en->id, O_RDONLY | O_DIRECTORY, 0, &en->dir, e);
	if (r == 0)
		r = entry_lock(en, e);
	if (r < 0 && r != -ENOENT)
		(void)unlinkat(en->root, en->id, AT_REMOVEDIR);
	return r;
}

int entry_make(const struct berth_runtime *rt, const char *id, const char *config, size_t length,
	       struct entry *ret, struct berth_error *e)
{
	struct entry en = { .root = -1, .dir = -1, .id = id, .rootless = store_rootless(rt) };
	struct berth_error ignored = { 0 };
	int r;

	r = store_check_id(id, e);
	if (r == 0)
		r = store_open_root(rt, true, &en.root, e);
	if (r < 0)
		return r;
	r = make_locked(&en, e);
	for (int i = 0; r == -ENOENT && i < MAKE_TRIES; i++) {
		*e = (struct berth_error){ 0 };
		r = make_locked(&en, e);
	}
	if (r == 0) {
		r = create_file(en.dir, "config.json", config, length, e);
		if (r < 0 && entry_remove(&en, &ignored) < 0)
			log_warning("%s", ignored.text);
	}
	if (r < 0) {
		entry_close(&en);
		return r;
	}
	*ret = en;
	return 0;
}

/* The one directory (start/notify.h) has at most a socket in it. */
static int remove_file(int dir, const char *name)
{
	autoclose int below = -1;

	if (unlinkat(dir, name, 0) == 0)
		return 0;
	if (errno != EISDIR)
		return -1;
	below = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below >= 0 && unlinkat(below, NOTIFY_NAME, 0) < 0 && errno != ENOENT)
		return -1;
	return unlinkat(dir, name, AT_REMOVEDIR);
}

static int remove_all(const struct entry *en, struct berth_error *e)
{
	autoclosedir DIR *d = list_directory(en->dir);
	const struct dirent *file;

	if (!d)
		return fail(e, errno, "read state directory of %s", en->id);
	while ((file = readdir(d))) {
		if (!text_equal(file->d_name, ".") && !text_equal(file->d_name, "..") &&
		    remove_file(en->dir, file->d_name) < 0 && errno != ENOENT)
			return fail(e, errno, "remove %s of container %s", file->d_name, en->id);
	}
	return 0;
}

/* Nearly always there are only these two files, and the directory need not be read. Anything else
 * in it, and anything that cannot be removed, is found by remove_all(). */
int entry_remove(struct entry *en, struct berth_error *e)
{
	int r = 0;

	if (en->dir >= 0) {
		(void)unlinkat(en->dir, "state.json", 0);
		(void)unlinkat(en->dir, "config.json", 0);
	}
	if (unlinkat(en->root, en->id, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno == ENOTEMPTY && en->dir >= 0)
		r = remove_all(en, e);
	if (r < 0)
		return r;
	return unlinkat(en->root, en->id, AT_REMOVEDIR) == 0 || errno == ENOENT
		       ? 0
		       : fail(e, errno, "remove state directory of %s", en->id);
}

int entry_config(const struct entry *en, struct berth_config **ret, struct berth_error *e)
{
	autofree char *text = NULL;
	size_t length;
	int r;

	r = read_file(en->dir, "config.json", CONFIG_SIZE_MAX, &text, &length, e);
	if (r == 0)
		r = config_decode(text, length, "config.json", false, ret, NULL, e);
	return r < 0 ? in_context(e, r, "container %s", en->id) : 0;
}
