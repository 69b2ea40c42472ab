/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The status of a container, and how it ends. Trust: state.json is berth's own. The start time
 * proves that a pid is still the same process; from then on berth uses a pidfd, so that a reused
 * pid is never signalled.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "cgroup/stats.h"
#include "container/life.h"
#include "linux/procfs.h"
#include "linux/rdt.h"
#include "start/hooks.h"

void probe_close(struct probe *p)
{
	close_fd(&p->proc);
	close_fd(&p->cgroups);
}

/* The first process: whether it is alive and, unless ret_pidfd is NULL, a pidfd for it. */
static int find_process(struct probe *p, const struct entry *en, bool *ret_alive, int *ret_pidfd,
			struct berth_error *e)
{
	struct berth_error why = { 0 };
	pid_t pid = (pid_t)en->record.pid;
	int r = -ESRCH;

	if (pid != 0)
		r = p->proc < 0 ? procfs_open(&p->proc, &why) : 0;
	if (r == 0 && ret_pidfd)
		r = process_open(p->proc, pid, en->record.start_time, ret_pidfd, &why);
	else if (r == 0)
		r = process_check(p->proc, pid, en->record.start_time, &why);
	if (r == 0 || r == -ESRCH) {
		*ret_alive = r == 0;
		return 0;
	}
	*e = why;
	return r;
}

