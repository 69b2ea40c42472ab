/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network devices, by rtnetlink. Trust: names come from the configuration; only the kernel answers
 * on the sockets. A joined network namespace may contain other processes, which may take any name
 * or index at any moment. So berth does not check beforehand: the kernel refuses, and berth undoes
 * what was done so far.
 *
 * A move takes three things together: that the index which the device shall have is free in there
 * (so that it can be found whatever its name becomes), that the name is, and the renaming itself,
 * which the kernel does after the move. It closes the device and drops its addresses.
 */
#include "linux/netdev.h"

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

enum { ANSWER_BYTES = 64 << 10, DUMP_TRIES = 5, INDEX_TRIES = 1000 };

/* ---- messages ---- */

struct message {
	struct nlmsghdr header;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
	} body;
	char room[2048]; /* an address of any family has far less */
};

static struct message link_message(uint16_t type, int index)
{
	return (struct message){
		.header = { .nlmsg_type = type,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
			    .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)) },
		.body.link = { .ifi_index = index },
	};
}

static void add_attribute(struct message *m, unsigned short type, const void *data, size_t length)
{
	size_t at = NLMSG_ALIGN(m->header.nlmsg_len), size = RTA_LENGTH(length);
	struct rtattr *a = (struct rtattr *)((char *)m + at);

	if (at + RTA_ALIGN(size) > sizeof(*m))
		return; /* the kernel will miss it and say so */
	a->rta_type = type;
	a->rta_len = (unsigned short)size;
	memcpy(RTA_DATA(a), data, length);
	m->header.nlmsg_len = (uint32_t)(at + RTA_ALIGN(size));
}

static void add_name(struct message *m, const char *name)
{
	add_attribute(m, IFLA_IFNAME, name, strlen(name) + 1);
}

/* Told of each message of an answer. */
struct hearer {
	int (*hear)(const struct nlmsghdr *h, void *data);
	void *data;
};

/* What the kernel has to say besides its errno (netlink's extended acknowledgement). */
static const char *extended_reason(const struct nlmsghdr *h)
{
	const struct nlmsgerr *error = NLMSG_DATA(h);
	size_t at = sizeof(*h) + sizeof(*error);

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		at += error->msg.nlmsg_len - sizeof(*h);
	for (at = NLMSG_ALIGN(at); at + sizeof(struct nlattr) <= h->nlmsg_len;) {
		const struct nlattr *a = (const struct nlattr *)((const char *)h + at);

		if (a->nla_len < sizeof(*a) || at + a->nla_len > h->nlmsg_len)
			return NULL;
		if (a->nla_type == NLMSGERR_ATTR_MSG)
			return (const char *)(a + 1);
		at += (size_t)NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

/* One datagram of the answer. Returns 1 when the answer has ended. */
static int hear_answer(const char *answer, size_t length, const struct hearer *hearer,
		       struct berth_error *e)
{
	for (const struct nlmsghdr *h = (const struct nlmsghdr *)answer; NLMSG_OK(h, length);
	     h = NLMSG_NEXT(h, length)) {
		int r = 0;

		if (h->nlmsg_type == NLMSG_DONE)
			return 1;
		if (h->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *error = NLMSG_DATA(h);
			const char *reason = extended_reason(h);

			if (error->error == 0)
				return 1;
			fail(e, -error->error, "the kernel refuses");
			if (reason)
				advise(e, "%s", reason);
			return error->error;
		}
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			return fail(e, EINTR, "the list changed while it was read");
		if (hearer)
			r = hearer->hear(h, hearer->data);
		if (r < 0)
			return fail(e, -r, "read the kernel's answer");
	}
	return 0;
}

static int talk(int sock, struct message *m, const struct hearer *hearer, struct berth_error *e)
{
	autofree char *answer = malloc(ANSWER_BYTES);
	int r = 0;

	if (!answer)
		return fail(e, ENOMEM, "netlink");
	if (send(sock, m, m->header.nlmsg_len, 0) < 0)
		return fail(e, errno, "ask the kernel about network devices");
	while (r == 0) {
		ssize_t n = recv(sock, answer, ANSWER_BYTES, MSG_TRUNC);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || n > ANSWER_BYTES)
			return fail(e, n < 0 ? errno : EMSGSIZE, "hear the kernel's answer");
		r = hear_answer(answer, (size_t)n, hearer, e);
	}
	return r > 0 ? 0 : r;
}

int netdev_socket(int *ret_socket, struct berth_error *e)
{
	static const int on = 1;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return fail(e, errno, "make a netlink socket");
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	*ret_socket = fd;
	return 0;
}

int netdev_socket_in(int namespace, int *ret_socket, struct berth_error *e)
{
	autoclose int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), fd = -1;
	int r;

	if (home < 0)
		return fail(e, errno, "open our own network namespace");
	if (setns(namespace, CLONE_NEWNET) < 0)
		return fail(e, errno, "enter the container's network namespace");
	r = netdev_socket(&fd, e);
	if (setns(home, CLONE_NEWNET) < 0)
		return fail(e, errno, "return to our own network namespace");
	if (r == 0)
		*ret_socket = take_fd(&fd);
	return r;
}

