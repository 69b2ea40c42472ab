/* SPDX-License-Identifier: Apache-2.0 */
/*
 * See listener.h for how it works. Trust: the agent's socket is the configuration's; the agent may
 * be slow or gone.
 */
#include "linux/listener.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/socket.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

enum { SEND_SECONDS = 30, STACK_BYTES = 64 << 10 };

struct listener_sender {
	struct listener_request request;
	int faults;          /* the userfaultfd */
	volatile char *page; /* nobody has touched it yet */
	size_t page_size;
	int fd; /* what is to be sent; stands there before the page is touched */
};

/* A page whose first touch goes to *ret_faults. Only faults of ours, not those that the kernel
 * takes for us: so it needs no privilege. */
static int watch_page(struct listener_sender *s, struct berth_error *e)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *page;
	int r;

	s->page_size = (size_t)sysconf(_SC_PAGESIZE);
	s->faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (s->faults < 0) {
		r = fail(e, errno, "make a userfaultfd");
		if (r == -ENOSYS || r == -EPERM)
			advise(e, "sending a seccomp listener takes a kernel with "
				  "CONFIG_USERFAULTFD, and the right to use it");
		return r;
	}
	page = mmap(NULL, s->page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return fail(e, errno, "map a page");
	s->page = page;
	range.range.start = (uintptr_t)page;
	range.range.len = s->page_size;
	if (ioctl(s->faults, UFFDIO_API, &api) < 0 || ioctl(s->faults, UFFDIO_REGISTER, &range) < 0)
		return fail(e, errno, "watch a page");
	return 0;
}

static int await_touch(const struct listener_sender *s, struct berth_error *e)
{
	struct uffd_msg message;
	ssize_t n;

	do {
		n = read(s->faults, &message, sizeof(message));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(e, errno, "wait for the seccomp listener");
	return n == (ssize_t)sizeof(message) && message.event == UFFD_EVENT_PAGEFAULT
		       ? 0
		       : refuse(e, EPROTO, "unexpected event of a watched page");
}

/* One message: agents read it by one recvmsg(2). */
static int send_state(const struct listener_sender *s, struct berth_error *e)
{
	const struct listener_request *q = &s->request;
	const struct timeval patience = { .tv_sec = SEND_SECONDS };

	if (setsockopt(q->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return fail(e, errno, "set a timeout for the seccomp agent");
	return socket_send(q->socket, q->text, q->length, s->fd, e);
}

static void *run_sender(void *data)
{
	struct listener_sender *s = data;
	struct uffdio_zeropage fill = { .range = { (uintptr_t)s->page, s->page_size } };
	struct berth_error e = { 0 };
	int r = await_touch(s, &e);

	if (r == 0)
		r = send_state(s, &e);
	close_fd(&s->request.socket);
	if (r == 0 && ioctl(s->faults, UFFDIO_ZEROPAGE, &fill) < 0)
		r = fail(&e, errno, "wake the process");
	if (r < 0)
		s->request.failed(&e, s->request.data);
	return NULL;
}

int listener_prepare(const struct listener_request *q, struct listener_sender **ret,
		     struct berth_error *e)
{
	struct listener_sender *s = calloc(1, sizeof(*s));
	pthread_attr_t attributes;
	pthread_t thread;
	int r;

	if (!s)
		return fail(e, ENOMEM, "send the seccomp listener");
	*s = (struct listener_sender){ .request = *q, .faults = -1, .fd = -1 };
	r = watch_page(s, e);
	if (r < 0) {
		close_fd(&s->faults);
		free(s);
		return r;
	}
	(void)pthread_attr_init(&attributes);
	(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
	r = pthread_create(&thread, &attributes, run_sender, s);
	(void)pthread_attr_destroy(&attributes);
	if (r) {
		close_fd(&s->faults);
		free(s);
		fail(e, r, "start the thread that sends the seccomp listener");
		if (r == EAGAIN)
			advise(e, "it counts for pids.limit and RLIMIT_NPROC, and "
				  "SCHED_DEADLINE allows no further thread");
		return -r;
	}
	*ret = s;
	return 0;
}

void listener_send(struct listener_sender *s, int fd)
{
	s->fd = fd;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	(void)*s->page; /* sleeps here */
}
