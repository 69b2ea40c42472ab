/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/process.h"
#include "unit.h"

/* As execve(2) wants its lists. */
#define LIST(...)                            \
	(char *const *)(const char *const[]) \
	{                                    \
		__VA_ARGS__, NULL            \
	}

#define PATH_ENV LIST("PATH=/usr/local/bin:/usr/bin:/bin")

/* Runs the shell script in scratch(). */
static int run_shell(const char *script, const char *input, int timeout_s)
{
	char *const *args = LIST("sh", "-c", script);
	const struct command c = { .fd = -1,
				   .path = "/bin/sh",
				   .args = args,
				   .env = PATH_ENV,
				   .input = input,
				   .timeout_s = timeout_s };

	ck_assert_int_eq(fchdir(scratch()), 0);
	int fds = count_fds();
	int r = command_run(&c, &error);
	ck_assert_int_eq(count_fds(), fds);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left to reap */
	return r;
}

static int put_script(const char *name, const char *text)
{
	put_file(name, text);
	ck_assert_int_eq(fchmodat(scratch(), name, 0755, 0), 0);
	int fd = openat(scratch(), name, O_PATH | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Waits until the process whose pid stands in the file has ended; it may be a zombie that somebody
 * else has to reap. */
static void assert_ends(const char *pid_file)
{
	char path[64], text[512];
	int pid = 0;

	(void)snprintf(text, sizeof(text), "%s", get_file(pid_file));
	text[strcspn(text, "\n")] = '\0';
	ck_assert_int_eq(parse_int(text, &pid), 0);
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (int i = 0; i < 500; i++) {
		autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

		text[n > 0 ? n : 0] = '\0';
		if (n <= 0 || strstr(text, ") Z "))
			return;
		(void)poll(NULL, 0, 10);
	}
	ck_abort_msg("process %d still lives", pid);
}

START_TEST(success)
{
	assert_ok(run_shell("exit 0", NULL, 0));
	assert_ok(run_shell("echo much; echo more >&2", NULL, 10));
}
END_TEST

START_TEST(failure_tells_the_output)
{
	assert_fails(run_shell("exit 3", NULL, 0), EIO, "");
	ck_assert_str_eq(error.text, "/bin/sh failed with exit status 3");
	assert_fails(
		run_shell("echo one; echo two >&2; printf '\\033[1m\\t!\\n\\n'; exit 255", NULL, 0),
		EIO, "");
	ck_assert_str_eq(error.text, "/bin/sh failed with exit status 255: one two [1m !");
	assert_fails(run_shell("kill -SEGV $$", NULL, 0), EIO, "killed by signal 11 (SIGSEGV)");
	assert_fails(run_shell("seq 1 100000; exit 1", NULL, 0), EIO, "99999 100000");
	ck_assert_uint_lt(strlen(error.text), 600);
}
END_TEST

START_TEST(input_is_given)
{
	char *large = malloc(300001);

	memset(large, 'x', 300000);
	large[300000] = '\0';
	assert_ok(run_shell("test \"$(cat)\" = 'hello you'", "hello you", 10));
	assert_ok(run_shell("test \"$(cat /dev/stdin)\" = again", "again", 10));
	assert_ok(run_shell("test \"$(wc -c)\" = 300000", large, 10));
	assert_ok(run_shell("exit 0", large, 10)); /* nobody reads it */
	assert_ok(run_shell("test \"$(wc -c)\" = 0", NULL, 10));
	free(large);
}
END_TEST

START_TEST(environment_is_not_inherited)
{
	char *const *args = LIST("env");
	char *const *env = LIST("ONLY=this");
	struct command c = { .fd = -1, .path = "/usr/bin/env", .args = args, .env = env };

	ck_assert_int_eq(setenv("LD_PRELOAD", "/nonexistent", 1), 0);
	/* env(1) succeeds and its output goes nowhere, so it is asked to fail. */
	char *const *failing = LIST("env", "sh", "-c", "/usr/bin/env; exit 1");
	c.args = failing;
	char *const *with_path = LIST("ONLY=this", "PATH=/usr/bin:/bin");
	c.env = with_path;
	assert_fails(command_run(&c, &error), EIO, "ONLY=this");
	ck_assert_ptr_null(strstr(error.text, "LD_PRELOAD"));
	c.args = args;
	c.env = NULL;
	assert_ok(command_run(&c, &error));
}
END_TEST

START_TEST(no_fd_leaks)
{
	ck_assert_int_eq(dup2(1, 57), 57);
	assert_ok(run_shell("for n in $(seq 3 100); do test ! -e /proc/$$/fd/$n || exit 1; done",
			    NULL, 0));
	/* A shell holds a script's file open at 10 or so; the script's own fd is what it was
	 * started by. */
	autoclose int script = put_script("script", "#!/bin/sh\nls -l /proc/$$/fd\nexit 1\n");
	char *const *args = LIST("script");
	const struct command c = { .fd = script, .path = "script", .args = args, .env = PATH_ENV };
	assert_fails(command_run(&c, &error), EIO, "/script");
	int pipes = 0;
	for (const char *p = strstr(error.text, "-> pipe:"); p; p = strstr(p + 1, "-> pipe:"))
		pipes++;
	ck_assert_int_eq(pipes, 2);
}
END_TEST

START_TEST(signals_are_at_their_defaults)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGCHLD);
	ck_assert_int_eq(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	assert_ok(run_shell("grep -q 'SigBlk:.0000000000000000' /proc/self/status && "
			    "grep -q 'SigIgn:.0000000000000000' /proc/self/status",
			    NULL, 0));
}
END_TEST

START_TEST(timeout_kills_the_whole_group)
{
	struct timespec before, after;

	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &before), 0);
	assert_fails(run_shell("echo waiting; sleep 60 & echo $! >pid; wait", NULL, 1), ETIMEDOUT,
		     "");
	ck_assert_str_eq(error.text, "/bin/sh timed out after 1 s: waiting");
	ck_assert_int_eq(clock_gettime(CLOCK_MONOTONIC, &after), 0);
	ck_assert_int_lt(after.tv_sec - before.tv_sec, 10);
	assert_ends("pid");
}
END_TEST

