/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the unit tests share.
 */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

struct berth_error error;

static char top[] = "/tmp/berth-unit-XXXXXX"; /* the program's; each test's lies in it */
static char own[64];
static int own_fd = -1;

int scratch(void)
{
	if (own_fd < 0) {
		(void)snprintf(own, sizeof(own), "%s/%d", top, getpid());
		ck_assert_int_eq(mkdir(own, 0755), 0);
		own_fd = open(own, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		ck_assert_int_ge(own_fd, 0);
	}
	return own_fd;
}

const char *scratch_path(void)
{
	(void)scratch();
	return own;
}

void put_file(const char *path, const char *text)
{
	int fd = openat(scratch(), path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0, "make %s", path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(close(fd), 0);
}

void put_directory(const char *path)
{
	ck_assert_msg(mkdirat(scratch(), path, 0755) == 0, "make %s", path);
}

void put_link(const char *path, const char *target)
{
	ck_assert_msg(symlinkat(target, scratch(), path) == 0, "make %s", path);
}

const char *get_file(const char *path)
{
	static char text[65536];
	int fd = openat(scratch(), path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	ck_assert_msg(n >= 0, "read %s", path);
	text[n] = '\0';
	(void)close(fd);
	return text;
}

int exists(const char *path)
{
	struct stat st;

	return fstatat(scratch(), path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static int count_entries(int fd)
{
	DIR *d = fdopendir(fd);
	int n = 0;

	ck_assert_ptr_nonnull(d);
	for (struct dirent *entry = readdir(d); entry; entry = readdir(d)) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			n++;
	}
	(void)closedir(d);
	return n;
}

int count_names(const char *path)
{
	return count_entries(openat(scratch(), path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int count_fds(void)
{
	return count_entries(open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) - 1;
}

static char start_ns[64]; /* the mount namespace that the program was started in */

static void read_ns(char *ret, size_t size)
{
	ssize_t n = readlink("/proc/self/ns/mnt", ret, size - 1);

	ret[n > 0 ? n : 0] = '\0';
}

#ifdef __SANITIZE_ADDRESS__
/*
 * LeakSanitizer asks this before it looks. It needs /proc and a helper thread that may trace this
 * one: a test that has gone into a sandbox, taken on a filter or changed its user cannot give it
 * that, and it would hang.
 */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	char ns[64];

	read_ns(ns, sizeof(ns));
	return strcmp(ns, start_ns) != 0 || prctl(PR_GET_SECCOMP) != 0 ||
	       prctl(PR_GET_DUMPABLE) != 1;
}
#endif

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	(void)remove(path);
	return 0;
}

int unit_main(const char *name, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	read_ns(start_ns, sizeof(start_ns));
	if (!mkdtemp(top)) {
		perror(top);
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 20);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	(void)nftw(top, remove_entry, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
