/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject: runs a command under ptrace(2) and makes one system call of it, or of a process that it
 * clones, fail; or kills the process there.
 *
 * A process is known by its role: "host" is the command; its first child by clone3 in a row "clone"
 * is "init" (or "joiner", where there is a row "clone-init"), every other child a "helper". The
 * current row of the plan is read from what the process writes to its debug log, so a case can be
 * named by row, too. A process that executes another program is let go: from there on it is not
 * berth any more.
 *
 * It is not a subreaper and leaves alive what the command leaves alive: finding that is the
 * caller's work.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __aarch64__
#include <elf.h>
#else
#include <stddef.h>
#include <sys/user.h>
#endif

enum { PROCESSES = 64, ROW = 32, LOOKED_AT = 128, PATIENCE_S = 30 };

static const char *const roles[] = { "host", "joiner", "init", "helper", "?" };
enum role { HOST, JOINER, INIT, HELPER, UNKNOWN };

struct process {
	pid_t pid; /* 0: free */
	enum role role;
	bool held;    /* stopped at its birth until its parent has told who it is */
	bool counted; /* its program is berth */
	bool fails;   /* the call it is in is to return -error */
	long call;    /* the one it is in, or -1 */
	unsigned int n;
	char row[ROW];
};

static struct {
	enum role role;
	unsigned int nth;
	const char *row; /* kill at its beginning */
	int error;
	bool kill;
	bool count;
	uid_t uid; /* of the command; 0: as we are */
	pid_t attach;
	FILE *report;
} wish = { .role = UNKNOWN };

static struct process processes[PROCESSES];
static bool done, joins;
static int host_status = -1;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(125);
}

static struct process *find(pid_t pid)
{
	struct process *unused = NULL;

	for (size_t i = 0; i < PROCESSES; i++) {
		if (processes[i].pid == pid)
			return &processes[i];
		if (!processes[i].pid && !unused)
			unused = &processes[i];
	}
	if (!unused) {
		errno = ENOSPC;
		die("processes");
	}
	*unused = (struct process){ .pid = pid, .role = UNKNOWN, .call = -1, .row = "-" };
	return unused;
}

static void resume(struct process *p, int signal)
{
	enum __ptrace_request how = done && !p->fails ? PTRACE_CONT : PTRACE_SYSCALL;

	/* ESRCH: killed meanwhile; its end is still to be waited for. */
	if (ptrace(how, p->pid, NULL, (void *)(long)signal) < 0 && errno != ESRCH)
		die("resume");
}

static void set_call(pid_t pid, long call)
{
#ifdef __aarch64__
	int n = (int)call;
	struct iovec v = { &n, sizeof(n) };

	if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_ARM_SYSTEM_CALL, &v) < 0 && errno != ESRCH)
		die("skip the call");
#else
	if (ptrace(PTRACE_POKEUSER, pid, (void *)offsetof(struct user_regs_struct, orig_rax),
		   (void *)call) < 0 &&
	    errno != ESRCH)
		die("skip the call");
#endif
}

static void set_result(pid_t pid, long result)
{
#ifdef __aarch64__
	struct user_regs_struct r;
	struct iovec v = { &r, sizeof(r) };

	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &v) < 0)
		return;
	r.regs[0] = (unsigned long)result;
	if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &v) < 0 && errno != ESRCH)
		die("set the result");
#else
	if (ptrace(PTRACE_POKEUSER, pid, (void *)offsetof(struct user_regs_struct, rax),
		   (void *)result) < 0 &&
	    errno != ESRCH)
		die("set the result");
#endif
}

/* "debug: init: enter-root": the record that the walker writes before it runs a row. Returns
 * whether a row begins here. */
