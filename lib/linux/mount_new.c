/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New file-system instances (fsopen(2), fsconfig(2), fsmount(2)). Type, source and options come
 * from config.json, whose writer is trusted; the instance is detached, and no path of the container
 * is involved. The kernel's own words about a wrong option are in the log of the file-system
 * context; the error quotes them.
 */
#include "linux/mounts.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/text.h"

enum {
	KEY_MAX = 255, /* fsconfig(2) takes keys and values of at most 255 bytes, also for file
			  systems that want more (overlay) */
	VALUE_MAX = 255,
	OLD_DATA_MAX = 4096, /* what mount(2) takes: a page, its NUL included */
};

/*
 * The super-block flags as fsconfig(2) has them. SILENT only mutes the kernel's log and cannot be
 * said any more. POSIXACL and I_VERSION became matters of the file system: those that have such an
 * option are told, the others answer EINVAL, which mount(2) never did (seen on 6.18: "tmpfs:
 * Unknown parameter 'acl'"), so that is passed over.
 */
static const struct {
	unsigned long flag;
	const char *set, *clear;
	bool optional;
} super_words[] = {
	{ MS_RDONLY, "ro", "rw", false },
	{ MS_SYNCHRONOUS, "sync", "async", false },
	{ MS_DIRSYNC, "dirsync", NULL, false },
	{ MS_MANDLOCK, "mand", "nomand", false },
	{ MS_LAZYTIME, "lazytime", "nolazytime", false },
	{ MS_I_VERSION, "i_version", NULL, true },
	{ MS_POSIXACL, "acl", "noacl", true },
};

/*
 * File systems of the kernel's own. Their instances may be shared by all who mount one in the same
 * namespace (a pod's sysfs, mqueue), and a tmpfs may still have to be filled, so "ro" is a matter
 * of the mount alone. For what lies on a disk or a server it is the instance that must not be
 * written to.
 */
static bool is_virtual(const char *type)
{
	static const char *const types[] = { "binfmt_misc", "bpf",     "cgroup",    "cgroup2",
					     "configfs",    "debugfs", "devpts",    "devtmpfs",
					     "efivarfs",    "fusectl", "hugetlbfs", "mqueue",
					     "proc",        "pstore",  "ramfs",     "securityfs",
					     "sysfs",       "tmpfs",   "tracefs" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (text_equal(types[i], type))
			return true;
	}
	return false;
}

/* Collects the log of a context, oldest first: lines such as "e tmpfs: Unknown parameter 'foo'".
 * Reading takes them away. */
static void read_log(int fs, char *text, size_t size)
{
	char line[256];
	size_t used = 0;
	ssize_t n;

	text[0] = '\0';
	while ((n = read(fs, line, sizeof(line) - 1)) > 2) {
		int w;

		line[n] = '\0';
		line[strcspn(line, "\n")] = '\0';
		w = snprintf(text + used, size - used, "%s%s", used > 0 ? "; " : "", line + 2);
		if (w < 0 || (size_t)w >= size - used)
			return;
		used += (size_t)w;
	}
}

static void advise_new(const struct mount_spec *m, int err, struct berth_error *e)
{
	if (err == ENODEV)
		advise(e, "the kernel has no such file system: /proc/filesystems lists the types, "
			  "and a module "
			  "may have to be loaded");
	else if (err != EPERM)
		return;
	else if (text_equal(m->type, "sysfs"))
		advise(e, "in a user namespace a new sysfs needs a new network namespace, and a "
			  "/sys with nothing mounted over it here; "
			  "otherwise bind-mount /sys with \"rbind\"");
	else if (text_equal(m->type, "proc"))
		advise(e, "in a user namespace a new proc needs a new pid namespace, and a /proc "
			  "with nothing mounted over it here; "
			  "otherwise bind-mount /proc with \"rbind\"");
	else if (text_equal(m->type, "mqueue"))
		advise(e, "in a user namespace a new mqueue needs a new ipc namespace");
	else if (text_equal(m->type, "cgroup2"))
		advise(e, "in a user namespace a new cgroup2 needs a new cgroup namespace");
	else
		advise(e, "mounting needs CAP_SYS_ADMIN, and in a user namespace only some types "
			  "may be mounted");
}

