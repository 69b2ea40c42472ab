/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving network devices between network namespaces (rtnetlink(7)): with their permanent global
 * addresses, perhaps under a new name, and back again where something fails.
 */
#ifndef LINUX_NETDEV_H
#define LINUX_NETDEV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Where a device stands. */
struct netdev_move {
	const char *host_name;
	const char *name; /* in the container; may end in "%d", which the kernel replaces */
	int index;        /* outside */
	bool up;          /* outside */
	char *addresses;  /* its addresses as the kernel's messages, to be set again */
	size_t length;
	int new_index; /* in the container; 0: it is not there */
};

/* A socket for the network namespace of the caller, or for that of `namespace` (which takes
 * CAP_SYS_ADMIN). */
int netdev_socket(int *ret_socket, struct berth_error *e) must_check;
int netdev_socket_in(int namespace, int *ret_socket, struct berth_error *e) must_check;

/* Finds the device and remembers what is to be kept. */
int netdev_find(int socket, struct netdev_move *m, struct berth_error *e) must_check;
/* Moves it, sets its addresses again, and sets it up. A failure halfway leaves that to
 * netdev_return(). */
int netdev_move(int from, int to, struct netdev_move *m, struct berth_error *e) must_check;
/* Takes it back as it was, if it is away. */
int netdev_return(int from, int to, struct netdev_move *m, struct berth_error *e) must_check;
void netdev_release(struct netdev_move *m);

#endif
