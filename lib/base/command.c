/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs helper programs and hooks and waits for their end. They are trusted, but may be slow, noisy
 * or untidy. So each has its own process group and a time limit, and inherits nothing that it is
 * not given. Init uses this too, where /proc and /dev are missing or untrusted, so nothing is
 * looked up by path.
 *
 * child:  berth's own namespaces, or the container's where its first process calls this; same
 * credentials, unless `prepare` gives it others
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/process.h"
#include "base/text.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

enum {
	TAIL = 512, /* of the output, for the error */
	PIPE_CAPACITY =
		65536, /* what may still be in the pipe when the command has ended (pipe(7)) */
};

/* One run, seen from the parent. */
struct run {
	const struct command *command;
	int input; /* standard input: a memfd, so that no writer can block on a command that does
		      not read */
	int output[2]; /* both output streams */
	int report[2]; /* the child's errno if exec fails; closed by a successful exec */
	int pidfd;
	pid_t pid;
	char tail[TAIL]; /* the last bytes of the output */
	size_t tail_length;
};

static void close_run(struct run *run)
{
	close_fd(&run->input);
	close_fd(&run->output[0]);
	close_fd(&run->output[1]);
	close_fd(&run->report[0]);
	close_fd(&run->report[1]);
	close_fd(&run->pidfd);
}

/* Makes sure that the fd is none of those that the child's standard streams go to. */
static int lift_fd(int *fd)
{
	if (*fd < 0 || *fd > 2)
		return 0;
	int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
	if (lifted < 0)
		return -errno;
	close_fd(fd);
	*fd = lifted;
	return 0;
}

/* From Linux 6.3 on a memfd that does not say whether it is executable is warned of, or refused
 * (vm.memfd_noexec). */
static int make_input(const char *text, struct berth_error *e)
{
	autoclose int fd = memfd_create("input", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return fail(e, errno, "make standard input");
	int r = text ? write_all(fd, text, strlen(text)) : 0;
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r < 0)
		return fail(e, -r, "write standard input");
	return take_fd(&fd);
}

/* Executes the program; returns the errno. */
static int execute(const struct command *c, int fd)
{
	char *const none[] = { NULL };
	char *const *env = c->env ? c->env : none;
	struct berth_error e;

	if (fd < 0) {
		(void)execve(c->path, c->args, env);
		return errno;
	}
	(void)syscall(SYS_execveat, fd, "", c->args, env, AT_EMPTY_PATH);
	/* ENOENT is also how a script fails whose fd would be closed before its interpreter can
	 * open it. */
	if (errno == ENOENT && set_cloexec(fd, false, &e) == 0)
		(void)syscall(SYS_execveat, fd, "", c->args, env, AT_EMPTY_PATH);
	return errno;
}

static int close_others(const struct command *c, int program, int report, struct berth_error *e)
{
	int keep[2 + COMMAND_KEEPS] = { program, report };

	for (size_t i = 0; i < c->n_keep; i++) {
		keep[2 + i] = c->keep[i];
		if (set_cloexec(c->keep[i], false, e) < 0)
			return -e->code;
	}
	return close_all_but(3, keep, 2 + c->n_keep, e);
}

/* Quoted with the failure. */
static int tell(int output, const struct berth_error *e)
{
	(void)!write(output, e->text, strlen(e->text));
	return e->code;
}

/* The child's life until it becomes the program; returns the errno of what failed. */
static int become(const struct run *run, pid_t parent)
{
	const struct command *command = run->command;
	int program = command->fd, input = run->input, output = run->output[1],
	    report = run->report[1];
	struct berth_error e;

	if (setpgid(0, 0) < 0)
		return errno;
	if (signals_reset(&e) < 0)
		return e.code;
	if (command->prepare && command->prepare(command->data, &e) < 0)
		return tell(output, &e);
	/* Not before that: a change of credentials makes the kernel forget it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return errno;
	/* The parent may have died before prctl(2). 0: it stands in another pid namespace. */
	if (getppid() != parent && getppid() != 0)
		return ECHILD;
	if (lift_fd(&program) < 0)
		return errno;
	if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
		return errno;
	if ((program >= 0 && set_cloexec(program, true, &e) < 0) ||
	    close_others(command, program, report, &e) < 0)
		return e.code;
	if (command->confine && command->confine(command->data, &e) < 0)
		return tell(STDERR_FILENO, &e);
	return execute(command, program);
}

