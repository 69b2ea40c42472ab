/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec.c, exec_format.c and lsm.c.
 */
#include <elf.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "linux/exec.h"
#include "linux/lsm.h"
#include "unit.h"

static char *const no_env[] = { NULL };

/* An absolute path in the scratch directory. */
static const char *in_scratch(const char *name)
{
	static char path[4][PATH_MAX];
	static int next;
	char *p = path[next++ % 4];

	(void)snprintf(p, PATH_MAX, "%s/%s", scratch_path(), name);
	return p;
}

static void put_program(const char *name, const char *text)
{
	put_file(name, text);
	ck_assert_int_eq(fchmodat(scratch(), name, 0755, 0), 0);
}

static char *env_path(const char *dirs)
{
	static char text[3 * PATH_MAX];

	(void)snprintf(text, sizeof(text), "PATH=%s", dirs);
	return text;
}

/* ---- finding ---- */

START_TEST(finds_by_path)
{
	char *const env[] = {
		env_path(in_scratch("d1:") /* not there, then the working directory */), NULL
	};
	autofree char *found = NULL, *again = NULL;

	put_program("prog", "#!/bin/sh\n");
	ck_assert_int_eq(fchdir(scratch()), 0);
	assert_ok(exec_find("prog", env, &found, &error));
	ck_assert_str_eq(found, "./prog");
	assert_ok(exec_find(in_scratch("prog"), no_env, &again, &error));
	ck_assert_str_eq(again, in_scratch("prog"));
}
END_TEST

START_TEST(the_last_path_counts_and_the_first_match)
{
	char dirs[2 * PATH_MAX];

	put_directory("a");
	put_directory("b");
	put_directory("b/a_directory");
	put_file("a/prog", "not executable");
	put_program("b/prog", "x");
	(void)snprintf(dirs, sizeof(dirs), "%s:%s", in_scratch("a"), in_scratch("b"));

	char *const env[] = { (char[]){ "PATH=/nowhere" }, env_path(dirs), (char[]){ "PATHS=/bin" },
			      NULL };
	autofree char *found = NULL;

	assert_ok(exec_find("prog", env, &found, &error));
	ck_assert_str_eq(found, in_scratch("b/prog"));
	assert_fails(exec_find("a_directory", env, &found, &error), ENOENT,
		     "exec: \"a_directory\": executable file not found in $PATH");
}
END_TEST

START_TEST(default_path)
{
	autofree char *found = NULL;

	assert_ok(exec_find("sh", no_env, &found, &error));
	ck_assert_msg(text_equal(found, "/usr/bin/sh") || text_equal(found, "/bin/sh"), "%s",
		      found);
}
END_TEST

/* What runc says, to the letter: engines search these texts. */
START_TEST(texts_of_engines)
{
	char *const env[] = { env_path(scratch_path()), NULL };
	char *const empty[] = { (char[]){ "PATH=" }, NULL };
	char *found = NULL;

	put_file("noexec", "");
	assert_fails(exec_find("nosuch", env, &found, &error), ENOENT,
		     "exec: \"nosuch\": executable file not found in $PATH");
	ck_assert_str_eq(error.text, "exec: \"nosuch\": executable file not found in $PATH");
	assert_fails(exec_find("", env, &found, &error), ENOENT,
		     "exec: \"\": executable file not found in $PATH");
	assert_fails(exec_find("sh", empty, &found, &error), ENOENT,
		     "exec: \"sh\": executable file not found in $PATH");
	assert_fails(exec_find("/nosuch", env, &found, &error), ENOENT,
		     "exec: \"/nosuch\": stat /nosuch: no such file or directory");
	assert_fails(exec_find("/etc/passwd/x", env, &found, &error), ENOTDIR,
		     "exec: \"/etc/passwd/x\": stat /etc/passwd/x: not a directory");
	assert_fails(exec_find("/etc/passwd", env, &found, &error), EACCES,
		     "exec: \"/etc/passwd\": permission denied");
	assert_fails(exec_find("/etc", env, &found, &error), EACCES,
		     "exec: \"/etc\": permission denied (/etc is a directory)");
	assert_fails(exec_find("/dev/null", env, &found, &error), EACCES, "is not a regular file");
	assert_fails(exec_find("noexec", env, &found, &error), ENOENT,
		     "executable file not found in $PATH (/");
	ck_assert_msg(strstr(error.text, "noexec is not executable for this user)"), "%s",
		      error.text);
	put_link("loop", "loop");
	assert_fails(exec_find(in_scratch("loop"), env, &found, &error), ELOOP,
		     "too many levels of symbolic links");
	ck_assert_ptr_null(found);
}
END_TEST

