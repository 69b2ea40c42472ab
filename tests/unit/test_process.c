/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/text.h"
#include "unit.h"

static const struct clone_request plain = { .cgroup = -1, .exit_signal = SIGCHLD };

/* A child that runs the function and exits with what it returns. */
static pid_t start(const struct clone_request *r, int (*run)(void), int *ret_pidfd)
{
	pid_t pid = process_clone(r, ret_pidfd, &error);

	if (pid == 0)
		_exit(run());
	ck_assert_msg(pid > 0, "%s", error.text);
	ck_assert_int_eq(fcntl(*ret_pidfd, F_GETFD), FD_CLOEXEC);
	return pid;
}

static int exit_with_7(void)
{
	return 7;
}

static int sleep_long(void)
{
	for (int i = 0; i < 20; i++)
		(void)sleep(1);
	return 0;
}

static int open_proc(void)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(proc, 0);
	return proc;
}

START_TEST(waits_for_children)
{
	int pidfd = -1, status = -1;

	start(&plain, exit_with_7, &pidfd);
	assert_ok(process_wait(pidfd, -1, &status, &error));
	ck_assert_int_eq(status, 7);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* it is reaped */
	ck_assert_int_eq(errno, ECHILD);
	close(pidfd);

	start(&plain, sleep_long, &pidfd);
	assert_fails(process_wait(pidfd, 20, &status, &error), ETIMEDOUT, "wait for process");
	assert_ok(process_signal(pidfd, SIGUSR1,
				 &error)); /* SIGTERM is libcheck's own, nohup(1) ignores SIGHUP */
	assert_ok(process_wait(pidfd, 10000, &status, &error));
	ck_assert_int_eq(status, 128 + SIGUSR1);
	assert_fails(process_signal(pidfd, SIGTERM, &error), ESRCH, "send signal 15");
	close(pidfd);
}
END_TEST

/* With CLONE_PARENT there is no exit signal, and such a child is not waited for by default. */
START_TEST(waits_for_children_without_exit_signal)
{
	const struct clone_request quiet = { .cgroup = -1, .exit_signal = 0 };
	int pidfd = -1, status = -1;

	start(&quiet, exit_with_7, &pidfd);
	assert_ok(process_wait(pidfd, 10000, &status, &error));
	ck_assert_int_eq(status, 7);
}
END_TEST

