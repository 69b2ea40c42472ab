/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "linux/sysctl.h"
#include "unit.h"

START_TEST(knows_what_belongs_to_whom)
{
	static const struct {
		const char *key;
		int type;
	} keys[] = {
		{ "net.ipv4.ip_forward", CLONE_NEWNET },
		{ "net/ipv4/ip_forward", CLONE_NEWNET },
		{ "net.ipv4.conf.eth0/100.forwarding", CLONE_NEWNET },
		{ "net/ipv4/conf/eth0.100/forwarding", CLONE_NEWNET },
		{ "kernel.shmmax", CLONE_NEWIPC },
		{ "kernel.shm_rmid_forced", CLONE_NEWIPC },
		{ "kernel/sem", CLONE_NEWIPC },
		{ "kernel.msg_next_id", CLONE_NEWIPC },
		{ "fs.mqueue.msg_max", CLONE_NEWIPC },
		{ "kernel.hostname", CLONE_NEWUTS },
		{ "kernel.domainname", CLONE_NEWUTS },
		{ "user.max_user_namespaces", CLONE_NEWUSER },
		/* the host's */
		{ "kernel.core_pattern", 0 },
		{ "kernel.shmmaxx", 0 },
		{ "kernel.sem.x", 0 },
		{ "kernel", 0 },
		{ "net", 0 },
		{ "networking.x", 0 },
		{ "fs.mqueue", 0 },
		{ "fs.file-max", 0 },
		{ "vm.swappiness", 0 },
		{ "kernel/net.x", 0 },
		/* "/" within a dotted name is no separator, and the other way round */
		{ "kernel.shm/max", 0 },
		{ "net/../kernel/core_pattern", -1 },
		{ "net.//.kernel.core_pattern", -1 },
		{ "net./.kernel", -1 },
		{ "net/./x", -1 },
		{ "", -1 },
		{ ".net.x", -1 },
		{ "/net/x", -1 },
		{ "net..x", -1 },
		{ "net.x.", -1 },
		{ "net/x/", -1 },
		{ "net.ipv4.ip_forward=1", -1 },
		{ "net.ipv4.ip_forward kernel.x", -1 },
		{ "net.ipv4\nkernel", -1 },
		{ "kernel.shmmax\t", -1 },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		ck_assert_msg(sysctl_namespace(keys[i].key) == keys[i].type, "%s: %#x", keys[i].key,
			      sysctl_namespace(keys[i].key));

	char longest[1000];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	memcpy(longest, "net.", 4);
	ck_assert_int_eq(sysctl_namespace(longest), -1);
}
END_TEST

/* In namespaces of our own, which takes no privilege. */
START_TEST(writes)
{
	char name[65];
	autoclose int proc = -1;

	if (unshare((geteuid() ? CLONE_NEWUSER : 0) | CLONE_NEWUTS | CLONE_NEWNET) < 0) {
		puts("skipped: no namespaces here");
		return;
	}
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(proc, 0);

	int r = sysctl_write(proc, "net.ipv4.ip_forward", "1", &error);

	if (r == -EACCES || r == -EPERM || r == -EROFS) {
		printf("skipped: %s\n", error.text);
		return;
	}
	assert_ok(r);
	assert_ok(sysctl_write(proc, "net/ipv4/conf/lo/forwarding", "0", &error));
	assert_fails(sysctl_write(proc, "net.ipv4.ip_forward", "many", &error), EINVAL,
		     "set sysctl net.ipv4.ip_forward to \"many\": Invalid argument (the kernel "
		     "does not take");
	assert_fails(sysctl_write(proc, "net.ipv4.no_such_thing", "1", &error), ENOENT,
		     "no such parameter");
	assert_fails(sysctl_write(proc, "net/../sys/kernel/x", "1", &error), EINVAL,
		     "not the name of");
	if (geteuid() == 0) {
		assert_ok(sysctl_write(proc, "kernel.domainname", "unit.test", &error));
		ck_assert_int_eq(getdomainname(name, sizeof(name)), 0);
		ck_assert_str_eq(name, "unit.test");
	}
}
END_TEST

UNIT_MAIN("sysctl", knows_what_belongs_to_whom, writes)
