/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts as the configuration lists them, made for real in namespaces of the test's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/text.h"
#include "linux/idmap.h"
#include "linux/mounts.h"
#include "linux/procfs.h"

#include "sandbox.h"
#include "unit.h"

static struct arena arena;

/* A mount with these options, separated by spaces. */
static struct mount_spec spec_of(const char *type, const char *options)
{
	struct mount_spec m = { .destination = "/x", .type = type, .source = type };
	char *words = arena_copy(&arena, options, strlen(options)), *save = NULL;

	m.options = arena_array(&arena, 16, sizeof(*m.options));
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		m.options[m.n_options++] = w;
	assert_ok(mount_options_parse(&arena, &m, &error));
	return m;
}

/* Makes it on the directory, below scratch(). */
static void mount_on(const char *path, const char *type, const char *options)
{
	struct mount_spec m = spec_of(type, options);
	int fd = -1, target = path_fd(below(path));

	assert_ok(mount_new(&m, &fd, &error));
	assert_ok(mount_apply(fd, &m, &error));
	assert_ok(mount_attach(fd, target, &error));
	(void)close(target);
	(void)close(fd);
}

static void bind_on(const char *source, const char *target, const char *options)
{
	struct mount_spec m = spec_of("none", options);
	int fd = -1, to = path_fd(below(target));

	assert_ok(mount_clone(AT_FDCWD, below(source), m.recursive_bind, &fd, &error));
	assert_ok(mount_apply(fd, &m, &error));
	assert_ok(mount_attach(fd, to, &error));
	(void)close(to);
	(void)close(fd);
}

/* What mount_new() says to it. */
static int try_new(const char *type, const char *options)
{
	struct mount_spec m = spec_of(type, options);
	int fd = -1, r = mount_new(&m, &fd, &error);

	if (r < 0)
		ck_assert_int_eq(fd, -1);
	close_fd(&fd);
	return r;
}

