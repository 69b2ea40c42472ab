/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Init turns into the container's process. The order of these rows makes sure that no half-confined
 * program ever runs (docs/security.md): no_new_privs, groups and ids, capabilities, working
 * directory, the filter, execve(2). An error in any of them ends init.
 *
 * Namespaces and root directory: all the container's.
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "linux/exec.h"
#include "linux/listener.h"
#include "linux/procfs.h"
#include "linux/seccomp.h"
#include "start/environment.h"
#include "start/hooks.h"
#include "start/last_word.h"
#include "start/notify.h"
#include "start/steps.h"

static const struct config_process *process_of(const struct start *s)
{
	return s->config->process;
}

/* The procfs that was opened on the host would be a way out for a process that gets at init's fds,
 * which others may try while init waits for `start`. From here on the container's own is enough. */
static int change_procfs(struct start *s, struct berth_error *e)
{
	const struct config_process *p = process_of(s);

	close_fd(&s->proc);
	return p->apparmor_profile || p->selinux_label ? procfs_open(&s->proc, e) : 0;
}

int prepare_program(struct start *s, struct berth_error *e)
{
	const struct config_process *p = process_of(s);
	struct environment_request environment = { .root = s->root, .proc = s->proc };
	int r;

	if (!p) { /* created all the same; `start` will refuse */
		close_fd(&s->proc);
		return 0;
	}
	environment.configured = &p->env;
	environment.uid = p->user.uid;
	environment.n_listen_fds = s->n_listen_fds;
	if (s->notifies)
		environment.notify = NOTIFY_VARIABLE "=" NOTIFY_PLACE "/" NOTIFY_NAME;
	r = environment_build(&environment, &s->env, e);
	if (r == 0)
		r = change_procfs(s, e);
	if (r < 0)
		return r;
	/* A relative name, or a relative part of PATH, means the program's own directory. Whether
	 * it may be entered is found out later, as its user. */
	if (chdir(p->cwd) < 0)
		log_debug("%s: %m", p->cwd);
	r = exec_find(p->args.v[0], s->env, &s->program, e);
	return chdir("/") < 0 && r == 0 ? fail(e, errno, "return to /") : r;
}

int accept_start(struct start *s, struct berth_error *e)
{
	int peer;

	/* Nobody drives us now; whoever connects next is `start`. The directory that the socket is
	 * in belongs to berth alone. */
	close_fd(&s->channel);
	do {
		peer = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	} while (peer < 0 && (errno == EINTR || errno == ECONNABORTED));
	if (peer < 0)
		return fail(e, errno, "accept");
	s->channel = peer;
	close_fd(&s->listener);
	return 0;
}

int map_last_word(struct start *s, struct berth_error *e)
{
	int r;

	if (s->inbox < 0)
		return refuse(e, EPROTO, "no page was sent");
	r = last_word_map(s->inbox, &s->last_word, e);
	close_fd(&s->inbox);
	if (r == 0 && !process_of(s))
		r = refuse(e, EINVAL, "config.json has no process to start");
	return r;
}

int run_start_hooks(struct start *s, struct berth_error *e)
{
	return hooks_run(s, HOOK_START_CONTAINER, BERTH_CREATED, getpid(), e);
}

static void set_umask(const struct start *s)
{
	const struct user_spec *user = &process_of(s)->user;

	(void)umask(user->has_umask ? user->umask : s->umask);
}

int set_limits(struct start *s, struct berth_error *e)
{
	const struct config_process *p = process_of(s);
	int r = 0;

	for (size_t i = 0; i < p->rlimits.n && r == 0; i++)
		r = rlimit_apply(&p->rlimits.v[i], e);
	set_umask(s);
	return r;
}

/*
 * Whether the stream may be given away. A device, such as /dev/null, is everybody's. A terminal
 * stays the caller's, as its owner may type into it. So does a file: its owner may open it again,
 * for writing though it was opened for reading, and may read what was in it before.
 */
static bool is_own_stream(const struct stat *st)
{
	return S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode);
}

int own_streams(struct start *s, struct berth_error *e)
{
	uint32_t uid = process_of(s)->user.uid;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || !is_own_stream(&st) || st.st_uid == uid)
			continue;
		/* An owner who is not mapped here, a read-only file system: then they stay as they
		 * are, as with runc. */
		if (fchown(fd, uid, (gid_t)-1) < 0 && errno != EPERM && errno != EINVAL &&
		    errno != EROFS)
			return fail(e, errno, "give standard stream %d to uid %u", fd, uid);
	}
	return 0;
}

