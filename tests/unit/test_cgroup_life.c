/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/cgroup on the tree of this machine, in cgroups of its own below /berth-test-PID: create,
 * refuse, freeze, signal, kill, remove. Skipped where the tree cannot be written.
 */
#include <check.h>
#undef fail /* check.h has a macro of that name */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/sched.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "cgroup/stats.h"
#include "cgroup/tree.h"

static char top[64];

static pid_t clone_into(int cgroup)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP,
				   .exit_signal = SIGCHLD,
				   .cgroup = (unsigned int)cgroup };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static void make(const char *path, struct cgroup *c)
{
	struct cgroup_request r = { .id = "c" };
	struct berth_error e;
	int n = cgroup_create(&r, path, c, &e);

	ck_assert_msg(n == 0, "%s", e.text);
}

static char *below(const char *rest)
{
	char *path;

	ck_assert_int_gt(asprintf(&path, "%s/%s", top, rest), 0);
	return path;
}

static bool exists(const char *path)
{
	struct cgroup c;
	struct berth_error e;
	int r = cgroup_open(path, &c, &e);

	if (r == 0)
		cgroup_close(&c);
	else
		ck_assert_int_eq(r, -ENOENT);
	return r == 0;
}

static void remove_ok(const char *path)
{
	struct berth_error e;
	int r = cgroup_remove(path, &e);

	ck_assert_msg(r == 0, "%s", e.text);
	ck_assert(!exists(path));
}

static void setup(void)
{
	(void)snprintf(top, sizeof(top), "/berth-test-%d", getpid());
}

static void teardown(void)
{
	struct berth_error e;

	ck_assert_int_eq(cgroup_remove(top, &e), 0);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

START_TEST(create_and_remove)
{
	autofree char *path = below("a/b/c");
	struct cgroup c;
	struct berth_error e;

	make(path, &c);
	ck_assert(c.created);
	ck_assert_str_eq(c.path, path);
	cgroup_close(&c);
	make(path, &c);
	ck_assert(!c.created);
	cgroup_close(&c);
	ck_assert(exists(path));
	remove_ok(path);
	remove_ok(path);
	ck_assert_int_eq(cgroup_open(path, &c, &e), -ENOENT);
}
END_TEST

START_TEST(populated_is_refused_and_leaves_nothing)
{
	autofree char *path = below("full");
	struct cgroup_request r = { .id = "c" };
	struct cgroup c, second;
	struct berth_error e;
	pid_t pid;

	make(path, &c);
	pid = clone_into(c.dir);
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		pause();
		_exit(0);
	}
	ck_assert_int_eq(cgroup_create(&r, path, &second, &e), -EBUSY);
	ck_assert_ptr_nonnull(strstr(e.text, "is not empty: process "));
	ck_assert(exists(path));
	remove_ok(path);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	cgroup_close(&c);
}
END_TEST

START_TEST(frozen_from_above_is_refused_and_undone)
{
	autofree char *path = below("ice/a/b"), *ice = below("ice"), *a = below("ice/a");
	struct cgroup_request r = { .id = "c" };
	struct cgroup c, second;
	struct berth_error e;
	int tree = -1;
	bool frozen;

	make(ice, &c);
	ck_assert_int_eq(cgroup_open_tree(&tree, &e), 0);
	ck_assert_int_eq(cgroup_freeze(&c, true, &e), 0);
	ck_assert_int_eq(cgroup_is_frozen(tree, c.path, &frozen, &e), 0);
	ck_assert(frozen);
	ck_assert_int_eq(cgroup_create(&r, path, &second, &e), -EBUSY);
	ck_assert_ptr_nonnull(strstr(e.text, "frozen, by a cgroup above it"));
	ck_assert(!exists(path));
	ck_assert(!exists(a));
	ck_assert(exists(ice));
	cgroup_close(&c);
}
END_TEST