/* ---- running ---- */

static int try(const char *name)
{
	char *const args[] = { (char[]){ "x" }, NULL };

	return exec_run(in_scratch(name), args, no_env, &error);
}

START_TEST(explains_scripts)
{
	put_program("badinterp", "#! /nosuch/interp -x\n");
	put_program("windows", "#!/bin/sh\r\n");
	put_program("plain", "echo\n");
	put_program("empty", "");
	put_program("blank", "#!\n");
	assert_fails(try("badinterp"), ENOENT,
		     "badinterp: no such file or directory (/nosuch/interp, its interpreter, "
		     "does not exist");
	assert_fails(try("windows"), ENOENT, "(its first line ends with a carriage return");
	assert_fails(try("plain"), ENOEXEC,
		     "plain: exec format error (it is not an ELF program, and has no \"#!\"");
	assert_fails(try("empty"), ENOEXEC, "the file is empty");
	assert_fails(try("blank"), ENOEXEC, "names no interpreter");
	assert_fails(try("nosuch"), ENOENT, "nosuch: no such file or directory");
}
END_TEST

START_TEST(explains_scripts_of_scripts)
{
	char text[PATH_MAX + 8];

	put_program("inner", "#!/nosuch/interp\n");
	(void)snprintf(text, sizeof(text), "#!%s\n", in_scratch("inner"));
	put_program("outer", text);
	assert_fails(try("outer"), ENOENT, "(/nosuch/interp, the interpreter of /tmp/");

	/* A script that is its own interpreter must not be followed without end. */
	(void)snprintf(text, sizeof(text), "#!%s\n", in_scratch("self"));
	put_program("self", text);
	ck_assert_int_lt(try("self"), 0);
}
END_TEST

/* A copy of a program of this machine's, to be damaged. */
static size_t read_program(unsigned char *data, size_t size)
{
	autoclose int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, data, size);

	ck_assert_int_gt(n, (ssize_t)sizeof(Elf64_Ehdr));
	return (size_t)n;
}

