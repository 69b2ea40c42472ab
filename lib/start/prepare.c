/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's rows before there is a container. Everything that can fail or allocate, and does not
 * need the container, is done here, so that most failures happen while there is little to undo.
 * Trust: the configuration and the host's paths are the caller's; nothing here looks into the root
 * file system.
 *
 * Namespaces: all the host's.
 */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <linux/filter.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/socket.h"
#include "cgroup/stats.h"
#include "linux/mounts.h"
#include "linux/procfs.h"
#include "linux/seccomp_cache.h"
#include "linux/sysctl.h"
#include "start/last_word.h"
#include "start/steps.h"

int make_state(struct start *s, struct berth_error *e)
{
	const struct keeper *k = &s->request->keeper;

	return k->make(k->data, &s->state_dir, e);
}

void remove_state(struct start *s)
{
	const struct keeper *k = &s->request->keeper;

	k->remove(k->data);
}

int save_state(struct start *s, struct berth_error *e)
{
	const struct keeper *k = &s->request->keeper;

	return k->save(k->data, &s->record, e);
}

int open_procfs(struct start *s, struct berth_error *e)
{
	return procfs_open(&s->proc, e);
}

int open_root(struct start *s, struct berth_error *e)
{
	s->root = open(s->record.rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (s->root >= 0)
		return 0;
	(void)fail(e, errno, "open root file system %s", s->record.rootfs);
	if (e->code == ENOENT || e->code == ENOTDIR)
		advise(e, "root.path of config.json has to name an existing directory");
	return -e->code;
}

static int *make_fd_list(size_t n)
{
	int *fds = calloc(n ? n : 1, sizeof(*fds));

	for (size_t i = 0; fds && i < n; i++)
		fds[i] = -1;
	return fds;
}

/* What of the configuration would be written to a namespace of that type; NULL: nothing. */
static const char *written_to(const struct berth_config *c, int type)
{
	const struct key_values *k = &c->lin->sysctl;

	if (type == CLONE_NEWUTS && (c->hostname || c->domainname))
		return c->hostname ? "hostname" : "domainname";
	for (size_t i = 0; i < k->n; i++) {
		if (sysctl_namespace(k->v[i].key) == type)
			return k->v[i].key;
	}
	return NULL;
}

/* A path may lead to the namespace that berth itself is in, that of a process without one of its
 * own: what is written there is the host's (CVE-2022-0811). */
static int check_written(const struct start *s, const struct namespace_spec *n, int fd,
			 struct berth_error *e)
{
	const char *what = written_to(s->config, n->type);
	bool own = false;
	int r = what ? namespace_is_own(s->proc, fd, n->type, &own, e) : 0;

	if (r < 0 || !own)
		return r;
	return refuse(e, EPERM, "%s would change the host: %s is its own %s namespace", what,
		      n->path, word_of(namespace_words, n->type));
}

int open_joined(struct start *s, struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;

	s->joined = make_fd_list(l->namespaces.n);
	if (!s->joined)
		return fail(e, ENOMEM, "list of namespaces");
	for (size_t i = 0; i < l->namespaces.n; i++) {
		const struct namespace_spec *n = &l->namespaces.v[i];
		int r;

		if (!n->path)
			continue;
		r = namespace_open(n->path, n->type, &s->joined[i], e);
		if (r == 0)
			r = check_written(s, n, s->joined[i], e);
		if (r == 0 && n->type == CLONE_NEWCGROUP)
			r = namespace_is_own(s->proc, s->joined[i], n->type, &s->cgroup_ns_is_host,
					     e);
		if (r < 0)
			return r;
	}
	return 0;
}

int find_id_helpers(struct start *s, struct berth_error *e)
{
	(void)e;
	if (!idmap_is_own(&s->config->lin->uids, &s->config->lin->gids))
		idmap_find_helpers(&s->id_helpers);
	return 0;
}

/* The user namespace whose maps an idmapped mount takes: its own maps, or the container's. */
static int open_idmap(const struct start *s, const struct mount_spec *m, int *ret_fd,
		      struct berth_error *e)
{
	const struct config_linux *l = s->config->lin;

	if (m->uids.n)
		return idmap_namespace(s->proc, &m->uids, &m->gids, ret_fd, e);
	for (size_t i = 0; i < l->namespaces.n; i++) {
		if (l->namespaces.v[i].type == CLONE_NEWUSER && l->namespaces.v[i].path) {
			*ret_fd = fcntl(s->joined[i], F_DUPFD_CLOEXEC, 3);
			return *ret_fd < 0 ? fail(e, errno, "duplicate the user namespace") : 0;
		}
	}
	return idmap_namespace(s->proc, &l->uids, &l->gids, ret_fd, e);
}

/* A relative one is taken from the bundle (config.md, "Mounts"). */
char *path_of_source(const struct start *s, const struct mount_spec *m)
{
	return m->source[0] == '/' ? strdup(m->source)
				   : text_printf("%s/%s", s->record.bundle, m->source);
}

static int open_source(const struct start *s, const struct mount_spec *m, int *ret_fd,
		       struct berth_error *e)
{
	autofree char *path = path_of_source(s, m);
	autoclose int fd = -1, userns = -1;
	int r;

	if (!path)
		return fail(e, ENOMEM, "path of a mount's source");
	r = mount_clone(AT_FDCWD, path, m->recursive_bind, &fd, e);
	/* The copy is a peer of the host's mount. Unless that is wanted, what the container does
	 * there must not reach the host. */
	if (r == 0 && m->propagation[0] != MS_SHARED && m->propagation[1] != MS_SHARED)
		r = mount_set_propagation(fd, MS_SLAVE, true, e);
	if (r == 0 && mount_is_mapped(m)) {
		r = open_idmap(s, m, &userns, e);
		if (r == 0)
			r = mount_set_idmap(fd, userns, m->recursive_idmap, e);
	}
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

int open_sources(struct start *s, struct berth_error *e)
{
	s->sources = make_fd_list(s->config->mounts.n);
	if (!s->sources)
		return fail(e, ENOMEM, "list of mounts");
	for (size_t i = 0; i < s->config->mounts.n; i++) {
		const struct mount_spec *m = &s->config->mounts.v[i];
		int r;

		if (m->remount || !(m->bind || mount_is_mapped(m)))
			continue;
		/* A file system of the container's own is made by init; what is needed for it from
		 * here is the mapping. */
		r = m->bind ? open_source(s, m, &s->sources[i], e)
			    : open_idmap(s, m, &s->sources[i], e);
		if (r < 0)
			return in_context(e, r, "mounts[%zu], %s", i, m->destination);
	}
	return 0;
}

int connect_console(struct start *s, struct berth_error *e)
{
	const char *path = s->request->create->console_socket;
	int r = socket_connect(AT_FDCWD, path, SOCK_STREAM, &s->console_socket, e);

	return r < 0 ? in_context(e, r, "console socket") : 0;
}

int listen_for_start(struct start *s, struct berth_error *e)
{
	return socket_listen(s->state_dir, "start", &s->listener, e);
}

int make_channel(struct start *s, struct berth_error *e)
{
	int ends[2], r;

	r = socket_pair(ends, e);
	if (r < 0)
		return r;
	s->channel = ends[0];
	s->container_end = ends[1];
	if (!s->config->lin->seccomp)
		return 0;
	s->filter = memfd_create("berth-filter", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return s->filter < 0 ? fail(e, errno, "memory for the seccomp program") : 0;
}

int compile_filter(struct start *s, struct berth_error *e)
{
	autofree struct sock_filter *program = NULL;
	autoclose int cache = seccomp_cache_open();
	size_t length = 0;
	int r;

	/* Whether the cache has the program or not. */
	seccomp_log_unknown(s->config->lin->seccomp);
	r = seccomp_compile_cached(cache, s->config->lin->seccomp, &program, &length, e);
	if (r < 0)
		return r;
	r = write_all(s->filter, program, length * sizeof(*program));
	if (r == 0 && fcntl(s->filter, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) < 0)
		r = -errno;
	return r < 0 ? fail(e, -r, "keep the seccomp program") : 0;
}

/* *ret_annotations is what the request points to. */
static int describe_cgroup(const struct start *s, struct cgroup_request *ret,
			   struct cgroup_annotation **ret_annotations, struct berth_error *e)
{
	const struct key_values *a = &s->config->annotations;

	*ret_annotations = calloc(a->n + 1, sizeof(**ret_annotations));
	if (!*ret_annotations)
		return fail(e, ENOMEM, "annotations");
	for (size_t i = 0; i < a->n; i++)
		(*ret_annotations)[i] = (struct cgroup_annotation){ a->v[i].key, a->v[i].value };
	*ret = (struct cgroup_request){
		.manager = s->request->cgroup_manager,
		.path = s->config->lin->cgroups_path,
		.id = s->record.id,
		.rootless = s->request->rootless,
		.resources = s->config->lin->resources,
		.devices_later = true,
		.n_annotations = a->n,
		.annotations = *ret_annotations,
	};
	return 0;
}

int place_cgroup(struct start *s, struct berth_error *e)
{
	autofree struct cgroup_annotation *annotations = NULL;
	struct cgroup_request request;
	int r = describe_cgroup(s, &request, &annotations, e);

	if (r == 0)
		r = request.manager == CGROUP_SYSTEMD ? cgroup_locate_scope(&request, &s->unit, e)
						      : cgroup_locate(&request, &s->cgroup.path, e);
	if (r < 0)
		return r;
	s->record.cgroup = s->cgroup.path;
	s->record.unit = s->unit;
	if (s->unit)
		s->record.memory_limit = cgroup_memory_limit(request.resources, 0);
	return save_state(s, e);
}

int make_cgroup(struct start *s, struct berth_error *e)
{
	autofree struct cgroup_annotation *annotations = NULL;
	struct cgroup_request request;
	autofree char *path = TAKE(s->cgroup.path);
	int r;

	if (!path && !s->unit)
		return 0;
	r = describe_cgroup(s, &request, &annotations, e);
	if (r == 0)
		r = s->unit ? cgroup_create_scope(&request, s->unit, &s->cgroup, e)
			    : cgroup_create(&request, path, &s->cgroup, e);
	s->record.cgroup = s->cgroup.path;
	return r;
}

int delegate_cgroup(struct start *s, struct berth_error *e)
{
	const struct config_process *p = s->config->process;
	uint32_t uid = p ? p->user.uid : 0, gid = p ? p->user.gid : 0;

	if (s->cgroup.dir < 0 || !s->request->privileged)
		return 0;
	if (config_new_namespace(s->config, CLONE_NEWUSER) &&
	    (!idmap_to_host(&s->config->lin->uids, uid, &uid) ||
	     !idmap_to_host(&s->config->lin->gids, gid, &gid)))
		return 0; /* nobody outside stands for that user */
	return cgroup_delegate(&s->cgroup, uid, gid, e);
}

void remove_cgroup(struct start *s)
{
	struct berth_error e = { 0 };
	int r = 0;

	cgroup_settle(&s->cgroup);
	if (s->unit)
		r = cgroup_remove_scope(s->cgroup.path, s->unit, s->request->rootless, NULL, &e);
	else if (s->cgroup.path)
		r = cgroup_remove(s->cgroup.path, &e);
	if (r < 0)
		log_warning("%s", e.text);
}