START_TEST(freeze_stops_and_kill_reaches_the_frozen)
{
	autofree char *path = below("f");
	struct cgroup c;
	struct berth_error e;
	int tree = -1;
	bool frozen;
	pid_t pid;
	int status;

	make(path, &c);
	pid = clone_into(c.dir);
	if (pid == 0) {
		for (;;)
			usleep(1000);
	}
	ck_assert_int_eq(cgroup_open_tree(&tree, &e), 0);
	ck_assert_int_eq(cgroup_freeze(&c, true, &e), 0);
	ck_assert_int_eq(cgroup_freeze(&c, true, &e), 0);
	ck_assert_int_eq(cgroup_is_frozen(tree, c.path, &frozen, &e), 0);
	ck_assert(frozen);
	ck_assert_int_eq(cgroup_freeze(&c, false, &e), 0);
	ck_assert_int_eq(cgroup_is_frozen(tree, c.path, &frozen, &e), 0);
	ck_assert(!frozen);
	ck_assert_int_eq(cgroup_freeze(&c, true, &e), 0);
	remove_ok(path);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	cgroup_close(&c);
}
END_TEST

START_TEST(signals_reach_the_children_of_the_cgroup)
{
	autofree char *path = below("s"), *deep = below("s/x/y");
	struct cgroup c, d;
	struct berth_error e;
	pid_t pids[3], *found;
	size_t n;
	int status;

	make(path, &c);
	make(deep, &d);
	for (int i = 0; i < 3; i++) {
		pids[i] = clone_into(i == 2 ? d.dir : c.dir);
		if (pids[i] == 0) {
			for (;;)
				pause();
		}
	}
	ck_assert_int_eq(cgroup_processes(&c, &found, &n, &e), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_int_eq(found[2], pids[2]);
	free(found);
	ck_assert_int_eq(cgroup_signal(&c, SIGUSR1, &e), 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	}
	ck_assert_int_eq(cgroup_signal(&c, SIGUSR1, &e), 0);
	remove_ok(path);
	cgroup_close(&c);
	cgroup_close(&d);
}
END_TEST

/* A bounded fork bomb: every process forks as fast as it can until 300 are there, and those that
 * end are replaced. */
START_TEST(fork_bomb_dies)
{
	autofree char *path = below("bomb");
	struct cgroup c;
	struct berth_error e;
	pid_t pid;
	int status;

	make(path, &c);
	pid = clone_into(c.dir);
	if (pid == 0) {
		signal(SIGCHLD, SIG_IGN);
		for (int i = 0; i < 300; i++) {
			if (fork() == 0) {
				signal(SIGTERM, SIG_IGN);
				for (;;) {
					if (fork() == 0)
						_exit(0);
					usleep(20000);
				}
			}
		}
		for (;;)
			pause();
	}
	usleep(200000);
	if (_i)
		ck_assert_int_eq(cgroup_freeze(&c, true, &e), 0);
	remove_ok(path);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	cgroup_close(&c);
}
END_TEST

/* Deeper than a path can be long: every level has a name of 200 bytes. */
START_TEST(deep_nesting_is_removed)
{
	autofree char *path = below("deep");
	struct cgroup c;
	char name[201];
	int at;

	make(path, &c);
	memset(name, 'n', 200);
	name[200] = '\0';
	at = dup(c.dir);
	for (int i = 0; i < 300; i++) {
		int next;

		ck_assert_int_eq(mkdirat(at, name, 0755), 0);
		ck_assert_int_eq(mkdirat(at, "other", 0755), 0);
		next = openat(at, name, O_RDONLY | O_DIRECTORY);
		ck_assert_int_ge(next, 0);
		close(at);
		at = next;
	}
	close(at);
	remove_ok(path);
	cgroup_close(&c);
}
END_TEST

START_TEST(delegation_gives_the_listed_files)
{
	autofree char *path = below("gift");
	struct cgroup c;
	struct berth_error e;
	struct stat st;

	make(path, &c);
	ck_assert_int_eq(cgroup_delegate(&c, 1234, 1235, &e), 0);
	ck_assert_int_eq(fstat(c.dir, &st), 0);
	ck_assert_uint_eq(st.st_uid, 1234);
	ck_assert_int_eq(fstatat(c.dir, "cgroup.procs", &st, 0), 0);
	ck_assert_uint_eq(st.st_uid, 1234);
	ck_assert_uint_eq(st.st_gid, 1235);
	ck_assert_int_eq(fstatat(c.dir, "cgroup.max.depth", &st, 0), 0);
	ck_assert_uint_eq(st.st_uid, 0);
	cgroup_close(&c);
}
END_TEST

START_TEST(odd_paths_are_not_removed)
{
	static const char *const odd[] = { "", "/", "relative", "/..", "/a/../b" };
	struct berth_error e;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		ck_assert_int_eq(cgroup_remove(odd[i], &e), -EINVAL);
}
END_TEST

static void expect_file(const struct cgroup *c, const char *file, const char *expected)
{
	char text[256];
	struct berth_error e;
	int r = tree_read(c->dir, file, text, sizeof(text), &e);

	ck_assert_msg(r == 0, "%s", e.text);
	ck_assert_msg(strcmp(text, expected) == 0, "%s: %s", file, text);
}

static bool tree_has(const char *controller)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	struct berth_error e;
	char list[512];

	ck_assert_int_eq(tree_open(&t, &e), 0);
	ck_assert_int_eq(tree_read(t.dir, "cgroup.controllers", list, sizeof(list), &e), 0);
	return tree_has_word(list, controller);
}

