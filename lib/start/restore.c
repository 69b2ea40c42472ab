/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The row of `berth restore` that makes the processes: criu makes them from a checkpoint's images.
 * criu runs in a mount namespace of its own, in which the root file system is a mount, as criu
 * requires. In there, /dev/null is a read-only mount, because masks in the container are bound from
 * it, and nobody inside may change the mode of the host's /dev/null.
 *
 * Namespaces: the host's, except the mount namespace of the child that becomes criu.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/number.h"
#include "base/path.h"
#include "base/text.h"
#include "linux/criu.h"
#include "linux/devices.h"
#include "linux/mounts.h"
#include "start/steps.h"

#define PID_FILE "restored"

static int cover(const char *path, int mount, struct berth_error *e)
{
	autoclose int target = open(path, O_PATH | O_CLOEXEC);

	return target < 0 ? fail(e, errno, "open %s", path) : mount_attach(mount, target, e);
}

/* In the child, in its own mount namespace. */
static int prepare_mounts(void *data, struct berth_error *e)
{
	const struct start *s = data;
	autoclose int root = -1, null = -1;
	int r;

	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return fail(e, errno, "keep mounts from the host");
	r = mount_clone(AT_FDCWD, s->record.rootfs, true, &root, e);
	if (r == 0)
		r = cover(s->record.rootfs, root, e);
	if (r == 0)
		r = device_open_null(&null, e);
	return r < 0 ? r : cover("/dev/null", null, e);
}

static bool is_on_root(const struct start *s, const struct mount_spec *m)
{
	for (size_t i = 0; i < s->config->mounts.n; i++) {
		const struct mount_spec *other = &s->config->mounts.v[i];

		if (path_is_below(m->destination, other->destination) &&
		    !path_is_same(m->destination, other->destination))
			return false;
	}
	return !m->remount;
}

static int make_mount_point(const struct start *s, const struct mount_spec *m,
			    struct berth_error *e)
{
	autofree char *source = m->bind ? path_of_source(s, m) : NULL;
	autoclose int fd = -1;
	struct stat st;

	if (m->bind && !source)
		return fail(e, ENOMEM, "path of a mount's source");
	return make_in_root(s->root, m->destination,
			    source && stat(source, &st) == 0 && !S_ISDIR(st.st_mode), &fd, e);
}

/* criu makes none of these, and the root file system may be a new one. */
int make_mount_points(struct start *s, struct berth_error *e)
{
	int r = 0;

	for (size_t i = 0; i < s->config->mounts.n && r == 0; i++) {
		if (is_on_root(s, &s->config->mounts.v[i]))
			r = make_mount_point(s, &s->config->mounts.v[i], e);
	}
	return r;
}

static void add_mounts(const struct start *s, struct criu *c)
{
	for (size_t i = 0; i < s->config->mounts.n; i++) {
		const struct mount_spec *m = &s->config->mounts.v[i];

		autofree char *source = m->bind && !m->remount ? path_of_source(s, m) : NULL;

		if (source)
			criu_add(c, "--external=mnt[%s]:%s", m->destination, source);
		else if (m->bind && !m->remount)
			c->incomplete = true;
	}
	for (size_t i = 0; i < s->config->lin->masked_paths.n; i++)
		criu_add(c, "--external=mnt[%s]:/dev/null", s->config->lin->masked_paths.v[i]);
}

static int inherit(struct criu *c, int fd, const char *as, struct berth_error *e)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		return fail(e, errno, "duplicate fd %d", fd);
	c->keep[c->n_keep++] = copy;
	criu_add(c, "--inherit-fd=fd[%d]:%s", copy, as);
	return 0;
}

static int add_network(const struct start *s, struct criu *c, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;

	for (size_t i = 0; i < l->namespaces.n; i++) {
		if (l->namespaces.v[i].type == CLONE_NEWNET && l->namespaces.v[i].path)
			return inherit(c, s->joined[i], "berth-network", e);
	}
	return 0;
}

