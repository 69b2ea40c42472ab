/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The processes of a cgroup: list, signal, kill, and the removal of the cgroup. The container may
 * be hostile: it may fork endlessly, freeze what was delegated to it, or nest cgroups deeper than a
 * path can be. So berth kills with cgroup.kill (Linux 5.14), which leaves no gap for a fork and
 * reaches frozen processes. It removes the tree by fds alone, and needs no more memory or fds for a
 * deeper tree.
 */
#include "cgroup/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "cgroup/cgroup.h"
#include "cgroup/owner.h"
#include "cgroup/tree.h"

enum {
	PROCS_MAX = 64 << 20,
	EMPTY_MS = 10000,
	STEPS_MAX = 1 << 20,
	DEPTH_MAX = 4096,
	BATCH = 128,
	DESCRIBED = 4
};

struct pid_list {
	size_t n, size;
	pid_t *v;
};

static int add_pid(struct pid_list *l, pid_t pid)
{
	if (l->n == l->size) {
		size_t size = l->size ? l->size * 2 : 64;
		pid_t *v = reallocarray(l->v, size, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->size = size;
	}
	l->v[l->n++] = pid;
	return 0;
}

/* Appends the processes of this one cgroup. Those of other pid namespaces read as 0 and are left
 * out. A threaded cgroup answers EOPNOTSUPP: its processes stand in the cgroup above. */
static int read_procs(int dir, struct pid_list *l, struct berth_error *e)
{
	autofree char *text = NULL;
	char *rest = NULL;
	size_t length;
	int r;

	r = read_file(dir, "cgroup.procs", PROCS_MAX, &text, &length, e);
	if (r == -EOPNOTSUPP || r == -ENODEV || r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		int pid;

		if (parse_int(line, &pid) < 0)
			return refuse(e, EIO, "cgroup.procs has a line that is no pid: %s", line);
		if (pid > 0 && add_pid(l, pid) < 0)
			return fail(e, ENOMEM, "read cgroup.procs");
	}
	return 0;
}

/* The next subdirectory's name, or NULL: at the end, with errno 0, or on an error. */
static const char *next_child(DIR *d)
{
	for (struct dirent *entry; (errno = 0, entry = readdir(d));) {
		if (entry->d_type == DT_DIR && !text_equal(entry->d_name, ".") &&
		    !text_equal(entry->d_name, ".."))
			return entry->d_name;
	}
	return NULL;
}

static int collect(int dir, int depth, struct pid_list *l, struct berth_error *e)
{
	autoclosedir DIR *d = NULL;
	int r;

	if (depth > DEPTH_MAX)
		return refuse(e, ELOOP, "cgroups are nested more than %d deep", DEPTH_MAX);
	r = read_procs(dir, l, e);
	if (r < 0)
		return r;
	d = list_directory(dir);
	if (!d)
		return errno == ENOENT || errno == ENODEV ? 0 : fail(e, errno, "list a cgroup");
	for (const char *name; (name = next_child(d));) {
		autoclose int child =
			openat(dirfd(d), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (child < 0 && errno != ENOENT && errno != ENODEV)
			return fail(e, errno, "open cgroup %s", name);
		r = child < 0 ? 0 : collect(child, depth + 1, l, e);
		if (r < 0)
			return r;
	}
	return errno && errno != ENOENT && errno != ENODEV ? fail(e, errno, "list a cgroup") : 0;
}

int cgroup_processes(const struct cgroup *c, pid_t **ret_pids, size_t *ret_n, struct berth_error *e)
{
	struct pid_list l = { 0 };
	int r = collect(c->dir, 0, &l, e);

	if (r < 0) {
		free(l.v);
		return in_context(e, r, "processes of cgroup %s", c->path);
	}
	*ret_pids = l.v;
	*ret_n = l.n;
	return 0;
}

static void read_name(pid_t pid, char *name, size_t size)
{
	char path[64];
	ssize_t n = -1;
	autoclose int fd = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		n = read(fd, name, size - 1);
	name[n > 0 ? n - 1 : 0] = '\0';
}

static void describe(struct pid_list *l, char *text, size_t size)
{
	size_t used = 0;

	if (l->n == 0)
		(void)snprintf(text, size, "a process that cannot be seen from here");
	for (size_t i = 0; i < l->n && i < DESCRIBED && used < size; i++) {
		char name[32];

		read_name(l->v[i], name, sizeof(name));
		used += (size_t)snprintf(text + used, size - used, "%s%d (%s)",
					 i ? ", " : "process ", l->v[i], name);
	}
	if (l->n > DESCRIBED && used < size)
		(void)snprintf(text + used, size - used, " and %zu more", l->n - DESCRIBED);
	free(l->v);
}

void processes_describe(int dir, char *text, size_t size)
{
	struct pid_list l = { 0 };
	struct berth_error ignored;

	(void)!collect(dir, 0, &l, &ignored);
	describe(&l, text, size);
}

void processes_describe_own(int dir, char *text, size_t size)
{
	struct pid_list l = { 0 };
	struct berth_error ignored;

	(void)!read_procs(dir, &l, &ignored);
	describe(&l, text, size);
}

static bool has_pid(const struct pid_list *l, pid_t pid)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i] == pid)
			return true;
	}
	return false;
}