static bool is_waiting(const struct entry *en)
{
	struct stat st;

	return fstatat(en->dir, "start", &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_frozen(struct probe *p, const struct entry *en)
{
	struct berth_error ignored = { 0 };
	bool frozen = false;
	int r = 0;

	if (!en->record.cgroup)
		return false;
	if (p->cgroups < 0)
		r = cgroup_open_tree(&p->cgroups, &ignored);
	if (r == 0)
		r = cgroup_is_frozen(p->cgroups, en->record.cgroup, &frozen, &ignored);
	return r == 0 && frozen;
}

static int find_status(struct probe *p, const struct entry *en, enum berth_status *ret_status,
		       int *ret_pidfd, struct berth_error *e)
{
	bool alive = false;
	int r;

	if (en->unreadable || en->record.creating) {
		/* Being made, or what a killed create left behind: whoever makes it holds the
		 * lock. */
		*ret_status = BERTH_CREATING;
		return 0;
	}
	r = find_process(p, en, &alive, ret_pidfd, e);
	if (r < 0)
		return r;
	if (!alive)
		*ret_status = BERTH_STOPPED;
	else if (is_frozen(p, en))
		*ret_status = BERTH_PAUSED;
	else
		*ret_status = is_waiting(en) ? BERTH_CREATED : BERTH_RUNNING;
	return 0;
}

int life_look(struct probe *p, const struct entry *en, enum berth_status *ret_status,
	      struct berth_error *e)
{
	return find_status(p, en, ret_status, NULL, e);
}

int life_status(const struct entry *en, enum berth_status *ret_status, int *ret_pidfd,
		struct berth_error *e)
{
	autoprobe struct probe p = { .proc = -1, .cgroups = -1 };
	autoclose int pidfd = -1;
	int r = find_status(&p, en, ret_status, ret_pidfd ? &pidfd : NULL, e);

	if (r == 0 && ret_pidfd)
		*ret_pidfd = take_fd(&pidfd);
	return r;
}

/* A process that is being killed refuses new ones in its pid namespace, and connections, a moment
 * before it counts as ended. */
void life_explain(int pidfd, struct berth_error *e)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int patience_ms = e->code == ENOMEM || e->code == ECONNREFUSED ? 100 : 0;

	if (pidfd >= 0 && poll(&p, 1, patience_ms) > 0)
		advise(e, "the container has ended meanwhile");
}

static int end_process(const struct entry *en, struct berth_error *e)
{
	autoprobe struct probe p = { .proc = -1, .cgroups = -1 };
	autoclose int pidfd = -1;
	bool alive = false;
	int r, status;

	r = find_process(&p, en, &alive, &pidfd, e);
	if (r < 0 || !alive)
		return r;
	r = process_signal(pidfd, SIGKILL, e);
	if (r == 0)
		r = process_wait(pidfd, 10000, &status, e);
	return r == -ESRCH ? 0 : in_context(e, r, "end the container's process");
}

static int end_cgroup(const struct entry *en, struct berth_error *e)
{
	const struct state_record *r = &en->record;

	if (r->unit)
		return cgroup_remove_scope(r->cgroup, r->unit, en->rootless,
					   r->creating ? en->id : NULL, e);
	if (!r->cgroup)
		return 0;
	return r->creating ? cgroup_remove_unfinished(r->cgroup, en->id, e)
			   : cgroup_remove(r->cgroup, e);
}

/* The hooks are what the caller configured; a container whose configuration cannot be read any more
 * has none. */
static void read_hooks(const struct entry *en, struct berth_config **ret)
{
	struct berth_error e = { 0 };

	if (entry_config(en, ret, &e) < 0)
		log_warning("%s", e.text);
}

static int remove_rdt(const struct state_record *r, struct berth_error *e)
{
	autoclose int root = -1;
	int result = 0;

	if (!r->rdt_group && !r->rdt_monitor)
		return 0;
	if (rdt_open(&root, e) < 0) { /* unmounted meanwhile: the groups went with it */
		*e = (struct berth_error){ 0 };
		return 0;
	}
	if (r->rdt_monitor)
		result = rdt_remove(root, r->rdt_monitor, e);
	if (result == 0 && r->rdt_group)
		result = rdt_remove(root, r->rdt_group, e);
	return result;
}

/* False: there is no cgroup to tell. */
static bool read_oom(const struct entry *en, struct berth_oom *ret)
{
	struct cgroup cgroup = { .dir = -1 };
	struct cgroup_oom oom = { 0 };
	struct berth_error e = { 0 };
	int r;

	if (!en->record.cgroup)
		return false;
	r = cgroup_open(en->record.cgroup, &cgroup, &e);
	if (r == 0)
		r = cgroup_oom_read(&cgroup, &oom, &e);
	if (r < 0)
		log_debug("%s", e.text);
	else
		*ret = (struct berth_oom){ oom.kills, oom.limit, oom.peak };
	cgroup_close(&cgroup);
	return r == 0;
}

static uint64_t created_us(const struct entry *en)
{
	struct tm tm = { 0 };
	const char *created = en->record.created;

	if (!created || !strptime(created, "%Y-%m-%dT%H:%M:%S", &tm))
		return 0;
	return (uint64_t)timegm(&tm) * 1000000;
}

void life_ask_for_oom(const struct entry *en, uint64_t since_us, struct berth_oom *ret)
{
	const struct state_record *r = &en->record;
	struct berth_error e = { 0 };
	uint64_t kills = 0;

	/* To ask the journal takes time, which is not worth it where the container has no limit of
	 * its own. */
	if (!r->unit || !r->memory_limit)
		return;
	if (cgroup_scope_oom(r->unit, en->rootless, since_us ? since_us : created_us(en), &kills,
			     &e) < 0)
		log_debug("%s", e.text);
	*ret = (struct berth_oom){ kills, r->memory_limit, 0 };
}

void life_find_oom(const struct entry *en, struct berth_oom *ret)
{
	if (!read_oom(en, ret))
		life_ask_for_oom(en, 0, ret);
}

static void tell_oom(const struct entry *en, const struct berth_oom *oom)
{
	char limit[64] = "no memory limit of its own", peak[64] = "";

	if (oom->kills == 0)
		return;
	if (oom->limit != UINT64_MAX)
		(void)snprintf(limit, sizeof(limit), "memory limit %" PRIu64 " bytes", oom->limit);
	if (oom->peak)
		(void)snprintf(peak, sizeof(peak), ", at most %" PRIu64 " in use", oom->peak);
	log_warning("container %s: the OOM killer ended %" PRIu64 " of its processes (%s%s)",
		    en->id, oom->kills, limit, peak);
}

/* The record is damaged, so the process cannot be told from others, unless by its cgroup. */
static int end_lost(struct entry *en, struct berth_error *e)
{
	struct berth_config *c = NULL;
	struct cgroup_request request = { .id = en->id, .rootless = en->rootless };
	struct berth_error why = { 0 }, because = { 0 };
	autofree char *cgroup = NULL;
	int r;

	(void)(entry_load(en, &why) < 0);
	r = entry_config(en, &c, &because);
	if (r == 0) {
		request.path = c->lin->cgroups_path;
		r = cgroup_find_lost(&request, &cgroup, &because);
	}
	berth_config_free(c);
	if (r < 0) {
		refuse(e, EUCLEAN, "container %s is damaged: %s; %s", en->id, why.text,
		       because.text);
		advise(e, "end its processes, remove its cgroup, then its state directory");
		return -EUCLEAN;
	}
	log_warning("container %s is damaged: %s; no poststop hook is run", en->id, why.text);
	return cgroup ? cgroup_remove_unfinished(cgroup, en->id, e) : 0;
}

/* Everything that `create` made but the state directory. */
static int destroy_resources(struct entry *en, struct berth_error *e)
{
	struct berth_oom oom = { 0 };
	bool known = false;
	int r = end_process(en, e);

	/* The cgroup is about to go; a scope's is gone, and systemd has told the journal by the
	 * time that it has answered. */
	if (r == 0) {
		known = read_oom(en, &oom);
		r = end_cgroup(en, e);
	}
	if (r == 0 && !known)
		life_ask_for_oom(en, 0, &oom);
	tell_oom(en, &oom);
	if (r == 0)
		r = remove_rdt(&en->record, e);
	return r < 0 ? in_context(e, r, "delete container %s", en->id) : 0;
}

int life_destroy(struct entry *en, const struct berth_config *config, struct berth_error *e)
{
	struct berth_config *own = NULL;
	bool hooks = !en->unreadable && !en->record.creating && !en->record.ends_quietly;
	int r = 0;

	if (!en->unreadable)
		r = destroy_resources(en, e);
	else if (en->damaged)
		r = end_lost(en, e);
	if (r == 0 && hooks && !config)
		read_hooks(en, &own);
	if (r == 0)
		r = entry_remove(en, e);
	/* Must come last: when the hooks run, the container is gone and its id is free. */
	if (r == 0 && hooks && (config || own))
		hooks_run_poststop(config ? config : own, &en->record);
	berth_config_free(own);
	return r;
}

/* A container whose program has not begun has nothing to lose: runc and crun delete it without
 * --force, and containerd relies on that for a task that was never started. Nor has one that is
 * killed already: whoever kills and deletes need not wait in between. */
static bool may_be_deleted(const struct probe *p, const struct entry *en, enum berth_status status)
{
	if (status != BERTH_RUNNING && status != BERTH_PAUSED)
		return true;
	return process_is_ending(p->proc, (pid_t)en->record.pid);
}

int berth_delete(const struct berth_runtime *rt, const char *id, bool force, struct berth_error *e)
{
	autoprobe struct probe p = { .proc = -1, .cgroups = -1 };
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	enum berth_status status = BERTH_STOPPED;
	int r;

	r = entry_open_locked(rt, id, &en, e);
	if (r == 0)
		r = entry_reload(&en, e);
	if (r == 0)
		r = life_look(&p, &en, &status, e);
	if (r == -ENOENT && force) {
		*e = (struct berth_error){ 0 };
		return 0;
	}
	if (r < 0)
		return r;
	if (!force && en.damaged)
		return refuse(e, EUCLEAN, "container %s is damaged: only --force deletes it", id);
	if (!force && !may_be_deleted(&p, &en, status))
		return refuse(e, EBUSY, "cannot delete container %s that is not stopped: %s", id,
			      berth_status_text(status));
	return life_destroy(&en, NULL, e);
}

/* SIGKILL reaches frozen processes (cgroups(7), v2), but where there is no pid namespace those
 * beside the first one would stay frozen: as with runc, nobody has to resume what was killed. The
 * lock is for a `pause` that has not seen yet that it has succeeded. */
static void thaw_killed(struct entry *en)
{
	struct cgroup cgroup = { .dir = -1 };
	struct berth_error e = { 0 };
	int r = entry_lock(en, &e);

	if (r == 0)
		r = cgroup_open(en->record.cgroup, &cgroup, &e);
	if (r == 0)
		r = cgroup_freeze(&cgroup, false, &e);
	if (r < 0 && r != -ENOENT && r != -ENODEV)
		log_warning("%s", e.text);
	cgroup_close(&cgroup);
}

int berth_kill(const struct berth_runtime *rt, const char *id, int signal, bool all,
	       struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	struct cgroup cgroup = { .dir = -1 };
	autoclose int pidfd = -1;
	enum berth_status status = BERTH_STOPPED;
	int r;

	r = entry_open(rt, id, &en, e);
	if (r == 0)
		r = life_status(&en, &status, &pidfd, e);
	if (r < 0)
		return r;
	if (all && en.record.cgroup && status != BERTH_CREATING) {
		r = cgroup_open(en.record.cgroup, &cgroup, e);
		if (r == 0)
			r = cgroup_signal(&cgroup, signal, e);
		cgroup_close(&cgroup);
		if (r != -ENOENT)
			return r;
		/* systemd removes the cgroup of a scope with the last process in it. */
		*e = (struct berth_error){ 0 };
		return 0;
	}
	/* Whom could it reach? As with a cgroup that has nobody in it, that is no error. */
	if (all && status == BERTH_STOPPED)
		return 0;
	/* The text is what engines look for to tell "gone already" from a failure. */
	if (pidfd < 0)
		return refuse(e, ESRCH, "container not running");
	r = process_signal(pidfd, signal, e);
	if (r == 0 && signal == SIGKILL && status == BERTH_PAUSED)
		thaw_killed(&en);
	return r == -ESRCH ? refuse(e, ESRCH, "container not running") : r;
}

int berth_processes(const struct berth_runtime *rt, const char *id, pid_t **ret_pids, size_t *ret_n,
		    struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	struct cgroup cgroup = { .dir = -1 };
	int r;

	r = entry_open(rt, id, &en, e);
	if (r < 0)
		return r;
	if (!en.record.cgroup)
		return refuse(e, EOPNOTSUPP,
			      "container %s has no cgroup, so berth cannot tell its processes from "
			      "others",
			      id);
	r = cgroup_open(en.record.cgroup, &cgroup, e);
	if (r == 0)
		r = cgroup_processes(&cgroup, ret_pids, ret_n, e);
	cgroup_close(&cgroup);
	return r;
}