/* ---- finding ---- */

static int keep_link(const struct nlmsghdr *h, void *data)
{
	struct netdev_move *m = data;
	const struct ifinfomsg *link = NLMSG_DATA(h);

	if (h->nlmsg_type == RTM_NEWLINK) {
		m->index = link->ifi_index;
		m->up = link->ifi_flags & IFF_UP;
	}
	return 0;
}

/* 1: it is there, 0: it is not. */
static int look_up(int sock, struct message *m, struct netdev_move *found, struct berth_error *e)
{
	const struct hearer hearer = { keep_link, found };
	struct berth_error answer = { 0 };
	int r = talk(sock, m, &hearer, &answer);

	if (r == 0)
		return 1;
	if (r == -ENODEV)
		return 0;
	*e = answer;
	return r;
}

static int find_by_name(int sock, const char *name, struct netdev_move *found,
			struct berth_error *e)
{
	struct message m = link_message(RTM_GETLINK, 0);

	add_name(&m, name);
	return look_up(sock, &m, found, e);
}

static int find_by_index(int sock, int index, struct berth_error *e)
{
	struct message m = link_message(RTM_GETLINK, index);
	struct netdev_move found = { 0 };

	return look_up(sock, &m, &found, e);
}

static uint32_t address_flags(const struct nlmsghdr *h)
{
	const struct ifaddrmsg *address = NLMSG_DATA(h);
	size_t length = IFA_PAYLOAD(h);

	for (const struct rtattr *a = IFA_RTA(address); RTA_OK(a, length);
	     a = RTA_NEXT(a, length)) {
		uint32_t flags;

		if (a->rta_type != IFA_FLAGS || RTA_PAYLOAD(a) < sizeof(flags))
			continue;
		memcpy(&flags, RTA_DATA(a), sizeof(flags));
		return flags;
	}
	return address->ifa_flags;
}

static int keep_address(const struct nlmsghdr *h, void *data)
{
	const struct ifaddrmsg *address = NLMSG_DATA(h);
	struct netdev_move *m = data;
	size_t size = NLMSG_ALIGN(h->nlmsg_len);
	char *more;

	if (h->nlmsg_type != RTM_NEWADDR || address->ifa_index != (unsigned int)m->index ||
	    !(address_flags(h) & IFA_F_PERMANENT))
		return 0;
	more = realloc(m->addresses, m->length + size);
	if (!more)
		return -ENOMEM;
	memset(more + m->length, 0, size);
	memcpy(more + m->length, h, h->nlmsg_len);
	m->addresses = more;
	m->length += size;
	return 0;
}

