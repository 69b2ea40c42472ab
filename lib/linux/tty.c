/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pseudoterminals. The root they come from is hostile. So berth verifies that the directory is a
 * devpts, in which only the kernel makes names, and gets the other end from the multiplexer itself,
 * never by name.
 */
#include "linux/tty.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "linux/mounts.h"

static bool is_terminal(int fd)
{
	struct stat st;

	return fd_has_magic(fd, DEVPTS_SUPER_MAGIC) && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       major(st.st_rdev) >= UNIX98_PTY_SLAVE_MAJOR &&
	       major(st.st_rdev) < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT;
}

static int open_multiplexer(int root, int *ret_fd, struct berth_error *e)
{
	autoclose int dir = -1, fd = -1;
	int r = open_in_root(root, "/dev/pts", O_PATH | O_DIRECTORY, &dir, e);

	if (r < 0)
		return r;
	if (!fd_has_magic(dir, DEVPTS_SUPER_MAGIC)) {
		refuse(e, ENODEV, "/dev/pts of the container is not a devpts");
		advise(e, "process.terminal needs a mount of type devpts there");
		return -ENODEV;
	}
	fd = openat(dir, "ptmx", O_RDWR | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		r = fail(e, errno, "open /dev/pts/ptmx");
		if (r == -EACCES)
			advise(e, "the devpts mount needs the option ptmxmode=0666");
		else if (r == -ENOSPC)
			advise(e, "the limit of pseudoterminals is reached: "
				  "/proc/sys/kernel/pty/max, or the mount's option max=");
		return r;
	}
	if (!fd_has_magic(fd, DEVPTS_SUPER_MAGIC) || !fd_is_device(fd, S_IFCHR, TTYAUX_MAJOR, 2))
		return refuse(
			e, ENODEV,
			"/dev/pts/ptmx of the container is not the multiplexer of its devpts");
	*ret_fd = take_fd(&fd);
	return 0;
}

int tty_open(int root, int *ret_master, int *ret_slave, struct berth_error *e)
{
	autoclose int master = -1, slave = -1;
	int unlock = 0;
	int r = open_multiplexer(root, &master, e);

	if (r < 0)
		return in_context(e, r, "make a terminal");
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return fail(e, errno, "unlock the terminal");
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return fail(e, errno, "open the terminal");
	if (!is_terminal(slave))
		return refuse(e, ENODEV,
			      "the other end of /dev/pts/ptmx is not a terminal of a devpts");
	*ret_master = take_fd(&master);
	*ret_slave = take_fd(&slave);
	return 0;
}

int tty_set_size(int fd, uint16_t rows, uint16_t columns, struct berth_error *e)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	return ioctl(fd, TIOCSWINSZ, &size) < 0 ? fail(e, errno, "set the size of the terminal")
						: 0;
}

int tty_copy_size(int master, int caller, struct berth_error *e)
{
	struct winsize size;

	/* A terminal without a window, such as a serial line, says 0 by 0. */
	if (ioctl(caller, TIOCGWINSZ, &size) < 0 || (size.ws_row == 0 && size.ws_col == 0))
		return 0;
	return ioctl(master, TIOCSWINSZ, &size) < 0 ? fail(e, errno, "set the size of the terminal")
						    : 0;
}

int tty_fit(int master, int caller, struct berth_error *e)
{
	struct termios t;

	if (tcgetattr(master, &t) < 0)
		return fail(e, errno, "modes of the container's terminal");
	t.c_oflag &= ~(tcflag_t)ONLCR;
	if (tcsetattr(master, TCSANOW, &t) < 0)
		return fail(e, errno, "set the container's terminal");
	return tty_copy_size(master, caller, e);
}

int tty_mount_console(int root, int slave, struct berth_error *e)
{
	autoclose int dir = -1, target = -1, fd = -1;
	const char *name = NULL;
	struct stat st;
	int r;

	if (!is_terminal(slave))
		return refuse(e, EINVAL,
			      "what is to be /dev/console is not a terminal of a devpts");
	r = make_parent_in_root(root, "/dev/console", &dir, &name, e);
	if (r < 0)
		return r;
	if (mknodat(dir, name, S_IFREG | 0600, 0) < 0 && errno != EEXIST)
		return fail(e, errno, "make file /dev/console");
	target = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (target < 0 || fstat(target, &st) < 0)
		return fail(e, errno, "open /dev/console");
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return refuse(
			e, EEXIST,
			"/dev/console of the container is neither a device nor a file to mount on");
	r = mount_clone(slave, "", false, &fd, e);
	if (r == 0)
		r = mount_attach(fd, target, e);
	return r < 0 ? in_context(e, r, "mount the terminal on /dev/console") : 0;
}

int tty_take(int slave, struct berth_error *e)
{
	if (ioctl(slave, TIOCSCTTY, 0) < 0) {
		int r = fail(e, errno, "make the terminal the controlling one");

		if (r == -EPERM)
			advise(e, "the process is no session leader, or another session has the "
				  "terminal");
		return r;
	}
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fd == slave) { /* dup2(2) would leave O_CLOEXEC set */
			int r = set_cloexec(fd, false, e);

			if (r < 0)
				return r;
		} else if (dup2(slave, fd) < 0) {
			return fail(e, errno, "make the terminal fd %d", fd);
		}
	}
	return 0;
}
