/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making, awaiting and signalling processes. A pid may be reused as soon as the process has been
 * reaped, so berth keeps a pidfd, or a pid together with its start time.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/sched.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/path.h"
#include "base/process.h"
#include "base/text.h"

/* What may be behind an errno of clone3(2). */
static void advise_clone(struct berth_error *e, const struct clone_request *r)
{
	bool userns = r->flags & CLONE_NEWUSER;

	switch (e->code) {
	case ENOSPC:
		advise(e, "too many namespaces, or nested too deep: the limits are in "
			  "/proc/sys/user/max_*_namespaces");
		break;
	case EAGAIN:
		advise(e, "too many processes: see pids.max of the cgroup, RLIMIT_NPROC of the "
			  "user, and "
			  "the sysctls kernel.pid_max and kernel.threads-max");
		break;
	case EPERM:
		if (userns)
			advise(e, "user namespaces may be switched off here: see the sysctls "
				  "kernel.unprivileged_userns_clone, "
				  "kernel.apparmor_restrict_unprivileged_userns and "
				  "user.max_user_namespaces; nor may a chrooted process make them");
		else
			advise(e, "without privilege, new namespaces need a user namespace too: "
				  "\"berth spec "
				  "--rootless\" writes a configuration that has one");
		break;
	case EINVAL:
		advise(e, "the kernel lacks one of the namespaces asked for");
		break;
	case EOPNOTSUPP:
		advise(e, "the cgroup is threaded, or invalid below a threaded one: processes need "
			  "a domain");
		break;
	case EBUSY:
		advise(e, "the cgroup has controllers in its cgroup.subtree_control: "
			  "processes may live only in cgroups without");
		break;
	case ENODEV:
		advise(e, "the cgroup was removed");
		break;
	case EACCES:
		advise(e, "cgroup.procs of the cgroup and of the nearest ancestor shared with this "
			  "process "
			  "must be writable");
		break;
	default:
		break;
	}
}

pid_t process_clone(const struct clone_request *r, int *ret_pidfd, struct berth_error *e)
{
	int pidfd = -1;
	struct clone_args args = {
		.flags = r->flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = (unsigned int)r->exit_signal,
	};

	if (r->cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned int)r->cgroup;
	}
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0) {
		int err = fail(e, errno, "clone process");
		advise_clone(e, r);
		return err;
	}
	if (pid > 0)
		*ret_pidfd = pidfd;
	return pid;
}

/* Waits until the process has ended, through signals, and no longer than to that moment (-1: for
 * ever). */
static int wait_for_end(int pidfd, int timeout_ms)
{
	int64_t end = timeout_ms < 0 ? 0 : clock_ms() + timeout_ms;
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	for (;;) {
		int n = poll(&p, 1, timeout_ms);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
		if (timeout_ms >= 0) {
			int64_t left = end - clock_ms();
			timeout_ms = left > 0 ? (int)left : 0;
		}
	}
}

int process_wait(int pidfd, int timeout_ms, int *ret_status, struct berth_error *e)
{
	siginfo_t info = { 0 };
	int r = wait_for_end(pidfd, timeout_ms);

	if (r < 0)
		return fail(e, -r, "wait for process");
	/* __WALL: a child with an exit signal other than SIGCHLD is not waited for otherwise. */
	if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | __WALL) < 0) {
		if (errno != ECHILD)
			return fail(e, errno, "wait for process");
		*ret_status = -1;
		return 0;
	}
	*ret_status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
	return 0;
}

/* The first bytes of /proc/PID/stat. A process that is gone says ENOENT on opening, ESRCH on
 * reading. */
static int read_stat(int proc, pid_t pid, char *ret, size_t size, struct berth_error *e)
{
	char path[32];
	autoclose int fd = -1;

	(void)snprintf(path, sizeof(path), "%d/stat", pid);
	int r = open_beneath(proc, path, O_RDONLY, 0, &fd, e);
	ssize_t n = r < 0 ? r : read(fd, ret, size - 1);
	if (r == -ENOENT || (n < 0 && errno == ESRCH))
		return fail(e, ESRCH, "process %d", pid);
	if (r < 0)
		return r;
	if (n < 0)
		return fail(e, errno, "read /proc/%s", path);
	ret[n] = '\0';
	return 0;
}

/* Where a field of proc_pid_stat(5) begins. The second is a name of the process's own choice, in
 * parentheses; no other field has any. */
static const char *find_field(const char *text, int number)
{
	const char *at = strrchr(text, ')');

	for (int i = 2; at && i < number; i++)
		at = strchr(at + 1, ' ');
	return at ? at + 1 : NULL;
}

int process_start_time(int proc, pid_t pid, uint64_t *ret_ticks, char *ret_state,
		       struct berth_error *e)
{
	char text[1024], *end = NULL;
	int r = read_stat(proc, pid, text, sizeof(text), e);

	if (r < 0)
		return r;

	const char *state = find_field(text, 3), *start = find_field(text, 22);
	uint64_t ticks = start ? strtoull(start, &end, 10) : 0;

	if (end == start)
		return refuse(e, EPROTO, "read /proc/%d/stat: not what proc_pid_stat(5) says", pid);
	*ret_ticks = ticks;
	*ret_state = *state;
	return 0;
}