static bool is_writable(const char *path)
{
	int fd = open(below(path), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	bool writable = fd >= 0;

	close_fd(&fd);
	return writable;
}

START_TEST(new_tmpfs)
{
	struct statvfs v;
	struct stat st;

	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("t");
	mount_on("t", "tmpfs", "nosuid noexec strictatime mode=0710 size=64k");
	ck_assert_int_eq(statvfs(below("t"), &v), 0);
	ck_assert_uint_eq(v.f_blocks * v.f_bsize, 65536);
	ck_assert_uint_eq(v.f_flag & (ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_RDONLY),
			  ST_NOSUID | ST_NOEXEC);
	ck_assert_uint_eq(v.f_flag & (ST_RELATIME | ST_NOATIME), 0);
	ck_assert_int_eq(stat(below("t"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0710);
	ck_assert(is_writable("t"));
}
END_TEST

START_TEST(kernel_says_why)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	assert_fails(try_new("tmpfs", "size=64k foo=bar"), EINVAL,
		     "mount tmpfs on /x: tmpfs: Unknown parameter 'foo'");
	assert_fails(try_new("tmpfs", "size=many"), EINVAL, "size");
	assert_fails(try_new("nosuchfs", ""), ENODEV, "/proc/filesystems");
	assert_fails(try_new(NULL, "nosuid"), EINVAL, "no type");
	assert_fails(try_new("ext4", ""), ENOENT, "mount ext4 on /x: ext4: ");
}
END_TEST

START_TEST(super_flags)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("t");
	mount_on("t", "tmpfs", "sync dirsync mand lazytime silent acl iversion size=64k");
	ck_assert_uint_eq(flags_of(below("t")) & (ST_SYNCHRONOUS | ST_MANDLOCK),
			  ST_SYNCHRONOUS | ST_MANDLOCK);
	/* What tmpfs does not know was passed over without spoiling a later error. */
	assert_fails(try_new("tmpfs", "noacl bar"), EINVAL,
		     "mount tmpfs on /x: tmpfs: Unknown parameter 'bar'");
}
END_TEST

START_TEST(read_only_is_the_mounts)
{
	struct mount_spec m;
	int fd;

	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("t");
	mount_on("t", "tmpfs", "ro");
	ck_assert(!is_writable("t"));
	fd = path_fd(below("t"));
	m = spec_of(NULL, "remount rw");
	assert_ok(mount_change(fd, &m, &error));
	ck_assert(is_writable("t"));
	m = spec_of(NULL, "remount ro nosuid size=128k");
	assert_ok(mount_change(fd, &m, &error));
	ck_assert(!is_writable("t"));
	ck_assert_uint_eq(flags_of(below("t")) & ST_NOSUID, ST_NOSUID);
	m = spec_of(NULL, "remount dirsync async what=ever");
	assert_fails(mount_change(fd, &m, &error), EINVAL,
		     "remount /x: tmpfs: Unknown parameter 'what'");
	(void)close(fd);
	/* An instance that is read-only itself becomes writable as well. */
	ck_assert_int_eq(mount("x", below("t"), "tmpfs", MS_RDONLY, NULL), 0);
	fd = path_fd(below("t"));
	m = spec_of(NULL, "remount rw dirsync");
	assert_ok(mount_change(fd, &m, &error));
	ck_assert(is_writable("t"));
}
END_TEST

/* fsconfig(2) takes no more than 255 bytes; three lower directories of an overlay are longer. */
START_TEST(long_values)
{
	char name[120], lower[1024] = "lowerdir=";
	dev_t before, after;
	struct stat st;

	if (!sandbox(CLONE_NEWNS))
		return;
	ck_assert_int_eq(stat("/..", &st), 0);
	before = st.st_dev;
	for (int i = 0; i < 3; i++) {
		memset(name, 'a' + i, 100);
		name[100] = '\0';
		make_directory(name);
		strcat(lower, i > 0 ? ":" : "");
		strcat(lower, below(name));
	}
	make_file(strcat(name, "/seen"), "x");
	make_directory("o");
	{
		struct mount_spec m = spec_of("overlay", "nosuid nodev ro");
		int fd = -1, target = path_fd(below("o"));
		const char *data[] = { lower };

		ck_assert_uint_gt(strlen(lower), 300);
		m.data = data;
		m.n_data = 1;
		assert_ok(mount_new(&m, &fd, &error));
		assert_ok(mount_attach(fd, target, &error));
	}
	ck_assert_int_eq(access(below("o/seen"), F_OK), 0);
	ck_assert_uint_eq(flags_of(below("o")) & (ST_NOSUID | ST_NODEV | ST_RDONLY),
			  ST_NOSUID | ST_NODEV | ST_RDONLY);
	ck_assert_int_eq(stat("/..", &st), 0);
	after = st.st_dev;
	ck_assert_uint_eq(before, after);
}
END_TEST

START_TEST(bind_keeps_what_nobody_asked_about)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("a");
	make_directory("b");
	mount_on("a", "tmpfs", "nodev noexec noatime");
	bind_on("a", "b", "rbind nosuid");
	ck_assert_uint_eq(flags_of(below("b")) & (ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME),
			  ST_NOSUID | ST_NODEV | ST_NOEXEC | ST_NOATIME);
	ck_assert_uint_eq(flags_of(below("a")) & ST_NOSUID, 0);
	bind_on("a", "b", "bind dev exec relatime ro");
	ck_assert_uint_eq(flags_of(below("b")) &
				  (ST_NODEV | ST_NOEXEC | ST_NOATIME | ST_RELATIME | ST_RDONLY),
			  ST_RELATIME | ST_RDONLY);
	ck_assert(!is_writable("b") && is_writable("a"));
}
END_TEST

START_TEST(recursive_words)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("a");
	make_directory("b");
	mount_on("a", "tmpfs", "");
	make_directory("a/sub");
	mount_on("a/sub", "tmpfs", "");
	bind_on("a", "b", "rbind ro");
	ck_assert(!is_writable("b") && is_writable("b/sub"));
	bind_on("a", "b", "rbind rro rnoexec");
	ck_assert(!is_writable("b") && !is_writable("b/sub"));
	ck_assert_uint_eq(flags_of(below("b/sub")) & ST_NOEXEC, ST_NOEXEC);
	bind_on("a", "b", "rbind rro rw");
	ck_assert(is_writable("b") && !is_writable("b/sub"));
	bind_on("a", "b", "bind");
	ck_assert_ptr_null(mount_line(below("b/sub/")));
	ck_assert_uint_eq(mount_id(below("b/sub")), mount_id(below("b")));
}
END_TEST

