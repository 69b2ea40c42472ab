/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor that berth is measured against: what the kernel takes to make the sandbox of `berth
 * spec`'s default configuration and to run /bin/true in it, with everything hard-coded, in the
 * cheapest calls known, one after the other. No configuration, no state, no checks of what lies in
 * the root, no undo: nothing to use for anything else.
 *
 * usage: floor ROOTFS CGROUP [FILTER]    CGROUP is made below the v2 tree at /sys/fs/cgroup; FILTER
 * holds a compiled seccomp program
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void must(long result, const char *what)
{
	if (result < 0)
		err(125, "%s", what);
}

/* Character devices 1:3, 1:5, 1:7, 1:8, 1:9, 5:0, 5:2 and 136:*; mknod of anything; nothing
 * else. */
static const struct bpf_insn device_program[] = {
#define LOAD(reg, member)                                                          \
	{                                                                          \
		.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (reg), .src_reg = 1, \
		.off = offsetof(struct bpf_cgroup_dev_ctx, member)                 \
	}
#define IF_EQUAL(reg, value, skip)                                                                 \
	{                                                                                          \
		.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = (reg), .off = (skip), .imm = (value) \
	}
#define UNLESS_EQUAL(reg, value, skip)                                                             \
	{                                                                                          \
		.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (reg), .off = (skip), .imm = (value) \
	}
#define RETURN(value)                                                          \
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = (value) }, \
	{                                                                      \
		.code = BPF_JMP | BPF_EXIT                                     \
	}
	LOAD(2, access_type),
	LOAD(4, major),
	LOAD(5, minor),
	{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 3, .src_reg = 2 },
	{ .code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = 3, .imm = 16 },
	IF_EQUAL(3, BPF_DEVCG_ACC_MKNOD, 14),
	{ .code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = 2, .imm = 0xffff },
	UNLESS_EQUAL(2, BPF_DEVCG_DEV_CHAR, 10),
	IF_EQUAL(4, 136, 11),
	UNLESS_EQUAL(4, 1, 5),
	IF_EQUAL(5, 3, 9),
	IF_EQUAL(5, 5, 8),
	IF_EQUAL(5, 7, 7),
	IF_EQUAL(5, 8, 6),
	IF_EQUAL(5, 9, 5),
	UNLESS_EQUAL(4, 5, 2),
	IF_EQUAL(5, 0, 3),
	IF_EQUAL(5, 2, 2),
	RETURN(0),
	RETURN(1),
};

static int make_cgroup(const char *path)
{
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
				.insns = (uintptr_t)device_program,
				.insn_cnt = sizeof(device_program) / sizeof(device_program[0]),
				.license = (uintptr_t) "Apache-2.0" };
	union bpf_attr attach = { .attach_type = BPF_CGROUP_DEVICE,
				  .attach_flags = BPF_F_ALLOW_MULTI };
	int fd, program;

	must(mkdir(path, 0755), path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd, path);
	program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	must(program, "load the device program");
	attach.target_fd = (uint32_t)fd;
	attach.attach_bpf_fd = (uint32_t)program;
	must(syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)),
	     "attach the device program");
	return fd;
}

static void make_mounts(void)
{
	const unsigned long nsn = MS_NOSUID | MS_NODEV | MS_NOEXEC;

	must(mount("proc", "proc", "proc", 0, NULL), "proc");
	must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"),
	     "dev");
	must(mkdir("dev/pts", 0755), "dev/pts");
	must(mkdir("dev/shm", 0755), "dev/shm");
	must(mkdir("dev/mqueue", 0755), "dev/mqueue");
	must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		   "newinstance,ptmxmode=0666,mode=0620,gid=5"),
	     "dev/pts");
	must(mount("shm", "dev/shm", "tmpfs", nsn, "mode=1777,size=65536k"), "dev/shm");
	must(mount("mqueue", "dev/mqueue", "mqueue", nsn, NULL), "dev/mqueue");
	must(mount("sysfs", "sys", "sysfs", nsn | MS_RDONLY, NULL), "sys");
	must(mount("cgroup", "sys/fs/cgroup", "cgroup2", nsn | MS_RDONLY | MS_RELATIME, NULL),
	     "sys/fs/cgroup");
}

static void make_devices(void)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
	} nodes[] = { { "dev/null", 1, 3 },   { "dev/zero", 1, 5 },    { "dev/full", 1, 7 },
		      { "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 } };

	umask(0);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		must(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)),
		     nodes[i].path);
	umask(022);
	must(symlink("/proc/self/fd", "dev/fd"), "dev/fd");
	must(symlink("/proc/self/fd/0", "dev/stdin"), "dev/stdin");
	must(symlink("/proc/self/fd/1", "dev/stdout"), "dev/stdout");
	must(symlink("/proc/self/fd/2", "dev/stderr"), "dev/stderr");
	must(symlink("pts/ptmx", "dev/ptmx"), "dev/ptmx");
}