/* Our standard streams take the place of those in the checkpoint. One that stood for several fds is
 * passed once. */
static int add_streams(struct criu *c, struct berth_error *e)
{
	autoclose int dir = open(c->images, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofree char *text = NULL;
	char *rest, *line, *known[3] = { NULL };
	size_t length;
	int r = 0;

	if (dir < 0)
		return fail(e, errno, "open %s", c->images);
	r = read_file(dir, CRIU_STREAMS, 4096, &text, &length, e);
	if (r < 0)
		return in_context(e, r, "images in %s", c->images);
	rest = text;
	while (r == 0 && (line = strsep(&rest, "\n")) && *line) {
		int fd = line[0] - '0';
		bool again = false;

		if (fd < 0 || fd > 2 || line[1] != ' ')
			return refuse(e, EINVAL, "%s/%s: a line is wrong", c->images, CRIU_STREAMS);
		for (int i = 0; i < 3; i++)
			again = again || (known[i] && text_equal(known[i], line + 2));
		known[fd] = line + 2;
		if (!again)
			r = inherit(c, fd, line + 2, e);
	}
	return r;
}

static int add_request(struct start *s, struct criu *c, struct berth_error *e)
{
	const struct berth_restore *q = s->request->restore;
	autofree char *directory = NULL;
	int r = path_of_fd(s->proc, s->state_dir, &directory, e);

	if (r < 0)
		return r;
	criu_add(c, "--root=%s", s->record.rootfs);
	criu_add(c, "--restore-detached");
	criu_add(c, "--pidfile=%s/" PID_FILE, directory);
	if (s->record.cgroup)
		criu_add(c, "--cgroup-root=:%s", s->record.cgroup);
	if (q->lsm_profile)
		criu_add(c, "--lsm-profile=%s", q->lsm_profile);
	if (q->lsm_mount_context)
		criu_add(c, "--lsm-mount-context=%s", q->lsm_mount_context);
	add_mounts(s, c);
	r = add_network(s, c, e);
	return r < 0 ? r : add_streams(c, e);
}

/* Its parent, criu, has ended, and we are the subreaper: so it is our child, and nobody else gets
 * its pid before we have waited for it. */
static int take_process(struct start *s, struct berth_error *e)
{
	autofree char *text = NULL;
	char state;
	size_t length;
	int pid, r;

	r = read_file(s->state_dir, PID_FILE, 32, &text, &length, e);
	if (r < 0)
		return in_context(e, r, "pid of the restored process");
	text[strcspn(text, "\n")] = '\0';
	if (parse_int(text, &pid) < 0 || pid <= 0)
		return refuse(e, EPROTO, "criu gave \"%s\" as the restored process", text);
	s->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (s->pidfd < 0)
		return fail(e, errno, "open the restored process %d", pid);
	s->pid = pid;
	cgroup_settle(&s->cgroup);
	s->record.pid = (uint64_t)pid;
	r = process_start_time(s->proc, pid, &s->record.start_time, &state, e);
	return r < 0 ? r
	       : unlinkat(s->state_dir, PID_FILE, 0) < 0
		       ? fail(e, errno, "remove the file with its pid")
		       : 0;
}

int restore_processes(struct start *s, struct berth_error *e)
{
	const struct command base = {
		.namespaces = CLONE_NEWNS,
		.prepare = prepare_mounts,
		.data = s,
	};
	cleanup(criu_free) struct criu c = { 0 };
	int r = criu_begin(&c, "restore", &s->request->restore->criu, false, e);

	if (r == 0)
		r = add_request(s, &c, e);
	if (r == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		r = fail(e, errno, "become a subreaper");
	if (r == 0)
		r = criu_run(&c, s->request->criu, &base, e);
	for (size_t i = 0; i < c.n_keep; i++)
		close_fd(&c.keep[i]);
	return r < 0 ? r : take_process(s, e);
}
