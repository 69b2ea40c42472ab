/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness: the program that runs in the containers of the fault tests. It tells in /out/told how it
 * is confined, in words that are the same for every run of the same configuration; so whatever a
 * fault took away shows as a difference.
 *
 *	witness          tells, and exits with 7
 *	witness sleep    tells, and sleeps
 *	witness hook     reads its standard input, and exits with 0: a hook
 *	witness hold     a namespace holder: says "ready" and sleeps
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

static FILE *out;

static void tell_file(const char *path, const char *const *wanted)
{
	FILE *f = fopen(path, "re");
	char line[4096];

	fprintf(out, "%s:%s\n", path, f ? "" : strerror(errno));
	while (f && fgets(line, sizeof(line), f)) {
		bool told = !wanted;

		for (const char *const *w = wanted; w && *w && !told; w++)
			told = !strncmp(line, *w, strlen(*w));
		if (told)
			fprintf(out, "\t%s%s", line, strchr(line, '\n') ? "" : "\n");
	}
	if (f)
		fclose(f);
}

/* Where, how and what; neither ids nor the source's path, and of "shared:12" the word alone. */
static void tell_mounts(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096], *rest = NULL;

	for (int n = 0; f && fgets(line, sizeof(line), f); n++) {
		int field = 0;

		fprintf(out, "mount");
		for (char *w = strtok_r(line, " \n", &rest); w; w = strtok_r(NULL, " \n", &rest)) {
			field++;
			if (field >= 5)
				fprintf(out, " %.*s",
					(int)(field > 6 ? strcspn(w, ":") : strlen(w)), w);
		}
		fprintf(out, "\n");
	}
	if (f)
		fclose(f);
}

/* HOST_NS, in the environment, lists the host's namespaces as readlink(2) shows them. */
static void tell_namespaces(void)
{
	static const char *const names[] = { "cgroup", "ipc",  "mnt",  "net",
					     "pid",    "time", "user", "uts" };
	const char *host = getenv("HOST_NS");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[64], link[64] = "";

		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		if (readlink(path, link, sizeof(link) - 1) < 0)
			fprintf(out, "namespace %s: %s\n", names[i], strerror(errno));
		else
			fprintf(out, "namespace %s: %s\n", names[i],
				host && strstr(host, link) ? "the host's" : "its own");
	}
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void tell_directory(const char *path, bool attributes)
{
	struct dirent **list;
	int n = scandir(path, &list, NULL, by_name);

	fprintf(out, "in %s:%s\n", path, n < 0 ? strerror(errno) : "");
	for (int i = 0; i < n; i++) {
		char file[512], link[256] = "";
		struct stat st = { 0 };

		snprintf(file, sizeof(file), "%s/%s", path, list[i]->d_name);
		(void)lstat(file, &st);
		(void)!readlink(file, link, sizeof(link) - 1);
		if (attributes)
			fprintf(out, "\t%s %o %u:%u %u:%u %s\n", list[i]->d_name, st.st_mode,
				st.st_uid, st.st_gid, major(st.st_rdev), minor(st.st_rdev), link);
		else
			fprintf(out, "\t%s\n", list[i]->d_name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

static void tell_mask(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error = errno;
	struct stat st = { 0 };
	char byte;

	if (fd < 0) {
		fprintf(out, "%s: %s\n", path, strerror(error));
		return;
	}
	(void)fstat(fd, &st);
	fprintf(out, "%s: %s\n", path,
		S_ISDIR(st.st_mode)       ? "directory"
		: read(fd, &byte, 1) == 0 ? "empty"
					  : "shows something");
	close(fd);
}

static void tell_attempt(const char *what, long r)
{
	fprintf(out, "%s: %s\n", what, r < 0 ? strerror(errno) : "done");
}

static void tell_process(void)
{
	struct sched_param p = { 0 };
	struct utsname u;
	char cwd[256] = "", key[256] = "";

	(void)uname(&u);
	(void)!getcwd(cwd, sizeof(cwd));
	(void)sched_getparam(0, &p);
	fprintf(out, "names %s %s\n", u.nodename, u.domainname);
	fprintf(out, "cwd %s session %s terminal %d%d%d\n", cwd,
		getsid(0) == getpid() ? "leader" : "member", isatty(0), isatty(1), isatty(2));
	fprintf(out, "scheduler %d %d nice %d ioprio %ld\n", sched_getscheduler(0),
		p.sched_priority, nice(0), syscall(SYS_ioprio_get, 1, 0));
	fprintf(out, "dumpable %d securebits %d deathsig-keeps %d\n", prctl(PR_GET_DUMPABLE),
		prctl(PR_GET_SECUREBITS), prctl(PR_GET_KEEPCAPS));
	(void)syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, key, sizeof(key) - 1);
	/* of the container's name, or where that is taken, an anonymous one */
	fprintf(out, "keyring %s\n", strstr(key, ";c") || strstr(key, ";_ses") ? "its own" : key);
}

static void tell(char **env)
{
	static const char *const status[] = { "Umask",  "Uid",    "Gid",     "Groups",
					      "Cap",    "NoNew",  "Seccomp", "SigBlk",
					      "SigIgn", "SigCgt", NULL };

	tell_process();
	tell_file("/proc/self/status", status);
	tell_file("/proc/self/limits", NULL);
	tell_file("/proc/self/oom_score_adj", NULL);
	tell_file("/proc/self/uid_map", NULL);
	tell_file("/proc/self/gid_map", NULL);
	tell_file("/proc/self/setgroups", NULL);
	tell_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", NULL);
	tell_file("/proc/sys/kernel/shm_rmid_forced", NULL);
	tell_file("/proc/self/cgroup", (const char *const[]){ "0::", NULL });
	tell_mounts();
	tell_namespaces();
	tell_directory("/proc/self/fd", false);
	tell_directory("/dev", true);
	tell_directory("/", true);
	tell_mask("/proc/kcore");
	tell_mask("/proc/timer_list");
	tell_mask("/proc/keys");
	tell_directory("/sys/firmware", false);
	tell_attempt("make a directory on the root", mkdir("/made", 0700));
	tell_attempt("make an allowed directory", mkdir("/dev/shm/made", 0700));
	(void)rmdir("/dev/shm/made");
	tell_attempt("make a device", mknod("/dev/shm/kmsg", S_IFCHR | 0600, makedev(1, 11)));
	tell_attempt("open a kernel parameter for writing",
		     open("/proc/sys/kernel/threads-max", O_WRONLY | O_CLOEXEC));
	tell_attempt("leave the root", chroot("/proc"));
	for (char **e = env; *e; e++)
		fprintf(out, "env %s\n", *e);
}

int main(int argc, char **argv, char **env)
{
	const char *mode = argc > 1 ? argv[1] : "";
	char bytes[512];

	if (!strcmp(mode, "hook")) {
		while (read(0, bytes, sizeof(bytes)) > 0)
			;
		return 0;
	}
	if (!strcmp(mode, "hold")) {
		(void)!write(1, "ready\n", 6);
		pause();
	}
	out = fopen("/out/new", "we");
	if (!out)
		return 3;
	tell(env);
	if (fclose(out) != 0 || rename("/out/new", "/out/told") < 0)
		return 3;
	if (!strcmp(mode, "sleep"))
		pause();
	return 7;
}