/* The error of any step: with the kernel's own words where it has some. fs may be -1. */
static int fail_new(const struct mount_spec *m, int fs, int err, struct berth_error *e)
{
	char log[512] = "";
	int r;

	if (fs >= 0)
		read_log(fs, log, sizeof(log));
	if (log[0])
		r = fail(e, err, "mount %s on %s: %s", m->type, m->destination, log);
	else
		r = fail(e, err, "mount %s on %s", m->type, m->destination);
	if (err == ENOENT && !log[0])
		advise(e, "does the source exist, and every path in the options?");
	advise_new(m, err, e);
	return r;
}

/* "key=value" or "key". */
static int set_option(int fs, const char *option)
{
	const char *value = strchr(option, '=');
	char key[KEY_MAX + 1];
	size_t length = value ? (size_t)(value - option) : strlen(option);

	if (length > KEY_MAX) {
		errno = EINVAL;
		return -1;
	}
	memcpy(key, option, length);
	key[length] = '\0';
	if (!value)
		return fsconfig(fs, FSCONFIG_SET_FLAG, key, NULL, 0);
	return fsconfig(fs, FSCONFIG_SET_STRING, key, value + 1, 0);
}

static int set_super_flags(int fs, unsigned long set, unsigned long clear)
{
	for (size_t i = 0; i < ARRAY_SIZE(super_words); i++) {
		const char *word = NULL;
		char log[256];

		if (set & super_words[i].flag)
			word = super_words[i].set;
		else if (clear & super_words[i].flag)
			word = super_words[i].clear;
		if (!word || fsconfig(fs, FSCONFIG_SET_FLAG, word, NULL, 0) == 0)
			continue;
		if (errno != EINVAL || !super_words[i].optional)
			return -1;
		read_log(fs, log, sizeof(log));
	}
	return 0;
}

static unsigned long new_super_flags(const struct mount_spec *m)
{
	return m->super_flags & ~(is_virtual(m->type) ? (unsigned long)MS_RDONLY : 0UL);
}

static int fail_option(const struct mount_spec *m, int fs, const char *option,
		       struct berth_error *e)
{
	const char *near;
	int r = fail_new(m, fs, errno, e);

	if (!strstr(e->text, "Unknown parameter"))
		return r;
	near = word_near(mount_option_words, option);
	if (near)
		advise(e, "did you mean %s?", near);
	else
		advise(e, "neither berth nor the file system has an option of that name");
	return r;
}

static int configure(int fs, const struct mount_spec *m, struct berth_error *e)
{
	const char *subtype = strchr(m->type, '.'); /* "fuse.sshfs" */

	if (m->source && m->source[0] &&
	    fsconfig(fs, FSCONFIG_SET_STRING, "source", m->source, 0) < 0)
		return fail_new(m, fs, errno, e);
	if (subtype && fsconfig(fs, FSCONFIG_SET_STRING, "subtype", subtype + 1, 0) < 0)
		return fail_new(m, fs, errno, e);
	if (set_super_flags(fs, new_super_flags(m), m->super_clear) < 0)
		return fail_new(m, fs, errno, e);
	for (size_t i = 0; i < m->n_data; i++) {
		if (set_option(fs, m->data[i]) < 0)
			return fail_option(m, fs, m->data[i], e);
	}
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return fail_new(m, fs, errno, e);
	return 0;
}

/*
 * A new mount has nothing below it: the recursive words are about it as well, and the plain ones
 * come later. Where something is to be copied into it first, "ro" waits for mount_apply().
 */
static uint64_t new_attributes(const struct mount_spec *m)
{
	uint64_t set = (m->rattr_set & ~m->attr_clear) | m->attr_set;

	return m->copy_up ? set & ~(uint64_t)MOUNT_ATTR_RDONLY : set;
}

static bool is_too_long(const struct mount_spec *m)
{
	if (m->source && strlen(m->source) > VALUE_MAX)
		return true;
	for (size_t i = 0; i < m->n_data; i++) {
		const char *value = strchr(m->data[i], '=');

		if (value && strlen(value + 1) > VALUE_MAX)
			return true;
	}
	return false;
}

/* One string, as mount(2) wants it. A comma that nothing guards stands in an SELinux context that
 * lost its quotes: it gets them back. */
