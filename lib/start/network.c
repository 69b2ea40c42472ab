/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.netDevices: the host moves network devices into the container's network namespace, and
 * takes them back if the start fails. Trust: the namespace may be a joined one with hostile
 * processes in it; only the kernel's answers count.
 *
 * Namespaces: all the host's, except while a socket is made in the container's network namespace.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/log.h"
#include "linux/netdev.h"
#include "start/steps.h"

struct network {
	int host, container; /* netlink sockets in either namespace */
	size_t n;
	struct netdev_move *moves;
};

int find_net_devices(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;
	struct network *n = calloc(1, sizeof(*n));
	int r;

	if (!n)
		return fail(e, ENOMEM, "network devices");
	s->network = n;
	*n = (struct network){ .host = -1, .container = -1 };
	if (!config_namespace(s->config, CLONE_NEWNET))
		return refuse(e, EINVAL,
			      "the container shares the host's network namespace: add {\"type\": "
			      "\"network\"} to linux.namespaces");
	n->moves = calloc(l->net_devices.n, sizeof(*n->moves));
	if (!n->moves)
		return fail(e, ENOMEM, "network devices");
	n->n = l->net_devices.n;
	r = netdev_socket(&n->host, e);
	for (size_t i = 0; i < n->n && r == 0; i++) {
		const struct net_device *d = &l->net_devices.v[i];

		n->moves[i].host_name = d->host_name;
		n->moves[i].name = d->name ? d->name : d->host_name;
		r = netdev_find(n->host, &n->moves[i], e);
	}
	return r;
}

int move_net_devices(struct start *s, struct berth_error *e)
{
	struct network *n = s->network;
	autoclose int namespace = -1;
	char path[32];
	int r;

	(void)snprintf(path, sizeof(path), "%d/ns/net", (int)s->pid);
	namespace = openat(s->proc, path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0)
		return fail(e, errno, "open the container's network namespace");
	r = netdev_socket_in(namespace, &n->container, e);
	for (size_t i = 0; i < n->n && r == 0; i++)
		r = netdev_move(n->host, n->container, &n->moves[i], e);
	/* The walker undoes finished rows; this one did not finish. */
	if (r < 0)
		return_net_devices(s);
	return r;
}

void return_net_devices(struct start *s)
{
	struct network *n = s->network;

	for (size_t i = n->n; i-- > 0;) {
		struct berth_error e = { 0 };

		if (netdev_return(n->host, n->container, &n->moves[i], &e) < 0)
			log_warning("%s", e.text);
	}
}

void release_network(struct start *s)
{
	struct network *n = s->network;

	if (!n)
		return;
	for (size_t i = 0; i < n->n; i++)
		netdev_release(&n->moves[i]);
	close_fd(&n->host);
	close_fd(&n->container);
	free(n->moves);
	free(n);
	s->network = NULL;
}
