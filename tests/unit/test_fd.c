/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "unit.h"

START_TEST(reads_whole_files)
{
	autofree char *text = NULL;
	size_t length = 0;

	put_file("f", "0123456789");
	assert_ok(read_file(scratch(), "f", 10, &text, &length, &error));
	ck_assert_str_eq(text, "0123456789");
	ck_assert_uint_eq(length, 10);
	free(TAKE(text));
	put_file("empty", "");
	assert_ok(read_file(scratch(), "empty", 0, &text, &length, &error));
	ck_assert_str_eq(text, "");
	ck_assert_uint_eq(length, 0);
}
END_TEST

START_TEST(size_is_bounded)
{
	char *text = NULL;
	size_t length = 99;
	autoclose int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	put_file("f", "0123456789");
	for (size_t max = 0; max < 10; max++)
		assert_fails(read_file(scratch(), "f", max, &text, &length, &error), EFBIG,
			     "read f: it is larger than");
	assert_fails(read_whole(zero, 100000, "zero", &text, &length, &error), EFBIG, "read zero");
	ck_assert_ptr_null(text);
	ck_assert_uint_eq(length, 99);
}
END_TEST

/* A file that does not know its size, in pieces and with NULs. */
START_TEST(reads_pipes)
{
	autofree char *text = NULL;
	size_t length = 0;
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	for (int i = 0; i < 1000; i++)
		ck_assert_int_eq(write(fds[1], "abcd\0efghi", 10), 10);
	close(fds[1]);
	assert_ok(read_whole(fds[0], 10000, "pipe", &text, &length, &error));
	ck_assert_uint_eq(length, 10000);
	ck_assert_int_eq(memcmp(text + 9990, "abcd\0efghi", 11), 0);
}
END_TEST

START_TEST(reads_beneath_only)
{
	char *text = NULL;
	size_t length = 0;

	put_directory("d");
	put_file("f", "x");
	put_link("d/l", "../f");
	put_link("d/here", "g");
	put_file("d/g", "x");
	autoclose int d = openat(scratch(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_fails(read_file(d, "../f", 9, &text, &length, &error), EXDEV, "open ../f");
	assert_fails(read_file(d, "/etc/passwd", 9, &text, &length, &error), EXDEV,
		     "open /etc/passwd");
	assert_fails(read_file(d, "l", 9, &text, &length, &error), ELOOP, "a symbolic link");
	assert_fails(read_file(d, "here", 9, &text, &length, &error), ELOOP, "a symbolic link");
	assert_fails(read_file(d, "none", 9, &text, &length, &error), ENOENT, "open none");
	assert_fails(read_file(scratch(), "d", 9, &text, &length, &error), EISDIR, "read d");
}
END_TEST

START_TEST(writes_in_one_piece)
{
	put_file("f", "old text");
	assert_ok(write_file(scratch(), "f", "new", 3, &error));
	ck_assert_str_eq(get_file("f"),
			 "new text"); /* as a kernel file is written: the file is not truncated */
	assert_fails(write_file(scratch(), "none", "x", 1, &error), ENOENT, "open none");
	ck_assert(!exists("none"));
	put_link("l", "f");
	assert_fails(write_file(scratch(), "l", "x", 1, &error), ELOOP, "open l");
	autoclose int dev = open("/dev", O_PATH | O_CLOEXEC);
	assert_fails(write_file(dev, "full", "x", 1, &error), ENOSPC, "write full");
}
END_TEST

START_TEST(writes_all)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	ck_assert_int_eq(write_all(fds[1], "abc", 3), 0);
	ck_assert_int_eq(write_all(fds[1], "", 0), 0);
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(write_all(fds[1], "abc", 3), -EPIPE);
	ck_assert_int_eq(write_all(-1, "abc", 3), -EBADF);
}
END_TEST

START_TEST(replaces_files)
{
	struct stat st;

	umask(077);
	assert_ok(replace_file(scratch(), "f", "one", 3, 0644, &error));
	ck_assert_str_eq(get_file("f"), "one");
	ck_assert_int_eq(fstatat(scratch(), "f", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0644);
	put_link("l", "f");
	assert_ok(replace_file(scratch(), "l", "two", 3, 0600, &error));
	ck_assert_int_eq(fstatat(scratch(), "l", &st, AT_SYMLINK_NOFOLLOW), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0600);
	ck_assert_str_eq(get_file("f"), "one");
	ck_assert_int_eq(count_names("."), 2);
}
END_TEST

START_TEST(replacing_passes_over_what_a_dead_process_left)
{
	char name[64];

	put_file("victim", "untouched");
	(void)snprintf(name, sizeof(name), ".f.%d", getpid());
	put_link(name, "victim");
	assert_ok(replace_file(scratch(), "f", "new", 3, 0644, &error));
	ck_assert_str_eq(get_file("victim"), "untouched");
	ck_assert_str_eq(get_file("f"), "new");
	ck_assert(!exists(name));
}
END_TEST

START_TEST(replacing_that_fails_leaves_nothing)
{
	const struct rlimit small = { 4, RLIM_INFINITY };
	char name[300];

	signal(SIGXFSZ, SIG_IGN);
	put_file("f", "old");
	put_directory("d");
	put_file("d/x", "");
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	int fds = count_fds();
	assert_fails(replace_file(scratch(), "d", "new", 3, 0644, &error), EISDIR, "write d");
	assert_fails(replace_file(scratch(), "d/y", "new", 3, 0644, &error), EINVAL,
		     "not the name");
	assert_fails(replace_file(scratch(), "", "new", 3, 0644, &error), EINVAL, "not the name");
	assert_fails(replace_file(scratch(), name, "new", 3, 0644, &error), ENAMETOOLONG, "nnn");
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	int r = replace_file(scratch(), "f", "too long", 8, 0644, &error);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){ RLIM_INFINITY, RLIM_INFINITY }),
			 0);
	assert_fails(r, EFBIG, "write f");
	ck_assert_str_eq(get_file("f"), "old");
	ck_assert_int_eq(count_names("."), 2);
	ck_assert_int_eq(count_fds(), fds);
}
END_TEST

