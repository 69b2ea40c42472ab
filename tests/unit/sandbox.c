/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces for tests, and looking at mounts.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
		      "write %s: %m", path);
	(void)close(fd);
}

static int enter(int flags)
{
	unsigned int uid = geteuid(), gid = getegid();
	char map[64];

	if (unshare(flags) < 0)
		return -errno;
	if (flags & CLONE_NEWUSER) {
		write_text("/proc/self/setgroups", "deny");
		(void)snprintf(map, sizeof(map), "0 %u 1", uid);
		write_text("/proc/self/uid_map", map);
		(void)snprintf(map, sizeof(map), "0 %u 1", gid);
		write_text("/proc/self/gid_map", map);
	}
	return 0;
}

bool sandbox_more(int flags)
{
	int r = enter(flags);

	if (r < 0)
		(void)fprintf(stderr, "skipped: namespaces are not to be had: %s\n", strerror(-r));
	return r == 0;
}

bool sandbox(int flags)
{
	const char *top = scratch_path(); /* made on the host, before anything is cut off */

	if (!sandbox_more(flags))
		return false;
	if (flags & CLONE_NEWNS) {
		ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), 0);
		ck_assert_int_eq(mount("scratch", top, "tmpfs", 0, "mode=755"), 0);
	}
	return true;
}

void in_child(void (*function)(void))
{
	pid_t pid = fork();
	int status = -1;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		function();
		_exit(EXIT_SUCCESS);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS,
		      "the child failed: %#x", status);
}

void make_directory(const char *path)
{
	ck_assert_msg(mkdir(below(path), 0755) == 0, "make %s: %m", path);
}

void make_file(const char *path, const char *text)
{
	int fd = open(below(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	ck_assert_msg(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text),
		      "make %s: %m", path);
	(void)close(fd);
}

void make_symlink(const char *path, const char *target)
{
	ck_assert_msg(symlink(target, below(path)) == 0, "make %s: %m", path);
}

int path_fd(const char *path)
{
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "open %s: %m", path);
	return fd;
}

uint64_t mount_id_of(int fd)
{
	struct statx st;

	ck_assert_int_eq(statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st), 0);
	return st.stx_mnt_id;
}

uint64_t mount_id(const char *path)
{
	int fd = path_fd(path);
	uint64_t id = mount_id_of(fd);

	(void)close(fd);
	return id;
}

unsigned long flags_of(const char *path)
{
	struct statvfs st;

	ck_assert_msg(statvfs(path, &st) == 0, "statvfs %s: %m", path);
	return st.f_flag;
}

const char *mount_line(const char *path)
{
	static char line[4096], found[4096];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char point[1024];

	found[0] = '\0';
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %*d %*s %*s %1023s", point) == 1 && strcmp(point, path) == 0)
			strcpy(found, line);
	}
	(void)fclose(f);
	return found[0] ? found : NULL;
}

const char *below(const char *path)
{
	static char paths[4][1024];
	static unsigned int turn;
	char *text = paths[turn++ % 4];

	(void)snprintf(text, sizeof(paths[0]), "%s/%s", scratch_path(), path);
	return text;
}