START_TEST(waits_for_others)
{
	int status = 99;

	pid_t pid = fork();
	if (pid == 0) {
		const struct clone_request sibling = { .flags = CLONE_PARENT, .cgroup = -1 };
		int pidfd = -1, r = -1;

		/* A sibling of this process is nobody that it could reap. */
		if (process_clone(&sibling, &pidfd, &error) == 0)
			_exit(7);
		r = process_wait(pidfd, 10000, &status, &error);
		_exit(r == 0 && status == -1 ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_gt(waitpid(-1, &status, __WALL), 0);
	ck_assert_int_eq(WEXITSTATUS(status), 7);
}
END_TEST

static void ignore(int signal)
{
	(void)signal;
}

START_TEST(signals_do_not_shorten_a_wait)
{
	struct sigaction action = { .sa_handler = ignore };
	int pidfd = -1, status = -1;

	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	start(&plain, sleep_long, &pidfd);
	ualarm(20000, 20000);
	assert_fails(process_wait(pidfd, 150, &status, &error), ETIMEDOUT, "");
	ualarm(0, 0);
	assert_ok(process_signal(pidfd, SIGKILL, &error));
	assert_ok(process_wait(pidfd, -1, &status, &error));
	ck_assert_int_eq(status, 128 + SIGKILL);
}
END_TEST

START_TEST(clone_errors_are_explained)
{
	const struct clone_request bad = { .flags = CLONE_NEWNS | CLONE_FS,
					   .cgroup = -1,
					   .exit_signal = SIGCHLD };
	const struct clone_request no_cgroup = { .cgroup = scratch(), .exit_signal = SIGCHLD };
	int pidfd = -7;

	assert_fails(process_clone(&bad, &pidfd, &error), EINVAL,
		     "clone process: Invalid argument (the kernel");
	assert_fails(process_clone(&no_cgroup, &pidfd, &error), EBADF, "clone process");
	ck_assert_int_eq(pidfd, -7);
}
END_TEST

/* In a user namespace of its own, where the limits are ours to set. Exit status 77: that cannot be
 * made here. */
static int run_into_limit(void)
{
	const struct clone_request user = { .flags = CLONE_NEWUSER,
					    .cgroup = -1,
					    .exit_signal = SIGCHLD };
	int pidfd = -1, fd = -1;

	if (unshare(CLONE_NEWUSER) < 0)
		return 77;
	fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		return 77;
	pid_t pid = process_clone(&user, &pidfd, &error);
	if (pid == 0)
		_exit(0);
	return pid == -ENOSPC && strstr(error.text, "/proc/sys/user/max_*_namespaces") ? 0 : 1;
}

START_TEST(limits_are_named)
{
	int pidfd = -1, status = -1;

	start(&plain, run_into_limit, &pidfd);
	assert_ok(process_wait(pidfd, -1, &status, &error));
	if (status == 77)
		(void)fprintf(stderr, "limits_are_named: left out, no user namespaces here\n");
	else
		ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(start_time_survives_odd_names)
{
	static const char *const names[] = { "plain", ") R 1 2 3", "a) (b", "\n)\n) Z 9",
					     ")))))))))))))))" };
	autoclose int proc = open_proc();
	uint64_t first = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		uint64_t ticks = 0;
		char state = 0;

		ck_assert_int_eq(prctl(PR_SET_NAME, names[i]), 0);
		assert_ok(process_start_time(proc, getpid(), &ticks, &state, &error));
		ck_assert_int_eq(state, 'R');
		ck_assert_uint_gt(ticks, 0);
		ck_assert_uint_eq(i == 0 ? ticks : first, ticks);
		first = ticks;
	}
}
END_TEST

/* Against what ps(1) makes of the same field: the boot's ticks, and so between zero and now. */
START_TEST(start_time_is_now)
{
	autoclose int proc = open_proc();
	struct timespec boot;
	uint64_t ticks = 0;
	char state = 0;
	int pidfd = -1;

	pid_t pid = start(&plain, sleep_long, &pidfd);
	ck_assert_int_eq(clock_gettime(CLOCK_BOOTTIME, &boot), 0);
	assert_ok(process_start_time(proc, pid, &ticks, &state, &error));
	uint64_t hertz = (uint64_t)sysconf(_SC_CLK_TCK);
	ck_assert_uint_le(ticks, ((uint64_t)boot.tv_sec + 1) * hertz);
	ck_assert_uint_ge(ticks + 5 * hertz, (uint64_t)boot.tv_sec * hertz);
	assert_ok(process_signal(pidfd, SIGKILL, &error));
}
END_TEST

START_TEST(tells_zombies_and_the_gone)
{
	autoclose int proc = open_proc();
	uint64_t ticks = 99;
	siginfo_t info;
	char state = 'x';
	int pidfd = -1, status = -1;

	pid_t pid = start(&plain, exit_with_7, &pidfd);
	ck_assert_int_eq(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOWAIT), 0);
	assert_ok(process_start_time(proc, pid, &ticks, &state, &error));
	ck_assert_int_eq(state, 'Z');
	ck_assert(process_is_ending(proc, pid));
	ck_assert(!process_is_ending(proc, getpid()));
	assert_ok(process_wait(pidfd, -1, &status, &error));
	ticks = 99;
	assert_fails(process_start_time(proc, pid, &ticks, &state, &error), ESRCH, "process ");
	ck_assert_uint_eq(ticks, 99);
	ck_assert(!process_is_ending(proc, pid));
}
END_TEST

START_TEST(opens_the_process_that_was_meant)
{
	autoclose int proc = open_proc();
	uint64_t ticks = 0;
	char state = 0;
	int pidfd = -1, again = -7, status = -1;

	pid_t pid = start(&plain, sleep_long, &pidfd);
	assert_ok(process_start_time(proc, pid, &ticks, &state, &error));
	int fds = count_fds();
	assert_fails(process_open(proc, pid, ticks + 1, &again, &error), ESRCH,
		     "belongs to another one");
	ck_assert_int_eq(again, -7);
	ck_assert_int_eq(count_fds(), fds);
	assert_ok(process_open(proc, pid, ticks, &again, &error));
	assert_ok(process_signal(again, SIGKILL, &error));
	assert_ok(process_wait(pidfd, -1, &status, &error));
	ck_assert_int_eq(status, 128 + SIGKILL);
	close(again);
	assert_fails(process_open(proc, pid, ticks, &again, &error), ESRCH, "open process");
	assert_fails(process_open(proc, -1, ticks, &again, &error), EINVAL, "open process -1");
}
END_TEST

START_TEST(signal_names)
{
	static const struct {
		const char *text;
		int signal;
	} rows[] = {
		{ "TERM", SIGTERM },
		{ "SIGTERM", SIGTERM },
		{ "sigkill", SIGKILL },
		{ "15", 15 },
		{ "1", 1 },
		{ "64", 64 },
		{ "usr1", SIGUSR1 },
		{ "IOT", SIGABRT },
		{ "CLD", SIGCHLD },
		{ "SIGIO", SIGIO },
		{ "POLL", SIGPOLL },
		{ "STKFLT", SIGSTKFLT },
		{ "PWR", SIGPWR },
		{ "SYS", SIGSYS },
	};
	static const char *const bad[] = { "",        "SIG",     "SIGSIGTERM", "TER",
					   "TERMS",   " TERM",   "-1",         "RTMIN+",
					   "RTMIN-1", "RTMAX+1", "RTMIN+x",    "RTMIN++1",
					   "RT",      "1x",      "EXIT" };
	static const char *const large[] = { "0", "65", "99999999999", "RTMIN+99", "RTMAX-31" };
	int signal = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		ck_assert_msg(signal_parse(rows[i].text, &signal) == 0, "%s", rows[i].text);
		ck_assert_int_eq(signal, rows[i].signal);
	}
	ck_assert_int_eq(signal_parse("RTMIN", &signal), 0);
	ck_assert_int_eq(signal, SIGRTMIN);
	ck_assert_int_eq(signal_parse("SIGRTMIN+3", &signal), 0);
	ck_assert_int_eq(signal, SIGRTMIN + 3);
	ck_assert_int_eq(signal_parse("RTMAX-2", &signal), 0);
	ck_assert_int_eq(signal, SIGRTMAX - 2);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ck_assert_msg(signal_parse(bad[i], &signal) == -EINVAL, "%s", bad[i]);
	for (size_t i = 0; i < ARRAY_SIZE(large); i++)
		ck_assert_msg(signal_parse(large[i], &signal) == -ERANGE, "%s", large[i]);
	ck_assert_int_eq(signal, SIGRTMAX - 2);
}
END_TEST

UNIT_MAIN("process", waits_for_children, waits_for_children_without_exit_signal, waits_for_others,
	  signals_do_not_shorten_a_wait, clone_errors_are_explained, limits_are_named,
	  start_time_survives_odd_names, start_time_is_now, tells_zombies_and_the_gone,
	  opens_the_process_that_was_meant, signal_names)