static void put_bytes(const char *name, const void *data, size_t length)
{
	put_program(name, "");

	autoclose int fd = openat(scratch(), name, O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(write(fd, data, length), (ssize_t)length);
}

START_TEST(explains_elf)
{
	static unsigned char data[65536];
	size_t length = read_program(data, sizeof(data));
	Elf64_Ehdr *header = (Elf64_Ehdr *)data;

	/* This test program is dynamic, so it has a loader. */
	for (size_t i = 0; i + 8 < 4096; i++)
		if (memcmp(data + i, "/lib64/l", 8) == 0 || memcmp(data + i, "/lib/ld-", 8) == 0)
			memcpy(data + i, "/nosuch/", 8);
	put_bytes("noloader", data, length);
	assert_fails(try("noloader"), ENOENT, "/nosuch/");
	ck_assert_msg(strstr(error.text, "its loader, does not exist in the container"), "%s",
		      error.text);

	header->e_machine = EM_S390;
	put_bytes("foreign", data, length);
	assert_fails(try("foreign"), ENOEXEC, "it is a program for s390x, and this machine is ");
	header->e_machine = 0xfedc;
	put_bytes("strange", data, length);
	assert_fails(try("strange"), ENOEXEC,
		     "it is a program for ELF machine 65244, and this machine is ");

	/* No offset in the file may lead to memory beyond what was read. */
	header->e_machine = EM_S390;
	header->e_phoff = UINT64_MAX - 3;
	header->e_phnum = UINT16_MAX;
	put_bytes("wild", data, length);
	assert_fails(try("wild"), ENOEXEC, "s390x");
	put_bytes("short", data, sizeof(Elf32_Ehdr) - 1);
	assert_fails(try("short"), ENOEXEC, "not an ELF program");
}
END_TEST

START_TEST(explains_barred_files)
{
	put_file("noexec", "");
	put_directory("dir");
	assert_fails(try("noexec"), EACCES, "noexec: permission denied (/");
	ck_assert_msg(strstr(error.text, "is not executable for this user"), "%s", error.text);
	assert_fails(try("dir"), EACCES, "is a directory");

	put_program("busy", "#!/bin/sh\n");
	autoclose int writer = openat(scratch(), "busy", O_WRONLY | O_CLOEXEC);
	assert_fails(try("busy"), ETXTBSY, "has the file open for writing");
}
END_TEST

START_TEST(explains_noexec_mounts)
{
	put_directory("mnt");
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", in_scratch("mnt"), "tmpfs", MS_NOEXEC, NULL) < 0) {
		puts("skipped: needs root");
		return;
	}
	autoclose int file = open(in_scratch("mnt/prog"), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	ck_assert_int_ge(file, 0);
	close_fd(&file);
	assert_fails(try("mnt/prog"), EACCES, "lies on a mount with the option noexec");
}
END_TEST

START_TEST(too_much)
{
	size_t size = 200000;
	autofree char *huge = malloc(size);

	memset(huge, 'x', size - 1);
	huge[size - 1] = '\0';

	char *const args[] = { huge, NULL };

	assert_fails(exec_run("/bin/sh", args, no_env, &error), E2BIG, "each of them 128 KiB");
}
END_TEST

START_TEST(runs)
{
	char *const args[] = { (char[]){ "sh" }, (char[]){ "-c" },
			       (char[]){ "test \"$A\" = b && exit 42" }, NULL };
	char *const env[] = { (char[]){ "A=b" }, NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		(void)!exec_run("/bin/sh", args, env, &error);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 42);
}
END_TEST

/* ---- the working directory ---- */

START_TEST(changes_directory)
{
	char cwd[PATH_MAX];

	put_directory("d");
	assert_ok(exec_chdir(in_scratch("d"), &error));
	ck_assert_str_eq(getcwd(cwd, sizeof(cwd)), in_scratch("d"));
	assert_fails(exec_chdir(in_scratch("x/y/z"), &error), ENOENT,
		     "change to working directory /");
	ck_assert(!exists("x"));
	put_file("f", "");
	assert_fails(exec_chdir(in_scratch("f"), &error), ENOTDIR, "change to working directory");
}
END_TEST

/* The attack of CVE-2024-21626: a way to an fd that leads out of the root. */
START_TEST(refuses_a_directory_outside)
{
	put_directory("root");
	put_directory("root/d");
	if (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0) {
		puts("skipped: neither root nor user namespaces");
		return;
	}
	ck_assert_int_eq(fchdir(scratch()), 0);
	ck_assert_int_eq(chroot("root"), 0); /* the working directory stays outside */
	assert_fails(exec_chdir(".", &error), EPERM,
		     "working directory . lies outside the root file system");
	assert_fails(exec_chdir("..", &error), EPERM, "lies outside");
	assert_ok(exec_chdir("/d", &error));
}
END_TEST

/* ---- labels ---- */

static bool apparmor_enabled(void)
{
	char answer = 'N';
	autoclose int fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);

	return fd >= 0 && read(fd, &answer, 1) == 1 && answer == 'Y';
}

START_TEST(labels_that_nobody_takes)
{
	autoclose int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (apparmor_enabled())
		puts("skipped: AppArmor is enabled");
	else
		assert_fails(apparmor_apply(proc, "docker-default", &error), EINVAL,
			     "apparmor profile docker-default was asked for, but AppArmor is not "
			     "enabled on this host");
	assert_ok(apparmor_apply(proc, "unconfined", &error));
	if (selinux_enabled())
		puts("skipped: SELinux is enabled");
	else
		ck_assert_int_lt(selinux_apply(proc, "system_u:system_r:container_t:s0", &error),
				 0);
	ck_assert_msg(selinux_enabled() ||
			      strstr(error.text, "SELinux is not enabled on this host"),
		      "%s", error.text);
}
END_TEST

UNIT_MAIN("exec", finds_by_path, the_last_path_counts_and_the_first_match, default_path,
	  texts_of_engines, explains_scripts, explains_scripts_of_scripts, explains_elf,
	  explains_barred_files, explains_noexec_mounts, too_much, runs, changes_directory,
	  refuses_a_directory_outside, labels_that_nobody_takes)