int process_memory(int proc, struct prctl_mm_map *ret, struct berth_error *e)
{
	struct prctl_mm_map m = { .brk = (uintptr_t)sbrk(0) };
	const struct {
		int field;
		__u64 *value;
	} bounds[] = {
		{ 26, &m.start_code }, { 27, &m.end_code }, { 28, &m.start_stack },
		{ 45, &m.start_data }, { 46, &m.end_data }, { 47, &m.start_brk },
		{ 48, &m.arg_start },  { 49, &m.arg_end },  { 50, &m.env_start },
		{ 51, &m.env_end },
	};
	char text[1024];
	const char *threads;
	int r = read_stat(proc, getpid(), text, sizeof(text), e);

	if (r < 0)
		return r;
	threads = find_field(text, 20);
	if (!threads || strtoull(threads, NULL, 10) != 1)
		return refuse(e, EBUSY, "there is more than one thread");
	for (size_t i = 0; i < ARRAY_SIZE(bounds); i++) {
		const char *at = find_field(text, bounds[i].field);

		if (!at)
			return refuse(e, EPROTO, "read /proc/self/stat: field %d is missing",
				      bounds[i].field);
		*bounds[i].value = strtoull(at, NULL, 10);
	}
	*ret = m;
	return 0;
}

int process_check(int proc, pid_t pid, uint64_t start_time, struct berth_error *e)
{
	uint64_t ticks = 0;
	char state = 0;
	int r = process_start_time(proc, pid, &ticks, &state, e);

	if (r < 0)
		return r;
	if (ticks != start_time)
		return refuse(e, ESRCH,
			      "process %d has ended; its number belongs to another one now", pid);
	if (state == 'Z' || state == 'X') /* its parent has not waited for it yet */
		return refuse(e, ESRCH, "process %d has ended", pid);
	return 0;
}

/* The kernel adds SIGKILL to what is pending for a process at the moment in which a signal becomes
 * its death. */
bool process_is_ending(int proc, pid_t pid)
{
	enum { EXITING = 0x4 }; /* the kernel's PF_EXITING */
	struct berth_error ignored;
	char text[1024];

	if (read_stat(proc, pid, text, sizeof(text), &ignored) < 0)
		return false;

	const char *flags = find_field(text, 9), *pending = find_field(text, 31);

	return (flags && strtoull(flags, NULL, 10) & EXITING) ||
	       (pending && strtoull(pending, NULL, 10) >> (SIGKILL - 1) & 1);
}

int process_open(int proc, pid_t pid, uint64_t start_time, int *ret_pidfd, struct berth_error *e)
{
	autoclose int pidfd = pidfd_open(pid, 0);

	/* Reaped, and its pid about to be free: EINVAL in 6.1, ENOENT in later ones. */
	if (pidfd < 0 && pid > 0 && (errno == EINVAL || errno == ENOENT))
		errno = ESRCH;
	if (pidfd < 0)
		return fail(e, errno, "open process %d", pid);
	/* After pidfd_open(2): a process found here to be the right one was the right one then. */
	int r = process_check(proc, pid, start_time, e);
	if (r == 0)
		*ret_pidfd = take_fd(&pidfd);
	return r;
}

int process_signal(int pidfd, int signal, struct berth_error *e)
{
	if (pidfd_send_signal(pidfd, signal, NULL, 0) < 0)
		return fail(e, errno, "send signal %d", signal);
	return 0;
}

int signals_reset(struct berth_error *e)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++) {
		bool libc = i > SIGSYS && i < SIGRTMIN;

		if (i != SIGKILL && i != SIGSTOP && !libc && signal(i, SIG_DFL) == SIG_ERR)
			return fail(e, errno, "reset signal %d", i);
	}
	if (sigemptyset(&none) < 0 || sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return fail(e, errno, "unblock signals");
	return 0;
}

/* "RTMIN+3", "RTMAX-2". */
static int parse_realtime(const char *name, int *ret_signal)
{
	bool from_max = strncasecmp(name, "RTMAX", 5) == 0;
	char sign = from_max ? '-' : '+';
	int offset = 0;

	if (!from_max && strncasecmp(name, "RTMIN", 5) != 0)
		return -EINVAL;
	if (name[5] != '\0' && (name[5] != sign || parse_int(name + 6, &offset) < 0))
		return -EINVAL;
	if (offset > SIGRTMAX - SIGRTMIN)
		return -ERANGE;
	*ret_signal = from_max ? SIGRTMAX - offset : SIGRTMIN + offset;
	return 0;
}

int signal_parse(const char *text, int *ret_signal)
{
	static const struct word aliases[] = {
		{ "IOT", SIGABRT }, { "CLD", SIGCHLD }, { "IO", SIGIO }, { "UNUSED", SIGSYS }, { 0 }
	};
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	int signal = 0, r = parse_int(text, &signal);

	if (r != -EINVAL) {
		if (r == 0 && (signal < 1 || signal >= NSIG))
			r = -ERANGE;
		if (r == 0)
			*ret_signal = signal;
		return r;
	}
	for (signal = 1; signal < NSIG; signal++) {
		const char *known = sigabbrev_np(signal);

		if (known && strcasecmp(name, known) == 0) {
			*ret_signal = signal;
			return 0;
		}
	}
	for (const struct word *alias = aliases; alias->word; alias++) {
		if (strcasecmp(name, alias->word) == 0) {
			*ret_signal = (int)alias->value;
			return 0;
		}
	}
	return parse_realtime(name, ret_signal);
}
