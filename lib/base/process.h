/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes: making them with clone3(2), waiting for them by pidfd, checking whether a pid is still
 * the same process.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct clone_request {
	uint64_t flags;  /* CLONE_NEW*, CLONE_PARENT, ...; CLONE_PIDFD and CLONE_INTO_CGROUP are
			    added here */
	int cgroup;      /* directory fd to be born in, or -1 */
	int exit_signal; /* usually SIGCHLD; 0 with CLONE_PARENT */
};

/* Like fork(2): returns 0 in the child; in the parent the pid, with *ret_pidfd set. Negative errno
 * on failure (advice for ENOSPC, EAGAIN, EPERM). */
pid_t process_clone(const struct clone_request *r, int *ret_pidfd,
		    struct berth_error *e) must_check;

/* Waits until the process of pidfd has ended, at most timeout_ms (-1: for ever; -ETIMEDOUT), and
 * reaps it when it is our child. *ret_status is as a shell says it: the exit status, or 128 + the
 * signal; -1 where it is not our child. */
int process_wait(int pidfd, int timeout_ms, int *ret_status, struct berth_error *e) must_check;

/* The start time of a process in clock ticks since boot (proc_pid_stat(5), field 22): with the pid
 * it names a process for good. `proc` is a procfs directory fd. -ESRCH where there is no such
 * process; a zombie is reported in *ret_state ('Z'). */
int process_start_time(int proc, pid_t pid, uint64_t *ret_ticks, char *ret_state,
		       struct berth_error *e) must_check;
/* The bounds of our own memory as the kernel keeps them: all that PR_SET_MM(2const) wants but the
 * executing file. -EBUSY where there is another thread. */
struct prctl_mm_map;
int process_memory(int proc, struct prctl_mm_map *ret, struct berth_error *e) must_check;
/* Whether the process with that start time still runs: -ESRCH where it has ended, though it may
 * wait to be reaped, or where its number belongs to another. */
int process_check(int proc, pid_t pid, uint64_t start_time, struct berth_error *e) must_check;
/* The same, with a pidfd for it: what the pidfd stands for is the process that was meant. */
int process_open(int proc, pid_t pid, uint64_t start_time, int *ret_pidfd,
		 struct berth_error *e) must_check;
/* Whether it has been killed, or is exiting, and has only not ended yet. */
bool process_is_ending(int proc, pid_t pid) must_check;
int process_signal(int pidfd, int signal, struct berth_error *e) must_check;

enum { COMMAND_KEEPS = 8 };

/* What to run and how, for helpers and hooks. */
struct command {
	int fd;            /* the program, opened beforehand, or -1: then `path` is executed */
	const char *path;  /* names it in errors, too */
	char *const *args; /* argv, NULL-terminated */
	char *const *env;  /* the whole environment; never inherited */
	const char *input; /* for its standard input, or NULL (then it is empty) */
	int timeout_s;     /* 0: none */
	/* The signal mask while it is waited for, if the caller blocks signals: one that comes
	 * through ends the command (-EINTR). NULL: as it is, and none does. */
	const sigset_t *wait_mask;
	const int *keep; /* fds above 2 that it gets, under their numbers; at most COMMAND_KEEPS */
	size_t n_keep;
	uint64_t namespaces; /* CLONE_NEW* that it is born into */
	/* Called in the child: prepare before all is closed, confine as the very last, once there
	 * is nothing left but to execute. Either may be NULL. */
	int (*prepare)(void *data, struct berth_error *e);
	int (*confine)(void *data, struct berth_error *e);
	void *data;
};

/* Runs it to its end. Its output (both streams) goes nowhere, but its last lines stand in the error
 * of a failure. It dies with us. Exit status not 0, a signal or a timeout (then it is killed) are
 * errors. No fd but 0, 1, 2 reaches it; signals are at their defaults. */
int command_run(const struct command *c, struct berth_error *e) must_check;

/* Every signal unblocked and at its default: what is blocked or ignored would stay so through
 * execve(2). */
int signals_reset(struct berth_error *e) must_check;

/* Signal names: "TERM", "SIGTERM", "15", "RTMIN+3". */
int signal_parse(const char *text, int *ret_signal) must_check;

#endif