START_TEST(knows_file_systems_and_devices)
{
	autoclose int proc = open("/proc", O_PATH | O_CLOEXEC),
		      null = open("/dev/null", O_PATH | O_CLOEXEC);
	autoclose int zero = open("/dev/zero", O_PATH | O_CLOEXEC);

	ck_assert(fd_has_magic(proc, PROC_SUPER_MAGIC));
	ck_assert(!fd_has_magic(proc, SYSFS_MAGIC));
	ck_assert(!fd_has_magic(scratch(), PROC_SUPER_MAGIC));
	ck_assert(!fd_has_magic(-1, PROC_SUPER_MAGIC));
	ck_assert(fd_is_device(null, S_IFCHR, 1, 3));
	ck_assert(!fd_is_device(zero, S_IFCHR, 1, 3));
	ck_assert(!fd_is_device(null, S_IFBLK, 1, 3));
	ck_assert(!fd_is_device(scratch(), S_IFCHR, 0, 0));
	ck_assert(!fd_is_device(-1, S_IFCHR, 1, 3));
}
END_TEST

START_TEST(sets_cloexec)
{
	int fd = dup(1);

	assert_ok(set_cloexec(fd, true, &error));
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_ok(set_cloexec(fd, false, &error));
	ck_assert_int_eq(fcntl(fd, F_GETFD), 0);
	close(fd);
	assert_fails(set_cloexec(fd, true, &error), EBADF, "file descriptor");
}
END_TEST

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

START_TEST(closes_all_but)
{
	static const int fds[] = { 5, 20, 21, 22, 40, 100 };
	const int keep[] = { 22, -1, 100, 20, 2, 22, 3000 };

	/* libcheck's own fds are not needed until the test has ended: it is forked, and its exit
	 * status tells. */
	pid_t pid = fork();
	if (pid == 0) {
		for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
			(void)dup2(1, fds[i]);
		int r = close_all_but(3, keep, sizeof(keep) / sizeof(keep[0]), &error);
		bool good = r == 0 && is_open(0) && is_open(1) && is_open(2) && is_open(20) &&
			    is_open(22) && is_open(100) && !is_open(3) && !is_open(4) &&
			    !is_open(5) && !is_open(21) && !is_open(40) && !is_open(101);
		r = close_all_but(3, NULL, 0, &error);
		_exit(good && r == 0 && is_open(2) && !is_open(20) && !is_open(22) && !is_open(100)
			      ? 0
			      : 1);
	}
	int status = -1;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

UNIT_MAIN("fd", reads_whole_files, size_is_bounded, reads_pipes, reads_beneath_only,
	  writes_in_one_piece, writes_all, replaces_files,
	  replacing_passes_over_what_a_dead_process_left, replacing_that_fails_leaves_nothing,
	  knows_file_systems_and_devices, sets_cloexec, closes_all_but)
