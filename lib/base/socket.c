/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AF_UNIX sockets. The peer of a connection may be hostile: lengths are bounded, file descriptors
 * that nobody asked for are dropped.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/socket.h"

/* Room for one fd exactly: CMSG_SPACE() would be rounded up to two. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_LEN(sizeof(int))];
};

int socket_pair(int ret_fds[2], struct berth_error *e)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0)
		return fail(e, errno, "make socket pair");
	return 0;
}

int socket_listen(int dir, const char *name, int *ret_fd, struct berth_error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autoclose int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir,
			 name);

	if (n >= (int)sizeof(address.sun_path))
		return fail(e, ENAMETOOLONG, "make socket %s", name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(e, errno, "make socket %s", name);
	if (listen(fd, 1) < 0) {
		int err = errno;

		(void)unlinkat(dir, name, 0);
		return fail(e, err, "listen at socket %s", name);
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

int socket_connect(int dir, const char *path, int type, int *ret_fd, struct berth_error *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autoclose int place = openat(dir, path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (place < 0 || fstat(place, &st) < 0)
		return fail(e, errno, "connect to %s", path);
	if (!S_ISSOCK(st.st_mode))
		return fail(e, ENOTSOCK, "connect to %s", path);
	/* By its fd, as sun_path has room for 107 bytes only. */
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", place);
	autoclose int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int r = fail(e, errno, "connect to %s", path);
		if (r == -ECONNREFUSED)
			advise(e, "nobody listens there");
		else if (r == -EPROTOTYPE)
			advise(e, "it is a socket of another type");
		return r;
	}
	*ret_fd = take_fd(&fd);
	return 0;
}

int socket_send(int sock, const void *data, size_t length, int fd, struct berth_error *e)
{
	struct iovec bytes = { .iov_base = (void *)data, .iov_len = length };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };
	ssize_t n = 0;

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.bytes);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	do {
		n = sendmsg(sock, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(e, errno, "send message");
	if ((size_t)n != length)
		return refuse(e, EIO, "send message: only %zd of %zu bytes were taken", n, length);
	return 0;
}

/* The fd that came with the message, or -1. */
static int received_fd(struct msghdr *message)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

int socket_receive(int sock, void *data, size_t size, size_t *ret_length, int *ret_fd,
		   struct berth_error *e)
{
	struct iovec bytes = { .iov_base = data, .iov_len = size };
	union control control = { 0 };
	struct msghdr message = { .msg_iov = &bytes, .msg_iovlen = 1 };
	ssize_t n = 0;

	if (ret_fd) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.bytes);
	}
	do {
		n = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(e, errno, "receive message");
	autoclose int fd = received_fd(&message);
	if (message.msg_flags & MSG_TRUNC)
		return refuse(e, EMSGSIZE, "receive message: it is longer than %zu bytes", size);
	if (message.msg_flags & MSG_CTRUNC)
		return refuse(e, EPROTO,
			      "receive message: it brings more file descriptors than expected");
	*ret_length = (size_t)n;
	if (ret_fd)
		*ret_fd = take_fd(&fd);
	return 0;
}