/* berth's own fds are close-on-exec, those that the caller passes on are not. Everything else is
 * closed now: a program or working directory below /proc/self/fd must not lead to the host, through
 * its procfs above all (CVE-2024-21626). */
int arrange_fds(struct start *s, struct berth_error *e)
{
	const int needed[] = { s->channel, s->filter, s->agent, log_fd() };

	return close_all_but(3 + passed_fds(s), needed, ARRAY_SIZE(needed), e);
}

static struct capability_sets wanted_capabilities(const struct start *s)
{
	/* No capabilities listed means none, as with every runtime; what would be left otherwise is
	 * berth's own. */
	const struct capability_lists *c = process_of(s)->capabilities;

	return c ? c->sets : (struct capability_sets){ 0 };
}

bool identity_keeps_admin(const struct start *s)
{
	const struct config_process *p = process_of(s);

	return p && s->config->lin->seccomp && !p->no_new_privileges &&
	       !(wanted_capabilities(s).effective & (1ULL << CAP_SYS_ADMIN));
}

int take_identity(struct start *s, struct berth_error *e)
{
	const struct config_process *p = process_of(s);
	struct capability_sets c = wanted_capabilities(s);
	int r;

	if (p->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail(e, errno, "set no_new_privs");
	r = capabilities_before_user(&c, e);
	if (r == 0)
		r = user_apply(&p->user, s->setgroups_denied, e);
	if (r < 0)
		return r;
	if (identity_keeps_admin(s)) {
		c.permitted |= 1ULL << CAP_SYS_ADMIN;
		c.effective |= 1ULL << CAP_SYS_ADMIN;
	}
	r = capabilities_after_user(&c, e);
	return r < 0 ? r : capabilities_read(&s->capabilities, e);
}

/* One system call, known beforehand: it is the only one besides execve(2) that the filter has to
 * let through, and only here. */
int drop_admin(struct start *s, struct berth_error *e)
{
	struct capability_sets wanted = wanted_capabilities(s), c = s->capabilities;
	int r;

	c.effective &= wanted.effective;
	c.permitted &= wanted.permitted;
	r = capabilities_write(&c, e);
	if (r < 0)
		advise(e, "without noNewPrivileges the seccomp profile has to allow capset");
	return r;
}

int enter_directory(struct start *s, struct berth_error *e)
{
	return exec_chdir(process_of(s)->cwd, e);
}

static int map_filter(struct start *s, struct berth_error *e)
{
	struct stat st;
	void *program;

	if (fstat(s->filter, &st) < 0)
		return fail(e, errno, "size of the program");
	program = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, s->filter, 0);
	if (program == MAP_FAILED)
		return fail(e, errno, "map the program");
	s->filter_program = program;
	s->filter_length = (size_t)st.st_size / sizeof(*s->filter_program);
	return 0;
}

static int install_filter(struct start *s, struct berth_error *e)
{
	/* The thread that sends the listener must stay outside. Otherwise there is but one
	 * thread. */
	uint32_t flags = s->config->lin->seccomp->flags & ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC;
	int listener = -1, r;

	r = seccomp_install(s->filter_program, s->filter_length, flags, s->sender != NULL,
			    &listener, e);
	if (r == 0 && s->sender)
		listener_send(s->sender, listener);
	return r;
}

int load_filter(struct start *s, struct berth_error *e)
{
	int r = map_filter(s, e);

	return r < 0 ? r : install_filter(s, e);
}

/*
 * A startContainer hook is a program of the image, so it is held by all that holds the image's
 * program; as with runc and crun. Only resource limits are not for it. Where the profile asks an
 * agent there is none yet, and the kernel answers ENOSYS.
 */
int prepare_start_hook(void *start, struct berth_error *e)
{
	struct start *s = start;
	int r = set_labels(s, e);

	if (r == 0 && s->config->lin->seccomp)
		r = map_filter(s, e);
	set_umask(s);
	return r < 0 ? r : take_identity(s, e);
}

int confine_start_hook(void *start, struct berth_error *e)
{
	struct start *s = start;
	int r = s->config->lin->seccomp ? install_filter(s, e) : 0;

	return r == 0 && identity_keeps_admin(s) ? drop_admin(s, e) : r;
}

int execute(struct start *s, struct berth_error *e)
{
	/* First the bare error, with no further system call: finding out more may be what the
	 * filter kills us for. */
	return exec_run(s->program, (char *const *)process_of(s)->args.v, s->env, e);
}
