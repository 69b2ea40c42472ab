/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System call filters (seccomp(2)). The host compiles a profile to a BPF program with libseccomp;
 * init loads it.
 */
#ifndef LINUX_SECCOMP_H
#define LINUX_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum seccomp_operator {
	SECCOMP_NE = 1,
	SECCOMP_LT,
	SECCOMP_LE,
	SECCOMP_EQ,
	SECCOMP_GE,
	SECCOMP_GT,
	SECCOMP_MASKED_EQ
};
enum seccomp_action {
	SECCOMP_KILL_THREAD = 1,
	SECCOMP_KILL_PROCESS,
	SECCOMP_TRAP,
	SECCOMP_ERRNO,
	SECCOMP_TRACE,
	SECCOMP_ALLOW,
	SECCOMP_LOG,
	SECCOMP_NOTIFY,
};

struct seccomp_argument {
	uint32_t index;
	enum seccomp_operator op;
	uint64_t value, value_two;
};

struct seccomp_rule {
	size_t n_names;
	const char **names;
	enum seccomp_action action;
	bool has_errno;
	uint32_t errno_ret;
	size_t n_args;
	struct seccomp_argument *args;
};

struct seccomp_profile {
	enum seccomp_action default_action;
	bool has_default_errno;
	uint32_t default_errno;
	size_t n_architectures;
	uint32_t *architectures; /* AUDIT_ARCH_* values; x32 is AUDIT_ARCH_X86_64 without
				    __AUDIT_ARCH_64BIT, as libseccomp has it */
	uint32_t flags;          /* SECCOMP_FILTER_FLAG_* */
	const char *listener_path, *listener_metadata;
	size_t n_rules;
	struct seccomp_rule *rules;
};

extern const struct word seccomp_action_words[], seccomp_operator_words[],
	seccomp_architecture_words[], seccomp_flag_words[];

/* Whether a rule of it, or its default, is SCMP_ACT_NOTIFY: only then there is a listener. */
bool seccomp_notifies(const struct seccomp_profile *p);
/* Writes a debug message that names the system calls that libseccomp does not know. */
void seccomp_log_unknown(const struct seccomp_profile *p);
/* Compiles into *ret_program (malloc'd struct sock_filter array, *ret_length instructions). Unknown
 * system calls are passed over, as profiles name calls of every kernel; a profile that lets through
 * what it names and refuses the rest answers ENOSYS to calls newer than the newest it names. */
struct sock_filter;
int seccomp_compile(const struct seccomp_profile *p, struct sock_filter **ret_program,
		    size_t *ret_length, struct berth_error *e) must_check;
/* The same, but where libseccomp might not return, it works in another process, which is killed
 * after ten seconds of processor time (-ETIMEDOUT). */
int seccomp_compile_safely(const struct seccomp_profile *p, struct sock_filter **ret_program,
			   size_t *ret_length, struct berth_error *e) must_check;
/* Loads it (libseccomp has taken the name seccomp_load). Allocation-free. With a listener,
 * *ret_listener is the notification fd, otherwise -1. */
int seccomp_install(const struct sock_filter *program, size_t length, uint32_t flags, bool listener,
		    int *ret_listener, struct berth_error *e) must_check;
/* Whether the running kernel knows the flag or the action; for features and errors. */
bool seccomp_flag_supported(uint32_t flag);

#endif
