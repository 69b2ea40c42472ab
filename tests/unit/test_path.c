/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/text.h"
#include "unit.h"

/* A root file system in scratch() with a secret beside it; returns its fd. */
static int make_root(void)
{
	put_directory("outside");
	put_file("outside/secret", "secret");
	put_directory("root");
	put_directory("root/dir");
	put_file("root/dir/file", "inside");
	int fd = openat(scratch(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static void assert_same(int fd, const char *path)
{
	struct stat a, b;

	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fstat(fd, &a), 0);
	ck_assert_msg(fstatat(scratch(), path, &b, AT_SYMLINK_NOFOLLOW) == 0, "no %s", path);
	ck_assert_msg(a.st_ino == b.st_ino && a.st_dev == b.st_dev, "not %s", path);
}

START_TEST(links_stay_in_the_root)
{
	autoclose int root = make_root();
	char absolute[200];
	static const struct {
		const char *path, *is;
	} rows[] = {
		{ "dir/file", "root/dir/file" },
		{ "/dir/file", "root/dir/file" },
		{ "//dir/./file", "root/dir/file" },
		{ "../../dir/file", "root/dir/file" },
		{ "/", "root" },
		{ "..", "root" },
		{ "dir/..", "root" },
		{ "up/dir", "root/dir" },
		{ "abs", "root/dir" },
		{ "abs/file", "root/dir/file" },
		{ "dir/climb/dir/file", "root/dir/file" },
	};

	(void)snprintf(absolute, sizeof(absolute), "%s/outside", scratch_path());
	put_link("root/up", "../..");
	put_link("root/abs", "/dir");
	put_link("root/dir/climb", "../../../../..");
	put_link("root/out", absolute);
	put_link("root/self", "/proc/self/root");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		autoclose int fd = -1;

		assert_ok(open_in_root(root, rows[i].path, O_PATH, &fd, &error));
		assert_same(fd, rows[i].is);
	}
	int fd = -7;
	assert_fails(open_in_root(root, "out/secret", O_RDONLY, &fd, &error), ENOENT,
		     "open out/secret in the root");
	assert_fails(open_in_root(root, "../outside/secret", O_RDONLY, &fd, &error), ENOENT,
		     "open ../outside");
	assert_fails(open_in_root(root, "self/etc", O_PATH, &fd, &error), ENOENT, "open self/etc");
	ck_assert_int_eq(fd, -7);
	assert_ok(open_in_root(root, "abs", O_PATH | O_NOFOLLOW, &fd, &error));
	assert_same(fd, "root/abs");
	close(fd);
}
END_TEST

START_TEST(magic_links_are_refused)
{
	autoclose int slash = open("/", O_PATH | O_CLOEXEC);
	char path[64];
	int fd = -7;

	(void)snprintf(path, sizeof(path), "proc/%d/root", getpid());
	assert_fails(open_in_root(slash, path, O_PATH, &fd, &error), ELOOP, path);
	(void)snprintf(path, sizeof(path), "proc/%d/fd/0", getpid());
	assert_fails(open_in_root(slash, path, O_RDONLY, &fd, &error), ELOOP, path);
	ck_assert_int_eq(fd, -7);
}
END_TEST

START_TEST(beneath_stays_beneath)
{
	autoclose int root = make_root(), slash = open("/", O_PATH | O_CLOEXEC);
	int fd = -7;

	put_link("root/here", "dir");
	put_link("root/abs", "/dir");
	assert_fails(open_beneath(root, "here/file", O_RDONLY, 0, &fd, &error), ELOOP,
		     "a symbolic link");
	assert_fails(open_beneath(root, "abs", O_RDONLY, 0, &fd, &error), ELOOP, "a symbolic link");
	assert_fails(open_beneath(root, "../outside/secret", O_RDONLY, 0, &fd, &error), EXDEV,
		     "leaves its directory");
	assert_fails(open_beneath(root, "/dir", O_RDONLY, 0, &fd, &error), EXDEV,
		     "leaves its directory");
	assert_fails(open_beneath(slash, "proc/version", O_RDONLY, 0, &fd, &error), EXDEV,
		     "something is mounted");
	assert_fails(open_beneath(root, "dir/none", O_RDONLY, 0, &fd, &error), ENOENT,
		     "open dir/none");
	ck_assert_int_eq(fd, -7);
	assert_ok(open_beneath(root, "dir/../dir/file", O_RDONLY, 0, &fd, &error));
	assert_same(fd, "root/dir/file");
	close(fd);
	umask(0);
	assert_ok(open_beneath(root, "dir/new", O_WRONLY | O_CREAT | O_EXCL, 0640, &fd, &error));
	struct stat st;
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0640);
	close(fd);
}
END_TEST

