/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends the notification fd of a seccomp filter (seccomp_unotify(2)) to the agent, from the process
 * that is under the filter.
 *
 * Once the filter is loaded, any system call of this process may be refused, or may wait for an
 * answer of the agent, which does not have the fd yet. Not even sendmsg(2) is safe. The host could
 * take the fd by pidfd_getfd(2) only with the right to trace the process, which is lost when the
 * process changes its user. So a thread that was made beforehand, and is not under the filter,
 * sends the fd. The process has to wait for it without a system call, because execve(2) would end
 * the thread. A page that userfaultfd(2) watches does that: touching it puts the process to sleep
 * until the thread has sent the fd and fills the page.
 */
#ifndef LINUX_LISTENER_H
#define LINUX_LISTENER_H

#include <stddef.h>

#include "base/error.h"

struct listener_sender;

/*
 * Starts the thread. It will send `text` and the fd in one message to `socket` (SOCK_STREAM), and
 * then close that. Where it cannot, it calls `failed`, which must not return. `text` has to stay.
 */
struct listener_request {
	int socket;
	const char *text;
	size_t length;
	void (*failed)(const struct berth_error *e, void *data);
	void *data;
};
int listener_prepare(const struct listener_request *r, struct listener_sender **ret,
		     struct berth_error *e) must_check;
/* Hands the fd over and returns when it has been sent. Makes no system call. */
void listener_send(struct listener_sender *sender, int fd);

#endif
