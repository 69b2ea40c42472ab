/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's cgroup as a transient scope of systemd. systemd makes the cgroup and owns it. What
 * systemd knows as a property of the unit is passed to it, because it would otherwise restore its
 * own values at its next change. Then everything is written to the tree too, which takes the exact
 * values, and those that systemd has no property for.
 *
 * systemd makes no scope without a process, and removes one that is empty. So a placeholder process
 * waits in it until the container's first process has been born there (CLONE_INTO_CGROUP). No
 * process of the container is ever moved.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/number.h"
#include "base/process.h"
#include "base/text.h"
#include "cgroup/apply.h"
#include "cgroup/owner.h"
#include "cgroup/place.h"
#include "cgroup/stats.h"
#include "cgroup/systemd_call.h"
#include "cgroup/unit.h"

#include "build_config.h"

enum { FILE_MAX = 64 << 10 };

/* One message to the helper. */
struct call {
	char *text;
	size_t length;
	FILE *out;
};

static void close_call(struct call *c)
{
	if (c->out)
		(void)fclose(c->out);
	free_pointer(&c->text);
}

static int begin_call(struct call *c, const char *verb, bool user, const char *unit,
		      struct berth_error *e)
{
	c->out = open_memstream(&c->text, &c->length);
	if (!c->out)
		return fail(e, ENOMEM, "message to systemd");
	(void)fprintf(c->out, "%s\n%s\n%s\n", verb, user ? "user" : "system", unit);
	return 0;
}

static int finish_call(struct call *c, char **ret_text, struct berth_error *e)
{
	int r = fclose(c->out);

	c->out = NULL;
	return r == 0 ? systemd_call(c->text, ret_text, e) : fail(e, ENOMEM, "message to systemd");
}

int cgroup_locate_scope(const struct cgroup_request *r, char **ret_unit, struct berth_error *e)
{
	cleanup(unit_place_free) struct unit_place place = { 0 };
	autosettings struct settings s = { 0 };
	int n;

#ifndef BERTH_SYSTEMD
	return refuse(e, ENOTSUP,
		      "this berth is built without the systemd cgroup driver (-Dsystemd=enabled)");
#endif
	n = limits_settings(r->resources, &limits_fresh, &s, e);
	if (n == 0)
		n = unit_place(r, &place, e);
	if (n == 0)
		*ret_unit = TAKE(place.unit);
	return n;
}

static int start_placeholder(pid_t *ret_pid, struct berth_error *e)
{
	const struct clone_request request = { .cgroup = -1, .exit_signal = SIGCHLD };
	autoclose int pidfd = -1;
	pid_t parent = getpid(), pid = process_clone(&request, &pidfd, e);

	if (pid < 0)
		return (int)pid;
	if (pid == 0) {
		struct berth_error ignored;

		/* It must hold nothing of ours, such as the lock on the container's state, and not
		 * outlive us. */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
		    close_all_but(0, NULL, 0, &ignored) < 0)
			_exit(1);
		for (;;)
			(void)pause();
	}
	*ret_pid = pid;
	return 0;
}

void cgroup_settle(struct cgroup *c)
{
	/* It is our child, and nobody else waits for it: the pid is its own until waitpid(2). */
	if (c->placeholder > 0 && kill(c->placeholder, SIGKILL) == 0) {
		while (waitpid(c->placeholder, NULL, 0) < 0 && errno == EINTR)
			;
	}
	c->placeholder = 0;
}

static int start_unit(const struct cgroup_request *r, const struct unit_place *place,
		      const struct settings *s, struct cgroup *c, struct berth_error *e)
{
	cleanup(close_call) struct call call = { 0 };
	int n;

	n = begin_call(&call, "start", r->rootless, place->unit, e);
	if (n < 0)
		return n;
	(void)fprintf(call.out, "%d\n", c->placeholder);
	unit_put_basics(call.out, r->id, place->slice);
	unit_put_settings(call.out, s);
	n = unit_put_annotations(call.out, r->n_annotations, r->annotations, e);
	return n < 0 ? n : finish_call(&call, &c->path, e);
}

/* From a login session, say, an ordinary user's processes cannot enter what the user's systemd
 * instance has made: both lie in different cgroups of root's. */
static int check_reach(const struct cgroup_tree *t, const struct cgroup *c, struct berth_error *e)
{
	autofree char *own = NULL;
	int r = tree_own_path(t, &own, e);

	if (r < 0 && r != -ENOENT)
		return r;
	r = place_check_reach(t, own, c->path, e);
	if (r == -EACCES || r == -EPERM)
		advise(e, "start berth below the same systemd instance: systemd-run --user --scope "
			  "-- berth ...");
	return r;
}

static int enter_scope(const struct cgroup_request *r, struct cgroup *c, struct berth_error *e)
{
	autotree struct cgroup_tree t = { .dir = -1 };
	int n = tree_open(&t, e);

	if (n == 0)
		n = tree_open_at(&t, c->path, O_RDONLY | O_DIRECTORY, &c->dir, e);
	if (n < 0)
		return in_context(e, n, "cgroup %s of the systemd unit", c->path);
	owner_mark_container(c->dir, r->id);
	if (r->rootless)
		n = check_reach(&t, c, e);
	if (n == 0)
		n = limits_apply(&t, c, r->resources, e);
	if (n == 0 && !r->devices_later)
		n = cgroup_apply_devices(c, r->resources, e);
	return n;
}