static void make(int root, const char *path, bool file, const char *is)
{
	autoclose int fd = -1;

	assert_ok(make_in_root(root, path, file, &fd, &error));
	ck_assert_int_ne(fcntl(fd, F_GETFL) & O_PATH, 0);
	assert_same(fd, is);
}

START_TEST(makes_what_is_missing)
{
	autoclose int root = make_root();
	struct stat st;

	umask(022);
	put_link("root/abs", "/dir");
	put_link("root/dir/climb", "../../../..");
	make(root, "a/b/c", false, "root/a/b/c");
	make(root, "/a/b/c", false, "root/a/b/c");
	make(root, "/a//b/./d/", false, "root/a/b/d");
	make(root, "a/b/f", true, "root/a/b/f");
	make(root, "a/b/g/", true, "root/a/b/g");
	make(root, "/abs/x/y", false, "root/dir/x/y");
	make(root, "/abs/climb/top", false, "root/top");
	make(root, "../../../z/../w", false, "root/w");
	make(root, "a/../../../v", false, "root/v");
	make(root, "/", false, "root");
	make(root, "", false, "root");
	make(root, "..", false, "root");
	ck_assert_int_eq(fstatat(root, "a/b/c", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode, S_IFDIR | 0755);
	ck_assert_int_eq(fstatat(root, "a/b/f", &st, 0), 0);
	ck_assert_uint_eq(st.st_mode, S_IFREG | 0644);
	ck_assert(exists("root/z"));
	ck_assert_int_eq(count_names("."), 2);
	ck_assert_int_eq(count_names("outside"), 1);
}
END_TEST

START_TEST(takes_what_exists)
{
	autoclose int root = make_root();

	ck_assert_int_eq(mkfifoat(root, "fifo", 0600), 0);
	put_link("root/tofile", "dir/file");
	make(root, "dir/file", false, "root/dir/file");
	make(root, "dir", true, "root/dir");
	make(root, "fifo", true, "root/fifo");
	make(root, "tofile", true, "root/dir/file");
	ck_assert_str_eq(get_file("root/dir/file"), "inside");
}
END_TEST

static void assert_kept_inside(int fds)
{
	ck_assert_int_eq(count_fds(), fds);
	ck_assert_int_eq(count_names("outside"), 1);
	ck_assert_int_eq(count_names("."), 2);
}

START_TEST(makes_what_links_lead_to)
{
	autoclose int root = make_root();
	char outside[200], inside[220];

	(void)snprintf(outside, sizeof(outside), "%s/outside/new", scratch_path());
	(void)snprintf(inside, sizeof(inside), "root%s", outside);
	put_link("root/dangling", outside);
	put_link("root/relative", "../outside/new");
	put_link("root/chain", "dir/next/x");
	put_link("root/dir/next", "../dir/./third");
	put_link("root/dir/third", "/fourth/");
	int fds = count_fds();
	make(root, "dangling", true, inside);
	make(root, "/dir/../relative/x/y", false, "root/outside/new/x/y");
	make(root, "chain/file", true, "root/fourth/x/file");
	make(root, "chain/file", true, "root/fourth/x/file");
	assert_kept_inside(fds);
}
END_TEST

START_TEST(does_not_make_through_what_is_not_there)
{
	autoclose int root = make_root();
	char large[5000];
	int fd = -7;

	put_link("root/loop", "loop");
	put_link("root/endless", "endless/x");
	put_link("root/tofile", "dir/file/x");
	int fds = count_fds();
	for (int file = 0; file < 2; file++) {
		assert_fails(make_in_root(root, "loop/x", file, &fd, &error), ELOOP, "in the root");
		assert_fails(make_in_root(root, "endless", file, &fd, &error), ELOOP,
			     "in the root");
		assert_fails(make_in_root(root, "tofile", file, &fd, &error), ENOTDIR,
			     "in the root");
		assert_fails(make_in_root(root, "dir/file/x", file, &fd, &error), ENOTDIR,
			     "dir/file/x");
		assert_fails(make_in_root(root, "new/../dir/file/x", file, &fd, &error), ENOTDIR,
			     "in the root");
	}
	memset(large, 'a', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	assert_fails(make_in_root(root, large, false, &fd, &error), ENAMETOOLONG, "name too long");
	assert_fails(make_in_root(root, large + 4700, false, &fd, &error), ENAMETOOLONG,
		     "in the root");
	ck_assert_int_eq(fd, -7);
	assert_kept_inside(fds);
}
END_TEST

START_TEST(makes_parents)
{
	autoclose int root = make_root();
	static const char *const refused[] = { "/", "", "..", ".", "a/..", "a/.", "a/", "/a/b/" };
	const char *name = NULL, *path = "/a/b/null";
	int fd = -7;

	assert_ok(make_parent_in_root(root, path, &fd, &name, &error));
	ck_assert_ptr_eq(name, path + 5);
	assert_same(fd, "root/a/b");
	ck_assert(!exists("root/a/b/null"));
	close(fd);
	assert_ok(make_parent_in_root(root, "lone", &fd, &name, &error));
	ck_assert_str_eq(name, "lone");
	assert_same(fd, "root");
	close(fd);
	assert_ok(make_parent_in_root(root, "/..x", &fd, &name, &error));
	ck_assert_str_eq(name, "..x");
	close(fd);
	fd = -7;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		assert_fails(make_parent_in_root(root, refused[i], &fd, &name, &error), EINVAL,
			     "does not end in a name");
	assert_fails(make_parent_in_root(root, "dir/file/x", &fd, &name, &error), ENOTDIR,
		     "dir/file");
	ck_assert_int_eq(mkfifoat(root, "fifo", 0600), 0);
	assert_fails(make_parent_in_root(root, "fifo/x", &fd, &name, &error), ENOTDIR, "fifo/");
	ck_assert_int_eq(fd, -7);
}
END_TEST

/* What an attacker does in the root while berth makes something in it. */
struct attack {
	void (*once)(int root);
	int root;
	atomic_bool stop;
};

static void *attack_on(void *argument)
{
	struct attack *a = argument;

	while (!atomic_load(&a->stop))
		a->once(a->root);
	return NULL;
}

/* Makes n paths, each another one, while the attack goes on. Some fail: an attacker may be in the
 * way, but only that. */
static void make_under_attack(int root, void (*once)(int root), const char *prefix, int n)
{
	struct attack a = { .once = once, .root = root };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, attack_on, &a), 0);
	for (int i = 0; i < n; i++) {
		autoclose int fd = -1;
		char path[64];

		(void)snprintf(path, sizeof(path), "%s/x%d/y", prefix, i);
		(void)!make_in_root(root, path, i % 2, &fd, &error);
	}
	atomic_store(&a.stop, true);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

static void swap_with_link(int root)
{
	(void)renameat2(root, "swap", root, "evil", RENAME_EXCHANGE);
}

START_TEST(swapped_directories_lead_nowhere)
{
	autoclose int root = make_root();
	char outside[200], text[16];

	(void)snprintf(outside, sizeof(outside), "%s/outside", scratch_path());
	put_directory("root/swap");
	put_link("root/evil", outside);
	make_under_attack(root, swap_with_link, "swap", 500);
	ck_assert_int_eq(unlinkat(root, "evil", 0) + unlinkat(root, "swap", 0),
			 -1); /* one of them is the directory */
	put_link(exists("root/swap") ? "root/evil" : "root/swap", "../outside");
	make_under_attack(root, swap_with_link, "swap/../swap", 500);
	ck_assert_int_eq(count_names("outside"), 1);
	ck_assert_int_eq(count_names("."), 2);
	if (readlinkat(root, "swap", text, sizeof(text)) >= 0)
		swap_with_link(root);
	make(root, "swap/last/y", false, "root/swap/last/y");
}
END_TEST

/* A link that comes and goes where the next directory is to be made. */
static void flicker(int root)
{
	if (symlinkat("../outside", root, "flicker") == 0)
		(void)unlinkat(root, "flicker", 0);
	else
		(void)unlinkat(root, "flicker", AT_REMOVEDIR);
}

START_TEST(links_that_come_and_go_lead_nowhere)
{
	autoclose int root = make_root();
	make_under_attack(root, flicker, "flicker", 500);

	ck_assert_int_eq(count_names("outside"), 1);
	ck_assert_int_eq(count_names("."), 2);
	make(root, "flicker/last/y", false, "root/flicker/last/y");
}
END_TEST

START_TEST(sees_dotdot)
{
	ck_assert(path_has_dotdot(".."));
	ck_assert(path_has_dotdot("/.."));
	ck_assert(path_has_dotdot("a/../b"));
	ck_assert(path_has_dotdot("a/.."));
	ck_assert(!path_has_dotdot(""));
	ck_assert(!path_has_dotdot("/"));
	ck_assert(!path_has_dotdot("a..b/..c/d../..."));
	ck_assert(!path_has_dotdot("./a"));
}
END_TEST

START_TEST(compares_by_components)
{
	ck_assert(path_is_below("/a", "/a"));
	ck_assert(path_is_below("/a/b", "/a"));
	ck_assert(path_is_below("/a//b/", "/./a/"));
	ck_assert(path_is_below("/a", "/"));
	ck_assert(path_is_below("/", "/"));
	ck_assert(path_is_below("/x/../a/b", "/a"));
	ck_assert(path_is_below("/a/b", "/a/c/.."));
	ck_assert(!path_is_below("/ab", "/a"));
	ck_assert(!path_is_below("/a", "/ab"));
	ck_assert(!path_is_below("/a", "/a/b"));
	ck_assert(!path_is_below("/", "/a"));
	ck_assert(!path_is_below("/a/../b", "/a"));
	ck_assert(!path_is_below("/a/b/../../c", "/a"));
	ck_assert(!path_is_below("/b/a", "/a"));
}
END_TEST

START_TEST(normalizes)
{
	static const struct {
		const char *path, *normal;
	} rows[] = {
		{ "/", "/" },
		{ "//", "/" },
		{ "/a", "/a" },
		{ "/a/", "/a" },
		{ "//a///b//", "/a/b" },
		{ "/./a/./b/.", "/a/b" },
		{ "/a/../b", "/b" },
		{ "/a/b/..", "/a" },
		{ "/..", "/" },
		{ "/../../a", "/a" },
		{ "/a/../../b", "/b" },
		{ "/a/b/../../c", "/c" },
		{ "/...", "/..." },
		{ "/.a/..b", "/.a/..b" },
		{ "", "/" },
		{ "/a/b/c/../../d/..", "/a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		autofree char *normal = path_normalize(rows[i].path);

		ck_assert_str_eq(normal, rows[i].normal);
	}
}
END_TEST

UNIT_MAIN("path", links_stay_in_the_root, magic_links_are_refused, beneath_stays_beneath,
	  makes_what_is_missing, takes_what_exists, makes_what_links_lead_to,
	  does_not_make_through_what_is_not_there, makes_parents, swapped_directories_lead_nowhere,
	  links_that_come_and_go_lead_nowhere, sees_dotdot, compares_by_components, normalizes)