/* With the controller the limit stands in its file, at any depth; without it the error explains,
 * and nothing is left. */
START_TEST(a_limit_is_set_or_explained)
{
	autofree char *path = below("l/i/m"), *first = below("l");
	struct cgroup_resources resources = { .pids_limit = { .set = true, .v = 17 } };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup c;
	struct berth_error e;
	int n = cgroup_create(&r, path, &c, &e);

	if (!tree_has("pids")) {
		ck_assert_int_eq(n, -ENOENT);
		ck_assert_msg(
			strstr(e.text, "linux.resources.pids.limit needs the pids controller"),
			"%s", e.text);
		ck_assert_msg(strstr(e.text, "cgroup_no_v1=pids") ||
				      strstr(e.text, "built without"),
			      "%s", e.text);
		ck_assert(!exists(first));
		return;
	}
	ck_assert_msg(n == 0, "%s", e.text);
	expect_file(&c, "pids.max", "17");
	resources.pids_limit.v = 4;
	n = cgroup_update(&c, &resources, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	expect_file(&c, "pids.max", "4");
	resources.pids_limit.v = -1;
	n = cgroup_update(&c, &resources, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	expect_file(&c, "pids.max", "max");
	cgroup_close(&c);
}
END_TEST

START_TEST(defaults_need_no_controller)
{
	autofree char *path = below("d");
	struct cgroup_cpu cpu = { .shares = { .set = true, .v = 1024 } };
	struct cgroup_memory memory = { .limit = { .set = true, .v = -1 } };
	struct cgroup_resources resources = { .pids_limit = { .set = true, .v = -1 },
					      .cpu = &cpu,
					      .memory = &memory };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup c;
	struct berth_error e;
	int n = cgroup_create(&r, path, &c, &e);

	ck_assert_msg(n == 0, "%s", e.text);
	n = cgroup_update(&c, &resources, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	cgroup_close(&c);
}
END_TEST

/* Any file, without a controller; the kernel's no is an error that names the property, and undoes
 * the cgroup. */
START_TEST(unified_files)
{
	autofree char *path = below("u"), *bad = below("bad");
	struct cgroup_unified u[] = { { "cgroup.max.depth", "3" },
				      { "cgroup.max.descendants", "9" } };
	struct cgroup_resources resources = { .unified = { 2, u } };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup c;
	struct berth_error e;
	int n = cgroup_create(&r, path, &c, &e);

	ck_assert_msg(n == 0, "%s", e.text);
	expect_file(&c, "cgroup.max.depth", "3");
	expect_file(&c, "cgroup.max.descendants", "9");
	cgroup_close(&c);
	u[1].value = "nine";
	ck_assert_int_eq(cgroup_create(&r, bad, &c, &e), -EINVAL);
	ck_assert_msg(
		strstr(e.text, "linux.resources.unified: \"nine\": write cgroup.max.descendants"),
		"%s", e.text);
	ck_assert(!exists(bad));
	u[1].key = "cgroup.nosuch";
	ck_assert_int_eq(cgroup_create(&r, bad, &c, &e), -ENOENT);
	ck_assert(!exists(bad));
	u[1].key = "nosuch.max";
	ck_assert_int_eq(cgroup_create(&r, bad, &c, &e), -ENOENT);
	ck_assert_msg(strstr(e.text, "unified needs the nosuch controller"), "%s", e.text);
	ck_assert_msg(strstr(e.text, "built without"), "%s", e.text);
}
END_TEST

/* What a process in the cgroup gets: 0 or the errno of open(2). */
static int open_inside(const struct cgroup *c, const char *path, int flags)
{
	pid_t pid = clone_into(c->dir);
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(open(path, flags | O_NONBLOCK | O_NOCTTY) < 0 ? errno : 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int mknod_inside(const struct cgroup *c)
{
	pid_t pid = clone_into(c->dir);
	int status;

	if (pid == 0) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/tmp/berth-test-node-%d", getpid());
		if (mknod(path, S_IFCHR | 0600, makedev(10, 229)) < 0)
			_exit(errno);
		unlink(path);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* Real opens: /dev/kmsg (1:11) is not in the default set. Each update takes the place of the one
 * before. */
START_TEST(device_rules_bite)
{
	autofree char *path = below("dev");
	struct cgroup_device_rule rules[] = {
		{ .allow = false },
		{ .allow = true,
		  .type = "c",
		  .major = { true, 1 },
		  .minor = { true, 11 },
		  .access = "r" },
	};
	struct cgroup_resources resources = { .devices = { 1, rules } };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup c;
	struct berth_error e;
	int n = cgroup_create(&r, path, &c, &e);

	ck_assert_msg(n == 0, "%s", e.text);
	for (int round = 0; round < 3; round++) {
		ck_assert_int_eq(open_inside(&c, "/dev/null", O_RDWR), 0);
		ck_assert_int_eq(open_inside(&c, "/dev/urandom", O_RDONLY), 0);
		ck_assert_int_eq(open_inside(&c, "/dev/kmsg", O_RDONLY), EPERM);
		ck_assert_int_eq(mknod_inside(&c), 0);
		resources.devices.n = 2;
		n = cgroup_update(&c, &resources, &e);
		ck_assert_msg(n == 0, "%s", e.text);
		ck_assert_int_eq(open_inside(&c, "/dev/kmsg", O_RDONLY), 0);
		ck_assert_int_eq(open_inside(&c, "/dev/kmsg", O_WRONLY), EPERM);
		/* No rules in an update: they stay. */
		resources.devices.n = 0;
		ck_assert_int_eq(cgroup_update(&c, &resources, &e), 0);
		ck_assert_int_eq(open_inside(&c, "/dev/kmsg", O_WRONLY), EPERM);
		/* Allow all, and back. */
		resources.devices.n = 1;
		rules[0].allow = true;
		ck_assert_int_eq(cgroup_update(&c, &resources, &e), 0);
		ck_assert_int_eq(open_inside(&c, "/dev/kmsg", O_WRONLY), 0);
		rules[0].allow = false;
		ck_assert_int_eq(cgroup_update(&c, &resources, &e), 0);
	}
	cgroup_close(&c);
}
END_TEST

START_TEST(statistics)
{
	autofree char *path = below("stats");
	struct cgroup c;
	struct cgroup_stats s;
	struct berth_error e;
	pid_t pid;

	make(path, &c);
	pid = clone_into(c.dir);
	if (pid == 0) {
		for (volatile unsigned int i = 0; i < 50000000; i++)
			;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(cgroup_stats_read(&c, &s, &e), 0);
	ck_assert_uint_gt(s.cpu.usage_us, 1000);
	ck_assert_uint_ge(s.cpu.usage_us, s.cpu.user_us);
	cgroup_stats_free(&s);
	cgroup_close(&c);
}
END_TEST

static void eat(size_t bytes)
{
	volatile char *p = malloc(bytes);

	for (size_t i = 0; p && i < bytes; i += 4096)
		p[i] = 1;
	_exit(0);
}

/* A process that takes more memory than the limit is killed; that is reported, also to those who
 * wait for it. */
START_TEST(out_of_memory)
{
	autofree char *path = below("oom");
	struct cgroup_memory memory = { .limit = { .set = true, .v = 8 << 20 },
					.swap = { .set = true, .v = 8 << 20 } };
	struct cgroup_resources resources = { .memory = &memory };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup c;
	struct cgroup_oom oom;
	struct cgroup_stats s;
	struct berth_error e;
	uint64_t kills = 0;
	bool over = true;
	pid_t pid;
	int status, n;

	if (!tree_has("memory"))
		return;
	n = cgroup_create(&r, path, &c, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	expect_file(&c, "memory.max", "8388608");
	expect_file(&c, "memory.swap.max", "0");
	ck_assert_int_eq(cgroup_oom_read(&c, &oom, &e), 0);
	ck_assert_uint_eq(oom.kills, 0);
	pid = clone_into(c.dir);
	if (pid == 0)
		eat(64 << 20);
	n = cgroup_oom_wait(&c, -1, &kills, &over, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	ck_assert(!over);
	ck_assert_uint_eq(kills, 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(cgroup_oom_read(&c, &oom, &e), 0);
	ck_assert_uint_eq(oom.kills, 1);
	ck_assert_uint_eq(oom.limit, 8 << 20);
	ck_assert(oom.peak == 0 || (oom.peak > 4 << 20 && oom.peak <= 8 << 20));
	ck_assert_int_eq(cgroup_stats_read(&c, &s, &e), 0);
	ck_assert(s.memory.present);
	ck_assert_uint_eq(s.memory.max, 8 << 20);
	ck_assert_uint_eq(s.memory.oom_kills, 1);
	ck_assert_uint_gt(s.memory.n_stat, 10);
	cgroup_stats_free(&s);
	ck_assert_int_eq(cgroup_oom_wait(&c, -1, &kills, &over, &e), 0);
	ck_assert(over);
	cgroup_close(&c);
}
END_TEST

/* checkBeforeUpdate: a limit below what is in use is refused. */
START_TEST(memory_in_use_is_not_cut_off)
{
	autofree char *path = below("keep");
	struct cgroup_memory memory = { .limit = { .set = true, .v = 64 << 20 } };
	struct cgroup_resources resources = { .memory = &memory };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup c;
	struct berth_error e;
	pid_t pid;
	char done;
	int pair[2], n;

	if (!tree_has("memory"))
		return;
	n = cgroup_create(&r, path, &c, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	ck_assert_int_eq(pipe(pair), 0);
	pid = clone_into(c.dir);
	if (pid == 0) {
		volatile char *p = malloc(32 << 20);

		for (size_t i = 0; i < 32 << 20; i += 4096)
			p[i] = 1;
		(void)!write(pair[1], "x", 1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(pair[0], &done, 1), 1);
	memory = (struct cgroup_memory){ .limit = { true, 8 << 20 },
					 .check_before_update = { true, true } };
	ck_assert_int_eq(cgroup_update(&c, &resources, &e), -EBUSY);
	ck_assert_msg(strstr(e.text, "are in use"), "%s", e.text);
	expect_file(&c, "memory.max", "67108864");
	memory = (struct cgroup_memory){ .limit = { true, 48 << 20 },
					 .check_before_update = { true, true } };
	ck_assert_int_eq(cgroup_update(&c, &resources, &e), 0);
	expect_file(&c, "memory.max", "50331648");
	remove_ok(path);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	cgroup_close(&c);
}
END_TEST

/* No fork beyond the limit. */
START_TEST(too_many_processes)
{
	autofree char *path = below("pids");
	struct cgroup_resources resources = { .pids_limit = { .set = true, .v = 1 } };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup_stats s;
	struct cgroup c;
	struct berth_error e;
	pid_t pid;
	int status, n;

	if (!tree_has("pids"))
		return;
	n = cgroup_create(&r, path, &c, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	pid = clone_into(c.dir);
	if (pid == 0)
		_exit(fork() < 0 ? errno : 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), EAGAIN);
	ck_assert_int_eq(cgroup_stats_read(&c, &s, &e), 0);
	ck_assert(s.pids.present);
	ck_assert_uint_eq(s.pids.max, 1);
	ck_assert_uint_eq(s.pids.current, 0);
	cgroup_stats_free(&s);
	cgroup_close(&c);
}
END_TEST

/* Every kind of limit that needs no special hardware, in one go, and then a partial update. */
START_TEST(many_limits)
{
	autofree char *path = below("many/x");
	struct cgroup_memory memory = { .limit = { true, 64 << 20 },
					.reservation = { true, 32 << 20 } };
	struct cgroup_cpu cpu = { .shares = { true, 2048 },
				  .quota = { true, 50000 },
				  .period = { true, 200000 },
				  .burst = { true, 10000 },
				  .cpus = "0",
				  .mems = "0" };
	struct cgroup_unified u = { "memory.high", "50000000" };
	struct cgroup_hugepage_limit h = { "2MB", 4 << 20 };
	struct cgroup_resources resources = {
		.memory = &memory, .cpu = &cpu, .unified = { 1, &u }, .hugepages = { 1, &h }
	};
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup c;
	struct berth_error e;
	int n;

	if (!tree_has("memory") || !tree_has("cpu") || !tree_has("cpuset") || !tree_has("hugetlb"))
		return;
	n = cgroup_create(&r, path, &c, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	expect_file(&c, "memory.max", "67108864");
	expect_file(&c, "memory.low", "33554432");
	expect_file(&c, "memory.high", "49999872");
	expect_file(&c, "cpu.weight", "174");
	expect_file(&c, "cpu.max", "50000 200000");
	expect_file(&c, "cpu.max.burst", "10000");
	expect_file(&c, "cpuset.cpus", "0");
	expect_file(&c, "cpuset.mems", "0");
	expect_file(&c, "hugetlb.2MB.max", "4194304");
	expect_file(&c, "hugetlb.2MB.rsvd.max", "4194304");
	memory = (struct cgroup_memory){ .swap = { true, 96 << 20 } };
	cpu = (struct cgroup_cpu){ .period = { true, 100000 } };
	resources = (struct cgroup_resources){ .memory = &memory, .cpu = &cpu };
	n = cgroup_update(&c, &resources, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	expect_file(&c, "memory.max", "67108864");
	expect_file(&c, "memory.swap.max", "33554432");
	expect_file(&c, "cpu.max", "50000 100000");
	cpu = (struct cgroup_cpu){ .quota = { true, 8000 } };
	ck_assert_int_eq(cgroup_update(&c, &resources, &e), -EINVAL);
	cpu = (struct cgroup_cpu){ .quota = { true, 8000 }, .burst = { true, 4000 } };
	n = cgroup_update(&c, &resources, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	expect_file(&c, "cpu.max", "8000 100000");
	expect_file(&c, "cpu.max.burst", "4000");
	cpu = (struct cgroup_cpu){ .idle = { true, 1 } };
	ck_assert_int_eq(cgroup_update(&c, &resources, &e), 0);
	expect_file(&c, "cpu.idle", "1");
	cpu = (struct cgroup_cpu){ .idle = { true, 0 }, .shares = { true, 2 } };
	ck_assert_int_eq(cgroup_update(&c, &resources, &e), 0);
	expect_file(&c, "cpu.weight", "1");
	/* What was written before the one that fails is put back. */
	memory = (struct cgroup_memory){ .limit = { true, 32 << 20 }, .swap = { true, 32 << 20 } };
	cpu = (struct cgroup_cpu){ .quota = { true, 70000 }, .cpus = "9999" };
	ck_assert_int_lt(cgroup_update(&c, &resources, &e), 0);
	ck_assert_msg(strstr(e.text, "cpu.cpus: \"9999\"") && strstr(e.text, "CPUs that are there"),
		      "%s", e.text);
	cgroup_close(&c);
}
END_TEST

/* "No internal processes": only we are in the way, so we are moved to a leaf; somebody else in the
 * way is named. */
START_TEST(internal_processes)
{
	autofree char *parent = below("in"), *path = below("in/c"), *other = below("in/d");
	struct cgroup_resources resources = { .pids_limit = { .set = true, .v = 9 } };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup p;
	pid_t pid, stranger;
	int status;

	if (!tree_has("pids"))
		return;
	make(parent, &p);
	pid = clone_into(p.dir);
	if (pid == 0) {
		struct cgroup c;
		struct berth_error e = { 0 };
		int n = cgroup_create(&r, path, &c, &e);

		if (n < 0)
			(void)!write(2, e.text, strlen(e.text));
		_exit(n < 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	remove_ok(parent);
	cgroup_close(&p);
	make(parent, &p);
	stranger = clone_into(p.dir);
	if (stranger == 0) {
		for (;;)
			pause();
	}
	pid = clone_into(p.dir);
	if (pid == 0) {
		struct cgroup c;
		struct berth_error e = { 0 };

		_exit(cgroup_create(&r, other, &c, &e) == -EBUSY &&
				      strstr(e.text, "pids controller") &&
				      strstr(e.text, "(process ") && !exists(other)
			      ? 0
			      : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	remove_ok(parent);
	ck_assert_int_eq(waitpid(stranger, NULL, 0), stranger);
	cgroup_close(&p);
}
END_TEST

/* The first block device of the machine as "MAJOR:MINOR"; false where there is none. */
static bool find_disk(int64_t *major, int64_t *minor)
{
	char line[256];
	FILE *f = fopen("/proc/partitions", "re");
	bool found = false;
	long long ma, mi;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, " %lld %lld", &ma, &mi) == 2 && mi == 0;
	if (f)
		fclose(f);
	if (found) {
		*major = ma;
		*minor = mi;
	}
	return found;
}

START_TEST(disk_limits)
{
	autofree char *path = below("disk");
	struct cgroup_block_device d[] = { { .rate = { true, 1 << 20 } },
					   { .rate = { true, 500 } } };
	struct cgroup_block_device missing = { .major = 4000, .minor = 7, .rate = { true, 1 } };
	struct cgroup_block_io b = { .throttle_read_bps = { 1, &d[0] },
				     .throttle_write_iops = { 1, &d[1] } };
	struct cgroup_resources resources = { .block_io = &b };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	char expected[128];
	struct cgroup_stats s;
	struct cgroup c;
	struct berth_error e;
	int n;

	if (!tree_has("io") || !find_disk(&d[0].major, &d[0].minor))
		return;
	d[1].major = d[0].major;
	d[1].minor = d[0].minor;
	n = cgroup_create(&r, path, &c, &e);
	ck_assert_msg(n == 0, "%s", e.text);
	(void)snprintf(expected, sizeof(expected),
		       "%lld:%lld rbps=1048576 wbps=max riops=max wiops=500", (long long)d[0].major,
		       (long long)d[0].minor);
	expect_file(&c, "io.max", expected);
	b = (struct cgroup_block_io){ .throttle_read_bps = { 1, &d[1] },
				      .throttle_write_bps = { 1, &missing } };
	ck_assert_int_eq(cgroup_update(&c, &resources, &e), -ENODEV);
	ck_assert_msg(strstr(e.text, "throttleWriteBpsDevice") && strstr(e.text, "no such disk"),
		      "%s", e.text);
	expect_file(&c, "io.max", expected);
	d[0].rate.v = d[1].rate.v = 0;
	b = (struct cgroup_block_io){ .throttle_read_bps = { 1, &d[0] },
				      .throttle_write_iops = { 1, &d[1] } };
	ck_assert_int_eq(cgroup_update(&c, &resources, &e), 0);
	expect_file(&c, "io.max", "");
	ck_assert_int_eq(cgroup_stats_read(&c, &s, &e), 0);
	ck_assert(s.has_io);
	cgroup_stats_free(&s);
	cgroup_close(&c);
}
END_TEST

/* A further process goes where the container's own may live. */
START_TEST(beside_the_first_process)
{
	autofree char *path = below("nest"), *inner = below("nest/init.scope");
	struct cgroup_resources resources = { .pids_limit = { .set = true, .v = 50 } };
	struct cgroup_request r = { .id = "c", .resources = &resources };
	struct cgroup c, i, found;
	struct berth_error e;
	pid_t pid;

	if (!tree_has("pids"))
		return;
	ck_assert_int_eq(cgroup_create(&r, path, &c, &e), 0);
	make(inner, &i);
	pid = clone_into(i.dir);
	if (pid == 0) {
		for (;;)
			pause();
	}
	ck_assert_int_eq(cgroup_open_beside(path, pid, &found, &e), 0);
	ck_assert_str_eq(found.path, path);
	cgroup_close(&found);
	ck_assert_int_eq(write_file(c.dir, "cgroup.subtree_control", "+pids", 5, &e), 0);
	ck_assert_int_eq(cgroup_open_beside(path, pid, &found, &e), 0);
	ck_assert_str_eq(found.path, inner);
	cgroup_close(&found);
	ck_assert_int_eq(cgroup_open_beside(path, getpid(), &found, &e), -EINVAL);
	remove_ok(path);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	cgroup_close(&c);
	cgroup_close(&i);
}
END_TEST

static bool tree_is_writable(void)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	struct berth_error e;

	return tree_open(&t, &e) == 0 && geteuid() == 0 && faccessat(t.dir, ".", W_OK, 0) == 0;
}

int main(void)
{
	Suite *s = suite_create("cgroup life");
	TCase *t = tcase_create("life");
	SRunner *runner;
	int failed;

	if (!tree_is_writable()) {
		puts("no writable cgroup v2 tree");
		return 77;
	}
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, create_and_remove);
	tcase_add_test(t, populated_is_refused_and_leaves_nothing);
	tcase_add_test(t, frozen_from_above_is_refused_and_undone);
	tcase_add_test(t, freeze_stops_and_kill_reaches_the_frozen);
	tcase_add_test(t, signals_reach_the_children_of_the_cgroup);
	tcase_add_loop_test(t, fork_bomb_dies, 0, 2);
	tcase_add_test(t, deep_nesting_is_removed);
	tcase_add_test(t, delegation_gives_the_listed_files);
	tcase_add_test(t, a_limit_is_set_or_explained);
	tcase_add_test(t, defaults_need_no_controller);
	tcase_add_test(t, unified_files);
	tcase_add_test(t, device_rules_bite);
	tcase_add_test(t, statistics);
	tcase_add_test(t, out_of_memory);
	tcase_add_test(t, memory_in_use_is_not_cut_off);
	tcase_add_test(t, too_many_processes);
	tcase_add_test(t, many_limits);
	tcase_add_test(t, internal_processes);
	tcase_add_test(t, disk_limits);
	tcase_add_test(t, beside_the_first_process);
	tcase_add_test(t, odd_paths_are_not_removed);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
