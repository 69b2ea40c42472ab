/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create, start and run: set up the plan (lib/start/plan.c), walk it, and clean up.
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/socket.h"
#include "container/life.h"
#include "linux/capabilities.h"
#include "linux/procfs.h"
#include "start/environment.h"
#include "start/notify.h"

static int keep_make(void *data, int *ret_dir, struct berth_error *e)
{
	struct making *m = data;
	int r = entry_make(m->rt, m->create.id, m->config->text, m->config->text_length, &m->entry,
			   e);

	if (r == 0)
		*ret_dir = m->entry.dir;
	return r;
}

static int keep_save(void *data, const struct state_record *record, struct berth_error *e)
{
	const struct making *m = data;

	return entry_save(&m->entry, record, e);
}

static void keep_remove(void *data)
{
	struct making *m = data;
	struct berth_error e = { 0 };

	if (entry_remove(&m->entry, &e) < 0)
		log_warning("%s", e.text);
}

/* RFC 3339 with nanoseconds, UTC. */
static char *now_text(void)
{
	struct timespec now;
	char seconds[TEXT_TIME];

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		return NULL;
	text_time(now.tv_sec, seconds);
	return text_printf("%s.%09ldZ", seconds, now.tv_nsec);
}

static int load_config(struct making *m, struct berth_error *e)
{
	autofree char *path = NULL;
	struct berth_report *report = NULL;
	const char *file = m->create.config_file;
	int r;

	path = file && strchr(file, '/')
		       ? strdup(file)
		       : text_printf("%s/%s", m->bundle, file ? file : "config.json");
	if (!path)
		return fail(e, ENOMEM, "path of config.json");
	r = config_load_file(path, m->rt->strict, &m->config, &report, e);
	/* Before the findings are told, or they would be told twice. `exec` may enter a created
	 * container before its program has begun. */
	if (r == 0)
		r = protect_from_container(m->rt, m->config, !m->request.wait, e);
	if (report && m->rt->report)
		m->rt->report(report, m->rt->report_data);
	berth_report_free(report);
	return r;
}

static int find_places(struct making *m, struct berth_error *e)
{
	autofree char *path = NULL;
	const char *root;

	m->bundle = realpath(m->create.bundle ? m->create.bundle : ".", NULL);
	if (!m->bundle)
		return fail(e, errno, "open bundle %s", m->create.bundle ? m->create.bundle : ".");
	int r = load_config(m, e);
	if (r < 0)
		return r;
	root = m->config->root->path;
	path = root[0] == '/' ? strdup(root) : text_printf("%s/%s", m->bundle, root);
	m->rootfs = path ? path_normalize(path) : NULL;
	m->created = now_text();
	return m->rootfs && m->created ? 0 : fail(e, ENOMEM, "bundle");
}

static int check_request(const struct making *m, struct berth_error *e)
{
	const struct berth_create *c = &m->create;
	bool terminal = m->config->process && m->config->process->terminal;

	if (terminal && m->request.wait && !c->console_socket)
		return refuse(e, EINVAL,
			      "process.terminal is set: create needs --console-socket (or set "
			      "terminal to false)");
	if (!terminal && c->console_socket)
		return refuse(e, EINVAL,
			      "--console-socket is of no use: process.terminal is not set");
	return check_passed_fds(&m->start, e);
}

/* What our caller has passed came through an execve(2), so it is not close-on-exec; what berth
 * opens is. Without that difference a number too large would hand on the state directory, say. */
