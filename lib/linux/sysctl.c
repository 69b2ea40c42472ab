/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel parameters. A key comes from the configuration and could be spelt to reach a file that
 * affects the whole host (CVE-2022-0811). So it is first translated to the path it stands for, and
 * the components of that path are compared with the list of parameters that belong to a namespace.
 */
#include "linux/sysctl.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/fd.h"
#include "base/text.h"

enum { PATH_SIZE = 512 };

/* Prefixes of whole components; those that end with "/" need more behind them, the others stand
 * alone. */
static const struct word namespaced[] = {
	{ "net/", CLONE_NEWNET },
	{ "fs/mqueue/", CLONE_NEWIPC },
	{ "user/", CLONE_NEWUSER },
	{ "kernel/hostname", CLONE_NEWUTS },
	{ "kernel/domainname", CLONE_NEWUTS },
	{ "kernel/msgmax", CLONE_NEWIPC },
	{ "kernel/msgmnb", CLONE_NEWIPC },
	{ "kernel/msgmni", CLONE_NEWIPC },
	{ "kernel/msg_next_id", CLONE_NEWIPC },
	{ "kernel/sem", CLONE_NEWIPC },
	{ "kernel/sem_next_id", CLONE_NEWIPC },
	{ "kernel/shmall", CLONE_NEWIPC },
	{ "kernel/shmmax", CLONE_NEWIPC },
	{ "kernel/shmmni", CLONE_NEWIPC },
	{ "kernel/shm_next_id", CLONE_NEWIPC },
	{ "kernel/shm_rmid_forced", CLONE_NEWIPC },
	{ NULL, 0 },
};

/* Whether every component says something: not empty, "." or "..". */
static bool is_plain(const char *path)
{
	for (const char *at = path, *end;; at = end + 1) {
		end = strchrnul(at, '/');

		size_t length = (size_t)(end - at);

		if (length == 0 || (length <= 2 && strspn(at, ".") >= length))
			return false;
		if (*end == '\0')
			return true;
	}
}

/* The key as a path below /proc/sys, as sysctl(8) reads it: the separator is what comes first, "."
 * or "/"; where it is ".", a "/" stands for a dot within a name
 * (net.ipv4.conf.eth0/100.forwarding). */
static bool make_path(const char *key, char ret[PATH_SIZE])
{
	size_t length = strlen(key), first = strcspn(key, "./");

	if (length >= PATH_SIZE)
		return false;
	for (size_t i = 0; i <= length; i++) {
		unsigned char c = (unsigned char)key[i];

		if (i < length && (c <= ' ' || c == 0x7f || c == '='))
			return false;
		if (key[first] == '.' && (c == '.' || c == '/'))
			ret[i] = c == '.' ? '/' : '.';
		else
			ret[i] = key[i];
	}
	return is_plain(ret);
}

int sysctl_namespace(const char *key)
{
	char path[PATH_SIZE];

	if (!make_path(key, path))
		return -1;
	for (const struct word *w = namespaced; w->word; w++) {
		bool is_directory = w->word[strlen(w->word) - 1] == '/';

		if (is_directory ? text_starts(path, w->word) : text_equal(path, w->word))
			return (int)w->value;
	}
	return 0;
}

int sysctl_write(int proc, const char *key, const char *value, struct berth_error *e)
{
	char path[PATH_SIZE], file[PATH_SIZE + 4];

	if (!make_path(key, path))
		return refuse(e, EINVAL, "sysctl %s: not the name of a kernel parameter", key);
	(void)snprintf(file, sizeof(file), "sys/%s", path);

	int r = write_file(proc, file, value, strlen(value), e);

	if (r == 0)
		return 0;
	fail(e, -r, "set sysctl %s to \"%s\"", key, value);
	if (r == -ENOENT)
		advise(e, "this kernel has no such parameter, or the module that brings it is not "
			  "loaded, or it does "
			  "not exist outside the first namespace of its kind");
	else if (r == -EINVAL || r == -ERANGE)
		advise(e, "the kernel does not take that value for it");
	else if (r == -EACCES || r == -EPERM)
		advise(e, "it is read-only, or its namespace belongs to another user namespace");
	return r;
}
