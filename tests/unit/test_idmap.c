/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "linux/idmap.h"
#include "linux/namespaces.h"
#include "unit.h"

enum { SOMEBODY = 54321 };

static struct id_maps one(struct id_map *v)
{
	return (struct id_maps){ 1, v };
}

static int open_proc(void)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(proc, 0);
	return proc;
}

/* A process in a new user namespace, until it is killed. */
static pid_t start_in_namespace(void)
{
	struct clone_request request = { .flags = CLONE_NEWUSER,
					 .cgroup = -1,
					 .exit_signal = SIGCHLD };
	autoclose int pidfd = -1;
	pid_t pid = process_clone(&request, &pidfd, &error);

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < 30; i++)
			sleep(1);
		_exit(0);
	}
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Says so where there are none: in a chroot, or where the administrator switched them off. */
static bool has_namespaces(void)
{
	pid_t pid = start_in_namespace();

	if (pid < 0) {
		printf("skipped: %s\n", error.text);
		return false;
	}
	stop(pid);
	return true;
}

/* The numbers of a map file, spaces folded. */
static const char *read_map(pid_t pid, const char *name)
{
	static char folded[512];
	char path[64], text[1024];
	size_t n = 0;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = read(fd, text, sizeof(text) - 1);
	ck_assert_int_ge(length, 0);
	text[length] = '\0';
	for (char *at = text; *at && n < sizeof(folded) - 1; at++) {
		if (*at == '\n')
			*at = ' ';
		if (*at != ' ' || (n > 0 && folded[n - 1] != ' '))
			folded[n++] = *at;
	}
	folded[n] = '\0';
	return folded;
}

/* From root to a user without any privilege, whose /proc files are its own. */
static void become_somebody(void)
{
	ck_assert_int_eq(setgroups(0, NULL), 0);
	ck_assert_int_eq(setresgid(SOMEBODY, SOMEBODY, SOMEBODY), 0);
	ck_assert_int_eq(setresuid(SOMEBODY, SOMEBODY, SOMEBODY), 0);
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
}

START_TEST(translates)
{
	struct id_map v[] = { { 0, 1000, 1 }, { 1, 100000, 65536 }, { 4294967290u, 5, 5 } };
	struct id_maps m = { 3, v };
	uint32_t id = 7;

	ck_assert(idmap_to_host(&m, 0, &id) && id == 1000);
	ck_assert(idmap_to_host(&m, 1, &id) && id == 100000);
	ck_assert(idmap_to_host(&m, 65536, &id) && id == 165535);
	ck_assert(idmap_to_host(&m, 4294967294u, &id) && id == 9);
	ck_assert(!idmap_to_host(&m, 65537, &id) && id == 9);
	ck_assert(idmap_to_container(&m, 1000, &id) && id == 0);
	ck_assert(idmap_to_container(&m, 165535, &id) && id == 65536);
	ck_assert(!idmap_to_container(&m, 165536, &id));
	m.n = 0;
	ck_assert(!idmap_to_host(&m, 0, &id));
}
END_TEST

START_TEST(own_maps)
{
	struct id_map uid[] = { { 0, geteuid(), 1 } }, gid[] = { { 0, getegid(), 1 } },
		      many[] = { { 0, 100000, 10 } };
	struct id_maps uids = one(uid), gids = one(gid), others = one(many);

	ck_assert(idmap_is_own(&uids, &gids));
	if (geteuid() == 0) {
		ck_assert(idmap_is_own(&others, &others));
		become_somebody();
		uid[0].host_id = gid[0].host_id = SOMEBODY;
	}
	ck_assert(idmap_is_own(&uids, &gids));
	ck_assert(!idmap_is_own(&others, &gids));
	ck_assert(!idmap_is_own(&uids, &others));
	uid[0].size = 2;
	ck_assert(!idmap_is_own(&uids, &gids));
}
END_TEST

