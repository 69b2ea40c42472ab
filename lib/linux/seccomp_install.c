/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads a compiled profile: in init, just before execve(2). Allocates nothing and makes a single
 * system call.
 */
#include "linux/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

static long set_filter(uint32_t flags, const struct sock_fprog *program)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, program);
}

bool seccomp_flag_supported(uint32_t flag)
{
	uint32_t with = 0;

	/* These are refused without their companion. */
	if (flag & SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		with = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	/* The kernel looks at the flags first, then fails to read a program there. */
	return set_filter(flag | with, NULL) < 0 && errno == EFAULT;
}

static void advise_install(uint32_t flags, int err, struct berth_error *e)
{
	if (err == EACCES) {
		advise(e, "without CAP_SYS_ADMIN this needs noNewPrivileges");
	} else if (err == EBUSY) {
		advise(e, "the process has a seccomp listener already");
	} else if (err == ESRCH) {
		advise(e, "another thread has a filter of its own");
	} else if (err == EINVAL) {
		for (const struct word *w = seccomp_flag_words; w->word; w++)
			if ((flags & (uint32_t)w->value) &&
			    !seccomp_flag_supported((uint32_t)w->value))
				advise(e, "this kernel does not know %s", w->word);
	} else if (err == ENOMEM) {
		advise(e, "all filters of the process together may have 32768 instructions");
	}
}

int seccomp_install(const struct sock_filter *program, size_t length, uint32_t flags, bool listener,
		    int *ret_listener, struct berth_error *e)
{
	struct sock_fprog prog = { (unsigned short)length,
				   (struct sock_filter *)(uintptr_t)program };

	if (length > BPF_MAXINSNS)
		return refuse(e, E2BIG, "load the seccomp program: %zu instructions are too many",
			      length);
	if (listener)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	else /* refused without a listener, and nothing to wait for */
		flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	/* Both a thread id and an fd could be meant by a positive result, so the kernel wants this,
	 * too. */
	if (listener && (flags & SECCOMP_FILTER_FLAG_TSYNC))
		flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;

	long r = set_filter(flags, &prog);

	if (r < 0 || (r > 0 && !listener)) {
		int err = r < 0 ? errno : ESRCH; /* else it is a thread that could not follow */

		fail(e, err, "load the seccomp program");
		advise_install(flags, err, e);
		return -err;
	}
	*ret_listener = listener ? (int)r : -1;
	return 0;
}