static int keep_addresses(int sock, struct netdev_move *m, struct berth_error *e)
{
	const struct hearer hearer = { keep_address, m };
	int r = -EINTR;

	for (int i = 0; i < DUMP_TRIES && r == -EINTR; i++) {
		struct message request = {
			.header = { .nlmsg_type = RTM_GETADDR,
				    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
				    .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)) },
			.body.address = { .ifa_family = AF_UNSPEC },
		};
		autoclose int again = -1;

		netdev_release(m);
		/* A dump that was left in the middle would mix with the next. */
		r = i == 0 ? 0 : netdev_socket(&again, e);
		if (r == 0)
			r = talk(i == 0 ? sock : again, &request, &hearer, e);
	}
	return r;
}

int netdev_find(int sock, struct netdev_move *m, struct berth_error *e)
{
	int r = find_by_name(sock, m->host_name, m, e);

	if (r == 0)
		return refuse(e, ENODEV, "there is no network device %s", m->host_name);
	if (r > 0)
		r = keep_addresses(sock, m, e);
	return r < 0 ? in_context(e, r, "network device %s", m->host_name) : 0;
}

void netdev_release(struct netdev_move *m)
{
	free(m->addresses);
	m->addresses = NULL;
	m->length = 0;
}

/* ---- moving ---- */

/* The label of an IPv4 address is the device's name, or begins with it and a colon. */
static void add_label(struct message *m, const char *label, const char *old, const char *name)
{
	size_t length = strlen(old);
	char text[IFNAMSIZ];
	int n;

	if (strncmp(label, old, length) != 0 || (label[length] && label[length] != ':'))
		return;
	n = snprintf(text, sizeof(text), "%s%s", name, label + length);
	if (n > 0 && (size_t)n < sizeof(text))
		add_attribute(m, IFA_LABEL, text, (size_t)n + 1);
}

static int add_address(int sock, const struct nlmsghdr *kept, int index, const char *old,
		       const char *name, struct berth_error *e)
{
	const struct ifaddrmsg *address = NLMSG_DATA(kept);
	size_t length = IFA_PAYLOAD(kept);
	struct message m = {
		.header = { .nlmsg_type = RTM_NEWADDR,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
			    .nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)) },
		.body.address = *address,
	};
	int r;

	m.body.address.ifa_index = (unsigned int)index;
	for (const struct rtattr *a = IFA_RTA(address); RTA_OK(a, length);
	     a = RTA_NEXT(a, length)) {
		if (a->rta_type == IFA_LABEL)
			add_label(&m, RTA_DATA(a), old, name);
		else if (a->rta_type != IFA_TARGET_NETNSID)
			add_attribute(&m, a->rta_type, RTA_DATA(a), RTA_PAYLOAD(a));
	}
	r = talk(sock, &m, NULL, e);
	return r == -EEXIST ? 0 : r;
}

/* Into the container go permanent addresses with global scope (config-linux.md); what comes back
 * gets all its own again. */
static int add_addresses(int sock, const struct netdev_move *m, const char *name,
			 struct berth_error *e)
{
	bool away = m->new_index;

	for (size_t at = 0; at < m->length;) {
		const struct nlmsghdr *kept = (const struct nlmsghdr *)(m->addresses + at);
		const struct ifaddrmsg *address = NLMSG_DATA(kept);
		int r = 0;

		if (!away || address->ifa_scope == RT_SCOPE_UNIVERSE)
			r = add_address(sock, kept, away ? m->new_index : m->index, m->host_name,
					name, e);
		if (r < 0)
			return in_context(e, r, "set an address of %s again", m->host_name);
		at += NLMSG_ALIGN(kept->nlmsg_len);
	}
	return 0;
}

static int set_up(int sock, int index, struct berth_error *e)
{
	struct message m = link_message(RTM_NEWLINK, index);

	m.body.link.ifi_flags = IFF_UP;
	m.body.link.ifi_change = IFF_UP;
	return talk(sock, &m, NULL, e);
}

