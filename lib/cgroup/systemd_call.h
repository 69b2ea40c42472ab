/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol between berth and its helper program, which talks to systemd. A call is one message
 * there and one back, over a socket of its own. Private to lib/cgroup and systemd/.
 *
 *	there   "start" | "set" | "stop" | "oom", "user" | "system", UNIT, ARGUMENT (start: the pid
 *	        for the unit; stop: the description that it must have, or ""; oom: since when,
 *	        CLOCK_REALTIME in microseconds), a line each; then
 *	        properties, a line each: see unit.h
 *	back    struct berth_error; code 0: text is the unit's cgroup; of "oom": the number of OOM
 *	        kills that systemd has seen since
 */
#ifndef CGROUP_SYSTEMD_CALL_H
#define CGROUP_SYSTEMD_CALL_H

#include <stdbool.h>

#include "base/error.h"

enum {
	SYSTEMD_CALL_MAX = 64 << 10, /* bytes there */
	SYSTEMD_PATIENCE_S = 30,     /* what systemd has for one job; then the helper gives up */
	SYSTEMD_HELPER_FD = 3,       /* the helper's end of the socket */
};

/* ret_text may be NULL. */
int systemd_call(const char *text, char **ret_text, struct berth_error *e) must_check;

#endif
