/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While the host walks the plan, SIGINT and similar signals must not end it at once: what is half
 * made would be left behind. They are held back, and accepted only while the host waits for the
 * container or for a hook. Then the walk fails and undoes its steps. After that, the signal has its
 * usual effect.
 */
#ifndef START_INTERRUPT_H
#define START_INTERRUPT_H

#include <signal.h>

#include "base/error.h"

enum { INTERRUPTS = 4 };

struct interrupt {
	sigset_t before;
	struct sigaction actions[INTERRUPTS];
};

void interrupt_hold(struct interrupt *i);
void interrupt_release(const struct interrupt *i);
/* Waits until fd is readable; -EINTR if one of the signals came first. */
int interrupt_wait(const struct interrupt *i, int fd, struct berth_error *e) must_check;

#endif
