/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process carries through execve(2): resource limits, OOM score, session keyring, scheduler,
 * I/O priority, memory policy, personality, ids. Each function acts on the calling process, except
 * those that take a pid (0: the caller).
 */
#ifndef LINUX_PROCESS_ATTRIBUTES_H
#define LINUX_PROCESS_ATTRIBUTES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

extern const struct word rlimit_words[]; /* "RLIMIT_NOFILE" -> RLIMIT_NOFILE */
extern const struct word scheduler_policy_words[], scheduler_flag_words[], io_class_words[];
extern const struct word memory_mode_words[], memory_flag_words[], personality_words[];

struct rlimit_spec {
	int resource;
	uint64_t soft, hard;
};

struct scheduler_spec {
	int policy;
	int32_t nice, priority;
	uint64_t flags, runtime, deadline, period;
};

struct io_priority_spec {
	int class; /* IOPRIO_CLASS_* */
	int priority;
};

struct memory_policy_spec {
	int mode;
	unsigned int flags;
	const char *nodes; /* list, may be NULL */
};

struct user_spec {
	uint32_t uid, gid;
	bool has_umask;
	uint32_t umask;
	size_t n_groups;
	uint32_t *groups;
	const char *name; /* username: Windows only */
};

/* prlimit(2); advice on EPERM (hard limit above ours without CAP_SYS_RESOURCE). */
int rlimit_apply(const struct rlimit_spec *r, struct berth_error *e) must_check;
/* Writes oom_score_adj of that process. */
int oom_score_apply(int proc, pid_t pid, int score, struct berth_error *e) must_check;
/* A new session keyring (keyctl(2)), of ours alone; a kernel without keys is only a debug
 * message. */
int keyring_new(struct berth_error *e) must_check;
/* From outside, by pid, where the process is in a user namespace: real-time classes take
 * CAP_SYS_NICE in the first one. */
int scheduler_apply(pid_t pid, const struct scheduler_spec *s, struct berth_error *e) must_check;
int io_priority_apply(pid_t pid, const struct io_priority_spec *p,
		      struct berth_error *e) must_check;
int memory_policy_apply(const struct memory_policy_spec *m, struct berth_error *e) must_check;
int personality_apply(unsigned long domain, struct berth_error *e) must_check;
int cpu_affinity_apply(const char *list, struct berth_error *e) must_check;

/* setgroups(2), setresgid(2), setresuid(2), in this order, checked afterwards. groups_denied:
 * setgroups is not possible in this user namespace; then groups asked for are an error, none is
 * fine. */
int user_apply(const struct user_spec *u, bool groups_denied, struct berth_error *e) must_check;

#endif
