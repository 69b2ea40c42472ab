/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) for the container's program, if berth's caller uses it ($NOTIFY_SOCKET). The program
 * finds NOTIFY_SOCKET=/run/notify/notify.sock, in a read-only mount of the directory `notify`
 * beside the container's state. Of what it sends, only READY=1 is passed on to the caller, with the
 * pid of the main process.
 *
 * As with runc, the socket exists while somebody listens: `run` in the foreground until the end;
 * `start` and a detached `run` until the program is ready.
 */
#ifndef START_NOTIFY_H
#define START_NOTIFY_H

#include "start/plan.h"

#define NOTIFY_DIRECTORY "notify" /* of the state directory */
#define NOTIFY_VARIABLE  "NOTIFY_SOCKET"
#define NOTIFY_PLACE     "/run/notify" /* in the container */
#define NOTIFY_NAME      "notify.sock"

/* Our caller's socket, or NULL. */
const char *notify_caller(void);

/* Takes what the program has said. Once it is ready, our caller is told, with `main` as the main
 * process; that he cannot be told is a warning. */
void notify_take(struct start *s, pid_t main);
/* Waits until the program is ready, or has ended. Not listening at all is fine. */
int notify_wait(struct start *s, struct berth_error *e) must_check;

#endif