START_TEST(propagation)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("a");
	make_directory("b");
	mount_on("a", "tmpfs", "shared");
	ck_assert_ptr_nonnull(strstr(mount_line(below("a")), "shared:"));
	bind_on("a", "b", "rbind rslave");
	ck_assert_ptr_nonnull(strstr(mount_line(below("b")), "master:"));
	ck_assert_ptr_null(strstr(mount_line(below("b")), "shared:"));
	bind_on("a", "b", "rbind rslave shared");
	ck_assert_ptr_nonnull(strstr(mount_line(below("b")), "master:"));
	ck_assert_ptr_nonnull(strstr(mount_line(below("b")), "shared:"));
	make_directory("c");
	bind_on("a", "c", "rbind unbindable");
	ck_assert_ptr_nonnull(strstr(mount_line(below("c")), "unbindable"));
	{
		int fd = -1;

		assert_fails(mount_clone(AT_FDCWD, below("c"), true, &fd, &error), EINVAL,
			     "unbindable");
		ck_assert_int_eq(fd, -1);
	}
}
END_TEST

/* A mount of the host that a user namespace got its copy of: its flags are locked. */
START_TEST(locked_flags)
{
	struct mount_spec m;
	int fd = -1, target;

	if (!sandbox(CLONE_NEWNS))
		return;
	make_directory("a");
	make_directory("b");
	mount_on("a", "tmpfs", "nosuid");
	make_directory("a/sub");
	mount_on("a/sub", "tmpfs", "ro");
	if (!sandbox_more(CLONE_NEWUSER | CLONE_NEWNS))
		return;
	bind_on("a", "b", "rbind nodev rprivate"); /* asks for nothing that is locked */
	ck_assert_uint_eq(flags_of(below("b")) & (ST_NOSUID | ST_NODEV), ST_NOSUID | ST_NODEV);

	assert_ok(mount_clone(AT_FDCWD, below("a"), true, &fd, &error));
	m = spec_of("none", "rbind suid exec rw");
	assert_fails(mount_apply(fd, &m, &error), EPERM, "(suid: the mount came from outside");
	m = spec_of("none", "rbind rrw");
	assert_fails(mount_apply(fd, &m, &error), EPERM, "rw: ");
	m = spec_of("none", "rbind noatime");
	assert_fails(mount_apply(fd, &m, &error), EPERM, "atime");
	m = spec_of("none", "rbind ro noexec");
	assert_ok(mount_apply(fd, &m, &error));
	(void)close(fd);
	fd = -1;
	assert_fails(mount_clone(AT_FDCWD, below("a"), false, &fd, &error), EINVAL, "\"rbind\"");
	target = path_fd(below("a/sub"));
	m = spec_of(NULL, "remount rw");
	assert_fails(mount_change(target, &m, &error), EPERM, "rw: ");
}
END_TEST

START_TEST(what_a_user_namespace_cannot_mount)
{
	if (!sandbox(CLONE_NEWNS | CLONE_NEWUSER))
		return;
	assert_fails(try_new("sysfs", "ro"), EPERM, "bind-mount /sys with \"rbind\"");
	assert_fails(try_new("proc", ""), EPERM, "new pid namespace");
	assert_fails(try_new("ext4", ""), EPERM, "only some types");
	assert_ok(try_new("tmpfs", "mode=755 uid=0"));
}
END_TEST

static int other_target = -1, other_mount = -1;

static void attach_elsewhere(void)
{
	if (!sandbox_more(CLONE_NEWNS))
		return;
	assert_fails(mount_attach(other_mount, other_target, &error), EINVAL,
		     "this mount namespace");
	assert_fails(mount_set_attributes(other_target, MOUNT_ATTR_RDONLY, 0, false, &error),
		     EINVAL, "root of a mount");
}