/* A pid may be somebody else's by the time we signal it. So the process is held by a pidfd first,
 * and signalled only if the pid is still listed afterwards: then either it is the one that is held,
 * or the one that is held has ended and gets nothing. */
static int signal_batch(const struct cgroup *c, const pid_t *pids, size_t n, int signal,
			struct berth_error *e)
{
	struct pid_list now = { 0 };
	int fds[BATCH], error = 0;
	int r;

	for (size_t i = 0; i < n; i++)
		fds[i] = pidfd_open(pids[i], 0);
	r = collect(c->dir, 0, &now, e);
	for (size_t i = 0; i < n; i++) {
		if (r == 0 && fds[i] >= 0 && has_pid(&now, pids[i]) &&
		    pidfd_send_signal(fds[i], signal, NULL, 0) < 0 && errno != ESRCH && !error)
			error = errno;
		close_fd(&fds[i]);
	}
	free(now.v);
	if (r < 0)
		return r;
	return error ? fail(e, error, "send signal %d to the processes of cgroup %s", signal,
			    c->path)
		     : 0;
}

int cgroup_signal(const struct cgroup *c, int signal, struct berth_error *e)
{
	autofree pid_t *pids = NULL;
	size_t n;
	int r;

	if (signal == SIGKILL) {
		r = write_file(c->dir, "cgroup.kill", "1", 1, e);
		return r < 0 ? in_context(e, r, "kill the processes of cgroup %s", c->path) : 0;
	}
	r = cgroup_processes(c, &pids, &n, e);
	for (size_t i = 0; r == 0 && i < n; i += BATCH)
		r = signal_batch(c, pids + i, n - i < BATCH ? n - i : BATCH, signal, e);
	return r;
}

/* Removes the children of this one cgroup as far as they have no children themselves. Returns 0
 * when none is left, or 1 with the first that did not go in `name`; *ret_found: there were some. */
static int remove_children(int dir, char name[NAME_MAX + 1], bool *ret_found)
{
	autoclosedir DIR *d = list_directory(dir);

	*ret_found = false;
	if (!d)
		return -errno;
	for (const char *child; (child = next_child(d));) {
		*ret_found = true;
		if (unlinkat(dir, child, AT_REMOVEDIR) == 0 || errno == ENOENT)
			continue;
		if (errno != EBUSY)
			return -errno;
		memcpy(name, child, strlen(child) + 1);
		return 1;
	}
	return -errno;
}

/*
 * Removes everything below `dir`: down to a cgroup without children, up again by "..", which on
 * cgroupfs, where nothing can be renamed, leads where we came from. Returns 0, -EBUSY where
 * something is not empty (yet), or another -errno.
 */
