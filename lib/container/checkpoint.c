/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint: criu saves the container's processes to images. berth tells it what is not the
 * container's own: mounts from outside, and the standard streams. Trust: the processes run until
 * criu has stopped them, so they may change what berth reads from /proc. criu checks that itself; a
 * container that plays tricks spoils its own images.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mountinfo.h"
#include "base/path.h"
#include "base/text.h"
#include "container/life.h"
#include "linux/criu.h"
#include "linux/procfs.h"

struct checkpointing {
	const struct berth_checkpoint *request;
	struct entry entry;
	struct berth_config *config;
	struct criu criu;
	int proc;
	char *mountinfo;
};

static void checkpointing_release(struct checkpointing *c)
{
	free(c->mountinfo);
	close_fd(&c->proc);
	criu_free(&c->criu);
	berth_config_free(c->config);
	entry_close(&c->entry);
}

/* The line of the mount, if `field` (from 0: id, parent, device, root, mount point:
 * proc_pid_mountinfo(5)) is `text`. */
static const char *find_mount(const struct checkpointing *c, int field, const char *text)
{
	size_t length = strlen(text);

	for (const char *line = c->mountinfo; *line;) {
		const char *word = line, *end = strchr(line, '\n');

		for (int i = 0; i < field && word; i++) {
			word = strchr(word, ' ');
			word = word ? word + 1 : NULL;
		}
		if (word && strncmp(word, text, length) == 0 && word[length] == ' ')
			return line;
		if (!end)
			break;
		line = end + 1;
	}
	return NULL;
}

/* A masked file is the host's null device; a masked directory is a file system of the container's
 * own. */
static bool is_masked_file(const struct checkpointing *c, const char *path)
{
	const char *line = find_mount(c, 4, path), *end = line ? strchr(line, '\n') : NULL;
	const char *root = line ? strstr(line, " /null ") : NULL;

	return root && (!end || root < end);
}

static void add_mounts(struct checkpointing *c)
{
	const struct berth_config *config = c->config;

	for (size_t i = 0; i < config->mounts.n; i++) {
		const char *where = config->mounts.v[i].destination;

		if (config->mounts.v[i].bind && !config->mounts.v[i].remount)
			criu_add(&c->criu, "--external=mnt[%s]:%s", where, where);
	}
	for (size_t i = 0; i < config->lin->masked_paths.n; i++) {
		const char *path = config->lin->masked_paths.v[i];

		if (is_masked_file(c, path))
			criu_add(&c->criu, "--external=mnt[%s]:%s", path, path);
	}
}

/* The network namespace of somebody else, as engines have it, is there when the container is
 * restored. */
static int add_network(struct checkpointing *c, struct berth_error *e)
{
	const struct namespace_spec *n = config_namespace(c->config, CLONE_NEWNET);
	char path[32];
	struct stat st;

	if (!n || !n->path)
		return 0;
	(void)snprintf(path, sizeof(path), "%" PRIu64 "/ns/net", c->entry.record.pid);
	if (fstatat(c->proc, path, &st, 0) < 0)
		return fail(e, errno, "look at the network namespace");
	criu_add(&c->criu, "--external=net[%lu]:berth-network", (unsigned long)st.st_ino);
	return 0;
}

/* "mnt_id:\t24" of fdinfo, as text. */
static int find_mount_id(const struct checkpointing *c, int fd, unsigned int *ret,
			 struct berth_error *e)
{
	autofree char *info = NULL;
	char path[48];
	const char *found;
	size_t length;
	int r;

	(void)snprintf(path, sizeof(path), "%" PRIu64 "/fdinfo/%d", c->entry.record.pid, fd);
	r = read_file(c->proc, path, 1 << 16, &info, &length, e);
	if (r < 0)
		return r;
	found = strstr(info, "mnt_id:");
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own words */
	return found && sscanf(found, "mnt_id: %u", ret) == 1
		       ? 0
		       : refuse(e, EPROTO, "%s does not say which mount it is on", path);
}

/* A stream that is on none of the container's mounts: a pipe, or a file of the host's. */
static int add_stream(struct checkpointing *c, int fd, FILE *streams, struct berth_error *e)
{
	char path[48], target[64] = "", id[16];
	unsigned int mount = 0;
	struct stat st;
	int r;

	(void)snprintf(path, sizeof(path), "%" PRIu64 "/fd/%d", c->entry.record.pid, fd);
	if (readlinkat(c->proc, path, target, sizeof(target) - 1) < 0)
		return errno == ENOENT ? 0 : fail(e, errno, "look at standard stream %d", fd);
	if (text_starts(target, "pipe:"))
		return fprintf(streams, "%d %s\n", fd, target) < 0 ? fail(e, errno, "streams") : 0;
	if (target[0] != '/')
		return 0;
	if (fstatat(c->proc, path, &st, 0) < 0)
		return fail(e, errno, "look at standard stream %d", fd);
	r = find_mount_id(c, fd, &mount, e);
	if (r < 0)
		return r;
	(void)snprintf(id, sizeof(id), "%u", mount);
	if (find_mount(c, 0, id))
		return 0;
	criu_add(&c->criu, "--external=file[%x:%lx]", mount, (unsigned long)st.st_ino);
	if (fprintf(streams, "%d file[%x:%lx]\n", fd, mount, (unsigned long)st.st_ino) < 0)
		return fail(e, errno, "streams");
	return 0;
}

