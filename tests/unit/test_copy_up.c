/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an image has in a directory, copied into the tmpfs that is to lie over it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "linux/mounts.h"

#include "sandbox.h"
#include "unit.h"

static int directory_fd(const char *path)
{
	int fd = open(below(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "open %s: %m", path);
	return fd;
}

static int copy(const char *options)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int from = directory_fd("from"), to, r;

	make_directory("to");
	ck_assert_int_eq(mount("to", below("to"), "tmpfs", 0, options), 0);
	to = directory_fd("to");
	r = mount_copy_up(proc, from, to, &error);
	(void)close(proc);
	(void)close(from);
	(void)close(to);
	return r;
}

static struct stat look(const char *path)
{
	struct stat st;

	ck_assert_msg(lstat(below(path), &st) == 0, "%s: %m", path);
	return st;
}

static const char *content(const char *path)
{
	static char text[64];
	int fd = open(below(path), O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	ck_assert_msg(n >= 0, "read %s: %m", path);
	text[n] = '\0';
	(void)close(fd);
	return text;
}

START_TEST(all_kinds_of_files)
{
	const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000, .tv_nsec = 3 } };
	char text[64] = "";
	struct stat st;

	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("from");
	make_directory("from/d");
	make_file("from/d/f", "hello");
	ck_assert_int_eq(chown(below("from/d/f"), 12, 34), 0);
	ck_assert_int_eq(chmod(below("from/d/f"), 04751), 0);
	ck_assert_int_eq(setxattr(below("from/d/f"), "trusted.x", "y", 1, 0), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, below("from/d/f"), times, 0), 0);
	ck_assert_int_eq(chmod(below("from/d"), 01700), 0);
	ck_assert_int_eq(utimensat(AT_FDCWD, below("from/d"), times, 0), 0);
	make_symlink("from/l", "/etc/passwd");
	ck_assert_int_eq(lchown(below("from/l"), 56, 78), 0);
	ck_assert_int_eq(mkfifo(below("from/p"), 0640), 0);
	ck_assert_int_eq(mknod(below("from/c"), S_IFCHR | 0666, makedev(1, 3)), 0);
	assert_ok(copy(NULL));

	st = look("to/d/f");
	ck_assert_uint_eq(st.st_mode, S_IFREG | 04751);
	ck_assert(st.st_uid == 12 && st.st_gid == 34);
	ck_assert(st.st_mtim.tv_sec == 2000 && st.st_mtim.tv_nsec == 3 &&
		  st.st_atim.tv_sec == 1000);
	ck_assert_str_eq(content("to/d/f"), "hello");
	ck_assert_int_eq(getxattr(below("to/d/f"), "trusted.x", text, sizeof(text)), 1);
	st = look("to/d");
	ck_assert_uint_eq(st.st_mode, S_IFDIR | 01700);
	ck_assert_int_eq(st.st_mtim.tv_sec, 2000);
	st = look("to/l");
	ck_assert(S_ISLNK(st.st_mode) && st.st_uid == 56 && st.st_gid == 78);
	ck_assert_int_eq(readlink(below("to/l"), text, sizeof(text)), 11);
	ck_assert_uint_eq(look("to/p").st_mode, S_IFIFO | 0640);
	st = look("to/c");
	ck_assert(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}
END_TEST

START_TEST(other_mounts_stay_out)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("from");
	make_directory("from/m");
	ck_assert_int_eq(mount("m", below("from/m"), "tmpfs", 0, "mode=711"), 0);
	make_file("from/m/f", "");
	assert_ok(copy(NULL));
	ck_assert_uint_eq(look("to/m").st_mode, S_IFDIR | 0711);
	ck_assert_int_eq(access(below("to/m/f"), F_OK), -1);
}
END_TEST

START_TEST(depth_is_bounded)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("from");
	ck_assert_int_eq(chdir(below("from")), 0);
	for (int i = 0; i < 63; i++)
		ck_assert_int_eq(mkdir("d", 0755) | chdir("d"), 0);
	assert_ok(copy(NULL));
	ck_assert_int_eq(mkdir("d", 0755), 0);
	ck_assert_int_eq(umount(below("to")) | rmdir(below("to")), 0);
	assert_fails(copy(NULL), ELOOP, "64 deep");
}
END_TEST

START_TEST(too_small)
{
	char text[20000] = "";

	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("from");
	make_directory("from/d");
	memset(text, 'x', sizeof(text) - 1);
	make_file("from/d/f", text);
	assert_fails(copy("size=8k"), ENOSPC,
		     "copy up: d: copy f: No space left on device (the tmpfs is too small");
}
END_TEST

/* Ids that are not mapped and devices that cannot be made are no reason to fail. */
START_TEST(in_a_user_namespace)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("from");
	make_file("from/f", "x");
	ck_assert_int_eq(chmod(below("from/f"), 0644), 0);
	ck_assert_int_eq(chown(below("from/f"), 12, 34), 0);
	ck_assert_int_eq(mknod(below("from/c"), S_IFCHR | 0666, makedev(1, 3)), 0);
	ck_assert_int_eq(chmod(scratch_path(), 0777), 0);
	if (!sandbox_more(CLONE_NEWUSER | CLONE_NEWNS))
		return;
	assert_ok(copy(NULL));
	ck_assert_str_eq(content("to/f"), "x");
	ck_assert_uint_eq(look("to/f").st_uid, 0);
	ck_assert_int_eq(access(below("to/c"), F_OK), -1);
}
END_TEST

UNIT_MAIN("copy_up", all_kinds_of_files, other_mounts_stay_out, depth_is_bounded, too_small,
	  in_a_user_namespace)