static bool is_passed(uint64_t fd)
{
	int flags = fd > INT_MAX ? -1 : fcntl((int)fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

int check_passed_fds(const struct start *s, struct berth_error *e)
{
	uint64_t end = 3 + (uint64_t)s->n_listen_fds + s->request->create->preserve_fds;

	for (uint64_t fd = 3; fd < end; fd++) {
		if (!is_passed(fd))
			return refuse(e, EBADF, "fd %llu is to be passed on, but is not open",
				      (unsigned long long)fd);
	}
	return 0;
}

int making_prepare(struct making *m, const struct berth_runtime *rt, const struct berth_create *c,
		   bool wait, struct berth_error *e)
{
	int r;

	*m = (struct making){
		.rt = rt,
		.create = *c,
		.entry = { .root = -1, .dir = -1 },
		.request = { .wait = wait },
	};
	start_init(&m->start, NULL, &start_plan);
	r = store_check_id(c->id, e);
	if (r == 0)
		r = find_places(m, e);
	if (r < 0)
		return r;
	m->create.bundle = m->bundle;
	m->request = (struct start_request){
		.config = m->config,
		.create = &m->create,
		.cgroup_manager = (enum cgroup_manager)rt->cgroup_manager,
		.rootless = store_rootless(rt),
		.privileged = capability_held(CAP_SYS_ADMIN),
		.wait = wait,
		.keeper = { m, keep_make, keep_save, keep_remove },
	};
	start_init(&m->start, &m->request, &start_plan);
	m->start.n_listen_fds = environment_listen_fds();
	/* Without mounts of its own the program cannot be given a place for the socket. */
	m->start.notifies = notify_caller() && config_new_namespace(m->config, CLONE_NEWNS);
	m->start.record = (struct state_record){
		.id = c->id,
		.bundle = m->bundle,
		.rootfs = m->rootfs,
		.created = m->created,
		.creating = true,
		.ends_quietly = m->config->hooks[HOOK_POSTSTOP].n == 0,
		.owner = geteuid(),
		.annotations = m->config->annotations,
	};
	return check_request(m, e);
}

void making_release(struct making *m)
{
	start_release(&m->start);
	entry_close(&m->entry);
	berth_config_free(m->config);
	free(m->bundle);
	free(m->rootfs);
	free(m->created);
}

int berth_create(const struct berth_runtime *rt, const struct berth_create *c,
		 struct berth_error *e)
{
	cleanup(making_release) struct making m;
	int r;

	r = making_prepare(&m, rt, c, true, e);
	return r < 0 ? r : plan_walk(&m.start, 0, plan_go(), e);
}

/* What `start` has to know of a container that another process made. */
static int resume_start(struct start *s, struct start_request *request, const struct entry *en,
			struct berth_config *config, struct berth_error *e)
{
	static const struct berth_create nothing = { 0 };
	int r;

	*request = (struct start_request){ .config = config, .create = &nothing, .wait = true };
	start_init(s, request, &start_plan);
	s->record = en->record;
	s->pid = (pid_t)en->record.pid;
	s->state_dir = en->dir;
	s->notifies = notify_caller();
	r = socket_connect(en->dir, "start", SOCK_SEQPACKET, &s->channel, e);
	return r < 0 ? in_context(e, r, "reach the container's waiting process") : 0;
}

/* `pidfd` is the container's first process and taken over. */
static int start_created(struct entry *en, struct berth_config *config, int *pidfd,
			 struct berth_error *e)
{
	struct start_request request;
	struct berth_error ignored = { 0 };
	struct start s;
	int r;

	r = resume_start(&s, &request, en, config, e);
	s.pidfd = take_fd(pidfd);
	/* Gone before init goes on: from here on the container counts as started, whatever becomes
	 * of it. */
	if (r == 0 && unlinkat(en->dir, "start", 0) < 0)
		r = fail(e, errno, "mark the container as started");
	if (r == 0) {
		r = plan_walk(&s, plan_go(), start_plan.n, e);
		if (r < 0 && failed_in_start_hook(&s) && life_destroy(en, config, &ignored) < 0)
			log_warning("%s", ignored.text);
	}
	entry_unlock(en);
	if (r == 0)
		r = notify_wait(&s, e);
	else if (!s.foreign_error) /* init's own error says it better */
		life_explain(s.pidfd, e);
	start_release(&s);
	return r;
}

int berth_start(const struct berth_runtime *rt, const char *id, struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	struct berth_config *config = NULL;
	enum berth_status status = BERTH_STOPPED;
	autoclose int pidfd = -1;
	int r;

	r = entry_open_locked(rt, id, &en, e);
	if (r == 0)
		r = entry_load(&en, e);
	if (en.unreadable && !en.damaged) /* who makes it has not taken the lock yet */
		r = refuse(e, EINVAL, "cannot start a container in the %s state",
			   berth_status_text(BERTH_CREATING));
	if (r == 0)
		r = life_status(&en, &status, &pidfd, e);
	if (r < 0)
		return r;
	if (status != BERTH_CREATED)
		return refuse(e, EINVAL, "cannot start a container in the %s state",
			      berth_status_text(status));
	r = entry_config(&en, &config, e);
	if (r == 0 && !config->process)
		r = refuse(e, EINVAL, "cannot start container %s: its configuration has no process",
			   id);
	if (r == 0)
		r = start_created(&en, config, &pidfd, e);
	berth_config_free(config);
	return r;
}

/* Somebody else may have deleted it meanwhile; that is fine. */
static int destroy_after_run(struct making *m, bool ended, struct berth_error *e)
{
	struct berth_error gone = { 0 };
	int r = entry_lock(&m->entry, &gone);

	if (r < 0) {
		*e = r == -ENOENT ? *e : gone;
		return r == -ENOENT ? 0 : r;
	}
	m->entry.record = m->start.record;
	if (ended) /* and reaped: its pid may be another's by now */
		m->entry.record.pid = 0;
	return life_destroy(&m->entry, m->config, e);
}

int making_attend(struct making *m, bool keep, int *ret_status, struct berth_error *e)
{
	int status = 0, r = foreground_wait(&m->start, &status, e);

	if (!keep) {
		struct berth_error ignored = { 0 };
		int destroyed = destroy_after_run(m, r == 0, r < 0 ? &ignored : e);

		r = r < 0 ? r : destroyed;
	}
	if (r == 0)
		*ret_status = status;
	return r;
}

int berth_run(const struct berth_runtime *rt, const struct berth_run *run, int *ret_status,
	      struct berth_error *e)
{
	cleanup(making_release) struct making m;
	int r;

	r = making_prepare(&m, rt, &run->create, false, e);
	if (r == 0 && !m.config->process)
		r = refuse(e, EINVAL, "config.json has no process to run");
	if (r == 0 && run->detach && m.config->process->terminal && !run->create.console_socket)
		r = refuse(e, EINVAL,
			   "process.terminal is set: a detached run needs --console-socket");
	if (r == 0 && !run->detach && !run->no_subreaper)
		r = foreground_reap(e);
	if (r == 0)
		r = plan_walk(&m.start, 0, start_plan.n, e);
	if (r < 0)
		return r;
	entry_unlock(&m.entry);
	if (run->detach)
		return notify_wait(&m.start, e);
	return making_attend(&m, run->keep, ret_status, e);
}