int cgroup_create_scope(const struct cgroup_request *r, const char *unit, struct cgroup *ret,
			struct berth_error *e)
{
	cleanup(unit_place_free) struct unit_place place = { 0 };
	autosettings struct settings s = { 0 };
	struct cgroup c = { .dir = -1, .created = true };
	struct berth_error ignored;
	int n;

	n = limits_settings(r->resources, &limits_fresh, &s, e);
	if (n == 0)
		n = unit_place(r, &place, e);
	if (n == 0)
		n = start_placeholder(&c.placeholder, e);
	if (n == 0)
		n = start_unit(r, &place, &s, &c, e);
	if (n == 0) {
		n = enter_scope(r, &c, e);
		if (n < 0)
			(void)!cgroup_remove_scope(c.path, unit, r->rootless, NULL, &ignored);
	}
	if (n < 0) {
		cgroup_settle(&c);
		cgroup_close(&c);
		return n;
	}
	*ret = c;
	return 0;
}

/* What systemd writes when one of its properties changes, beside that property's own file. */
static const char *const rewritten[] = { "cpu.idle",        "cpu.max",          "cpu.weight",
					 "cpuset.cpus",     "cpuset.mems",      "io.bfq.weight",
					 "io.weight",       "memory.high",      "memory.low",
					 "memory.max",      "memory.min",       "memory.oom.group",
					 "memory.swap.max", "memory.zswap.max", "pids.max" };

static void read_values(int dir, char *values[])
{
	struct berth_error ignored;
	size_t length;

	for (size_t i = 0; i < ARRAY_SIZE(rewritten); i++) {
		if (read_file(dir, rewritten[i], FILE_MAX, &values[i], &length, &ignored) < 0)
			values[i] = NULL;
	}
}

static void put_values_back(int dir, char *values[])
{
	for (size_t i = 0; i < ARRAY_SIZE(rewritten); i++) {
		autofree char *now = NULL, *before = TAKE(values[i]);
		struct berth_error e;
		char *rest = NULL;
		size_t length;

		if (!before || read_file(dir, rewritten[i], FILE_MAX, &now, &length, &e) < 0 ||
		    text_equal(now, before))
			continue;
		/* Files with a line for each device take one at a time. */
		for (char *line = strtok_r(before, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest)) {
			if (write_file(dir, rewritten[i], line, strlen(line), &e) < 0)
				log_warning("%s after systemd's change: %s", rewritten[i], e.text);
		}
	}
}

int cgroup_update_scope(const struct cgroup *c, const char *unit, bool user,
			const struct cgroup_resources *r, struct berth_error *e)
{
	cleanup(close_call) struct call call = { 0 };
	autosettings struct settings s = { 0 };
	char *values[ARRAY_SIZE(rewritten)] = { 0 };
	struct limits_now now;
	int n;

	n = limits_read(c, &now, e);
	/* The check was made before the update; by now the numbers are the new ones. */
	if (n == 0)
		n = limits_settings(r, &now, &s, e);
	if (n == 0)
		n = begin_call(&call, "set", user, unit, e);
	if (n < 0)
		return n;
	(void)fputc('\n', call.out);
	for (size_t i = 0; i < s.n; i++) {
		autofree char *content = NULL;
		struct berth_error ignored;
		size_t length;

		/* As the kernel has it now: with the parts of cpu.max, say, that were not given. */
		if (read_file(c->dir, s.v[i].file, FILE_MAX, &content, &length, &ignored) == 0)
			unit_put_file(call.out, s.v[i].file, content);
	}
	read_values(c->dir, values);
	n = finish_call(&call, NULL, e);
	put_values_back(c->dir, values);
	return n;
}

int cgroup_remove_scope(const char *path, const char *unit, bool user, const char *unfinished_id,
			struct berth_error *e)
{
	cleanup(close_call) struct call call = { 0 };
	int n = path ? cgroup_remove(path, e) : 0;

	if (n == 0)
		n = begin_call(&call, "stop", user, unit, e);
	if (n < 0)
		return n;
	if (unfinished_id)
		(void)fprintf(call.out, UNIT_DESCRIPTION, unfinished_id);
	(void)fputc('\n', call.out);
	return finish_call(&call, NULL, e);
}

int cgroup_scope_oom(const char *unit, bool user, uint64_t since, uint64_t *ret_n,
		     struct berth_error *e)
{
	cleanup(close_call) struct call call = { 0 };
	autofree char *text = NULL;
	int n = begin_call(&call, "oom", user, unit, e);

	if (n < 0)
		return n;
	(void)fprintf(call.out, "%" PRIu64 "\n", since);
	n = finish_call(&call, &text, e);
	if (n == 0 && parse_u64(text, ret_n) < 0)
		n = refuse(e, EPROTO, "OOM kills in unit %s: berth-systemd says %s", unit, text);
	return n;
}