static int push(int from, int to, int index, int new_index, const char *name, struct berth_error *e)
{
	struct message m = link_message(RTM_NEWLINK, index);
	autoclose int namespace = ioctl(to, SIOCGSKNS);

	if (namespace < 0)
		return fail(e, errno, "find the network namespace of a socket");
	add_attribute(&m, IFLA_NET_NS_FD, &namespace, sizeof(uint32_t));
	add_attribute(&m, IFLA_NEW_IFINDEX, &new_index, sizeof(new_index));
	add_name(&m, name);
	return talk(from, &m, NULL, e);
}

/* Preferably its own. */
static int find_free_index(int to, int wanted, int *ret_index, struct berth_error *e)
{
	for (int index = wanted; index < wanted + INDEX_TRIES; index++) {
		int r = find_by_index(to, index, e);

		if (r < 0)
			return r;
		if (r == 0) {
			*ret_index = index;
			return 0;
		}
	}
	return refuse(e, EBUSY, "too many network devices");
}

struct link_name {
	char text[IFNAMSIZ];
};

static int keep_name(const struct nlmsghdr *h, void *data)
{
	const struct ifinfomsg *link = NLMSG_DATA(h);
	struct link_name *name = data;
	size_t length = IFLA_PAYLOAD(h);

	if (h->nlmsg_type != RTM_NEWLINK)
		return 0;
	for (const struct rtattr *a = IFLA_RTA(link); RTA_OK(a, length); a = RTA_NEXT(a, length))
		if (a->rta_type == IFLA_IFNAME)
			(void)snprintf(name->text, sizeof(name->text), "%s",
				       (const char *)RTA_DATA(a));
	return 0;
}

/* What became of a template. */
static int find_name(int sock, int index, struct link_name *ret, struct berth_error *e)
{
	struct message m = link_message(RTM_GETLINK, index);
	const struct hearer hearer = { keep_name, ret };

	return talk(sock, &m, &hearer, e);
}

static int check_name(int to, const char *name, struct berth_error *e)
{
	struct netdev_move other = { 0 };
	int r = strchr(name, '%') ? 0 : find_by_name(to, name, &other, e);

	return r > 0 ? refuse(e, EEXIST, "there is a network device %s in the container already",
			      name)
		     : r;
}

static int move_there(int from, int to, struct netdev_move *m, struct berth_error *e)
{
	struct berth_error ignored = { 0 };
	int index = 0, r;

	r = check_name(to, m->name, e);
	if (r == 0)
		r = find_free_index(to, m->index, &index, e);
	if (r < 0)
		return r;
	r = push(from, to, m->index, index, m->name, e);
	/* The kernel renames after the move: a failure may leave it over there. */
	if (r == 0 || find_by_index(from, m->index, &ignored) == 0)
		m->new_index = index;
	return r;
}

int netdev_move(int from, int to, struct netdev_move *m, struct berth_error *e)
{
	struct link_name name = { "" };
	int r = move_there(from, to, m, e);

	if (r == 0)
		r = find_name(to, m->new_index, &name, e);
	if (r == 0)
		r = add_addresses(to, m, name.text, e);
	if (r == 0)
		r = set_up(to, m->new_index, e);
	return r < 0 ? in_context(e, r, "move network device %s", m->host_name) : 0;
}

int netdev_return(int from, int to, struct netdev_move *m, struct berth_error *e)
{
	int r;

	if (!m->new_index)
		return 0;
	r = push(to, from, m->new_index, m->index, m->host_name, e);
	m->new_index = 0;
	if (r == 0)
		r = add_addresses(from, m, m->host_name, e);
	if (r == 0 && m->up)
		r = set_up(from, m->index, e);
	return r < 0 ? in_context(e, r, "take network device %s back", m->host_name) : 0;
}
