/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels of the process about to be executed. They are written through a verified procfs, never
 * through what may be mounted at /proc (CVE-2019-16884). berth does not ask /sys of the container
 * whether there is a security module: the kernel refuses the write if there is none.
 */
#include "linux/lsm.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/text.h"

bool selinux_enabled(void)
{
	struct statfs fs;

	return statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == SELINUX_MAGIC;
}

/* The path of a file of our own thread's below proc. thread-self is a link, which open_beneath()
 * would refuse. */
static int find_attribute(int proc, const char *name, char *ret_path, size_t size,
			  struct berth_error *e)
{
	char self[48];
	ssize_t n = readlinkat(proc, "thread-self", self, sizeof(self) - 1);

	if (n < 0)
		return fail(e, errno, "read the link thread-self of the procfs");
	self[n] = '\0';
	(void)snprintf(ret_path, size, "%s/attr/%s", self, name);
	return 0;
}

int apparmor_apply(int proc, const char *profile, struct berth_error *e)
{
	char path[96];
	autofree char *text = text_printf("exec %s", profile);
	int r = find_attribute(proc, "apparmor/exec", path, sizeof(path), e);

	if (r < 0)
		return r;
	if (!text)
		return fail(e, ENOMEM, "set apparmor profile %s", profile);
	r = write_file(proc, path, text, strlen(text), e);
	if (r == 0)
		return 0;

	/* EINVAL: no security module took it. ENOENT: the profile is not loaded, or the kernel was
	 * built without AppArmor. */
	bool absent = r == -EINVAL || (r == -ENOENT && faccessat(proc, path, F_OK, 0) < 0);

	if (absent && text_equal(profile, "unconfined"))
		return 0;
	if (absent)
		return refuse(e, EINVAL,
			      "apparmor profile %s was asked for, but AppArmor is not enabled on "
			      "this host",
			      profile);
	fail(e, -r, "set apparmor profile %s", profile);
	if (r == -ENOENT)
		advise(e, "it is not loaded: see apparmor_parser(8)");
	else if (r == -EACCES || r == -EPERM)
		advise(e, "the profile that berth runs under does not allow to change to it");
	return r;
}

/* A SELinux context has at least three parts, user:role:type. */
static bool is_selinux_process(int proc)
{
	struct berth_error ignored;
	char path[96];
	autofree char *text = NULL;
	size_t length;

	return find_attribute(proc, "current", path, sizeof(path), &ignored) == 0 &&
	       read_file(proc, path, 4096, &text, &length, &ignored) == 0 && strchr(text, ':') &&
	       strchr(text, ':') != strrchr(text, ':');
}

int selinux_apply(int proc, const char *label, struct berth_error *e)
{
	char path[96];
	int r = find_attribute(proc, "exec", path, sizeof(path), e);

	if (r < 0)
		return r;
	r = write_file(proc, path, label, strlen(label), e);
	if (r == 0)
		return 0;
	if (!is_selinux_process(proc))
		return refuse(
			e, -r,
			"selinux label %s was asked for, but SELinux is not enabled on this host",
			label);
	fail(e, -r, "set selinux label %s", label);
	if (r == -EINVAL)
		advise(e, "the loaded policy does not know it");
	else if (r == -EACCES)
		advise(e, "the policy does not allow berth's own context to set it");
	return r;
}
