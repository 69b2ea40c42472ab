/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process_attributes.c and scheduling.c: each function acts on the test's own process, and the
 * kernel is asked what came of it.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/ioprio.h>
#include <linux/keyctl.h>
#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "linux/process_attributes.h"
#include "unit.h"

enum { SOMEBODY = 54321 };

static void become_somebody(void)
{
	if (geteuid() == 0) {
		ck_assert_int_eq(setgroups(0, NULL), 0);
		ck_assert_int_eq(setresgid(SOMEBODY, SOMEBODY, SOMEBODY), 0);
		ck_assert_int_eq(setresuid(SOMEBODY, SOMEBODY, SOMEBODY), 0);
		ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 1), 0);
	}
}

static bool is_root(void)
{
	if (geteuid() == 0)
		return true;
	puts("skipped: needs root");
	return false;
}

START_TEST(every_limit_has_its_name)
{
	struct rlimit limit;
	int n = 0;

	for (const struct word *w = rlimit_words; w->word; w++, n++)
		ck_assert_msg(getrlimit((enum __rlimit_resource)w->value, &limit) == 0, "%s",
			      w->word);
	ck_assert_int_eq(n, RLIM_NLIMITS);
}
END_TEST

START_TEST(limits)
{
	struct rlimit_spec r = { RLIMIT_NOFILE, 100, 200 };
	struct rlimit limit;

	assert_ok(rlimit_apply(&r, &error));
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_eq(limit.rlim_cur, 100);
	ck_assert_uint_eq(limit.rlim_max, 200);

	r.soft = 201;
	assert_fails(rlimit_apply(&r, &error), EINVAL,
		     "set RLIMIT_NOFILE to 201, hard limit 200: Invalid argument (the soft limit "
		     "is above");
	become_somebody();
	r.hard = UINT64_MAX;
	assert_fails(rlimit_apply(&r, &error), EPERM,
		     "hard limit unlimited: Operation not permitted (berth's own hard limit "
		     "is 200;");
}
END_TEST

static long long read_oom_score(void)
{
	long long score = -5000;
	FILE *f = fopen("/proc/self/oom_score_adj", "re");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fscanf(f, "%lld", &score), 1);
	fclose(f);
	return score;
}

START_TEST(oom_score)
{
	autoclose int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	become_somebody();
	assert_ok(oom_score_apply(proc, getpid(), 500, &error));
	ck_assert_int_eq(read_oom_score(), 500);
	assert_fails(oom_score_apply(proc, getpid(), 1001, &error), EINVAL, "from -1000 to 1000");
	assert_fails(oom_score_apply(proc, getpid(), -1000, &error), EACCES,
		     "set the OOM score to -1000: ");
	ck_assert_msg(strstr(error.text, "takes CAP_SYS_RESOURCE"), "%s", error.text);
	ck_assert_int_eq(read_oom_score(), 500);
}
END_TEST

/* A keyring that others hold open must not become ours, whatever its name. */
START_TEST(keyring)
{
	long trap = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "berth-unit-trap"), first;

	if (trap < 0) {
		printf("skipped: no keyrings (%s)\n", strerror(errno));
		return;
	}
	ck_assert_int_eq(syscall(SYS_keyctl, KEYCTL_SETPERM, trap, 0x3f3f3f3f), 0);
	assert_ok(keyring_new(&error));
	first = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
	ck_assert_int_gt(first, 0);
	ck_assert_int_ne(first, trap);
	assert_ok(keyring_new(&error));
	ck_assert_int_ne(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0),
			 first);
}
END_TEST

START_TEST(personalities)
{
	int64_t domain = -1;

	ck_assert(word_find(personality_words, "LINUX32", &domain));
	assert_ok(personality_apply((unsigned long)domain, &error));
	ck_assert_int_eq(personality(0xffffffff), PER_LINUX32);
	assert_ok(personality_apply(PER_LINUX, &error));
	ck_assert_int_eq(personality(0xffffffff), PER_LINUX);
}
END_TEST

START_TEST(users)
{
	uint32_t groups[] = { 7, 5 };
	struct user_spec u = { .uid = 1234, .gid = 4321, .n_groups = 2, .groups = groups };
	gid_t got[10];

	if (!is_root())
		return;
	assert_ok(user_apply(&u, false, &error));
	ck_assert_int_eq(getuid(), 1234);
	ck_assert_int_eq(getegid(), 4321);
	ck_assert_int_eq(getgroups(10, got), 2);
	ck_assert_int_eq(got[0] + got[1], 12);

	u.n_groups = 0;
	assert_fails(user_apply(&u, false, &error), EPERM, "set 0 supplementary groups");
	assert_ok(user_apply(&u, true, &error));
	u.uid = 0;
	assert_fails(user_apply(&u, true, &error), EPERM, "change to user 0");
	u.gid = 0;
	assert_fails(user_apply(&u, true, &error), EPERM, "change to group 0");
}
END_TEST

