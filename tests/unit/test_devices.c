/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device nodes, the links in /dev, and terminals, in a root that may be up to no good.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/text.h"
#include "linux/devices.h"
#include "linux/tty.h"

#include "sandbox.h"
#include "unit.h"

static int root = -1;

static bool make_root(int flags)
{
	if (!sandbox(CLONE_NEWNS | flags))
		return false;
	make_directory("r");
	root = path_fd(below("r"));
	(void)umask(0);
	return true;
}

static struct stat look(const char *path)
{
	struct stat st;

	ck_assert_msg(fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0, "%s: %m", path);
	return st;
}

static const char *link_of(const char *path)
{
	static char text[256];
	ssize_t n = readlinkat(root, path, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static int make(int in, const struct device_spec *d, int host_fd, struct berth_error *e)
{
	struct device_maker m = { .root = in, .dir = -1 };
	int r = device_make(&m, d, host_fd, e);

	close_fd(&m.dir);
	return r;
}

START_TEST(default_ones)
{
	if (!make_root(0))
		return;
	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < ARRAY_SIZE(default_devices); i++)
			assert_ok(make(root, &default_devices[i], -1, &error));
	}
	for (size_t i = 0; i < ARRAY_SIZE(default_devices); i++) {
		const struct device_spec *d = &default_devices[i];
		struct stat host, st = look(d->path + 1);

		ck_assert_uint_eq(st.st_mode, S_IFCHR | 0666);
		ck_assert_int_eq(stat(d->path, &host), 0);
		ck_assert_msg(st.st_rdev == host.st_rdev, "%s", d->path);
	}
}
END_TEST

START_TEST(configured_ones)
{
	struct device_spec block = { .path = "dev/deep/er/loop7",
				     .type = 'b',
				     .major = 7,
				     .minor = 300,
				     .has_major = true,
				     .has_minor = true,
				     .has_mode = true,
				     .mode = 0640,
				     .has_uid = true,
				     .uid = 12,
				     .has_gid = true,
				     .gid = 34 };
	struct device_spec fifo = { .path = "/dev/p", .type = 'p', .has_mode = true, .mode = 0600 };
	struct stat st;

	if (!make_root(0))
		return;
	assert_ok(make(root, &block, -1, &error));
	st = look("dev/deep/er/loop7");
	ck_assert_uint_eq(st.st_mode, S_IFBLK | 0640);
	ck_assert(st.st_rdev == makedev(7, 300) && st.st_uid == 12 && st.st_gid == 34);
	assert_ok(make(root, &fifo, -1, &error));
	ck_assert_uint_eq(look("dev/p").st_mode, S_IFIFO | 0600);

	/* The same again, with other owner and mode. */
	block.mode = 0600;
	block.has_uid = false;
	block.gid = 56;
	assert_ok(make(root, &block, -1, &error));
	st = look("dev/deep/er/loop7");
	ck_assert(st.st_uid == 12 && st.st_gid == 56);
	ck_assert(st.st_mode == (S_IFBLK | 0600) ||
		  st.st_mode == (S_IFBLK | 0640)); /* before Linux 6.6 */

	block.minor = 301;
	assert_fails(make(root, &block, -1, &error), EEXIST, "is not the device b 7:301");
	block.type = 'c';
	block.minor = 300;
	assert_fails(make(root, &block, -1, &error), EEXIST, "is not the device c 7:300");
	fifo.path = block.path;
	assert_fails(make(root, &fifo, -1, &error), EEXIST, "is not a fifo");
	block.minor = -1;
	assert_fails(make(root, &block, -1, &error), EINVAL, "7:-1");
}
END_TEST

