/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loopback interface of a new network namespace.
 */
#ifndef LINUX_LOOPBACK_H
#define LINUX_LOOPBACK_H

#include "base/error.h"

/* Sets "lo" of the caller's network namespace up (netdevice(7)): it is born down, and everyone
 * expects 127.0.0.1 to be there. */
int loopback_up(struct berth_error *e) must_check;

#endif
