/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Id mappings. The maps come from the configuration. Whether the caller may have them is decided by
 * the kernel, or by the set-uid helpers, which look into /etc/subuid and /etc/subgid. The helpers
 * are opened on the host, so no file of a container can take their place.
 */
#include "linux/idmap.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/process.h"
#include "base/text.h"
#include "linux/capabilities.h"

/* What the kernel's map_write() takes: so many lines, in one write(2) shorter than a page. */
enum { LINES_MAX = 340, TEXT_MAX = 4096 };

/* One of the two kinds of map, and everything that differs between them. */
struct map_kind {
	const char *file, *helper, *subids;
	int capability;
};

static const struct map_kind uid_kind = { "uid_map", "newuidmap", "/etc/subuid", CAP_SETUID };
static const struct map_kind gid_kind = { "gid_map", "newgidmap", "/etc/subgid", CAP_SETGID };

static bool is_single(const struct id_maps *m, uint32_t host_id)
{
	return m->n == 1 && m->v[0].size == 1 && m->v[0].host_id == host_id;
}

bool idmap_is_own(const struct id_maps *uids, const struct id_maps *gids)
{
	return (is_single(uids, geteuid()) || capability_held(CAP_SETUID)) &&
	       (is_single(gids, getegid()) || capability_held(CAP_SETGID));
}

static int find_helper(const char *name)
{
	static const char *const directories[] = { "/usr/bin", "/bin", "/usr/local/bin",
						   "/usr/sbin", "/run/wrappers/bin" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "%s/%s", directories[i], name);

		int fd = open(path, O_PATH | O_CLOEXEC);

		if (fd >= 0)
			return fd;
	}
	return -1;
}

void idmap_find_helpers(struct id_map_helpers *ret)
{
	ret->newuidmap = find_helper(uid_kind.helper);
	ret->newgidmap = find_helper(gid_kind.helper);
}

static int write_map(int proc, pid_t pid, const struct map_kind *kind, const struct id_maps *m,
		     struct berth_error *e)
{
	char path[32], text[TEXT_MAX];
	size_t length = 0;

	if (m->n > LINES_MAX)
		return refuse(e, E2BIG, "%s of %zu ranges: the kernel takes at most %d", kind->file,
			      m->n, LINES_MAX);
	for (size_t i = 0; i < m->n; i++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%u %u %u\n",
					   m->v[i].container_id, m->v[i].host_id, m->v[i].size);
		if (length >= sizeof(text))
			return refuse(e, E2BIG,
				      "%s of %zu ranges: the kernel takes less than %d bytes",
				      kind->file, m->n, TEXT_MAX);
	}
	(void)snprintf(path, sizeof(path), "%d/%s", (int)pid, kind->file);

	int r = write_file(proc, path, text, length, e);

	if (r == -EPERM)
		advise(e, "a host id is not mapped in the caller's own user namespace, host id 0 "
			  "needs CAP_SETFCAP, or the map has been written before");
	else if (r == -EINVAL)
		advise(e, "ranges must not be empty, overlap or pass the last id");
	return r < 0 ? in_context(e, r, "write the user namespace's %s", kind->file) : 0;
}

/* The line of /etc/subuid or /etc/subgid that the first range other than the caller's own id
 * needs. */
static void advise_subids(const struct map_kind *kind, const struct id_maps *m, uint32_t own,
			  struct berth_error *e)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct id_map *r = &m->v[i];

		if (r->host_id == own && r->size == 1)
			continue;
		advise(e,
		       "%s has to grant the host ids to the user, with a line like %u:%u:%u, or "
		       "wider",
		       kind->subids, getuid(), r->host_id, r->size);
		return;
	}
}

static int run_helper(int fd, pid_t pid, const struct map_kind *kind, const struct id_maps *m,
		      uint32_t own, struct berth_error *e)
{
	enum { DIGITS = 11 };
	size_t n = 2 + 3 * m->n;
	autofree char **args = NULL;
	autofree char *digits = NULL;
	char *no_env[] = { NULL };

	if (fd < 0) {
		refuse(e, ENOENT, "the mapping needs %s, which is not installed", kind->helper);
		advise(e, "it is in the package uidmap or shadow-utils; without it, a user can "
			  "only map the own id");
		return -ENOENT;
	}
	args = calloc(n + 1, sizeof(*args));
	digits = calloc(n, DIGITS);
	if (!args || !digits)
		return fail(e, ENOMEM, "run %s", kind->helper);

	for (size_t i = 0; i < n; i++)
		args[i] = digits + i * DIGITS;
	args[0] = (char *)(uintptr_t)kind->helper;
	(void)snprintf(args[1], DIGITS, "%d", (int)pid);
	for (size_t i = 0; i < m->n; i++) {
		(void)snprintf(args[2 + 3 * i], DIGITS, "%u", m->v[i].container_id);
		(void)snprintf(args[3 + 3 * i], DIGITS, "%u", m->v[i].host_id);
		(void)snprintf(args[4 + 3 * i], DIGITS, "%u", m->v[i].size);
	}

	struct command c = {
		.fd = fd, .path = kind->helper, .args = args, .env = no_env, .timeout_s = 30
	};
	int r = command_run(&c, e);

	/* It ran and refused. Otherwise it could not be executed, and the error says why. */
	if (r == -EIO)
		advise_subids(kind, m, own, e);
	return r;
}

