/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/socket.h"
#include "unit.h"

START_TEST(messages_keep_their_bounds)
{
	char bytes[16] = "";
	size_t length = 99;
	int s[2];

	assert_ok(socket_pair(s, &error));
	ck_assert_int_eq(fcntl(s[0], F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(s[1], F_GETFD), FD_CLOEXEC);
	assert_ok(socket_send(s[0], "abc", 3, -1, &error));
	assert_ok(socket_send(s[0], "defg", 4, -1, &error));
	assert_ok(socket_receive(s[1], bytes, sizeof(bytes), &length, NULL, &error));
	ck_assert_uint_eq(length, 3);
	assert_ok(socket_receive(s[1], bytes, sizeof(bytes), &length, NULL, &error));
	ck_assert_uint_eq(length, 4);
	ck_assert_int_eq(memcmp(bytes, "defg", 4), 0);
}
END_TEST

START_TEST(end_of_the_peer)
{
	char bytes[16];
	size_t length = 99;
	int s[2];

	assert_ok(socket_pair(s, &error));
	close(s[0]);
	assert_ok(socket_receive(s[1], bytes, sizeof(bytes), &length, NULL, &error));
	ck_assert_uint_eq(length, 0);
	ck_assert_ptr_ne(signal(SIGPIPE, SIG_DFL), SIG_ERR);
	assert_fails(socket_send(s[1], "x", 1, -1, &error), EPIPE, "send message: ");
}
END_TEST

START_TEST(carries_fds)
{
	char bytes[16];
	size_t length = 99;
	int s[2], fd = -1;
	struct stat a, b;

	assert_ok(socket_pair(s, &error));
	assert_ok(socket_send(s[0], "x", 1, scratch(), &error));
	assert_ok(socket_receive(s[1], bytes, sizeof(bytes), &length, &fd, &error));
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fstat(scratch(), &a) + fstat(fd, &b), 0);
	ck_assert_uint_eq(a.st_ino, b.st_ino);

	assert_ok(socket_send(s[0], "x", 1, -1, &error));
	assert_ok(socket_receive(s[1], bytes, sizeof(bytes), &length, &fd, &error));
	ck_assert_int_eq(fd, -1);
}
END_TEST

/* Sends two fds in one message, as a hostile peer may. */
static void send_two(int sock)
{
	char x[] = "x";
	struct iovec bytes = { .iov_base = x, .iov_len = 1 };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fds[2] = { 1, 2 };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	ck_assert_int_eq(sendmsg(sock, &message, 0), 1);
}

START_TEST(unwanted_is_refused_and_dropped)
{
	char bytes[4];
	size_t length = 99;
	int s[2], fd = -7;

	assert_ok(socket_pair(s, &error));
	int fds = count_fds();
	assert_ok(socket_send(s[0], "x", 1, 1, &error));
	assert_fails(socket_receive(s[1], bytes, sizeof(bytes), &length, NULL, &error), EPROTO,
		     "more file descriptors");
	send_two(s[0]);
	assert_fails(socket_receive(s[1], bytes, sizeof(bytes), &length, &fd, &error), EPROTO,
		     "more file descriptors");
	assert_ok(socket_send(s[0], "12345", 5, 1, &error));
	assert_fails(socket_receive(s[1], bytes, sizeof(bytes), &length, &fd, &error), EMSGSIZE,
		     "longer than 4 bytes");
	ck_assert_int_eq(count_fds(), fds);
	ck_assert_int_eq(fd, -7);
	ck_assert_uint_eq(length, 99);
}
END_TEST

/* In a directory whose path alone would not fit into sun_path. */
START_TEST(listens_and_connects)
{
	char path[1024] = "", bytes[8];
	size_t length = 0;
	int server = -1, client = -1, dir = dup(scratch());

	for (int i = 0; i < 3; i++) {
		char name[101];

		memset(name, 'a' + i, 100);
		name[100] = '\0';
		ck_assert_int_eq(mkdirat(dir, name, 0755), 0);
		dir = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		ck_assert_int_ge(dir, 0);
		strcat(path, "/");
		strcat(path, name);
	}
	assert_ok(socket_listen(dir, "sock", &server, &error));
	ck_assert_int_eq(fcntl(server, F_GETFD), FD_CLOEXEC);

	char whole[2048];
	(void)snprintf(whole, sizeof(whole), "%s%s/sock", scratch_path(), path);
	const struct {
		int dir;
		const char *path;
	} ways[] = { { AT_FDCWD, whole }, { dir, "sock" } };
	for (int i = 0; i < 2; i++) {
		assert_ok(
			socket_connect(ways[i].dir, ways[i].path, SOCK_SEQPACKET, &client, &error));
		ck_assert_int_eq(fcntl(client, F_GETFD), FD_CLOEXEC);
		int peer = accept4(server, NULL, NULL, SOCK_CLOEXEC);
		ck_assert_int_ge(peer, 0);
		assert_ok(socket_send(client, "hi", 2, -1, &error));
		assert_ok(socket_receive(peer, bytes, sizeof(bytes), &length, NULL, &error));
		ck_assert_uint_eq(length, 2);
		close(peer);
		close(client);
	}
	assert_fails(socket_listen(dir, "sock", &server, &error), EADDRINUSE, "make socket sock");
	assert_fails(socket_connect(dir, "sock", SOCK_STREAM, &client, &error), EPROTOTYPE,
		     "another type");
	close(server);
	assert_fails(socket_connect(dir, "sock", SOCK_SEQPACKET, &client, &error), ECONNREFUSED,
		     "nobody listens");
}
END_TEST

START_TEST(what_cannot_be_connected_to)
{
	char name[200];
	int fd = -1;

	put_file("f", "");
	int fds = count_fds();
	assert_fails(socket_connect(scratch(), "none", SOCK_STREAM, &fd, &error), ENOENT,
		     "connect to none");
	assert_fails(socket_connect(scratch(), "f", SOCK_STREAM, &fd, &error), ENOTSOCK,
		     "connect to f");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_fails(socket_listen(scratch(), name, &fd, &error), ENAMETOOLONG, "make socket xxx");
	assert_fails(socket_listen(scratch(), "no/dir", &fd, &error), ENOENT, "make socket no/dir");
	ck_assert_int_eq(count_fds(), fds);
	ck_assert_int_eq(count_names("."), 1);
}
END_TEST

UNIT_MAIN("socket", messages_keep_their_bounds, end_of_the_peer, carries_fds,
	  unwanted_is_refused_and_dropped, listens_and_connects, what_cannot_be_connected_to)
