/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See notify.h. Trust: what comes through the socket is the container's. Its size is bounded, it is
 * compared with one line and dropped, and fds are never accepted. berth itself writes what is sent
 * to the caller.
 *
 * Namespaces: all the host's.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/socket.h"
#include "base/text.h"
#include "linux/mounts.h"
#include "start/notify.h"
#include "start/steps.h"

const char *notify_caller(void)
{
	const char *path = getenv(NOTIFY_VARIABLE);

	return path && path[0] ? path : NULL;
}

int make_notify_directory(struct start *s, struct berth_error *e)
{
	autoclose int dir = -1;
	int r;

	if (mkdirat(s->state_dir, NOTIFY_DIRECTORY, 0700) < 0)
		return fail(e, errno, "make directory %s", NOTIFY_DIRECTORY);
	dir = openat(s->state_dir, NOTIFY_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* For the program's user; outside, the state directory is closed to others. */
	if (dir < 0 || fchmod(dir, 0755) < 0)
		return fail(e, errno, "open directory %s", NOTIFY_DIRECTORY);
	/* A user namespace may map us to someone who cannot reach it. Without privilege only init
	 * can make the copy, in its own mount namespace. */
	if (!s->request->privileged)
		return path_of_fd(s->proc, dir, &s->notify_path, e);
	r = mount_clone(dir, "", false, &s->notify_mount, e);
	return r < 0 ? r : mount_set_propagation(s->notify_mount, MS_SLAVE, false, e);
}

/* Each process that listens makes the socket anew: what the container has mounted is the
 * directory. */
static int listen_at(int dir, int *ret_fd, struct berth_error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	if (fd < 0)
		return fail(e, errno, "make socket %s", NOTIFY_NAME);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/" NOTIFY_NAME,
		       dir);
	if (unlinkat(dir, NOTIFY_NAME, 0) < 0 && errno != ENOENT)
		return fail(e, errno, "remove %s", NOTIFY_NAME);
	/* Open to all by birth: chmod(2) would follow what somebody has put in its place. */
	mask = umask(0);
	r = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	(void)umask(mask);
	if (r < 0)
		return fail(e, -r, "make socket %s", NOTIFY_NAME);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int connect_abstract(const char *name, int *ret_fd, struct berth_error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(name);
	autoclose int fd = -1;

	if (length > sizeof(address.sun_path))
		return fail(e, ENAMETOOLONG, "connect to %s", name);
	memcpy(address.sun_path + 1, name + 1, length - 1);
	length += offsetof(struct sockaddr_un, sun_path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, (socklen_t)length) < 0)
		return fail(e, errno, "connect to %s", name);
	*ret_fd = take_fd(&fd);
	return 0;
}

int open_notify_socket(struct start *s, struct berth_error *e)
{
	const char *caller = notify_caller();
	struct berth_error unheard = { 0 };
	autoclose int dir = -1;
	int r;

	dir = openat(s->state_dir, NOTIFY_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 && errno == ENOENT) {
		log_warning("$NOTIFY_SOCKET has no effect: it was not set when the container was "
			    "created");
		return 0;
	}
	if (dir < 0)
		return fail(e, errno, "open directory %s", NOTIFY_DIRECTORY);
	/* The program is to run all the same, as with runc. */
	r = caller[0] == '@'
		    ? connect_abstract(caller, &s->notify_out, &unheard)
		    : socket_connect(AT_FDCWD, caller, SOCK_DGRAM, &s->notify_out, &unheard);
	if (r < 0) {
		log_warning("$NOTIFY_SOCKET: %s; nobody is told when the program is ready",
			    unheard.text);
		return 0;
	}
	return listen_at(dir, &s->notify_in, e);
}

static bool says_ready(char *message)
{
	char *line;

	while ((line = strsep(&message, "\n"))) {
		if (text_equal(line, "READY=1"))
			return true;
	}
	return false;
}

static int tell_caller(struct start *s, pid_t main, struct berth_error *e)
{
	static const char ready[] = "READY=1\n";
	char text[32];
	int n = snprintf(text, sizeof(text), "MAINPID=%d\n", (int)main);
	int r = socket_send(s->notify_out, ready, sizeof(ready) - 1, -1, e);

	return r < 0 ? r : socket_send(s->notify_out, text, (size_t)n, -1, e);
}

void notify_take(struct start *s, pid_t main)
{
	struct berth_error unheard = { 0 };
	char message[4096];

	/* After READY=1 messages are still read, and dropped, so that the socket does not fill up.
	 * The bound is for a program that never stops sending. */
	for (int i = 0; i < 100; i++) {
		ssize_t n = recv(s->notify_in, message, sizeof(message) - 1, MSG_DONTWAIT);

		if (n < 0)
			return;
		message[n] = '\0';
		if (s->notify_out < 0 || !says_ready(message))
			continue;
		if (tell_caller(s, main, &unheard) < 0)
			log_warning("$NOTIFY_SOCKET: %s", unheard.text);
		close_fd(&s->notify_out);
	}
}

int notify_wait(struct start *s, struct berth_error *e)
{
	while (s->notify_out >= 0) {
		struct pollfd watched[] = { { .fd = s->notify_in, .events = POLLIN },
					    { .fd = s->pidfd, .events = POLLIN } };

		if (poll(watched, ARRAY_SIZE(watched), -1) < 0 && errno != EINTR)
			return fail(e, errno, "wait for the program to be ready");
		if (watched[0].revents)
			notify_take(s, s->pid);
		else if (watched[1].revents)
			break; /* it has ended, and all it had said is read */
	}
	close_fd(&s->notify_in);
	return 0;
}
