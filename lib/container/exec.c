/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: one more process in a running container. It is described by the container's own process
 * object, or by one from a file, plus what the command line adds. Everything else, above all
 * seccomp profile and namespaces, is as the container was created. Trust: what the caller gives is
 * checked by the same rules as a config.json.
 */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/fd.h"
#include "base/log.h"
#include "container/life.h"
#include "linux/capabilities.h"
#include "start/environment.h"

enum { PROCESS_MAX = 4 << 20 };

/* Everything that lives as long as the call. */
struct executing {
	const struct berth_runtime *rt;
	const struct berth_exec *x;
	struct entry entry;
	struct berth_config *container,
		*file;            /* the container's configuration; that of --process */
	struct berth_config view; /* the container's, with the process to be executed */
	struct config_process process;
	struct capability_lists capabilities;
	struct arena arena;
	int target;
	struct berth_create create;
	struct start_request request;
	struct start start;
};

static void executing_release(struct executing *x)
{
	start_release(&x->start);
	close_fd(&x->target);
	arena_free(&x->arena);
	berth_config_free(x->file);
	berth_config_free(x->container);
	entry_close(&x->entry);
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* `base` with the words of `more` behind it. */
static int append(struct arena *a, const struct strings *base, const char *const *more,
		  struct strings *ret)
{
	size_t n = count(more);
	const char **v = arena_array(a, base->n + n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < base->n; i++)
		v[i] = base->v[i];
	for (size_t i = 0; i < n; i++)
		v[base->n + i] = more[i];
	*ret = (struct strings){ .n = base->n + n, .v = v };
	return 0;
}

static int read_process_file(struct executing *x, struct berth_error *e)
{
	struct berth_report *report = NULL;
	autofree char *text = NULL;
	autoclose int fd = open(x->x->process_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t length;
	int r;

	if (fd < 0)
		return fail(e, errno, "open %s", x->x->process_file);
	r = read_whole(fd, PROCESS_MAX, x->x->process_file, &text, &length, e);
	if (r < 0)
		return r;
	r = config_decode_process(text, length, x->x->process_file, x->rt->strict, &x->file,
				  &report, e);
	if (report && x->rt->report)
		x->rt->report(report, x->rt->report_data);
	berth_report_free(report);
	return r;
}

static int add_capabilities(struct executing *x, struct berth_error *e)
{
	struct capability_sets *sets = &x->capabilities.sets;

	if (x->process.capabilities)
		x->capabilities = *x->process.capabilities;
	for (size_t i = 0; i < count(x->x->capabilities); i++) {
		const char *name = x->x->capabilities[i], *near;
		uint64_t bit;
		int64_t n;

		if (!word_find(capability_words, name, &n)) {
			near = word_near(capability_words, name);
			(void)refuse(e, EINVAL, "unknown capability %s", name);
			if (near)
				advise(e, "did you mean %s?", near);
			return -EINVAL;
		}
		bit = UINT64_C(1) << n;
		sets->bounding |= bit;
		sets->effective |= bit;
		sets->permitted |= bit;
		/* What execve(2) leaves to a user other than root. The inheritable set would hand
		 * it to every program with file capabilities (CVE-2022-29162). */
		sets->ambient |= sets->inheritable & bit;
	}
	x->process.capabilities = &x->capabilities;
	return 0;
}

static bool has_group(const uint32_t *groups, size_t n, uint32_t group)
{
	for (size_t i = 0; i < n; i++)
		if (groups[i] == group)
			return true;
	return false;
}

static int add_groups(struct executing *x, struct berth_error *e)
{
	struct user_spec *u = &x->process.user;
	uint32_t *groups =
		arena_array(&x->arena, u->n_groups + x->x->n_groups + 1, sizeof(*groups));

	if (!groups)
		return fail(e, ENOMEM, "groups");
	for (size_t i = 0; i < u->n_groups; i++)
		groups[i] = u->groups[i];
	for (size_t i = 0; i < x->x->n_groups; i++)
		if (!has_group(groups, u->n_groups, x->x->groups[i]))
			groups[u->n_groups++] = x->x->groups[i];
	u->groups = groups;
	return 0;
}

/* What the command line says; a file has been through the rules of config.json. */
static int check_words(const struct berth_exec *o, struct berth_error *e)
{
	for (size_t i = 0; i < count(o->env); i++) {
		const char *equals = strchr(o->env[i], '=');

		if (!equals || equals == o->env[i])
			return refuse(e, EINVAL,
				      "environment variable \"%s\" is not of the form NAME=VALUE",
				      o->env[i]);
	}
	return 0;
}

static int check_process(const struct config_process *p, struct berth_error *e)
{
	/* An empty name is looked for as any other, so that engines get their "not found". */
	if (p->args.n == 0)
		return refuse(e, EINVAL, "there is no command to execute");
	if (!p->cwd || p->cwd[0] != '/')
		return refuse(e, EINVAL, "working directory %s is not an absolute path",
			      p->cwd ? p->cwd : "");
	if (p->user.uid == UINT32_MAX || p->user.gid == UINT32_MAX)
		return refuse(e, EINVAL, "4294967295 is not a user or group id");
	return 0;
}

/* What a file leaves out of how the process is confined is as with the container's own process;
 * Go's encoder drops what is empty. runc does the same, but for the limits. */
static void keep_confinement(struct config_process *p, const struct config_process *own)
{
	p->capabilities = p->capabilities ? p->capabilities : own->capabilities;
	if (p->rlimits.n == 0)
		p->rlimits = own->rlimits;
	if (!p->oom_score_adj.set)
		p->oom_score_adj = own->oom_score_adj;
	p->apparmor_profile = p->apparmor_profile ? p->apparmor_profile : own->apparmor_profile;
	p->selinux_label = p->selinux_label ? p->selinux_label : own->selinux_label;
}

/* What is to be executed: the base, then what the command line says. */
static int describe_process(struct executing *x, struct berth_error *e)
{
	const struct config_process *own = x->container->process;
	const struct berth_exec *o = x->x;
	struct config_process *p = &x->process;
	static const struct strings none = { 0 };
	int r = check_words(o, e);

	if (r == 0 && o->process_file)
		r = read_process_file(x, e);
	if (r < 0)
		return r;
	if (x->file)
		*p = *x->file->process;
	else if (own)
		*p = *own;
	if (!x->file)
		p->terminal = o->terminal;
	else if (own)
		keep_confinement(p, own);
	if ((o->args && append(&x->arena, &none, o->args, &p->args) < 0) ||
	    append(&x->arena, &p->env, o->env, &p->env) < 0)
		return fail(e, ENOMEM, "the process");
	p->cwd = o->cwd ? o->cwd : p->cwd;
	p->user.uid = o->has_uid ? o->uid : p->user.uid;
	p->user.gid = o->has_gid ? o->gid : p->user.gid;
	p->no_new_privileges = p->no_new_privileges || o->no_new_privs;
	p->apparmor_profile = o->apparmor_profile ? o->apparmor_profile : p->apparmor_profile;
	p->selinux_label = o->selinux_label ? o->selinux_label : p->selinux_label;
	r = add_capabilities(x, e);
	if (r == 0)
		r = add_groups(x, e);
	return r < 0 ? r : check_process(p, e);
}

static int check_status(struct executing *x, struct berth_error *e)
{
	enum berth_status status = BERTH_STOPPED;
	int r = life_status(&x->entry, &status, &x->target, e);

	if (r < 0)
		return r;
	if (status == BERTH_PAUSED && !x->x->ignore_paused)
		return refuse(
			e, EBUSY,
			"cannot exec in a paused container (use --ignore-paused to override)");
	if (status == BERTH_STOPPED || status == BERTH_CREATING)
		return refuse(e, EINVAL, "cannot exec in a %s container",
			      berth_status_text(status));
	return 0;
}

static int check_streams(const struct executing *x, struct berth_error *e)
{
	if (x->process.terminal && x->x->detach && !x->x->console_socket)
		return refuse(e, EINVAL,
			      "a detached process with a terminal needs --console-socket");
	if (!x->process.terminal && x->x->console_socket)
		return refuse(e, EINVAL, "--console-socket is of no use without a terminal");
	return check_passed_fds(&x->start, e);
}

static int prepare(struct executing *x, struct berth_error *e)
{
	int r;

	r = entry_open(x->rt, x->x->id, &x->entry, e);
	if (r == 0)
		r = check_status(x, e);
	if (r == 0)
		r = entry_config(&x->entry, &x->container, e);
	if (r == 0)
		r = protect_from_container(x->rt, x->container, false, e);
	if (r == 0)
		r = describe_process(x, e);
	if (r < 0)
		return r;
	x->view = *x->container;
	x->view.process = &x->process;
	x->create = (struct berth_create){
		.id = x->x->id,
		.pid_file = x->x->pid_file,
		.console_socket = x->x->console_socket,
		.preserve_fds = x->x->preserve_fds,
	};
	x->request = (struct start_request){
		.config = &x->view,
		.create = &x->create,
		.rootless = store_rootless(x->rt),
		.privileged = capability_held(CAP_SYS_ADMIN),
		.target = x->target,
		.sub_cgroup = x->x->cgroup,
	};
	start_init(&x->start, &x->request, &exec_plan);
	x->start.record = x->entry.record;
	x->start.n_listen_fds = environment_listen_fds();
	x->start.setgroups_denied = !x->request.privileged &&
				    config_namespace(&x->view, CLONE_NEWUSER) &&
				    idmap_is_own(&x->view.lin->uids, &x->view.lin->gids);
	return check_streams(x, e);
}

int berth_exec(const struct berth_runtime *rt, const struct berth_exec *exec, int *ret_status,
	       struct berth_error *e)
{
	cleanup(executing_release) struct executing x = {
		.rt = rt,
		.x = exec,
		.entry = { .root = -1, .dir = -1 },
		.target = -1,
	};
	int r, status = 0;

	start_init(&x.start, NULL, &exec_plan);
	r = prepare(&x, e);
	if (r == 0)
		r = plan_walk(&x.start, 0, exec_plan.n, e);
	if (r == 0 && !exec->detach)
		r = foreground_wait(&x.start, &status, e);
	if (r < 0)
		life_explain(x.target, e);
	else
		*ret_status = status;
	return r;
}
