/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds back the signals with which people and service managers end a program.
 */
#include <poll.h>

#include "start/interrupt.h"

static const int held[INTERRUPTS] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

/* Only there so that ppoll(2) returns. */
static void note(int signal)
{
	(void)signal;
}

void interrupt_hold(struct interrupt *i)
{
	struct sigaction action = { .sa_handler = note };
	sigset_t set;

	(void)sigemptyset(&set);
	for (int n = 0; n < INTERRUPTS; n++)
		(void)sigaddset(&set, held[n]);
	(void)sigprocmask(SIG_BLOCK, &set, &i->before);
	for (int n = 0; n < INTERRUPTS; n++) {
		(void)sigaction(held[n], NULL, &i->actions[n]);
		if (i->actions[n].sa_handler != SIG_IGN) /* nohup(1) */
			(void)sigaction(held[n], &action, NULL);
	}
}

void interrupt_release(const struct interrupt *i)
{
	for (int n = 0; n < INTERRUPTS; n++)
		(void)sigaction(held[n], &i->actions[n], NULL);
	(void)sigprocmask(SIG_SETMASK, &i->before, NULL);
}

int interrupt_wait(const struct interrupt *i, int fd, struct berth_error *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (ppoll(&p, 1, NULL, &i->before) < 0)
		return errno == EINTR ? refuse(e, EINTR, "interrupted by a signal")
				      : fail(e, errno, "wait");
	return 0;
}
