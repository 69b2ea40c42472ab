/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the container's processes come into being.
 *
 *	no namespace joined:   host --clone3(new namespaces, cgroup)--> init
 *	some joined by path:   host --clone3(cgroup)--> joiner: setns(...)
 *	                       joiner --clone3(new namespaces, CLONE_PARENT)--> init
 *
 * The first process to be cloned is born into the cgroup, because after setns(2) to a user
 * namespace the joiner could no longer enter it. The joiner is made undumpable before it enters
 * anything, so that processes in there cannot trace it or open its fds (CVE-2016-9962).
 */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "start/channel.h"
#include "start/steps.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ULL
#endif

/* A cgroup namespace is made later, by init itself, and so are a time namespace with offsets and an
 * ipc namespace that root of a new user namespace is to own: see their rows. */
static uint64_t new_namespaces(const struct start *s)
{
	uint64_t later = CLONE_NEWCGROUP;

	if (wants_time_offsets(s))
		later |= CLONE_NEWTIME;
	if (wants_own_ipc(s))
		later |= CLONE_NEWIPC;
	return config_clone_flags(s->config) & ~later;
}

static int become(struct start *s, enum actor me)
{
	s->me = me;
	close_fd(&s->channel);
	s->channel = take_fd(&s->container_end);
	close_fd(&s->pidfd);
	return 0;
}

static int record_init(struct start *s, struct berth_error *e)
{
	char state;

	s->record.pid = (uint64_t)s->pid;
	return process_start_time(s->proc, s->pid, &s->record.start_time, &state, e);
}

int clone_container(struct start *s, struct berth_error *e)
{
	bool joins = config_joins(s->config);
	struct clone_request request = {
		.flags = CLONE_CLEAR_SIGHAND | (joins ? 0 : new_namespaces(s)),
		.cgroup = s->cgroup.dir,
		.exit_signal = SIGCHLD,
	};
	pid_t pid;

	/* The working directory moves with its mount into the new mount namespace: init finds the
	 * root there without resolving its path again. */
	s->home = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fchdir(s->root) < 0)
		return fail(e, errno, "enter root file system %s", s->record.rootfs);
	pid = process_clone(&request, &s->pidfd, e);
	if (pid == 0)
		return become(s, joins ? JOINER : INIT);
	if (s->home >= 0 && fchdir(s->home) < 0)
		log_debug("cannot return to the working directory: %m");
	if (pid < 0)
		return (int)pid;
	s->pid = pid;
	cgroup_settle(&s->cgroup);
	close_fd(&s->container_end);
	close_fd(&s->listener);
	return joins ? 0 : record_init(s, e);
}

int clone_exec(struct start *s, struct berth_error *e)
{
	struct clone_request request = { .flags = CLONE_CLEAR_SIGHAND,
					 .cgroup = s->cgroup.dir,
					 .exit_signal = SIGCHLD };
	pid_t pid = process_clone(&request, &s->pidfd, e);

	if (pid == 0)
		return become(s, INIT);
	if (pid < 0)
		return (int)pid;
	s->pid = pid;
	close_fd(&s->container_end);
	return 0;
}

void end_container(struct start *s)
{
	struct berth_error e = { 0 };
	int status;

	if (s->pidfd < 0)
		return;
	if (process_signal(s->pidfd, SIGKILL, &e) < 0 ||
	    process_wait(s->pidfd, 10000, &status, &e) < 0)
		log_warning("end the container's process: %s", e.text);
	close_fd(&s->pidfd);
}

/* Where the mount namespace is joined too, the root is what its path leads to in there. */
static int find_root_again(struct start *s, struct berth_error *e)
{
	const struct namespace_spec *mount = config_namespace(s->config, CLONE_NEWNS);

	if (!mount || !mount->path || chdir(s->record.rootfs) == 0)
		return 0;
	return fail(e, errno, "enter %s in the mount namespace %s", s->record.rootfs, mount->path);
}

int become_untraceable(struct start *s, struct berth_error *e)
{
	(void)s;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? fail(e, errno, "become undumpable") : 0;
}

int join_namespaces(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;

	/* The user namespace first: it may be what gives the right to enter the others. Where it
	 * does not, its owner is ourselves and the order does not matter. */
	if (become_untraceable(s, e) < 0)
		return -e->code;
	for (int user = s->request->privileged ? 0 : 1, pass = 0; pass < 2; user = !user, pass++) {
		for (size_t i = 0; i < l->namespaces.n; i++) {
			int r;

			if (s->joined[i] < 0 || (l->namespaces.v[i].type == CLONE_NEWUSER) != user)
				continue;
			r = namespace_join(s->joined[i], l->namespaces.v[i].type, e);
			if (r < 0)
				return in_context(e, r, "%s", l->namespaces.v[i].path);
		}
	}
	return find_root_again(s, e);
}