START_TEST(targets)
{
	struct mount_spec m = spec_of("tmpfs", "");
	int fd = -1, target;

	if (!sandbox(CLONE_NEWNS))
		return;
	assert_ok(mount_new(&m, &fd, &error));
	make_file("file", "");
	make_directory("gone");
	make_directory("d");
	assert_fails(mount_attach(fd, path_fd(below("file")), &error), EINVAL, "a file on a file");
	target = path_fd(below("gone"));
	ck_assert_int_eq(rmdir(below("gone")), 0);
	assert_fails(mount_attach(fd, target, &error), ENOENT, "removed");
	other_target = path_fd(below("d"));
	other_mount = fd;
	in_child(attach_elsewhere);
	assert_ok(mount_attach(fd, other_target, &error));
}
END_TEST

START_TEST(id_mapped)
{
	struct id_map uid = { .container_id = 0, .host_id = 4242, .size = 10 };
	struct id_maps maps = { .n = 1, .v = &uid };
	int fd = -1, proc = -1, user = -1;
	struct stat st;

	if (!sandbox(CLONE_NEWNS))
		return;
	assert_ok(procfs_open(&proc, &error));
	if (idmap_namespace(proc, &maps, &maps, &user, &error) < 0) {
		(void)fprintf(stderr, "skipped: %s\n", error.text);
		return;
	}
	make_directory("b");
	/* On a disk's file system, which knows of mapped ids for longer than tmpfs (6.3). */
	assert_ok(mount_clone(AT_FDCWD, "/etc", false, &fd, &error));
	if (mount_set_idmap(fd, user, false, &error) == -EINVAL) {
		(void)fprintf(stderr, "skipped: the file system of /etc: %s\n", error.text);
		return;
	}
	assert_ok(mount_attach(fd, path_fd(below("b")), &error));
	ck_assert_int_eq(stat(below("b/passwd"), &st), 0);
	ck_assert_uint_eq(st.st_uid, 4242);
	assert_fails(mount_set_idmap(fd, user, false, &error), EPERM, "id-mapped already");
	(void)close(fd);
	assert_ok(mount_clone(AT_FDCWD, "/proc", false, &fd, &error));
	assert_fails(mount_set_idmap(fd, user, false, &error), EINVAL, "does not support");
}
END_TEST

static void check_procfs(bool from_there)
{
	autoclose int proc = -1;
	autofree char *text = NULL;
	size_t length;

	assert_ok(procfs_open(&proc, &error));
	ck_assert_int_eq(mount_id_of(proc) == mount_id("/proc"), from_there);
	assert_ok(read_file(proc, "sys/kernel/ostype", 100, &text, &length, &error));
	ck_assert_str_eq(text, "Linux\n");
}

static void check_own_procfs(void)
{
	char self[16] = "";
	int proc = -1;

	check_procfs(false);
	assert_ok(procfs_open(&proc, &error));
	ck_assert_int_gt(readlinkat(proc, "self", self, sizeof(self) - 1), 0);
	ck_assert_str_eq(self, "1");
}

START_TEST(procfs_that_can_be_trusted)
{
	if (!sandbox(CLONE_NEWNS))
		return;
	check_procfs(true);
	ck_assert_int_eq(mount("/proc/sys", "/proc", NULL, MS_BIND, NULL), 0);
	check_procfs(false);
	ck_assert_int_eq(umount("/proc"), 0);
	ck_assert_int_eq(mount("x", "/proc", "tmpfs", 0, NULL), 0);
	check_procfs(false);
	ck_assert_int_eq(umount("/proc"), 0);
	if (!sandbox_more(CLONE_NEWPID))
		return;
	in_child(check_own_procfs);
}
END_TEST

START_TEST(no_procfs_to_be_had)
{
	int proc = -1;

	if (!sandbox(CLONE_NEWNS | CLONE_NEWUSER))
		return;
	ck_assert_int_eq(mount("x", "/proc", "tmpfs", 0, NULL), 0);
	assert_fails(procfs_open(&proc, &error), EPERM, "/proc is not a procfs");
	ck_assert_int_eq(proc, -1);
}
END_TEST

UNIT_MAIN("mounts", new_tmpfs, kernel_says_why, super_flags, read_only_is_the_mounts, long_values,
	  bind_keeps_what_nobody_asked_about, recursive_words, propagation, locked_flags,
	  what_a_user_namespace_cannot_mount, targets, id_mapped, procfs_that_can_be_trusted,
	  no_procfs_to_be_had)
