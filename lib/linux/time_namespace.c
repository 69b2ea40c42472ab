/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making and entering a time namespace with offsets. Trust: the procfs is verified; the offsets are
 * the configuration's.
 */
#include "linux/time_namespace.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "linux/namespaces.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* Our own directory in the procfs, whose pid namespace need not be ours. */
static int open_self(int proc, int *ret_fd, struct berth_error *e)
{
	char self[16];
	ssize_t n = readlinkat(proc, "self", self, sizeof(self) - 1);

	if (n < 0)
		return fail(e, errno, "read the link self of the procfs");
	self[n] = '\0';
	return open_beneath(proc, self, O_PATH | O_DIRECTORY, 0, ret_fd, e);
}

static int write_offsets(int self, const struct time_offset *monotonic,
			 const struct time_offset *boottime, struct berth_error *e)
{
	char text[128] = "";
	size_t length = 0;
	int r;

	if (monotonic->set)
		length = (size_t)snprintf(text, sizeof(text), "monotonic %" PRId64 " %u\n",
					  monotonic->secs, monotonic->nanosecs);
	if (boottime->set)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "boottime %" PRId64 " %u\n", boottime->secs,
					   boottime->nanosecs);
	r = write_file(self, "timens_offsets", text, length, e);
	if (r == -ERANGE)
		advise(e, "a clock with its offset must not be negative, nor beyond 146 years");
	return r < 0 ? in_context(e, r, "set the clocks' offsets") : 0;
}

int time_namespace_enter(int proc, const struct time_offset *monotonic,
			 const struct time_offset *boottime, struct berth_error *e)
{
	autoclose int self = -1, directory = -1, namespace = -1;
	int r = open_self(proc, &self, e);

	if (r < 0)
		return r;
	if (unshare(CLONE_NEWTIME) < 0) {
		r = fail(e, errno, "new time namespace");
		if (r == -EINVAL)
			advise(e, "the kernel was built without time namespaces");
		return r;
	}
	r = write_offsets(self, monotonic, boottime, e);
	if (r == 0)
		r = open_beneath(self, "ns", O_PATH | O_DIRECTORY, 0, &directory, e);
	if (r < 0)
		return r;
	/* A magic link of the kernel's own, so not by open_beneath(). */
	namespace = openat(directory, "time_for_children", O_RDONLY | O_CLOEXEC);
	if (namespace < 0)
		return fail(e, errno, "open the new time namespace");
	return namespace_join(namespace, CLONE_NEWTIME, e);
}