static bool read_row(struct process *p, const struct __ptrace_syscall_info *info)
{
	char text[LOOKED_AT] = "", name[ROW], role[ROW];
	size_t length = info->entry.args[2];
	struct iovec here = { text, length < LOOKED_AT ? length : LOOKED_AT - 1 };
	struct iovec there = { (void *)info->entry.args[1], here.iov_len };

	if (p->call != SYS_write || process_vm_readv(p->pid, &here, 1, &there, 1, 0) < 0)
		return false;
	if (sscanf(text, "debug: %31[a-z]: undo %31[a-z-]", role, name) == 2) {
		snprintf(p->row, sizeof(p->row), "undo:%.26s", name);
		return true;
	}
	if (sscanf(text, "debug: %31[a-z]: waiting for %31[a-z-]", role, name) != 2 &&
	    sscanf(text, "debug: %31[a-z]: %31[a-z-]", role, name) != 2)
		return false;
	snprintf(p->row, sizeof(p->row), "%s", name);
	return true;
}

static void report(const struct process *p, const char *what)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)p->call);

	if (wish.report)
		fprintf(wish.report, "%s %s %u %s %s\n", what, roles[p->role], p->n,
			name ? name : "?", p->row);
	free(name);
}

static void strike(struct process *p)
{
	done = true;
	report(p, "hit");
	if (wish.kill) {
		(void)kill(p->pid, SIGKILL);
		return;
	}
	p->fails = true;
	/* close(2) that fails has closed all the same. */
	if (p->call != SYS_close)
		set_call(p->pid, -1);
}

static void on_call(struct process *p)
{
	struct __ptrace_syscall_info info;
	bool begins;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, (void *)sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_EXIT && p->fails) {
		/* brk(2) itself fails by an address that is not the one asked for. */
		set_result(p->pid, p->call == SYS_brk ? 0 : -wish.error);
		p->fails = false;
	}
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY) {
		p->call = -1;
		return;
	}
	p->call = (long)info.entry.nr;
	if (!p->counted || done)
		return;
	p->n++;
	begins = read_row(p, &info);
	if (wish.count)
		report(p, begins ? "row" : "call");
	else if (wish.role == p->role &&
		 (wish.row ? begins && !strcmp(wish.row, p->row) : p->n == wish.nth))
		strike(p);
}

static enum role role_of_child(const struct process *parent)
{
	if (!strcmp(parent->row, "clone") && parent->role == HOST)
		return joins ? JOINER : INIT;
	return !strcmp(parent->row, "clone-init") ? INIT : HELPER;
}

static void on_birth(struct process *parent)
{
	unsigned long pid = 0;
	struct process *child;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0)
		return;
	child = find((pid_t)pid);
	child->role = role_of_child(parent);
	child->counted = parent->counted;
	memcpy(child->row, parent->row, sizeof(child->row));
	if (child->held) {
		child->held = false;
		resume(child, 0);
	}
}

static void let_go(struct process *p)
{
	(void)ptrace(PTRACE_DETACH, p->pid, NULL, NULL);
	p->pid = 0;
}

static void on_stop(struct process *p, int status)
{
	int event = status >> 16, signal = WSTOPSIG(status);

	if (event == PTRACE_EVENT_EXEC && p->role != HOST) {
		let_go(p);
		return;
	}
	if (event == PTRACE_EVENT_EXEC)
		p->counted = true;
	if (event == PTRACE_EVENT_STOP && p->role == UNKNOWN) {
		p->held = true;
		return;
	}
	if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK ||
	    event == PTRACE_EVENT_VFORK)
		on_birth(p);
	else if (signal == (SIGTRAP | 0x80))
		on_call(p);
	resume(p, event || signal == (SIGTRAP | 0x80) ? 0 : signal);
}

/* Whether there is anything to wait for: once the host has ended, only what is still to be counted,
 * up to where it waits for somebody to connect. */
static bool goes_on(void)
{
	bool host = host_status < 0, others = false;

	for (size_t i = 0; i < PROCESSES; i++) {
		const struct process *p = &processes[i];

		if (p->pid && p->fails) /* this tracer has to set the result */
			return true;
		if (p->pid && p->role != HOST && p->call != SYS_accept4)
			others = true;
	}
	return host || (others && !done);
}

static const long options_wanted = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
				   PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;

