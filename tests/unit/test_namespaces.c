/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "linux/namespaces.h"
#include "unit.h"

START_TEST(opens_each_type)
{
	for (const struct word *w = namespace_words; w->word; w++) {
		const char *name = w->value == CLONE_NEWNS    ? "mnt"
				   : w->value == CLONE_NEWNET ? "net"
							      : w->word;
		char path[64];
		int fd = -1;

		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", name);
		assert_ok(namespace_open(path, (int)w->value, &fd, &error));
		ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
	}
}
END_TEST

START_TEST(refuses_what_is_none)
{
	int fd = -1, before = count_fds();
	char path[256];

	assert_fails(namespace_open("/proc/self/ns/net", CLONE_NEWNS, &fd, &error), EINVAL,
		     "/proc/self/ns/net is a network namespace, not a mount namespace");
	assert_fails(namespace_open("/dev/null", CLONE_NEWNET, &fd, &error), EINVAL,
		     "/dev/null is not a namespace");
	assert_fails(namespace_open("/proc/self/ns", CLONE_NEWNET, &fd, &error), EINVAL,
		     "is not a namespace");
	assert_fails(namespace_open("/nosuch", CLONE_NEWPID, &fd, &error), ENOENT,
		     "open pid namespace /nosuch: No such file");
	assert_fails(namespace_open("/proc/99999999/ns/net", CLONE_NEWNET, &fd, &error), ENOENT,
		     "probably ended");

	/* A fifo without a writer must not hold us up. */
	(void)snprintf(path, sizeof(path), "%s/fifo", scratch_path());
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	before += 1; /* scratch() */
	assert_fails(namespace_open(path, CLONE_NEWNET, &fd, &error), EINVAL, "is not a namespace");
	ck_assert_int_eq(fd, -1);
	ck_assert_int_eq(count_fds(), before);
}
END_TEST

static ino_t uts_inode(void)
{
	struct stat st;

	ck_assert_int_eq(stat("/proc/self/ns/uts", &st), 0);
	return st.st_ino;
}

/* In a user namespace of our own, which takes no privilege. */
START_TEST(joins)
{
	autoclose int outer = -1, first = -1, user = -1;

	assert_ok(namespace_open("/proc/self/ns/uts", CLONE_NEWUTS, &outer, &error));
	if (unshare(CLONE_NEWUSER | CLONE_NEWUTS) < 0) {
		puts("skipped: no user namespaces here");
		return;
	}
	assert_ok(namespace_open("/proc/self/ns/uts", CLONE_NEWUTS, &first, &error));
	assert_ok(namespace_open("/proc/self/ns/user", CLONE_NEWUSER, &user, &error));

	ino_t inode = uts_inode();

	ck_assert_int_eq(unshare(CLONE_NEWUTS), 0);
	ck_assert_uint_ne(uts_inode(), inode);
	assert_ok(namespace_join(first, CLONE_NEWUTS, &error));
	ck_assert_uint_eq(uts_inode(), inode);

	assert_fails(namespace_join(outer, CLONE_NEWUTS, &error), EPERM,
		     "join that user namespace, too");
	assert_fails(namespace_join(user, CLONE_NEWUSER, &error), EINVAL,
		     "that the caller is in already");
	assert_fails(namespace_join(first, CLONE_NEWNET, &error), EINVAL, "join network namespace");
}
END_TEST

UNIT_MAIN("namespaces", opens_each_type, refuses_what_is_none, joins)
