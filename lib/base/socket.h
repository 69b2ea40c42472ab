/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between processes over AF_UNIX sockets (unix(7)), with file descriptors where wanted
 * (SCM_RIGHTS).
 */
#ifndef BASE_SOCKET_H
#define BASE_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Connected SOCK_SEQPACKET pair, O_CLOEXEC. */
int socket_pair(int ret_fds[2], struct berth_error *e) must_check;
/* Listens at `name` in directory `dir` (SOCK_SEQPACKET, backlog 1). Reaches it through
 * /proc/self/fd, so that no path is too long. */
int socket_listen(int dir, const char *name, int *ret_fd, struct berth_error *e) must_check;
/* Connects to `path` (relative to `dir` unless absolute; AT_FDCWD allowed) with this socket
 * type. */
int socket_connect(int dir, const char *path, int type, int *ret_fd,
		   struct berth_error *e) must_check;

/* Sends the bytes and, unless fd is -1, the fd, in one message. SIGPIPE is suppressed. */
int socket_send(int sock, const void *data, size_t length, int fd,
		struct berth_error *e) must_check;
/* Receives one message of at most `size` bytes; *ret_length 0 is the peer's end. ret_fd may be
 * NULL: then fds are refused. *ret_fd is -1 where none came. */
int socket_receive(int sock, void *data, size_t size, size_t *ret_length, int *ret_fd,
		   struct berth_error *e) must_check;

#endif