START_TEST(timeout_of_the_loud_and_the_silent)
{
	assert_fails(run_shell("exec yes", NULL, 1), ETIMEDOUT, "timed out after 1 s: ");
	assert_fails(run_shell("exec sleep 60 >/dev/null 2>&1", NULL, 1), ETIMEDOUT,
		     "timed out after 1 s");
}
END_TEST

/* The test's own timeout ends this one if it hangs. */
START_TEST(what_stays_in_the_background_is_not_waited_for)
{
	assert_ok(run_shell("sleep 60 & echo $! >pid", NULL, 0));
	assert_fails(run_shell("yes & echo $! >loud; exit 5", NULL, 15), EIO, "exit status 5");
	assert_ends("loud"); /* by SIGPIPE */
	int pid = (int)strtol(get_file("pid"), NULL, 10);
	ck_assert_int_gt(pid, 1);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
}
END_TEST

START_TEST(dies_with_us)
{
	ck_assert_int_eq(fchdir(scratch()), 0);
	pid_t pid = fork();
	if (pid == 0) {
		(void)run_shell("echo $$ >new; mv new pid; exec sleep 60", NULL, 0);
		_exit(0);
	}
	for (int i = 0; i < 500 && !exists("pid"); i++)
		(void)poll(NULL, 0, 10);
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	assert_ends("pid");
}
END_TEST

START_TEST(programs_by_fd)
{
	autoclose int script = put_script("s", "#!/bin/sh\ntest \"$1\" = arg && touch ran\n");
	autoclose int program = open("/usr/bin/env", O_PATH | O_CLOEXEC);
	char *const *args = LIST("s", "arg"), *const *test_args = LIST("env", "touch", "too");
	struct command c = {
		.fd = script, .path = "/not/looked/at", .args = args, .env = PATH_ENV
	};

	ck_assert_int_eq(fchdir(scratch()), 0);
	assert_ok(command_run(&c, &error));
	ck_assert(exists("ran"));
	c.fd = program;
	c.args = test_args;
	assert_ok(command_run(&c, &error));
	ck_assert(exists("too"));
	ck_assert_int_eq(fcntl(script, F_GETFD), FD_CLOEXEC);
}
END_TEST

START_TEST(failures_of_exec_are_explained)
{
	autoclose int no_interpreter = put_script("s", "#!/no/interpreter\n"),
		      text = put_script("t", "just text\n");
	char *const *args = LIST("x");
	struct command c = { .fd = -1, .path = "/no/such/program", .args = args, .env = PATH_ENV };

	assert_fails(command_run(&c, &error), ENOENT, "");
	ck_assert_str_eq(error.text, "execute /no/such/program: No such file or directory");
	c.fd = no_interpreter;
	assert_fails(command_run(&c, &error), ENOENT, "interpreter in its first line");
	c.fd = text;
	assert_fails(command_run(&c, &error), ENOEXEC, "#!");
	c.fd = -1;
	c.path = scratch_path();
	assert_fails(command_run(&c, &error), EACCES, "not executable");
}
END_TEST

/* As berth may be started by a careless parent. */
START_TEST(works_without_standard_streams)
{
	pid_t pid = fork();

	if (pid == 0) {
		char *const *args = LIST("sh", "-c", "test \"$(cat)\" = in && echo out && exit 9");
		struct command c = { .fd = -1,
				     .path = "/bin/sh",
				     .args = args,
				     .env = PATH_ENV,
				     .input = "in",
				     .timeout_s = 10 };

		(void)close_range(0, 2, 0);
		int r = command_run(&c, &error);
		if (r != -EIO || strcmp(error.text, "/bin/sh failed with exit status 9: out") != 0)
			_exit(1);
		c.fd = open("/bin/sh", O_PATH | O_CLOEXEC);
		r = c.fd == 0 ? command_run(&c, &error) : -1;
		_exit(r == -EIO && strstr(error.text, "status 9: out") ? 0 : 2);
	}
	int status = -1;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

UNIT_MAIN("command", success, failure_tells_the_output, input_is_given,
	  environment_is_not_inherited, no_fd_leaks, signals_are_at_their_defaults,
	  timeout_kills_the_whole_group, timeout_of_the_loud_and_the_silent,
	  what_stays_in_the_background_is_not_waited_for, dies_with_us, programs_by_fd,
	  failures_of_exec_are_explained, works_without_standard_streams)