int clone_from_joiner(struct start *s, struct berth_error *e)
{
	struct clone_request request = { .flags = new_namespaces(s) | CLONE_PARENT, .cgroup = -1 };
	autoclose int pidfd = -1;
	pid_t pid;
	int r;

	if (config_namespace(s->config, CLONE_NEWUSER) &&
	    !config_new_namespace(s->config, CLONE_NEWUSER)) {
		/* What init creates belongs to the joined user namespace's root. */
		r = become_root(s, e);
		if (r < 0)
			return r;
	}
	pid = process_clone(&request, &pidfd, e);
	if (pid < 0)
		return (int)pid;
	if (pid == 0) {
		s->me = INIT;
		return 0;
	}
	s->outbox = take_fd(&pidfd);
	r = channel_tell(s, s->at, pid, e);
	if (r < 0)
		return r;
	_exit(0);
}

enum { JOINER_MS = 10000 };

int adopt_init(struct start *s, struct berth_error *e)
{
	int r, status = 0;

	/* Its end first, for that always comes: if it was killed, init may hold the channel open
	 * and wait for us. What it had to say is in the channel. */
	r = process_wait(s->pidfd, JOINER_MS, &status, e);
	if (r < 0)
		return in_context(e, r, "joiner");
	close_fd(&s->pidfd);
	s->pid = 0;
	if (status > 1)
		return refuse(e, EPIPE, "the joiner was ended by signal %d", status - 128);
	r = channel_await(s, s->at - 1, &s->pid, e);
	if (r < 0)
		return r;
	if (s->inbox < 0)
		return refuse(e, EPROTO, "the joiner sent no pidfd");
	s->pidfd = take_fd(&s->inbox);
	return record_init(s, e);
}

/*
 * Whatever else is open is our caller's: a directory would be a way out for a process that gets at
 * our fds (CVE-2024-21626), and the reader of a pipe would never see its end. The fds that the
 * caller passes on have the lowest numbers, so none of ours is among them.
 */
static int close_foreign(const struct start *s, struct berth_error *e)
{
	const int own[] = { s->proc,  s->root,         s->channel,         s->listener, s->filter,
			    s->nodes, s->notify_mount, s->request->target, log_fd() };
	size_t n_own = ARRAY_SIZE(own), n_sources = s->sources ? s->config->mounts.n : 0;
	autofree int *keep = calloc(n_own + n_sources, sizeof(*keep));

	if (!keep)
		return fail(e, ENOMEM, "list of open files");
	memcpy(keep, own, sizeof(own));
	for (size_t i = 0; i < n_sources; i++)
		keep[n_own + i] = s->sources[i];
	return close_all_but(3 + passed_fds(s), keep, n_own + n_sources, e);
}

/* Processes that share our pid namespace would find the caller's environment in
 * /proc/PID/environ. */
static void forget_environment(void)
{
	for (char **v = environ; v && *v; v++)
		memset(*v, 0, strlen(*v));
	environ = NULL;
}

int leave_host(struct start *s, struct berth_error *e)
{
	int *fds[] = { &s->state_dir,
		       &s->home,
		       &s->console_socket,
		       &s->pidfd,
		       &s->resctrl,
		       &s->id_helpers.newuidmap,
		       &s->id_helpers.newgidmap };
	int r;

	/* What init makes in the root is to have the modes it says; the caller's mask is for the
	 * program. */
	s->umask = umask(022);
	/* state_dir carries the lock: init's copy must not hold it when berth is killed. */
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close_fd(fds[i]);
	s->has_cgroup = s->cgroup.dir >= 0;
	cgroup_close(&s->cgroup);
	release_network(s);
	for (size_t i = 0; s->joined && i < s->config->lin->namespaces.n; i++)
		close_fd(&s->joined[i]);
	forget_environment();
	r = close_foreign(s, e);
	/* The program begins with every signal unblocked and at its default, whatever berth's
	 * caller ignored. */
	return r < 0 ? r : signals_reset(e);
}

static void end_on_signal(int signal)
{
	_exit(128 + signal);
}

/* The kernel keeps from the first process of a pid namespace what it has no handler for, and so a
 * container that nobody starts could only be killed. execve(2) resets handlers. */
int heed_signals(struct start *s, struct berth_error *e)
{
	static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		if (signal(ending[i], end_on_signal) == SIG_ERR)
			return fail(e, errno, "handle signal %d", ending[i]);
	return 0;
}