/* ENOENT alone is passed over: which of them exist is the kernel's configuration. */
static void protect(void)
{
	static const char *const readonly[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
						"/proc/sysrq-trigger" };
	static const char *const masked_files[] = { "/proc/kcore",         "/proc/keys",
						    "/proc/latency_stats", "/proc/timer_list",
						    "/proc/timer_stats",   "/proc/sched_debug" };
	static const char *const masked_dirs[] = { "/proc/acpi", "/proc/asound", "/sys/firmware",
						   "/proc/scsi" };

	for (size_t i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++) {
		if (mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL) < 0)
			continue;
		must(mount(NULL, readonly[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL),
		     readonly[i]);
	}
	for (size_t i = 0; i < sizeof(masked_files) / sizeof(masked_files[0]); i++)
		(void)!mount("/dev/null", masked_files[i], NULL, MS_BIND, NULL);
	for (size_t i = 0; i < sizeof(masked_dirs) / sizeof(masked_dirs[0]); i++)
		(void)!mount("tmpfs", masked_dirs[i], "tmpfs",
			     MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0555,nr_inodes=1");
}

static void limit_capabilities(void)
{
	const uint32_t kept = 1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { kept, kept, 0 }, { 0, 0, 0 } };

	for (int i = 0; i <= CAP_LAST_CAP; i++)
		if (i >= 32 || !(kept >> i & 1))
			must(prctl(PR_CAPBSET_DROP, i, 0, 0, 0), "drop a capability");
	must(setgroups(0, NULL), "setgroups");
	must(syscall(SYS_capset, &header, data), "capset");
}

static void load_filter(int fd)
{
	struct stat st;
	struct sock_fprog program;

	must(fstat(fd, &st), "look at the filter");
	program.len = (unsigned short)((size_t)st.st_size / sizeof(struct sock_filter));
	program.filter = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "load the filter");
}

static void bring_loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(fd, "socket");
	must(ioctl(fd, SIOCSIFFLAGS, &request), "loopback");
}

static _Noreturn void become_container(const char *root, int filter)
{
	static char program[] = "/bin/true",
		    path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		    term[] = "TERM=xterm";
	static char *const args[] = { program, NULL }, *const env[] = { path, term, NULL };
	const struct rlimit files = { 1024, 1024 };

	setsid();
	must(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "floor"), "keyring");
	must(unshare(CLONE_NEWCGROUP), "cgroup namespace");
	bring_loopback_up();
	must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "slave");
	must(mount(root, root, NULL, MS_BIND | MS_REC, NULL), root);
	must(chdir(root), root);
	make_mounts();
	make_devices();
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "old root");
	must(sethostname("berth", 5), "hostname");
	protect();
	must(mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), "read-only root");
	must(chdir("/"), "/");
	must(setrlimit(RLIMIT_NOFILE, &files), "rlimit");
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	limit_capabilities();
	must((long)close_range(3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
	if (filter >= 0)
		load_filter(filter);
	execve(args[0], args, env);
	err(125, "execve");
}

int main(int argc, char **argv)
{
	struct clone_args clone = { .flags = (uint64_t)CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
					     CLONE_NEWIPC | CLONE_NEWUTS | CLONE_INTO_CGROUP,
				    .exit_signal = SIGCHLD };
	char cgroup[4096];
	int status = 0, filter = -1;
	pid_t pid;

	if (argc < 3)
		errx(125, "usage: floor ROOTFS CGROUP [FILTER]");
	if (argc > 3)
		must(filter = open(argv[3], O_RDONLY | O_CLOEXEC), argv[3]);
	(void)snprintf(cgroup, sizeof(cgroup), "/sys/fs/cgroup/%s", argv[2]);
	clone.cgroup = (__u64)make_cgroup(cgroup);
	pid = (pid_t)syscall(SYS_clone3, &clone, sizeof(clone));
	must(pid, "clone3");
	if (pid == 0)
		become_container(argv[1], filter);
	must(waitpid(pid, &status, 0), "wait");
	/* On a busy machine a process may still be leaving its cgroup when it has been waited
	 * for. */
	for (int i = 0; rmdir(cgroup) < 0; i++)
		if (errno != EBUSY || i == 10000)
			err(125, "%s", cgroup);
		else
			(void)usleep(10);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 124;
}
