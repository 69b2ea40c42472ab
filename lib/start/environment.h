/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The environment that the container's program gets: what the configuration lists, and the few
 * variables that a runtime adds.
 */
#ifndef START_ENVIRONMENT_H
#define START_ENVIRONMENT_H

#include <stdint.h>

#include "oci/config.h"

struct environment_request {
	const struct strings *configured;
	int root, proc; /* the container's root, and a procfs that can be trusted and shows us */
	uint32_t uid;
	unsigned int n_listen_fds;
	const char *notify; /* "NOTIFY_SOCKET=...", or NULL */
};

/* A malloc'd, NULL-terminated list. HOME is added from the root's /etc/passwd where the list has
 * none, LISTEN_FDS and LISTEN_PID where fds are passed on (sd_listen_fds(3)), and `notify`. Later
 * entries of the same name win, as in a shell. */
int environment_build(const struct environment_request *r, char ***ret,
		      struct berth_error *e) must_check;
/* How many fds our caller passes on by LISTEN_FDS; 0 if they are not for us. */
unsigned int environment_listen_fds(void);

#endif