START_TEST(links_in_the_way)
{
	struct device_spec d = default_devices[0];

	if (!make_root(0))
		return;
	make_directory("out");
	make_directory("r/dev");
	make_symlink("r/dev/null", "/dev/zero");
	assert_fails(make(root, &d, -1, &error), EEXIST, "is not the device c 1:3");
	make_symlink("r/dev/host", below("out"));
	d.path = "/dev/host/null";
	assert_ok(make(root, &d, -1, &error)); /* that path within the root, where it is made */
	make_symlink("r/dev/up", "../../out");
	d.path = "/dev/up/null";
	assert_ok(make(root, &d, -1, &error));
	ck_assert_int_eq(rmdir(below("out")), 0); /* nothing was made in there */
}
END_TEST

START_TEST(bound_from_the_host)
{
	struct device_spec wrong = default_devices[0];
	int host = -1;

	if (!make_root(CLONE_NEWUSER))
		return;
	assert_fails(make(root, &default_devices[0], -1, &error), EPERM, "CAP_MKNOD");
	for (size_t i = 0; i < ARRAY_SIZE(default_devices); i++) {
		assert_ok(device_open_host(&default_devices[i], &host, &error));
		assert_ok(make(root, &default_devices[i], host, &error));
		assert_ok(make(root, &default_devices[i], host, &error));
		close_fd(&host);
		host = openat(root, default_devices[i].path + 1, O_PATH | O_CLOEXEC);
		ck_assert(fd_is_device(host, S_IFCHR, (unsigned int)default_devices[i].major,
				       (unsigned int)default_devices[i].minor));
		close_fd(&host);
	}
	wrong.minor = 5;
	assert_fails(device_open_host(&wrong, &host, &error), ENODEV, "is not the device c 1:5");
	ck_assert_int_eq(host, -1);
	wrong.path = "/dev/nosuch";
	assert_fails(device_open_host(&wrong, &host, &error), ENOENT, "/dev/nosuch");
	assert_ok(device_open_host(&default_devices[0], &host, &error));
	assert_fails(make(root, &wrong, host, &error), EINVAL, "not that device");
	wrong.minor = 3;
	make_symlink("r/dev/nosuch", "null");
	assert_fails(make(root, &wrong, host, &error), EEXIST, "/dev/nosuch already exists");
}
END_TEST

START_TEST(standard_links)
{
	if (!make_root(0))
		return;
	assert_ok(device_make_links(root, &error));
	ck_assert_int_eq(faccessat(root, "dev", F_OK, 0), -1); /* no procfs, no devpts: no links */

	make_directory("r/proc");
	make_directory("r/dev");
	make_directory("r/dev/pts");
	ck_assert_int_eq(mount("proc", below("r/proc"), "proc", 0, NULL), 0);
	ck_assert_int_eq(mount("devpts", below("r/dev/pts"), "devpts", 0, "ptmxmode=0666"), 0);
	make_symlink("r/dev/stdin", "/my/own");
	make_file("r/dev/ptmx", "");
	for (int again = 0; again < 2; again++) {
		assert_ok(device_make_links(root, &error));
		ck_assert_str_eq(link_of("dev/fd"), "/proc/self/fd");
		ck_assert_str_eq(link_of("dev/stdout"), "/proc/self/fd/1");
		ck_assert_str_eq(link_of("dev/stderr"), "/proc/self/fd/2");
		ck_assert_str_eq(link_of("dev/ptmx"), "pts/ptmx");
		ck_assert_str_eq(link_of("dev/stdin"), "/my/own");
		ck_assert_str_eq(link_of("dev/core"),
				 faccessat(root, "proc/kcore", F_OK, 0) == 0 ? "/proc/kcore" : "");
	}
}
END_TEST

static int master = -1, slave = -1;

static bool make_terminal(void)
{
	if (!make_root(0))
		return false;
	make_directory("r/dev");
	make_directory("r/dev/pts");
	ck_assert_int_eq(mount("devpts", below("r/dev/pts"), "devpts", 0, "ptmxmode=0666"), 0);
	assert_ok(tty_open(root, &master, &slave, &error));
	return true;
}