START_TEST(root_writes_what_it_likes)
{
	struct id_map u[] = { { 0, 100000, 65536 }, { 70000, 5, 1 } }, g[] = { { 0, 200000, 10 } };
	struct id_maps uids = { 2, u }, gids = { 1, g };
	struct id_map_helpers none = { -1, -1 };
	autoclose int proc = open_proc();
	bool denied = true;

	if (geteuid() != 0) {
		puts("skipped: needs root");
		return;
	}
	if (!has_namespaces())
		return;
	pid_t pid = start_in_namespace();

	assert_ok(idmap_write(proc, pid, &uids, &gids, &none, &denied, &error));
	ck_assert_str_eq(read_map(pid, "uid_map"), "0 100000 65536 70000 5 1 ");
	ck_assert_str_eq(read_map(pid, "gid_map"), "0 200000 10 ");
	ck_assert(!denied);
	assert_fails(idmap_write(proc, pid, &uids, &gids, &none, &denied, &error), EPERM,
		     "uid_map");
	stop(pid);

	pid = start_in_namespace();
	u[1].container_id = 5; /* within the first */
	assert_fails(idmap_write(proc, pid, &uids, &gids, &none, &denied, &error), EINVAL,
		     "must not be empty, overlap");
	stop(pid);
}
END_TEST

START_TEST(too_many_ranges)
{
	autofree struct id_map *v = calloc(341, sizeof(*v));
	struct id_maps uids = { 341, v };
	struct id_map_helpers none = { -1, -1 };
	autoclose int proc = open_proc();
	bool denied;

	if (geteuid() != 0) {
		puts("skipped: needs root");
		return;
	}
	for (uint32_t i = 0; i < 341; i++)
		v[i] = (struct id_map){ i, i, 1 };
	assert_fails(idmap_write(proc, getpid(), &uids, &uids, &none, &denied, &error), E2BIG,
		     "at most 340");
	uids.n = 340;
	for (uint32_t i = 0; i < 340; i++)
		v[i] = (struct id_map){ 4000000000u + i, 4000000000u + i, 1 };
	assert_fails(idmap_write(proc, getpid(), &uids, &uids, &none, &denied, &error), E2BIG,
		     "4096 bytes");
}
END_TEST

START_TEST(a_user_maps_itself)
{
	struct id_map u[] = { { 0, SOMEBODY, 1 } }, g[] = { { 7, SOMEBODY, 1 } };
	struct id_maps uids = one(u), gids = one(g);
	struct id_map_helpers none = { -1, -1 };
	autoclose int proc = open_proc();
	bool denied = false;

	if (geteuid() == 0)
		become_somebody();
	u[0].host_id = geteuid();
	g[0].host_id = getegid();

	char want[64];
	pid_t pid = start_in_namespace();

	if (pid < 0) {
		printf("skipped: %s\n", error.text);
		return;
	}
	assert_ok(idmap_write(proc, pid, &uids, &gids, &none, &denied, &error));
	ck_assert(denied);
	(void)snprintf(want, sizeof(want), "0 %u 1 ", geteuid());
	ck_assert_str_eq(read_map(pid, "uid_map"), want);
	(void)snprintf(want, sizeof(want), "7 %u 1 ", getegid());
	ck_assert_str_eq(read_map(pid, "gid_map"), want);
	ck_assert_str_eq(read_map(pid, "setgroups"), "deny ");
	stop(pid);
}
END_TEST

START_TEST(a_user_needs_help_for_more)
{
	struct id_map u[] = { { 0, SOMEBODY, 1 }, { 1, 3000000000u, 10 } };
	struct id_maps uids = { 2, u };
	struct id_map_helpers helpers = { -1, -1 };
	autoclose int proc = open_proc();
	bool denied = false;

	if (geteuid() == 0)
		become_somebody();
	u[0].host_id = geteuid();

	pid_t pid = start_in_namespace();

	if (pid < 0) {
		printf("skipped: %s\n", error.text);
		return;
	}
	assert_fails(
		idmap_write(proc, pid, &uids, &uids, &helpers, &denied, &error), ENOENT,
		"the mapping needs newuidmap, which is not installed (it is in the package uidmap");
	/* A helper that could not even be executed says nothing about ranges. */
	autoclose int plain = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	helpers.newuidmap = plain;
	assert_fails(idmap_write(proc, pid, &uids, &uids, &helpers, &denied, &error), EACCES,
		     "execute newuidmap: Permission denied");
	ck_assert_msg(!strstr(error.text, "has to grant"), "%s", error.text);
	idmap_find_helpers(&helpers);
	if (helpers.newuidmap >= 0) {
		ck_assert_int_lt(idmap_write(proc, pid, &uids, &uids, &helpers, &denied, &error),
				 0);
		ck_assert_msg(strstr(error.text, "/etc/subuid has to grant") &&
				      strstr(error.text, ":3000000000:10"),
			      "%s", error.text);
		ck_assert_msg(strstr(error.text, "newuidmap"), "%s", error.text);
	}
	ck_assert_str_eq(read_map(pid, "uid_map"), "");
	stop(pid);
}
END_TEST