static int start_command(struct run *run, struct berth_error *e)
{
	const struct clone_request request = { .flags = run->command->namespaces,
					       .cgroup = -1,
					       .exit_signal = SIGCHLD };
	pid_t parent = getpid();

	run->input = make_input(run->command->input, e);
	if (run->input < 0)
		return run->input;
	if (pipe2(run->output, O_CLOEXEC) < 0 || pipe2(run->report, O_CLOEXEC) < 0)
		return fail(e, errno, "make pipe");
	int r = lift_fd(&run->input);
	if (r == 0)
		r = lift_fd(&run->output[1]);
	if (r == 0)
		r = lift_fd(&run->report[1]);
	if (r < 0)
		return fail(e, -r, "move file descriptor");
	if (fcntl(run->output[0], F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(run->report[0], F_SETFL, O_NONBLOCK) < 0)
		return fail(e, errno, "make pipe");

	run->pid = process_clone(&request, &run->pidfd, e);
	if (run->pid < 0)
		return run->pid;
	if (run->pid == 0) {
		int err = become(run, parent);
		(void)!write(run->report[1], &err, sizeof(err));
		_exit(127);
	}
	close_fd(&run->output[1]);
	close_fd(&run->report[1]);
	return 0;
}

static void keep_tail(struct run *run, const char *bytes, size_t n)
{
	if (n >= TAIL) {
		bytes += n - TAIL;
		n = TAIL;
	}
	size_t kept = run->tail_length + n > TAIL ? TAIL - n : run->tail_length;
	memmove(run->tail, run->tail + run->tail_length - kept, kept);
	memcpy(run->tail + kept, bytes, n);
	run->tail_length = kept + n;
}

/* Reads what there is of the output, but no more than a pipe holds. Returns whether that was its
 * end. */
static bool read_output(struct run *run)
{
	char bytes[4096];

	for (size_t total = 0; total < PIPE_CAPACITY;) {
		ssize_t n = read(run->output[0], bytes, sizeof(bytes));

		if (n <= 0)
			return n == 0 || (errno != EAGAIN && errno != EINTR);
		keep_tail(run, bytes, (size_t)n);
		total += (size_t)n;
	}
	return false;
}

/*
 * Until the command has ended. The end of its output does not count: it may close it early, and
 * what it leaves running in the background may hold it for ever.
 */
static int attend(struct run *run)
{
	struct pollfd polls[] = { { .fd = run->pidfd, .events = POLLIN },
				  { .fd = run->output[0], .events = POLLIN } };
	int64_t end = clock_ms() + (int64_t)run->command->timeout_s * 1000;

	for (;;) {
		int64_t left = run->command->timeout_s > 0 ? end - clock_ms() : INT_MAX;
		if (left <= 0)
			return -ETIMEDOUT;

		struct timespec t = { .tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000 };
		int n = ppoll(polls, ARRAY_SIZE(polls), &t, run->command->wait_mask);
		if (n < 0 && (errno != EINTR || run->command->wait_mask))
			return -errno;
		if (n <= 0)
			continue;
		bool ended = polls[0].revents;
		if (read_output(run))
			polls[1].fd = -1;
		if (ended)
			return 0;
	}
}

/* With everything in its process group; a group of which nobody was waited for cannot be somebody
 * else's. */
static void kill_command(const struct run *run)
{
	siginfo_t info;

	(void)kill(-run->pid, SIGKILL); /* ESRCH where it did not get to its setpgid(2) */
	(void)kill(run->pid, SIGKILL);
	(void)waitid(P_PIDFD, (id_t)run->pidfd, &info, WEXITED);
}

/* Appends the output's tail to the error, in one line. */
static int quote_output(struct run *run, struct berth_error *e)
{
	char line[TAIL + 1];
	size_t length = 0;

	for (size_t i = 0; i < run->tail_length; i++) {
		unsigned char c = (unsigned char)run->tail[i];

		if (c >= 0x20 && c != 0x7f)
			line[length++] = (char)c;
		else if (length > 0 && line[length - 1] != ' ')
			line[length++] = ' ';
	}
	while (length > 0 && line[length - 1] == ' ')
		length--;
	line[length] = '\0';
	/* The cut at the tail's beginning may have gone through a character. */
	const char *text = line;
	while (((unsigned char)*text & 0xc0) == 0x80)
		text++;
	if (*text == '\0')
		return -e->code;
	return refuse(e, e->code, "%s: %s", e->text, text);
}

static int explain_exec(const struct run *run, const char *name, int err, struct berth_error *e)
{
	const struct command *c = run->command;
	int r = fail(e, err, "execute %s", name);

	if (err == ENOENT && (c->fd >= 0 || access(c->path, F_OK) == 0))
		advise(e, "the file is there: the interpreter in its first line, or its loader, is "
			  "not");
	else if (err == EACCES)
		advise(e, "it, its interpreter or a directory above is not executable, or is "
			  "mounted noexec");
	else if (err == ENOEXEC)
		advise(e, "neither a program for this machine nor a script that begins with #!");
	return r;
}

/* Reaps the command and says what became of it. */
static int judge(struct run *run, const char *name, struct berth_error *e)
{
	siginfo_t info = { 0 };
	int err = 0;

	if (waitid(P_PIDFD, (id_t)run->pidfd, &info, WEXITED) < 0)
		return fail(e, errno, "wait for %s", name);
	if (read(run->report[0], &err, sizeof(err)) == sizeof(err)) {
		int r = explain_exec(run, name, err, e);

		return run->tail_length ? quote_output(run, e) : r;
	}
	if (info.si_code == CLD_EXITED && info.si_status == 0)
		return 0;
	if (info.si_code == CLD_EXITED)
		(void)refuse(e, EIO, "%s failed with exit status %d", name, info.si_status);
	else
		(void)refuse(e, EIO, "%s was killed by signal %d (SIG%s)", name, info.si_status,
			     sigabbrev_np(info.si_status) ? sigabbrev_np(info.si_status) : "RT");
	return quote_output(run, e);
}

int command_run(const struct command *c, struct berth_error *e)
{
	cleanup(close_run) struct run run = {
		.command = c, .input = -1, .output = { -1, -1 }, .report = { -1, -1 }, .pidfd = -1
	};
	const char *name = c->path ? c->path : c->args[0];
	int r = start_command(&run, e);

	if (r < 0)
		return in_context(e, r, "run %s", name);
	r = attend(&run);
	if (r == 0)
		return judge(&run, name, e);
	kill_command(&run);
	if (r == -EINTR)
		return refuse(e, EINTR, "%s was ended: berth was interrupted by a signal", name);
	if (r != -ETIMEDOUT)
		return fail(e, -r, "wait for %s", name);
	(void)refuse(e, ETIMEDOUT, "%s timed out after %d s", name, c->timeout_s);
	return quote_output(&run, e);
}
