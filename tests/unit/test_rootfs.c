/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's root: made, entered and protected for real, in namespaces of the test's own.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"
#include "linux/devices.h"
#include "linux/mounts.h"
#include "linux/rootfs.h"

#include "sandbox.h"
#include "unit.h"

static int root = -1;

static int proc(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd;
}

/* A small root file system at "r", with something of each kind in it. */
static bool make_root(void)
{
	if (!sandbox(CLONE_NEWNS))
		return false;
	make_directory("r");
	make_directory("r/d");
	make_file("r/d/f", "secret");
	make_file("r/f", "secret");
	make_file("r/g", "secret");
	make_directory("r/e");
	make_file("r/e/f", "secret");
	make_symlink("r/inside", "/d");
	make_symlink("r/outside", "/../../../../../../etc");
	make_symlink("r/circle", "circle");
	return true;
}

static bool mount_root(void)
{
	if (!make_root())
		return false;
	ck_assert_int_eq(chdir(below("r")), 0);
	if (!sandbox_more(CLONE_NEWNS))
		return false;
	assert_ok(rootfs_isolate(proc(), MS_SLAVE, &error));
	assert_ok(rootfs_mount(&root, &error));
	return true;
}

static size_t count_mounts(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t n = 0;
	int c;

	ck_assert_ptr_nonnull(f);
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	(void)fclose(f);
	return n;
}

static bool any_shared(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	bool shared = false;
	char line[4096];

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		shared = shared || strstr(line, " shared:");
	(void)fclose(f);
	return shared;
}

static void isolate(void)
{
	if (!sandbox_more(CLONE_NEWNS))
		return;
	ck_assert(any_shared());
	assert_ok(rootfs_isolate(proc(), MS_SLAVE, &error));
	ck_assert(!any_shared());
	ck_assert_ptr_nonnull(strstr(mount_line(scratch_path()), "master:"));
	assert_ok(rootfs_isolate(proc(), MS_PRIVATE, &error));
	ck_assert_ptr_null(strstr(mount_line(scratch_path()), "master:"));
}

/* "/" is no mount point there. */
static void isolate_in_chroot(void)
{
	if (!sandbox_more(CLONE_NEWNS))
		return;
	ck_assert_int_ge(proc(), 0);
	ck_assert_int_eq(chroot(below("r")), 0);
	ck_assert_int_eq(chdir("/e"), 0);
	assert_ok(rootfs_isolate(proc(), MS_SLAVE, &error));
	ck_assert_int_eq(access("/d/f", F_OK), 0); /* still in there */
	ck_assert_int_eq(access("f", F_OK), 0);
	ck_assert_int_eq(fchdir(proc()), 0); /* out, to look */
	ck_assert_int_eq(chroot(".."), 0);
	ck_assert(!any_shared());
}

START_TEST(isolated)
{
	if (!make_root())
		return;
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL), 0);
	in_child(isolate);
	in_child(isolate_in_chroot);
}
END_TEST

START_TEST(found_by_its_path)
{
	int t;

	if (!mount_root())
		return;
	ck_assert_uint_eq(mount_id(below("r")), mount_id_of(root));
	ck_assert_uint_ne(mount_id(below("r")), mount_id(scratch_path()));
	/* What is mounted in it by fd is seen by hooks that go by the path. */
	t = openat(root, "d", O_PATH | O_CLOEXEC);
	{
		const struct mount_spec m = { .destination = "/d", .type = "tmpfs" };
		int fd = -1;

		assert_ok(mount_new(&m, &fd, &error));
		assert_ok(mount_attach(fd, t, &error));
	}
	ck_assert_int_eq(access(below("r/d/f"), F_OK), -1);
	ck_assert_int_eq(access(below("r/e/f"), F_OK), 0);
}
END_TEST

static void enter_and_check(void)
{
	char cwd[256];
	int fd = -1;

	/* The path is the host's, who shares all its mounts: nothing done here may show there. */
	ck_assert_int_eq(chdir(below("r")), 0);
	if (!sandbox_more(CLONE_NEWNS))
		return;
	assert_ok(rootfs_isolate(proc(), MS_SLAVE, &error));
	assert_ok(rootfs_mount(&fd, &error));
	assert_ok(rootfs_pivot(proc(), fd, &error));
	ck_assert_ptr_nonnull(getcwd(cwd, sizeof(cwd)));
	ck_assert_str_eq(cwd, "/");
	ck_assert_int_eq(access("/d/f", F_OK), 0);
	ck_assert_int_eq(access("/etc", F_OK), -1);
	ck_assert_int_eq(access("/../etc", F_OK), -1);
	ck_assert_int_eq(mkdir("/proc", 0755), 0);
	ck_assert_int_eq(mount("proc", "/proc", "proc", 0, NULL), 0);
	ck_assert_uint_eq(count_mounts(), 2);
	ck_assert_uint_eq(mount_id_of(fd), mount_id("/"));
}