static int remove_below(int dir)
{
	autoclose int at = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool came_down = false;
	size_t depth = 0;

	for (int step = 0; step < STEPS_MAX && at >= 0; step++) {
		char child[NAME_MAX + 1];
		bool found;
		int next, r = remove_children(at, child, &found);

		if (r < 0)
			return r;
		/* Refused, and not for the sake of children: there are processes in it. */
		if (r == 0 && came_down && !found)
			return -EBUSY;
		if (r == 0 && depth == 0)
			return 0;
		next = openat(at, r ? child : "..",
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		came_down = r == 1;
		depth += r ? 1 : (size_t)-1;
		close_fd(&at);
		at = next;
	}
	return at < 0 ? -errno : -EBUSY;
}

static int kill_all(int dir, const char *path, int64_t deadline, struct berth_error *e)
{
	int64_t left = deadline - clock_ms();
	char names[256];
	int r;

	/* Frozen processes die of it as well; they need not be thawed, and are not given a moment
	 * to run. */
	r = write_file(dir, "cgroup.kill", "1", 1, e);
	if (r == -EOPNOTSUPP)
		return in_context(e, r, "kill the processes of cgroup %s, which is threaded", path);
	if (r < 0)
		return r;
	r = tree_wait_event(dir, "populated", 0, left > 0 ? (int)left : 0, e);
	if (r != -ETIMEDOUT)
		return r;
	processes_describe(dir, names, sizeof(names));
	return refuse(e, ETIMEDOUT, "processes of cgroup %s do not die: %s", path, names);
}

static void pause_ms(long ms)
{
	struct timespec t = { .tv_nsec = ms * 1000000 };

	(void)nanosleep(&t, NULL);
}

static int remove_busy(const struct cgroup_tree *t, const char *path, struct berth_error *e)
{
	int64_t deadline = clock_ms() + EMPTY_MS;
	autoclose int dir = -1;
	int r;

	r = tree_open_at(t, path, O_RDONLY | O_DIRECTORY, &dir, e);
	if (r < 0)
		return r;
	for (long wait = 1;; wait = wait < 64 ? wait * 2 : wait) {
		r = kill_all(dir, path, deadline, e);
		if (r < 0)
			return r;
		r = remove_below(dir);
		if (r == 0 && unlinkat(t->dir, path + 1, AT_REMOVEDIR) < 0)
			r = -errno;
		if (r != -EBUSY || clock_ms() > deadline)
			return r < 0 ? fail(e, -r, "remove cgroup %s%s", t->mount_point, path) : 0;
		pause_ms(wait);
	}
}

static bool is_marked(const struct cgroup_tree *t, const char *path, const char *owner)
{
	struct berth_error ignored;
	autoclose int dir = -1;

	return tree_open_at(t, path, O_RDONLY | O_DIRECTORY, &dir, &ignored) == 0 &&
	       owner_is_container(dir, owner);
}

/* `owner`: what is not this container's is not killed for it; NULL: it is known to be. */
static int remove_cgroup(const char *path, const char *owner, struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	struct berth_error why;
	int r;

	if (path[0] != '/' || !path[1] || path_has_dotdot(path))
		return refuse(e, EINVAL, "\"%s\" is no cgroup that could be removed", path);
	r = tree_open(&t, e);
	if (r < 0)
		return r;
	r = unlinkat(t.dir, path + 1, AT_REMOVEDIR) < 0 ? -errno : 0;
	if (r == -EBUSY && owner && !is_marked(&t, path, owner)) {
		log_warning("cgroup %s%s has processes or cgroups that are not of container %s: "
			    "it stays",
			    t.mount_point, path, owner);
		return 0;
	}
	if (r == -EBUSY)
		r = remove_busy(&t, path, &why);
	else if (r < 0)
		(void)fail(&why, -r, "remove cgroup %s%s", t.mount_point, path);
	if (r < 0 && r != -ENOENT && r != -ENODEV) {
		*e = why;
		return r;
	}
	owner_remove_parents(&t, path);
	return 0;
}

int cgroup_remove(const char *path, struct berth_error *e)
{
	return remove_cgroup(path, NULL, e);
}

int cgroup_remove_unfinished(const char *path, const char *id, struct berth_error *e)
{
	return remove_cgroup(path, id, e);
}
