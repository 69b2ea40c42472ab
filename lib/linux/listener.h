/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending away the notification fd of a seccomp filter (seccomp_unotify(2)) from the very process
 * that is under the filter.
 *
 * Once the filter is loaded, any system call of ours may be refused, or wait for an answer of the
 * agent that does not have the fd yet: not even sendmsg(2) can be counted upon. Taking the fd from
 * outside by pidfd_getfd(2) needs the right to trace the process, which is gone where it has
 * changed its user. So a thread that is made beforehand, and that the filter does not cover, sends
 * the fd. What remains is to wait for it without a system call, or execve(2) would end the thread
 * too early. A page that userfaultfd(2) watches does that: touching it puts us to sleep until the
 * thread has sent the fd and fills the page in.
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
