/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiles a seccomp profile in a process of its own, if libseccomp might not return.
 *
 * Why: there are profiles from which libseccomp 2.5 never does (docs/security.md). The process may
 * use a few seconds of the processor, a thousand times what a large profile needs, and is killed
 * then: berth fails with an error instead of hanging half way. It costs a quarter of a millisecond,
 * which profiles without such rules, docker's among them, need not pay.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <linux/filter.h>
#include <seccomp.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "linux/seccomp.h"

enum { SECONDS = 10 };

/* What both processes see. */
struct result {
	bool ended;
	int code;
	struct berth_error error;
	size_t length;
	struct sock_filter program[BPF_MAXINSNS];
};

static void free_result(struct result **r)
{
	if (*r)
		(void)munmap(*r, sizeof(**r));
}

static _Noreturn void compile_and_end(const struct seccomp_profile *p, pid_t parent,
				      struct result *ret)
{
	struct rlimit limit = { SECONDS, SECONDS };
	struct sock_filter *program;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	(void)setrlimit(RLIMIT_CPU, &limit); /* EPERM: the caller's own is lower, and serves */
	ret->code = seccomp_compile(p, &program, &ret->length, &ret->error);
	if (ret->code == 0)
		memcpy(ret->program, program, ret->length * sizeof(*program));
	ret->ended = true;
	_exit(0);
}

static int run_apart(const struct seccomp_profile *p, struct result *ret, struct berth_error *e)
{
	const struct clone_request request = { .cgroup = -1, .exit_signal = SIGCHLD };
	autoclose int pidfd = -1;
	pid_t parent = getpid(), pid = process_clone(&request, &pidfd, e);
	int status;

	if (pid < 0)
		return (int)pid;
	if (pid == 0)
		compile_and_end(p, parent, ret);
	return process_wait(pidfd, -1, &status, e);
}

/* They all have a rule with several conditions. */
static bool may_hang(const struct seccomp_profile *p)
{
	for (size_t i = 0; i < p->n_rules; i++)
		if (p->rules[i].n_args > 1)
			return true;
	return false;
}

static int refuse_profile(struct berth_error *e)
{
	const struct scmp_version *v = seccomp_version();
	int r = refuse(e, ETIMEDOUT,
		       "seccomp: libseccomp %u.%u.%u was killed while it compiled the profile, as "
		       "after %d s of processor time",
		       v->major, v->minor, v->micro, SECONDS);

	advise(e, "it never ends where two rules for one system call have the same first "
		  "condition, not SCMP_CMP_EQ or SCMP_CMP_MASKED_EQ, and differ in the next one: "
		  "write the rules so that one of them lacks that condition");
	return r;
}

static int compile_apart(const struct seccomp_profile *p, struct sock_filter **ret_program,
			 size_t *ret_length, struct berth_error *e)
{
	cleanup(free_result) struct result *result = NULL;
	void *shared = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t size;
	int r;

	if (shared == MAP_FAILED)
		return fail(e, errno, "compile the seccomp profile");
	result = shared;
	r = run_apart(p, result, e);
	if (r < 0)
		return in_context(e, r, "compile the seccomp profile");
	if (!result->ended)
		return refuse_profile(e);
	if (result->code < 0) {
		*e = result->error;
		return result->code;
	}
	size = result->length * sizeof(**ret_program);
	*ret_program = malloc(size);
	if (!*ret_program)
		return fail(e, ENOMEM, "compile the seccomp profile");
	memcpy(*ret_program, result->program, size);
	*ret_length = result->length;
	return 0;
}

int seccomp_compile_safely(const struct seccomp_profile *p, struct sock_filter **ret_program,
			   size_t *ret_length, struct berth_error *e)
{
	return may_hang(p) ? compile_apart(p, ret_program, ret_length, e)
			   : seccomp_compile(p, ret_program, ret_length, e);
}