START_TEST(pivoted)
{
	size_t before;

	if (!make_root())
		return;
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL), 0);
	before = count_mounts();
	in_child(enter_and_check);
	ck_assert_uint_eq(count_mounts(), before);
}
END_TEST

START_TEST(pivot_says_why_not)
{
	int fd;

	if (!make_root())
		return;
	fd = path_fd(below("r"));
	assert_fails(rootfs_pivot(proc(), fd, &error), EINVAL, "--no-pivot");
}
END_TEST

START_TEST(moved)
{
	if (!mount_root())
		return;
	assert_ok(rootfs_move(proc(), root, &error));
	ck_assert_int_eq(access("/d/f", F_OK), 0);
	ck_assert_int_eq(access("/../etc", F_OK), -1);
	ck_assert_int_eq(mkdir("/proc", 0755), 0);
	ck_assert_int_eq(mount("proc", "/proc", "proc", 0, NULL), 0);
	/* The one just made, in the root: the host's, and its /sys, are gone. */
	ck_assert_ptr_nonnull(mount_line("/proc"));
	ck_assert_ptr_null(mount_line("/sys"));
	ck_assert_int_eq(umount("/proc"), 0);
	ck_assert_int_eq(access("/proc/self", F_OK), -1);
}
END_TEST

/* There the host's mounts are locked and can only be covered. A new procfs is refused then: nothing
 * shows what the masks hide. */
START_TEST(moved_in_a_user_namespace)
{
	if (!make_root())
		return;
	ck_assert_int_eq(chdir(below("r")), 0);
	if (!sandbox_more(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID))
		return;
	assert_ok(rootfs_isolate(proc(), MS_SLAVE, &error));
	assert_ok(rootfs_mount(&root, &error));
	assert_ok(rootfs_move(proc(), root, &error));
	ck_assert_int_eq(access("/d/f", F_OK), 0);
	ck_assert_int_eq(mkdir("/p", 0755), 0);
	ck_assert_int_eq(mount("proc", "/p", "proc", 0, NULL), -1);
	ck_assert_int_eq(errno, EPERM);
}
END_TEST

START_TEST(chrooted)
{
	if (!make_root())
		return;
	assert_ok(rootfs_chroot(path_fd(below("r")), &error));
	ck_assert_int_eq(access("/d/f", F_OK), 0);
	ck_assert_int_eq(access("/../etc", F_OK), -1);
}
END_TEST

START_TEST(read_only_paths)
{
	if (!mount_root())
		return;
	make_directory("r/d/sub");
	ck_assert_int_eq(mount("sub", below("r/d/sub"), "tmpfs", MS_NOEXEC, NULL), 0);
	assert_ok(rootfs_readonly_path(root, "/inside", &error)); /* is /d */
	ck_assert_uint_eq(flags_of(below("r/d")) & ST_RDONLY, ST_RDONLY);
	ck_assert_uint_eq(flags_of(below("r/d/sub")) & (ST_RDONLY | ST_NOEXEC),
			  ST_RDONLY | ST_NOEXEC);
	assert_ok(rootfs_readonly_path(root, "/f", &error));
	ck_assert_int_eq(open(below("r/f"), O_WRONLY | O_CLOEXEC), -1);
	ck_assert_int_eq(errno, EROFS);
	ck_assert_uint_eq(flags_of(below("r/e")) & ST_RDONLY, 0);

	assert_ok(rootfs_readonly_path(root, "/missing", &error));
	assert_ok(rootfs_readonly_path(root, "/f/below-a-file", &error));
	assert_ok(
		rootfs_readonly_path(root, "/outside", &error)); /* in the root there is no /etc */
	ck_assert_uint_eq(flags_of("/etc") & ST_RDONLY, 0);
	assert_fails(rootfs_readonly_path(root, "/circle", &error), ELOOP,
		     "make /circle read-only");
}
END_TEST