/* The host's files are covered in a mount namespace of this test's own. */
static bool cover(const char *target, const char *name, const char *text)
{
	char path[PATH_MAX];

	put_file(name, text);
	(void)snprintf(path, sizeof(path), "%s/%s", scratch_path(), name);
	return mount(path, target, NULL, MS_BIND, NULL) == 0;
}

START_TEST(a_user_with_ranges_is_helped)
{
	struct id_map u[] = { { 0, SOMEBODY, 1 }, { 1, 3000000000u, 10 } };
	struct id_map g[] = { { 0, SOMEBODY, 1 }, { 1, 3000000000u, 5 } };
	struct id_maps uids = { 2, u }, gids = { 2, g }, own_gid = { 1, g };
	struct id_map_helpers helpers;
	autoclose int proc = open_proc();
	bool denied = true;

	idmap_find_helpers(&helpers);
	if (geteuid() != 0 || helpers.newuidmap < 0 || helpers.newgidmap < 0) {
		puts("skipped: needs root, newuidmap and newgidmap");
		return;
	}
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !cover("/etc/passwd", "passwd", "root:x:0:0::/:\nsomebody:x:54321:54321::/:\n") ||
	    !cover("/etc/subuid", "subuid", "somebody:3000000000:10\n") ||
	    !cover("/etc/subgid", "subgid", "54321:3000000000:5\n")) {
		puts("skipped: no mount namespace, or no /etc/subuid");
		return;
	}
	/* Again: the set-uid bit counts in the mount namespace alone that the file was opened
	 * in. */
	idmap_find_helpers(&helpers);
	become_somebody();
	if (!has_namespaces())
		return;

	pid_t pid = start_in_namespace();

	ck_assert_msg(pid > 0, "%s", error.text);
	assert_ok(idmap_write(proc, pid, &uids, &gids, &helpers, &denied, &error));
	ck_assert_str_eq(read_map(pid, "uid_map"), "0 54321 1 1 3000000000 10 ");
	ck_assert_str_eq(read_map(pid, "gid_map"), "0 54321 1 1 3000000000 5 ");
	ck_assert(!denied);
	stop(pid);

	/* One map by the helper, the other by hand. */
	pid = start_in_namespace();
	assert_ok(idmap_write(proc, pid, &uids, &own_gid, &helpers, &denied, &error));
	ck_assert_str_eq(read_map(pid, "gid_map"), "0 54321 1 ");
	ck_assert(denied);
	stop(pid);

	/* More than was granted. */
	pid = start_in_namespace();
	g[1].size = 6;
	ck_assert_int_lt(idmap_write(proc, pid, &uids, &gids, &helpers, &denied, &error), 0);
	ck_assert_msg(strstr(error.text, "/etc/subgid has to grant") &&
			      strstr(error.text, "54321:3000000000:6"),
		      "%s", error.text);
	stop(pid);
}
END_TEST

START_TEST(a_namespace_to_keep)
{
	struct id_map v[] = { { 0, 100000, 10 }, { 10, 5, 1 } };
	struct id_maps m = { 2, v };
	autoclose int proc = open_proc(), fd = -1;
	int before = count_fds();

	if (geteuid() != 0) {
		puts("skipped: needs root");
		return;
	}
	if (!has_namespaces())
		return;
	assert_ok(idmap_namespace(proc, &m, &m, &fd, &error));
	ck_assert_int_eq(count_fds(), before + 1);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
	assert_ok(namespace_join(fd, CLONE_NEWUSER, &error));
	ck_assert_str_eq(read_map(getpid(), "uid_map"), "0 100000 10 10 5 1 ");
}
END_TEST

START_TEST(a_namespace_that_cannot_be)
{
	struct id_map v[] = { { 0, 100000, 10 }, { 5, 5, 1 } };
	struct id_maps m = { 2, v };
	autoclose int proc = open_proc();
	int fd = -1, before = count_fds();

	if (geteuid() != 0) {
		puts("skipped: needs root");
		return;
	}
	if (!has_namespaces())
		return;
	assert_fails(
		idmap_namespace(proc, &m, &m, &fd, &error), EINVAL,
		"make a user namespace for an idmapped mount: write the user namespace's uid_map");
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(count_fds(), before);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

UNIT_MAIN("idmap", translates, own_maps, root_writes_what_it_likes, too_many_ranges,
	  a_user_maps_itself, a_user_needs_help_for_more, a_user_with_ranges_is_helped,
	  a_namespace_to_keep, a_namespace_that_cannot_be)