static void seize(pid_t pid, enum role role)
{
	struct process *p = find(pid);

	p->role = role;
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options_wanted) < 0)
		die("seize");
}

static void start_command(char **argv)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die("fork");
	if (pid == 0) {
		if (read(ready[0], &byte, 1) != 1)
			_exit(125);
		if (wish.uid &&
		    (setgroups(0, NULL) < 0 || setgid(wish.uid) < 0 || setuid(wish.uid) < 0))
			_exit(125);
		execv(argv[0], argv);
		_exit(127);
	}
	seize(pid, HOST);
	if (write(ready[1], &byte, 1) != 1)
		die("start");
	close(ready[0]);
	close(ready[1]);
}

/* The waiting init of a container, blocked in accept4(2), which is begun anew after the stop. */
static void attach_init(pid_t pid)
{
	struct process *p;
	int status;

	seize(pid, INIT);
	p = find(pid);
	p->counted = true;
	p->call = SYS_accept4;
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 || waitpid(pid, &status, __WALL) < 0)
		die("interrupt init");
	resume(p, 0);
}

static void attend(void)
{
	int status;
	pid_t pid;

	while (goes_on() && (pid = waitpid(-1, &status, __WALL)) > 0) {
		struct process *p = find(pid);

		if (WIFSTOPPED(status)) {
			on_stop(p, status);
			continue;
		}
		if (p->role == HOST)
			host_status =
				WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		p->pid = 0;
	}
}

static void hang(int signal)
{
	static const char text[] = "inject: still not at its end\n";

	(void)signal;
	(void)!write(2, text, sizeof(text) - 1);
	for (size_t i = 0; i < PROCESSES; i++) {
		if (processes[i].pid)
			(void)kill(processes[i].pid, SIGKILL);
	}
	_exit(124);
}

static int parse_role(const char *name)
{
	for (int i = 0; i < UNKNOWN; i++) {
		if (!strcmp(name, roles[i]))
			return i;
	}
	errno = EINVAL;
	die(name);
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = { { "count", no_argument, NULL, 'c' },
						 { "role", required_argument, NULL, 'r' },
						 { "nth", required_argument, NULL, 'n' },
						 { "row", required_argument, NULL, 'R' },
						 { "error", required_argument, NULL, 'e' },
						 { "kill", no_argument, NULL, 'k' },
						 { "joins", no_argument, NULL, 'j' },
						 { "attach", required_argument, NULL, 'a' },
						 { "uid", required_argument, NULL, 'u' },
						 { "report", required_argument, NULL, 'o' },
						 { 0 } };

	for (int o; (o = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		if (o == 'c')
			wish.count = true;
		else if (o == 'r')
			wish.role = (enum role)parse_role(optarg);
		else if (o == 'n')
			wish.nth = (unsigned int)atoi(optarg);
		else if (o == 'R')
			wish.row = optarg;
		else if (o == 'e')
			wish.error = atoi(optarg);
		else if (o == 'k')
			wish.kill = true;
		else if (o == 'j')
			joins = true;
		else if (o == 'a')
			wish.attach = atoi(optarg);
		else if (o == 'u')
			wish.uid = (uid_t)atoi(optarg);
		else if (o == 'o')
			wish.report = fopen(optarg, "we");
		else
			exit(125);
	}
	if (optind < argc && (wish.count || wish.kill || wish.error > 0))
		return;
	fprintf(stderr,
		"usage: inject [--report FILE] [--attach PID] [--joins] [--uid UID] --count -- "
		"COMMAND...\n"
		"       inject ... --role ROLE (--nth N | --row NAME) (--error N | --kill) -- "
		"COMMAND...\n");
	exit(125);
}

int main(int argc, char **argv)
{
	parse(argc, argv);
	(void)signal(SIGALRM, hang);
	(void)alarm(PATIENCE_S);
	if (wish.attach)
		attach_init(wish.attach);
	start_command(argv + optind);
	attend();
	if (wish.report)
		fclose(wish.report);
	return host_status < 0 ? 125 : host_status;
}