static int deny_setgroups(int proc, pid_t pid, struct berth_error *e)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "%d/setgroups", (int)pid);
	return write_file(proc, path, "deny", 4, e);
}

/* The kernel's word: newgidmap may have denied it, or the namespace may have inherited it. */
static int read_setgroups(int proc, pid_t pid, bool *ret_denied, struct berth_error *e)
{
	char path[32];
	autofree char *text = NULL;
	size_t length;

	(void)snprintf(path, sizeof(path), "%d/setgroups", (int)pid);

	int r = read_file(proc, path, 16, &text, &length, e);

	if (r == 0)
		*ret_denied = text_starts(text, "deny");
	return r;
}

static int write_uids(int proc, pid_t pid, const struct id_maps *m, int helper,
		      struct berth_error *e)
{
	if (!capability_held(CAP_SETUID) && !is_single(m, geteuid()))
		return run_helper(helper, pid, &uid_kind, m, geteuid(), e);
	return write_map(proc, pid, &uid_kind, m, e);
}

static int write_gids(int proc, pid_t pid, const struct id_maps *m, int helper,
		      struct berth_error *e)
{
	if (!capability_held(CAP_SETGID)) {
		if (!is_single(m, getegid()))
			return run_helper(helper, pid, &gid_kind, m, getegid(), e);

		/* The kernel demands it, as dropping a group may give access (CVE-2014-8989). */
		int r = deny_setgroups(proc, pid, e);

		if (r < 0)
			return r;
	}
	return write_map(proc, pid, &gid_kind, m, e);
}

int idmap_write(int proc, pid_t pid, const struct id_maps *uids, const struct id_maps *gids,
		const struct id_map_helpers *h, bool *ret_setgroups_denied, struct berth_error *e)
{
	int r = write_uids(proc, pid, uids, h->newuidmap, e);

	if (r == 0)
		r = write_gids(proc, pid, gids, h->newgidmap, e);
	return r < 0 ? r : read_setgroups(proc, pid, ret_setgroups_denied, e);
}

/* Holds a user namespace open until the other end of the pipe is closed, by will or by death. */
static _Noreturn void hold_namespace(int until[2])
{
	char nothing;

	close(until[1]);
	_exit(read(until[0], &nothing, 1) == 0 ? 0 : 1);
}

static int open_user_namespace(int proc, pid_t pid, int *ret_fd, struct berth_error *e)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "%d/ns/user", (int)pid);
	*ret_fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? fail(e, errno, "open the new user namespace") : 0;
}

int idmap_namespace(int proc, const struct id_maps *uids, const struct id_maps *gids, int *ret_fd,
		    struct berth_error *e)
{
	struct clone_request request = { .flags = CLONE_NEWUSER,
					 .cgroup = -1,
					 .exit_signal = SIGCHLD };
	struct id_map_helpers none = { -1, -1 };
	autoclose int pidfd = -1, namespace = -1;
	int ends[2], status;
	bool denied;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(e, errno, "make a pipe");

	autoclose int wait_end = ends[0], hold_end = ends[1];
	pid_t pid = process_clone(&request, &pidfd, e);

	if (pid < 0)
		return in_context(e, pid, "make a user namespace for an idmapped mount");
	if (pid == 0)
		hold_namespace(ends);
	close_fd(&wait_end);

	int r = idmap_write(proc, pid, uids, gids, &none, &denied, e);

	if (r == 0)
		r = open_user_namespace(proc, pid, &namespace, e);
	close_fd(&hold_end);

	struct berth_error ignored;
	int waited = process_wait(pidfd, -1, &status, r < 0 ? &ignored : e);

	if (r < 0 || waited < 0)
		return in_context(e, r < 0 ? r : waited,
				  "make a user namespace for an idmapped mount");
	*ret_fd = take_fd(&namespace);
	return 0;
}

/* The id that stands for `id` on the other side. */
static bool map_id(uint32_t from, uint32_t to, uint32_t size, uint32_t id, uint32_t *ret)
{
	if (id < from || id - from >= size)
		return false;
	*ret = to + (id - from);
	return true;
}

bool idmap_to_host(const struct id_maps *m, uint32_t container_id, uint32_t *ret_host_id)
{
	for (size_t i = 0; i < m->n; i++)
		if (map_id(m->v[i].container_id, m->v[i].host_id, m->v[i].size, container_id,
			   ret_host_id))
			return true;
	return false;
}

bool idmap_to_container(const struct id_maps *m, uint32_t host_id, uint32_t *ret_container_id)
{
	for (size_t i = 0; i < m->n; i++)
		if (map_id(m->v[i].host_id, m->v[i].container_id, m->v[i].size, host_id,
			   ret_container_id))
			return true;
	return false;
}
