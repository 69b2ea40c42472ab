/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading the device program and attaching it to the cgroup. From then on it belongs to the cgroup
 * and disappears with it: there is no link or pin to clean up.
 *
 * It is attached with BPF_F_ALLOW_MULTI, beside what systemd or a cgroup above may have attached;
 * an access is allowed only if all of them allow it. On an update berth's own program, known by its
 * name, is replaced in one step, so at no moment is the cgroup without one. A program's memory is
 * charged to the cgroup of the caller, not to RLIMIT_MEMLOCK (5.11).
 */
#include "cgroup/device_program.h"

#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "linux/namespaces.h"

enum { LOAD_TRIES = 5, ATTACHED_MAX = 64 };

#define PROGRAM_NAME "berth_devices"

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static bool is_privileged(void)
{
	return geteuid() == 0 && in_first_user_namespace();
}

static int load(const struct device_program *p, int *ret_fd)
{
	static const char license[] = "Apache-2.0";
	union bpf_attr attr = { 0 };
	int fd = -EAGAIN;

	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.expected_attach_type = BPF_CGROUP_DEVICE;
	attr.insns = address(p->v);
	attr.insn_cnt = (uint32_t)p->n;
	attr.license = address(license);
	memcpy(attr.prog_name, PROGRAM_NAME, sizeof(PROGRAM_NAME));
	/* The verifier gives up with EAGAIN when a signal comes in. */
	for (int i = 0; i < LOAD_TRIES && fd == -EAGAIN; i++)
		fd = bpf(BPF_PROG_LOAD, &attr);
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

static bool is_ours(int program)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.info.bpf_fd = (uint32_t)program;
	attr.info.info_len = sizeof(info);
	attr.info.info = address(&info);
	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 && text_equal(info.name, PROGRAM_NAME);
}

/* Berth's program of the cgroup; *ret_fd is -1 where there is none. */
static int find_attached(int cgroup, int *ret_fd)
{
	uint32_t ids[ATTACHED_MAX];
	union bpf_attr attr = { 0 };
	int r;

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = address(ids);
	attr.query.prog_cnt = ATTACHED_MAX;
	r = bpf(BPF_PROG_QUERY, &attr);
	if (r < 0)
		return r;
	*ret_fd = -1;
	for (uint32_t i = 0; i < attr.query.prog_cnt && *ret_fd < 0; i++) {
		union bpf_attr get = { 0 };
		autoclose int fd = -1;

		get.prog_id = ids[i];
		fd = bpf(BPF_PROG_GET_FD_BY_ID, &get);
		/* Gone meanwhile. */
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return fd;
		if (is_ours(fd))
			*ret_fd = take_fd(&fd);
	}
	return 0;
}

static int attach(int cgroup, int program, int replaced)
{
	union bpf_attr attr = { 0 };

	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (replaced >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)replaced;
	}
	return bpf(BPF_PROG_ATTACH, &attr);
}

static int detach(int cgroup, int program)
{
	union bpf_attr attr = { 0 };

	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	return bpf(BPF_PROG_DETACH, &attr);
}

static int explain(int r, const char *what, struct berth_error *e)
{
	if (r == -EPERM && !is_privileged()) {
		log_debug("linux.resources.devices is passed over: no privilege to %s the device "
			  "program",
			  what);
		return 0;
	}
	r = fail(e, -r, "linux.resources.devices: %s the device program", what);
	if (r == -EINVAL)
		advise(e, "is the kernel built without CONFIG_CGROUP_BPF?");
	if (r == -EPERM)
		advise(e, "CAP_BPF or CAP_SYS_ADMIN is missing, or a cgroup above has a program "
			  "that tolerates none below");
	return r;
}

int device_program_attach(int cgroup, const struct device_program *p, bool fresh,
			  struct berth_error *e)
{
	autoclose int program = -1, old = -1;
	int r = 0;

	if (!fresh)
		r = find_attached(cgroup, &old);
	if (r < 0)
		return explain(r, "look for", e);
	if (p->allows_all) {
		r = old < 0 ? 0 : detach(cgroup, old);
		return r < 0 ? explain(r, "detach", e) : 0;
	}
	r = load(p, &program);
	if (r < 0)
		return explain(r, "load", e);
	r = attach(cgroup, program, old);
	return r < 0 ? explain(r, "attach", e) : 0;
}