static void put(const char *path, const char *text)
{
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "write %s",
		      path);
}

START_TEST(users_where_setgroups_is_denied)
{
	uint32_t groups[] = { 0 };
	struct user_spec u = { .uid = 0, .gid = 0, .n_groups = 0, .groups = groups };
	char map[32];
	uid_t own;

	become_somebody();
	(void)snprintf(map, sizeof(map), "0 %u 1", getegid());
	own = geteuid();
	if (unshare(CLONE_NEWUSER) < 0) {
		puts("skipped: no user namespaces here");
		return;
	}
	put("/proc/self/setgroups", "deny");
	put("/proc/self/gid_map", map);
	(void)snprintf(map, sizeof(map), "0 %u 1", own);
	put("/proc/self/uid_map", map);

	/* Whether it is known or has to be found out. */
	assert_ok(user_apply(&u, true, &error));
	assert_ok(user_apply(&u, false, &error));
	u.n_groups = 1;
	assert_fails(user_apply(&u, true, &error), EPERM,
		     "this user namespace denies setgroups(2)");
	assert_fails(user_apply(&u, false, &error), EPERM,
		     "this user namespace denies setgroups(2)");
	u.n_groups = 0;
	u.uid = 5;
	assert_fails(user_apply(&u, false, &error), EINVAL,
		     "change to user 5: Invalid argument (this user id is not mapped in the user "
		     "namespace)");
	u.gid = 6;
	assert_fails(user_apply(&u, false, &error), EINVAL, "change to group 6");
}
END_TEST

START_TEST(schedulers)
{
	struct scheduler_spec s = { .policy = SCHED_BATCH, .nice = 18 };

	/* Values that an ordinary user may set even where the tests run under nice(1). */
	become_somebody();
	assert_ok(scheduler_apply(0, &s, &error));
	ck_assert_int_eq(sched_getscheduler(0), SCHED_BATCH);
	ck_assert_int_eq(getpriority(PRIO_PROCESS, 0), 18);

	s = (struct scheduler_spec){ .policy = SCHED_BATCH,
				     .nice = 19,
				     .flags = SCHED_FLAG_RESET_ON_FORK };
	assert_ok(scheduler_apply(0, &s, &error));
	ck_assert_int_eq(sched_getscheduler(0), SCHED_BATCH | SCHED_RESET_ON_FORK);

	s = (struct scheduler_spec){ .policy = SCHED_BATCH, .nice = 20 };
	assert_fails(scheduler_apply(0, &s, &error), EINVAL, "nice 20 is not within -20 to 19");
	s = (struct scheduler_spec){ .policy = SCHED_FIFO, .priority = 10 };
	assert_fails(scheduler_apply(0, &s, &error), EPERM, "set the scheduler to SCHED_FIFO");
	s.priority = 0;
	assert_fails(scheduler_apply(0, &s, &error), EINVAL, "ranges from 1 to 99");
	s = (struct scheduler_spec){ .policy = SCHED_BATCH, .priority = 1, .nice = 8 };
	assert_fails(scheduler_apply(0, &s, &error), EINVAL,
		     "only SCHED_FIFO and SCHED_RR take a priority");
	s = (struct scheduler_spec){ .policy = SCHED_DEADLINE,
				     .runtime = 10000000,
				     .deadline = 5000000,
				     .period = 20000000 };
	assert_fails(scheduler_apply(0, &s, &error), EINVAL, "runtime <= deadline <= period");

	int64_t iso = -1;

	ck_assert(word_find(scheduler_policy_words, "SCHED_ISO", &iso));
	s = (struct scheduler_spec){ .policy = (int)iso };
	assert_fails(scheduler_apply(0, &s, &error), EINVAL,
		     "Linux does not implement this policy");
}
END_TEST

START_TEST(realtime)
{
	struct scheduler_spec s = { .policy = SCHED_RR, .priority = 3 };
	struct sched_param got;

	if (!is_root())
		return;

	int r = scheduler_apply(0, &s, &error);

	if (r == -EPERM) {
		printf("skipped: %s\n", error.text);
		return;
	}
	assert_ok(r);
	ck_assert_int_eq(sched_getscheduler(0), SCHED_RR);
	ck_assert_int_eq(sched_getparam(0, &got), 0);
	ck_assert_int_eq(got.sched_priority, 3);
}
END_TEST

