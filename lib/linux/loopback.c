/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings "lo" up. Needs CAP_NET_ADMIN in the user namespace that owns the network namespace.
 */
#include "linux/loopback.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"

int loopback_up(struct berth_error *e)
{
	/* Any kind of socket does; AF_UNIX is there even in a kernel without IP. */
	autoclose int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (sock < 0 || ioctl(sock, SIOCSIFFLAGS, &lo) < 0)
		return fail(e, errno, "set the loopback interface up");
	return 0;
}
