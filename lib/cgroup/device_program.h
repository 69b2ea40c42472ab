/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device rules of a container as a BPF program for its cgroup (BPF_PROG_TYPE_CGROUP_DEVICE).
 * Private to lib/cgroup.
 */
#ifndef CGROUP_DEVICE_PROGRAM_H
#define CGROUP_DEVICE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>

#include "base/error.h"
#include "cgroup/resources.h"

struct device_program {
	size_t n, size;
	struct bpf_insn *v;
	bool failed;     /* out of memory; told by device_program_make() */
	bool allows_all; /* every access is allowed: there need be no program */
};

/*
 * For each access that is asked for (read, write, mknod) the last rule that matches device and
 * access decides. Before the rules everything is denied; behind them stands the default set, which
 * every runtime allows: the devices of config-linux.md, "Default Devices", the pseudo terminals,
 * and mknod of any node.
 */
int device_program_make(size_t n, const struct cgroup_device_rule *rules,
			struct device_program *ret, struct berth_error *e) must_check;
void device_program_free(struct device_program *p);

/* Makes it the cgroup's program, in place of an earlier one of berth's, in one step. `fresh`: there
 * cannot be an earlier one. Where the kernel forbids it for want of privilege (unprivileged, user
 * namespace), it is passed over with a debug message, as engines expect. */
int device_program_attach(int cgroup, const struct device_program *p, bool fresh,
			  struct berth_error *e) must_check;

#endif