static int add_streams(struct checkpointing *c, struct berth_error *e)
{
	autoclose int dir = open(c->criu.images, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofree char *text = NULL;
	size_t length = 0;
	FILE *streams = open_memstream(&text, &length);
	int r = 0;

	if (!streams)
		return fail(e, ENOMEM, "streams");
	for (int fd = 0; fd <= 2 && r == 0; fd++)
		r = add_stream(c, fd, streams, e);
	if (fclose(streams) != 0 && r == 0)
		r = fail(e, ENOMEM, "streams");
	if (r < 0)
		return r;
	return dir < 0 ? fail(e, errno, "open %s", c->criu.images)
		       : replace_file(dir, CRIU_STREAMS, text, length, 0600, e);
}

static int add_cgroup(struct checkpointing *c, struct berth_error *e)
{
	struct cgroup cgroup = { .dir = -1 };
	autofree char *path = NULL;
	int r;

	if (!c->entry.record.cgroup)
		return 0;
	r = cgroup_open(c->entry.record.cgroup, &cgroup, e);
	if (r == 0)
		r = path_of_fd(c->proc, cgroup.dir, &path, e);
	if (r == 0)
		criu_add(&c->criu, "--freeze-cgroup=%s", path);
	cgroup_close(&cgroup);
	return r;
}

static int add_page_server(struct checkpointing *c, struct berth_error *e)
{
	const char *server = c->request->page_server;
	const char *colon = server ? strrchr(server, ':') : NULL;

	if (!server)
		return 0;
	if (!colon || colon == server || colon[1] == '\0')
		return refuse(e, EINVAL, "page server \"%s\" is not ADDRESS:PORT", server);
	criu_add(&c->criu, "--page-server");
	criu_add(&c->criu, "--address=%.*s", (int)(colon - server), server);
	criu_add(&c->criu, "--port=%s", colon + 1);
	return 0;
}

static int add_request(struct checkpointing *c, struct berth_error *e)
{
	const struct berth_checkpoint *q = c->request;

	criu_add(&c->criu, "--tree=%" PRIu64, c->entry.record.pid);
	criu_add(&c->criu, "--root=%s", c->entry.record.rootfs);
	if (q->pre_dump || q->parent_path)
		criu_add(&c->criu, "--track-mem");
	if (q->parent_path)
		criu_add(&c->criu, "--prev-images-dir=%s", q->parent_path);
	if (q->leave_running && !q->pre_dump)
		criu_add(&c->criu, "--leave-running");
	if (q->status_fd) {
		if (q->status_fd < 3 || fcntl((int)q->status_fd, F_GETFD) < 0)
			return refuse(e, EBADF, "status fd %u is not open, or a standard stream",
				      q->status_fd);
		criu_add(&c->criu, "--status-fd=%u", q->status_fd);
		c->criu.keep[c->criu.n_keep++] = (int)q->status_fd;
	}
	return add_page_server(c, e);
}

static int check_container(struct checkpointing *c, struct berth_error *e)
{
	enum berth_status status = BERTH_STOPPED;
	int r = life_status(&c->entry, &status, NULL, e);

	if (r < 0)
		return r;
	if (status != BERTH_RUNNING && status != BERTH_PAUSED)
		return refuse(e, EINVAL, "cannot checkpoint a container in the %s state",
			      berth_status_text(status));
	if (c->entry.rootless)
		return refuse(e, EPERM, "checkpoint takes root");
	r = entry_config(&c->entry, &c->config, e);
	if (r == 0 && c->config->process && c->config->process->terminal)
		r = refuse(e, EOPNOTSUPP,
			   "a container with a terminal (process.terminal) cannot be checkpointed");
	return r;
}

static int describe(struct checkpointing *c, struct berth_error *e)
{
	const struct berth_checkpoint *q = c->request;
	char path[32];
	size_t length;
	int r = criu_begin(&c->criu, q->pre_dump ? "pre-dump" : "dump", &q->criu, true, e);

	if (r == 0)
		r = procfs_open(&c->proc, e);
	(void)snprintf(path, sizeof(path), "%" PRIu64 "/mountinfo", c->entry.record.pid);
	if (r == 0)
		r = read_file(c->proc, path, MOUNTINFO_MAX, &c->mountinfo, &length, e);
	if (r < 0)
		return r;
	add_mounts(c);
	r = add_network(c, e);
	if (r == 0)
		r = add_streams(c, e);
	if (r == 0)
		r = add_cgroup(c, e);
	return r < 0 ? r : add_request(c, e);
}

int berth_checkpoint(const struct berth_runtime *rt, const struct berth_checkpoint *request,
		     struct berth_error *e)
{
	static const struct command as_it_is = { 0 };
	cleanup(checkpointing_release) struct checkpointing c = {
		.request = request,
		.entry = { .root = -1, .dir = -1 },
		.proc = -1,
	};
	int r;

	r = entry_open(rt, request->id, &c.entry, e);
	if (r == 0)
		r = entry_lock(&c.entry, e);
	if (r == 0)
		r = entry_load(&c.entry, e);
	if (r == 0)
		r = check_container(&c, e);
	if (r == 0)
		r = describe(&c, e);
	if (r == 0)
		r = criu_run(&c.criu, rt->criu, &as_it_is, e);
	if (r < 0)
		return in_context(e, r, "checkpoint container %s", request->id);
	return request->leave_running || request->pre_dump ? 0
							   : life_destroy(&c.entry, c.config, e);
}