static void check_masked_file(const char *path)
{
	char text[8];
	int fd = open(path, O_RDWR | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "open %s: %m", path);
	ck_assert(fd_is_device(fd, S_IFCHR, 1, 3));
	ck_assert_int_eq(read(fd, text, sizeof(text)), 0);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	/* It may be the host's own node. */
	ck_assert_int_eq(fchmod(fd, 0600), -1);
	ck_assert_int_eq(errno, EROFS);
	(void)close(fd);
}

static void check_masked_directory(const char *path)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	ck_assert_msg(fd >= 0, "open %s: %m", path);
	ck_assert_int_eq(faccessat(fd, "f", F_OK, 0), -1);
	ck_assert_uint_eq(flags_of(path) & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC),
			  ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC);
	ck_assert(fstat(fd, &st) == 0 && st.st_nlink == 2);
	/* Writable as a mount, it still is not as an instance. */
	assert_ok(mount_set_attributes(fd, 0, MOUNT_ATTR_RDONLY, false, &error));
	ck_assert_int_eq(mkdirat(fd, "x", 0755), -1);
	(void)close(fd);
}

/* As a container does it: the null device is opened before the old root is detached, the paths are
 * masked afterwards. */
static void mask_all(void)
{
	struct masks masks = { .device.mount = -1, .directory.mount = -1 };

	assert_ok(device_open_null(&masks.device.mount, &error));
	assert_ok(rootfs_pivot(proc(), root, &error));
	assert_ok(rootfs_mask_path(root, "/f", &masks, &error));
	ck_assert(masks.device.attached);
	ck_assert_int_eq(masks.directory.mount, -1);
	assert_ok(rootfs_mask_path(root, "/inside", &masks, &error));
	ck_assert_int_ge(masks.directory.mount, 0);
	ck_assert(masks.directory.attached);
	assert_ok(rootfs_mask_path(root, "/g", &masks, &error));
	assert_ok(rootfs_mask_path(root, "/e", &masks, &error));
	check_masked_file("/f");
	check_masked_file("/g");
	check_masked_directory("/d");
	check_masked_directory("/e");
}

START_TEST(masked_paths)
{
	if (mount_root())
		mask_all();
}
END_TEST

START_TEST(masked_paths_in_a_user_namespace)
{
	if (!make_root())
		return;
	ck_assert_int_eq(chdir(below("r")), 0);
	if (!sandbox_more(CLONE_NEWUSER | CLONE_NEWNS))
		return;
	assert_ok(rootfs_isolate(proc(), MS_SLAVE, &error));
	assert_ok(rootfs_mount(&root, &error));
	mask_all();
}
END_TEST

/* One that is attached, as the container's own, does as well. */
START_TEST(masked_with_a_node)
{
	struct masks masks = { .device.attached = true, .directory.mount = -1 };

	if (!mount_root())
		return;
	ck_assert_int_eq(mknodat(root, "null", S_IFCHR | 0666, makedev(1, 3)), 0);
	ck_assert_int_eq(mknodat(root, "zero", S_IFCHR | 0666, makedev(1, 5)), 0);
	masks.device.mount = openat(root, "null", O_PATH | O_CLOEXEC);
	assert_ok(rootfs_mask_path(root, "/f", &masks, &error));
	masks.device.mount = open(below("r/f"), O_PATH | O_CLOEXEC);
	ck_assert(fd_is_device(masks.device.mount, S_IFCHR, 1, 3));
	masks.device.mount = openat(root, "zero", O_PATH | O_CLOEXEC);
	assert_fails(rootfs_mask_path(root, "/g", &masks, &error), EINVAL, "not the null device");
	masks.device.mount = -1;
	assert_fails(rootfs_mask_path(root, "/g", &masks, &error), EINVAL, "not the null device");
	assert_ok(rootfs_mask_path(root, "/missing", &masks, &error));
	assert_ok(rootfs_mask_path(root, "/f/x", &masks, &error));
	assert_fails(rootfs_mask_path(root, "/circle", &masks, &error), ELOOP, "mask /circle");
	ck_assert_int_eq(masks.directory.mount, -1);
}
END_TEST

UNIT_MAIN("rootfs", isolated, found_by_its_path, pivoted, pivot_says_why_not, moved,
	  moved_in_a_user_namespace, chrooted, read_only_paths, masked_paths,
	  masked_paths_in_a_user_namespace, masked_with_a_node)
