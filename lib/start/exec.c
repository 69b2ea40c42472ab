/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of `berth exec` that `create` does not have: one more process in a running container.
 *
 *	host --setns(pid)--clone3(cgroup)--> init: setns(all others)
 *
 * Entering a pid namespace takes effect only for children. So the host enters it, and one clone is
 * enough. With privilege it returns; without, it had to enter the user namespace as well, and there
 * is no way back from one. Trust: the container's processes are hostile and share the namespaces
 *that are entered. So before that, berth becomes undumpable, so that they cannot trace it or open
 *its fds (CVE-2016-9962), and closes what belongs to the host.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/path.h"
#include "base/process.h"
#include "start/steps.h"

/* Without privilege the right to enter the others comes with the user namespace, so it has to be
 * first. */
static uint64_t host_namespaces(const struct start *s)
{
	uint64_t flags = config_namespace(s->config, CLONE_NEWPID) ? CLONE_NEWPID : 0;

	if (!s->request->privileged && config_namespace(s->config, CLONE_NEWUSER))
		flags |= CLONE_NEWUSER;
	return flags;
}

static uint64_t all_namespaces(const struct start *s)
{
	const struct config_linux *l = s->config->lin;
	uint64_t flags = 0;

	for (size_t i = 0; i < l->namespaces.n; i++)
		flags |= (uint64_t)l->namespaces.v[i].type;
	return flags;
}

static int join(const struct start *s, uint64_t flags, struct berth_error *e)
{
	if (flags == 0 || setns(s->request->target, (int)flags) == 0)
		return 0;
	if (errno == ESRCH)
		return refuse(e, ESRCH, "the container's process has ended");
	return fail(e, errno, "join the container's namespaces");
}

int open_container_cgroup(struct start *s, struct berth_error *e)
{
	const char *sub = s->request->sub_cgroup;
	autofree char *path = NULL;
	int r;

	if (!s->record.cgroup)
		return sub ? refuse(e, EOPNOTSUPP,
				    "the container has no cgroup, so there is none below it")
			   : 0;
	if (sub && sub[0] == ':') /* [CONTROLLER,...:]PATH, as runc has it */
		sub++;
	else if (sub && strcspn(sub, ":") < strcspn(sub, "/"))
		return refuse(e, EINVAL,
			      "cgroup \"%s\": cgroup v2 has one tree for all controllers, so "
			      "none can be named",
			      sub);
	if (!sub)
		return cgroup_open_beside(s->record.cgroup, (pid_t)s->record.pid, &s->cgroup, e);
	if (path_has_dotdot(sub))
		return refuse(e, EINVAL, "cgroup \"%s\": \"..\" would lead out of the container's",
			      sub);
	path = text_printf("%s/%s", s->record.cgroup, sub);
	if (!path)
		return fail(e, ENOMEM, "path of the cgroup");
	r = cgroup_open(path, &s->cgroup, e);
	return r < 0 ? in_context(e, r, "cgroup %s", path) : 0;
}

/* A container without a mount namespace of its own has just a root directory (chroot); setns does
 * not lead there. */
int open_container_root(struct start *s, struct berth_error *e)
{
	struct pollfd ended = { .fd = s->request->target, .events = POLLIN };
	char path[32];

	(void)snprintf(path, sizeof(path), "%u/root", (unsigned int)s->record.pid);
	s->root = openat(s->proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0)
		return fail(e, errno, "open the container's root directory");
	/* If it lives now, the pid was its own then. */
	return poll(&ended, 1, 0) > 0 ? refuse(e, ESRCH, "the container's process has ended") : 0;
}

int enter_pid_namespace(struct start *s, struct berth_error *e)
{
	int r;

	s->dumpable = prctl(PR_GET_DUMPABLE);
	r = become_untraceable(s, e);
	return r < 0 ? r : join(s, host_namespaces(s), e);
}

/* Root of a user namespace, as under podman without privilege, has no right to its own pid
 * namespace, which the host made. There is no way back for it either, then. */
static int return_from_namespaces(const struct start *s)
{
	autoclose int own = -1;

	if (host_namespaces(s) & CLONE_NEWUSER)
		return 0;
	if (host_namespaces(s) & CLONE_NEWPID) {
		own = openat(s->proc, "self/ns/pid", O_RDONLY | O_CLOEXEC);
		if (own < 0 || setns(own, CLONE_NEWPID) < 0)
			return errno == EPERM ? 0 : -errno;
	}
	return s->dumpable == 1 && prctl(PR_SET_DUMPABLE, 1) < 0 ? -errno : 0;
}

int leave_pid_namespace(struct start *s, struct berth_error *e)
{
	int r = return_from_namespaces(s);

	return r < 0 ? fail(e, -r, "return to berth's own pid namespace") : 0;
}

void undo_pid_namespace(struct start *s)
{
	struct berth_error e = { 0 };

	if (leave_pid_namespace(s, &e) < 0)
		log_warning("%s", e.text);
}

int join_container(struct start *s, struct berth_error *e)
{
	int r = join(s, all_namespaces(s) & ~host_namespaces(s), e);

	if (r < 0)
		return r;
	if (s->root >= 0 && (fchdir(s->root) < 0 || chroot(".") < 0))
		return fail(e, errno, "enter the container's root directory");
	if (s->root < 0)
		s->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return s->root < 0 || chdir("/") < 0 ? fail(e, errno, "enter the container's root") : 0;
}

int write_exec_pid(struct start *s, struct berth_error *e)
{
	return write_pid_file(s->proc, s->request->create->pid_file, s->pid, e);
}