START_TEST(io_priorities)
{
	struct io_priority_spec p = { IOPRIO_CLASS_BE, 5 };

	become_somebody();
	assert_ok(io_priority_apply(0, &p, &error));
	ck_assert_int_eq(syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0),
			 IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 5));
	p.class = IOPRIO_CLASS_IDLE;
	assert_ok(io_priority_apply(0, &p, &error));
	p.class = IOPRIO_CLASS_RT;
	assert_fails(io_priority_apply(0, &p, &error), EPERM,
		     "IOPRIO_CLASS_RT, 5: Operation not permitted (the real-time");
	p.priority = 8;
	assert_fails(io_priority_apply(0, &p, &error), EINVAL, "priority 8");
	p.priority = -1;
	assert_fails(io_priority_apply(0, &p, &error), EINVAL, "priority -1");
}
END_TEST

START_TEST(memory_policies)
{
	struct memory_policy_spec m = { MPOL_BIND, 0, " 0 " };
	unsigned long mask[16] = { 0 };
	int mode = -1;
	int r = memory_policy_apply(&m, &error);

	if (r == -ENOSYS) {
		printf("skipped: %s\n", error.text);
		return;
	}
	assert_ok(r);
	ck_assert_int_eq(syscall(SYS_get_mempolicy, &mode, mask, 1024, NULL, 0), 0);
	ck_assert_int_eq(mode, MPOL_BIND);
	ck_assert_uint_eq(mask[0], 1);

	m = (struct memory_policy_spec){ MPOL_INTERLEAVE, MPOL_F_STATIC_NODES, "0" };
	assert_ok(memory_policy_apply(&m, &error));
	ck_assert_int_eq(syscall(SYS_get_mempolicy, &mode, mask, 1024, NULL, 0), 0);
	ck_assert_int_eq(mode, MPOL_INTERLEAVE | MPOL_F_STATIC_NODES);

	m = (struct memory_policy_spec){ MPOL_DEFAULT, 0, NULL };
	assert_ok(memory_policy_apply(&m, &error));
	m.mode = MPOL_BIND;
	assert_fails(memory_policy_apply(&m, &error), EINVAL,
		     "set the memory policy MPOL_BIND, nodes \"\"");
	m.nodes = "1000";
	assert_fails(memory_policy_apply(&m, &error), EINVAL, "nodes have to exist");
	m.nodes = "2000";
	assert_fails(memory_policy_apply(&m, &error), ERANGE, "nodes \"2000\"");
	m.nodes = "0 1";
	assert_fails(memory_policy_apply(&m, &error), EINVAL, "nodes \"0 1\"");
}
END_TEST

START_TEST(affinities)
{
	cpu_set_t before, after;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_ok(cpu_affinity_apply("", &error));
	assert_ok(cpu_affinity_apply("  ", &error));
	ck_assert_int_eq(sched_getaffinity(0, sizeof(after), &after), 0);
	ck_assert(CPU_EQUAL(&before, &after));

	if (CPU_ISSET(0, &before)) {
		assert_ok(cpu_affinity_apply(" 0 , 8000-8191", &error));
		ck_assert_int_eq(sched_getaffinity(0, sizeof(after), &after), 0);
		ck_assert_int_eq(CPU_COUNT(&after), 1);
		ck_assert(CPU_ISSET(0, &after));
	}
	assert_fails(cpu_affinity_apply("8191", &error), EINVAL,
		     "none of these processors is online");
	assert_fails(cpu_affinity_apply("8192", &error), ERANGE, "CPU affinity \"8192\"");
	assert_fails(cpu_affinity_apply("0 1", &error), EINVAL, "CPU affinity");
	assert_fails(cpu_affinity_apply("a", &error), EINVAL, "CPU affinity");
	assert_fails(cpu_affinity_apply("3-1", &error), EINVAL, "CPU affinity");

	char longest[3000];

	memset(longest, '1', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_lt(cpu_affinity_apply(longest, &error), 0);
}
END_TEST

UNIT_MAIN("process_attributes", every_limit_has_its_name, limits, oom_score, keyring, personalities,
	  users, users_where_setgroups_is_denied, schedulers, realtime, io_priorities,
	  memory_policies, affinities)
