/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces: names, opening, joining. A path comes from the configuration, whose writer is trusted
 * with opening it. Whether it is a namespace of the right type is verified on the fd.
 */
#include "linux/namespaces.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

const struct word namespace_words[] = {
	{ "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC }, { "mount", CLONE_NEWNS },
	{ "network", CLONE_NEWNET },   { "pid", CLONE_NEWPID }, { "time", CLONE_NEWTIME },
	{ "user", CLONE_NEWUSER },     { "uts", CLONE_NEWUTS }, { NULL, 0 },
};

int namespace_open(const char *path, int type, int *ret_fd, struct berth_error *e)
{
	const char *wanted = word_of(namespace_words, type);
	/* The path may name anything: neither wait for a fifo's writer nor gain a terminal. */
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		int r = fail(e, errno, "open %s namespace %s", wanted, path);

		if (r == -EACCES)
			advise(e, "a process's namespaces are open to those who may trace it");
		else if (r == -ENOENT && text_starts(path, "/proc/"))
			advise(e, "the process that it belonged to has probably ended");
		return r;
	}
	if (!fd_has_magic(fd, NSFS_MAGIC))
		return refuse(e, EINVAL, "%s is not a namespace", path);

	int found = ioctl(fd, NS_GET_NSTYPE);

	if (found < 0)
		return fail(e, errno, "ask for the type of namespace %s", path);
	if (found != type) {
		const char *word = word_of(namespace_words, found);

		return refuse(e, EINVAL, "%s is a %s namespace, not a %s namespace", path,
			      word ? word : "different", wanted);
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

int namespace_is_own(int proc, int fd, int type, bool *ret, struct berth_error *e)
{
	const char *word = word_of(namespace_words, type);
	struct stat st, own;
	char path[32];

	if (type == CLONE_NEWNET || type == CLONE_NEWNS)
		word = type == CLONE_NEWNET ? "net" : "mnt"; /* procfs's words */
	(void)snprintf(path, sizeof(path), "self/ns/%s", word);
	if (fstat(fd, &st) < 0 || fstatat(proc, path, &own, 0) < 0)
		return fail(e, errno, "look at the own %s namespace", word);
	*ret = st.st_dev == own.st_dev && st.st_ino == own.st_ino;
	return 0;
}

/* Which of the kernel's many reasons for EINVAL and EPERM it probably is (setns(2), "ERRORS"). */
static const char *explain_join(int err, int type)
{
	if (err == EPERM && type == CLONE_NEWUSER)
		return "only its owner, or a process with CAP_SYS_ADMIN in it, may join a user "
		       "namespace";
	if (err == EPERM && type == CLONE_NEWNS)
		return "this needs CAP_SYS_ADMIN and CAP_SYS_CHROOT, and CAP_SYS_ADMIN in the user "
		       "namespace "
		       "that owns it: join that user namespace, too";
	if (err == EPERM)
		return "this needs CAP_SYS_ADMIN here and in the user namespace that owns it: join "
		       "that user "
		       "namespace, too";
	if (err == EINVAL && type == CLONE_NEWUSER)
		return "it is the user namespace that the caller is in already, or the caller has "
		       "several "
		       "threads";
	if (err == EINVAL && type == CLONE_NEWPID)
		return "only a descendant of the caller's own pid namespace can be joined";
	if (err == EUSERS && type == CLONE_NEWTIME)
		return "a process with several threads cannot change its time namespace";
	return NULL;
}

int namespace_join(int fd, int type, struct berth_error *e)
{
	if (setns(fd, type) == 0)
		return 0;

	int r = fail(e, errno, "join %s namespace", word_of(namespace_words, type));
	const char *advice = explain_join(-r, type);

	if (advice)
		advise(e, "%s", advice);
	return r;
}

bool in_first_user_namespace(void)
{
	enum {
		FIRST_USER_NAMESPACE = 0xeffffffd
	}; /* USER_NS_INIT_INO of linux/nsfs.h (6.18); the number is as old as user namespaces */
	struct stat st;

	return stat("/proc/self/ns/user", &st) == 0 && st.st_ino == FIRST_USER_NAMESPACE;
}