static void take_terminal(void)
{
	ck_assert_int_gt(setsid(), 0);
	assert_ok(tty_take(slave, &error));
	ck_assert_int_eq(tcgetsid(0), getpid());
	for (int fd = 0; fd < 3; fd++) {
		ck_assert_int_eq(isatty(fd), 1);
		ck_assert_int_eq(fcntl(fd, F_GETFD), 0);
	}
	ck_assert_int_eq(write(1, "hello", 5), 5);
}

START_TEST(terminal)
{
	struct winsize size;
	struct stat st;
	char text[16] = "";

	if (!make_terminal())
		return;
	ck_assert_int_eq(fcntl(master, F_GETFD) & fcntl(slave, F_GETFD), FD_CLOEXEC);
	assert_ok(tty_set_size(master, 33, 99, &error));
	ck_assert_int_eq(ioctl(slave, TIOCGWINSZ, &size), 0);
	ck_assert(size.ws_row == 33 && size.ws_col == 99);

	assert_ok(tty_mount_console(root, slave, &error));
	ck_assert_int_eq(fstat(slave, &st), 0);
	ck_assert_uint_eq(look("dev/console").st_rdev, st.st_rdev);

	in_child(take_terminal);
	ck_assert_int_eq(read(master, text, sizeof(text)), 5);
	ck_assert_str_eq(text, "hello");
	/* Not the leader of a session. */
	(void)setsid();
	assert_fails(tty_set_size(root, 1, 1, &error), EBADF, "size");
}
END_TEST

START_TEST(console_in_the_way)
{
	if (!make_terminal())
		return;
	make_file("victim", "");
	make_symlink("r/dev/console", below("victim"));
	assert_fails(tty_mount_console(root, slave, &error), EEXIST, "/dev/console");
	ck_assert_int_eq(unlink(below("r/dev/console")), 0);
	make_directory("r/dev/console");
	assert_fails(tty_mount_console(root, slave, &error), EEXIST, "/dev/console");
	assert_fails(tty_mount_console(root, root, &error), EINVAL, "not a terminal");
	ck_assert_int_eq(rmdir(below("r/dev/console")), 0);
	ck_assert_int_eq(mknodat(root, "dev/console", S_IFCHR | 0600, makedev(5, 1)), 0);
	assert_ok(tty_mount_console(root, slave, &error));
}
END_TEST

/* Another file system in the place of the devpts is refused. */
START_TEST(false_terminals)
{
	if (!make_root(0))
		return;
	assert_fails(tty_open(root, &master, &slave, &error), ENOENT, "make a terminal");
	make_directory("r/dev");
	make_symlink("r/dev/pts", "/../../../../dev/pts");
	ck_assert_int_lt(tty_open(root, &master, &slave, &error), 0);
	ck_assert_int_eq(unlink(below("r/dev/pts")), 0);
	make_directory("r/dev/pts");
	ck_assert_int_eq(mknodat(root, "dev/pts/ptmx", S_IFCHR | 0666, makedev(5, 2)), 0);
	assert_fails(tty_open(root, &master, &slave, &error), ENODEV, "not a devpts");
	ck_assert_int_eq(mount("devpts", below("r/dev/pts"), "devpts", 0, "ptmxmode=0666"), 0);
	make_file("r/file", "");
	ck_assert_int_eq(mount(below("r/file"), below("r/dev/pts/ptmx"), NULL, MS_BIND, NULL), 0);
	assert_fails(tty_open(root, &master, &slave, &error), ENODEV, "not the multiplexer");
	ck_assert_int_eq(umount(below("r/dev/pts/ptmx")), 0);
	ck_assert(master == -1 && slave == -1);
	assert_ok(tty_open(root, &master, &slave, &error));
}
END_TEST

UNIT_MAIN("devices", default_ones, configured_ones, links_in_the_way, bound_from_the_host,
	  standard_links, terminal, console_in_the_way, false_terminals)