static int join_data(const struct mount_spec *m, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < m->n_data; i++) {
		const char *option = m->data[i], *quote = "";
		int key = (int)strcspn(option, "=");
		int n;

		if (strchr(option, ',') && option[key] && !strpbrk(option, "\"\\"))
			quote = "\"";
		n = snprintf(text + used, size - used, "%s%.*s%s%s%s", i > 0 ? "," : "",
			     option[key] ? key + 1 : key, option, quote,
			     option[key] ? option + key + 1 : "", quote);
		if (n < 0 || (size_t)n >= size - used)
			return -E2BIG;
		used += (size_t)n;
	}
	return 0;
}

/*
 * For values that fsconfig(2) does not take. mount(2) knows no detached mounts, so it is put on top
 * of "/" in the mount namespace that we have to ourselves, taken from there, and removed. Nobody
 * else can be looking: "/" itself does not lead to what is mounted on top of it, "/.." does (seen
 * on 6.18, as on all kernels since 2.6).
 */
static int mount_old_way(const struct mount_spec *m, int *ret_fd, struct berth_error *e)
{
	struct mount_attr attr = { .attr_set = new_attributes(m), .attr_clr = MOUNT_ATTR__ATIME };
	autoclose int fd = -1;
	char text[OLD_DATA_MAX];
	int r = 0;

	if (join_data(m, text, sizeof(text)) < 0)
		return refuse(e, E2BIG, "mount %s on %s: the options are longer than %d bytes",
			      m->type, m->destination, OLD_DATA_MAX - 1);
	if (mount(m->source ? m->source : "none", "/", m->type, new_super_flags(m), text) < 0)
		return fail_new(m, -1, errno, e);
	fd = open_tree(AT_FDCWD, "/..", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0 || mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		r = fail_new(m, -1, errno, e);
	if (umount2("/..", MNT_DETACH) < 0 && r == 0)
		r = fail(e, errno, "unmount the %s that was to go to %s", m->type, m->destination);
	if (r < 0)
		return r;
	*ret_fd = take_fd(&fd);
	return 0;
}

int mount_new(const struct mount_spec *m, int *ret_fd, struct berth_error *e)
{
	autoclose int fs = -1, fd = -1;
	int r;

	if (!m->type || !m->type[0])
		return refuse(e, EINVAL, "the mount on %s has no type and is not a bind mount",
			      m->destination);
	if (is_too_long(m))
		return mount_old_way(m, ret_fd, e);
	fs = fsopen(m->type, FSOPEN_CLOEXEC);
	if (fs < 0)
		return fail_new(m, -1, errno, e);
	r = configure(fs, m, e);
	if (r < 0)
		return r;
	fd = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned int)new_attributes(m));
	if (fd < 0)
		return fail_new(m, fs, errno, e);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int fail_change(const struct mount_spec *m, int fs, int err, struct berth_error *e)
{
	char log[512] = "";

	if (fs >= 0)
		read_log(fs, log, sizeof(log));
	if (log[0])
		return fail(e, err, "remount %s: %s", m->destination, log);
	return fail(e, err, "remount %s", m->destination);
}

/*
 * "ro" is the mount's business; "rw" goes on to the instance only where that is what still is
 * read-only. dirsync can be given at the start only: reconfiguring answers EINVAL, and mount(2)
 * passes it over.
 */
int mount_change(int target_fd, const struct mount_spec *m, struct berth_error *e)
{
	unsigned long set = m->super_flags & ~(unsigned long)(MS_RDONLY | MS_DIRSYNC);
	unsigned long clear = m->super_clear;
	autoclose int fs = -1;
	struct statfs st;
	int r = mount_apply(target_fd, m, e);

	if (r < 0 || m->bind)
		return r;
	if (fstatfs(target_fd, &st) < 0)
		return fail_change(m, -1, errno, e);
	if (!(st.f_flags & ST_RDONLY))
		clear &= ~(unsigned long)MS_RDONLY;
	if (set == 0 && clear == 0 && m->n_data == 0)
		return 0;
	fs = fspick(target_fd, "", FSPICK_EMPTY_PATH | FSPICK_CLOEXEC);
	if (fs < 0)
		return fail_change(m, -1, errno, e);
	r = set_super_flags(fs, set, clear);
	for (size_t i = 0; r == 0 && i < m->n_data; i++)
		r = set_option(fs, m->data[i]);
	if (r < 0 || fsconfig(fs, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) < 0)
		return fail_change(m, fs, errno, e);
	return 0;
}
