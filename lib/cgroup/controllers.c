/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enables controllers for a cgroup, in the cgroup.subtree_control of each cgroup above it, where
 * they are not enabled yet. The controllers of limits are required. Those of statistics are
 * optional: no process is moved for them, and nothing fails without them.
 *
 * A cgroup other than the root can pass controllers on only while it contains no process ("no
 * internal processes", cgroups(7)). If the cgroup was delegated to berth's caller, or contains only
 * berth, its processes are moved to a leaf beside the container. This is the only place where berth
 * moves processes. Otherwise the error says what to do.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/number.h"
#include "base/text.h"
#include "cgroup/apply.h"
#include "cgroup/place.h"
#include "cgroup/processes.h"

enum { NEEDS_MAX = 16, LIST_MAX = 512, MOVE_ROUNDS = 20, PROC_CGROUPS_MAX = 64 << 10 };

struct need {
	char controller[CONTROLLER_MAX];
	const char *property; /* for messages; NULL: only wanted if it is there */
};

struct needs {
	size_t n;
	struct need v[NEEDS_MAX];
};

static struct need *find_need(struct needs *needs, const char *controller)
{
	for (size_t i = 0; i < needs->n; i++) {
		if (text_equal(needs->v[i].controller, controller))
			return &needs->v[i];
	}
	if (needs->n == NEEDS_MAX)
		return NULL;
	needs->v[needs->n] = (struct need){ 0 };
	strcpy(needs->v[needs->n].controller, controller);
	return &needs->v[needs->n++];
}

static int collect_needs(const struct settings *s, struct needs *needs, struct berth_error *e)
{
	for (size_t i = 0; i < s->n; i++) {
		char controller[CONTROLLER_MAX];
		struct need *need;

		setting_controller(s->v[i].file, controller);
		if (!*controller)
			continue;
		need = find_need(needs, controller);
		if (!need)
			return refuse(e, E2BIG,
				      "linux.resources: more than %d different controllers",
				      NEEDS_MAX);
		if (!need->property && !s->v[i].is_default)
			need->property = s->v[i].property;
	}
	return 0;
}

/* `events`, engines and kubelets measure containers without limits, too. */
static void want_statistics(struct needs *needs)
{
	static const char *const measuring[] = { "cpu", "io", "memory", "pids" };

	for (size_t i = 0; i < ARRAY_SIZE(measuring); i++)
		(void)find_need(needs, measuring[i]);
}

static void drop_need(struct needs *needs, size_t i)
{
	memmove(&needs->v[i], &needs->v[i + 1], (--needs->n - i) * sizeof(needs->v[0]));
}

static void drop_present(struct needs *needs, const char *list)
{
	for (size_t i = 0; i < needs->n;) {
		if (tree_has_word(list, needs->v[i].controller))
			drop_need(needs, i);
		else
			i++;
	}
}

/* Why the top of the tree may lack a controller (/proc/cgroups: name, hierarchy, number,
 * enabled). */
static void advise_missing(struct berth_error *e, const struct cgroup_tree *t,
			   const char *controller)
{
	autofree char *text = NULL;
	autoclose int fd = open("/proc/cgroups", O_RDONLY | O_CLOEXEC);
	struct berth_error ignored;
	unsigned int hierarchy, number, enabled;
	const char *name = strcmp(controller, "io") == 0 ? "blkio" : controller;
	size_t length, name_length = strlen(name);
	struct stat st;

	if (fstatat(t->dir, "cgroup.type", &st, 0) == 0) {
		advise(e,
		       "this is a part of the tree: enable it outside, with \"echo +%s > "
		       "cgroup.subtree_control\" "
		       "in the cgroup above",
		       controller);
		return;
	}
	if (fd < 0 ||
	    read_whole(fd, PROC_CGROUPS_MAX, "/proc/cgroups", &text, &length, &ignored) < 0)
		return;
	for (const char *line = text; line && *line;
	     line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		if (strncmp(line, name, name_length) != 0 || line[name_length] != '\t' ||
		    /* NOLINTNEXTLINE(cert-err34-c): the kernel's own words */
		    sscanf(line + name_length, "%u %u %u", &hierarchy, &number, &enabled) != 3)
			continue;
		if (hierarchy != 0)
			advise(e,
			       "cgroup v1 holds it on this machine: boot with cgroup_no_v1=%s or "
			       "systemd.unified_cgroup_hierarchy=1",
			       name);
		else if (!enabled)
			advise(e,
			       "it was disabled at boot: look for cgroup_disable=%s on the "
			       "kernel's command line",
			       name);
		return;
	}
	advise(e, "this kernel is built without it");
}

/* The first of the needs that `list` does not have and that cannot be done without; the others are
 * given up. */
static const struct need *find_lacking(struct needs *needs, const char *list)
{
	for (size_t i = 0; i < needs->n;) {
		if (tree_has_word(list, needs->v[i].controller)) {
			i++;
		} else if (needs->v[i].property) {
			return &needs->v[i];
		} else {
			log_debug("no %s controller: neither defaults nor statistics",
				  needs->v[i].controller);
			drop_need(needs, i);
		}
	}
	return NULL;
}

static int read_own_procs(int dir, char **ret_text, struct berth_error *e)
{
	size_t length;

	return read_file(dir, "cgroup.procs", 64 << 20, ret_text, &length, e);
}

/* Moves every process of `dir` to its leaf; what is forked meanwhile is moved in the next round. */
static int move_to_leaf(int dir, struct berth_error *e)
{
	autoclose int leaf = -1;

	if (mkdirat(dir, OWN_LEAF, 0755) < 0 && errno != EEXIST)
		return fail(e, errno, "make a leaf for the processes in the way");
	leaf = openat(dir, OWN_LEAF "/cgroup.procs", O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (leaf < 0)
		return fail(e, errno, "open " OWN_LEAF "/cgroup.procs");
	for (int round = 0; round < MOVE_ROUNDS; round++) {
		autofree char *text = NULL;
		char *rest = NULL;
		int r = read_own_procs(dir, &text, e);

		if (r < 0 || !*text)
			return r;
		for (char *pid = strtok_r(text, "\n", &rest); pid;
		     pid = strtok_r(NULL, "\n", &rest)) {
			if (write(leaf, pid, strlen(pid)) < 0 && errno != ESRCH)
				return fail(e, errno, "move process %s to " OWN_LEAF, pid);
		}
	}
	return refuse(e, EBUSY, "processes fork faster than they can be moved to " OWN_LEAF);
}

/* Whether berth may move the processes in the way: the cgroup was delegated, or has no process but
 * berth. */
static bool may_clear(int dir)
{
	autofree char *text = NULL;
	struct berth_error ignored;
	char *end;
	int pid;

	if (tree_is_delegated(dir))
		return true;
	if (read_own_procs(dir, &text, &ignored) < 0)
		return false;
	end = strchr(text, '\n');
	if (!end || end[1])
		return false;
	*end = '\0';
	return parse_int(text, &pid) == 0 && pid == getpid();
}

static bool is_top(int dir)
{
	return faccessat(dir, "cgroup.type", F_OK, 0) < 0;
}

static bool has_processes(int dir)
{
	autofree char *text = NULL;
	struct berth_error ignored;

	return !is_top(dir) && (read_own_procs(dir, &text, &ignored) < 0 || *text);
}

/* The kernel would enable cpu, cpuset and pids beside processes, and make it a cgroup for threads,
 * below which no process can be started (cgroups(7), "Thread mode"). So what it refuses for other
 * controllers we refuse for all. The root alone is free of that. */
static int clear_the_way(int dir, struct berth_error *e)
{
	autofree char *text = NULL;
	int r;

	if (is_top(dir))
		return 0;
	r = read_own_procs(dir, &text, e);
	if (r < 0 || !*text)
		return r;
	if (!may_clear(dir))
		return refuse(e, EBUSY, "there are processes in it");
	return move_to_leaf(dir, e);
}

static int explain_failure(const struct cgroup_tree *t, int dir, const char *path,
			   const struct need *need, int r, struct berth_error *e)
{
	const char *below = text_equal(path, "/") ? "" : path;
	char names[256];

	r = in_context(
		e, r,
		"linux.resources.%s needs the %s controller, which cgroup %s%s does not hand down",
		need->property ? need->property : "?", need->controller, t->mount_point, below);
	if (r == -EBUSY) {
		processes_describe_own(dir, names, sizeof(names));
		advise(e, "%s: move what is in the way to a cgroup below it", names);
	} else if (r == -EACCES || r == -EPERM) {
		advise(e,
		       "as root: echo +%s > %s%s/cgroup.subtree_control, or have it delegated: "
		       "systemd-run --user --scope -p Delegate=yes -- berth ...",
		       need->controller, t->mount_point, below);
	} else {
		advise(e, "echo +%s > %s%s/cgroup.subtree_control", need->controller,
		       t->mount_point, below);
	}
	return r;
}

static int write_subtree_control(int dir, const struct needs *needs, struct berth_error *e)
{
	char text[NEEDS_MAX * (CONTROLLER_MAX + 2)] = "";
	size_t used = 0;

	for (size_t i = 0; i < needs->n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s+%s", i ? " " : "",
					 needs->v[i].controller);
	return write_file(dir, "cgroup.subtree_control", text, used, e);
}

/* Those that have to be had, or the others. */
static struct needs select_needs(const struct needs *all, bool required)
{
	struct needs selected = { 0 };

	for (size_t i = 0; i < all->n; i++) {
		if (!all->v[i].property == !required)
			selected.v[selected.n++] = all->v[i];
	}
	return selected;
}

/* What is only wanted, and cannot be had here, is not looked for further down. */
static void enable_wanted(int dir, const struct needs *wanted, struct needs *all)
{
	struct berth_error why = { 0 };

	if (wanted->n == 0 ||
	    (!has_processes(dir) && write_subtree_control(dir, wanted, &why) == 0))
		return;
	for (size_t i = 0; i < wanted->n; i++)
		drop_need(all, (size_t)(find_need(all, wanted->v[i].controller) - all->v));
}

/* Has the cgroup at `path` hand down what is needed. `needs` loses what cannot be had and need
 * not. */
static int hand_down(const struct cgroup_tree *t, const char *path, struct needs *needs,
		     struct berth_error *e)
{
	struct needs here = *needs, required, wanted;
	const struct need *lacking;
	autoclose int dir = -1;
	char list[LIST_MAX];
	int r;

	r = tree_open_at(t, path, O_RDONLY | O_DIRECTORY, &dir, e);
	if (r == 0)
		r = tree_read(dir, "cgroup.subtree_control", list, sizeof(list), e);
	if (r < 0)
		return in_context(e, r, "enable controllers in cgroup %s", path);
	drop_present(&here, list);
	if (here.n == 0)
		return 0;
	r = tree_read(dir, "cgroup.controllers", list, sizeof(list), e);
	if (r < 0)
		return in_context(e, r, "enable controllers in cgroup %s", path);
	lacking = find_lacking(needs, list);
	if (lacking) {
		r = refuse(e, ENOENT,
			   "linux.resources.%s needs the %s controller, which the cgroup tree at "
			   "%s%s does not have",
			   lacking->property, lacking->controller, t->mount_point,
			   text_equal(path, "/") ? "" : path);
		advise_missing(e, t, lacking->controller);
		return r;
	}
	(void)find_lacking(&here, list);
	required = select_needs(&here, true);
	wanted = select_needs(&here, false);
	if (required.n > 0) {
		r = clear_the_way(dir, e);
		if (r == 0)
			r = write_subtree_control(dir, &required, e);
		if (r < 0)
			return explain_failure(t, dir, path, &required.v[0], r, e);
	}
	enable_wanted(dir, &wanted, needs);
	return 0;
}

int controllers_enable(const struct cgroup_tree *t, const struct cgroup *c,
		       const struct settings *s, struct berth_error *e)
{
	struct needs needs = { 0 };
	autofree char *path = NULL;
	char list[LIST_MAX];
	bool required;
	int r;

	r = collect_needs(s, &needs, e);
	if (r < 0)
		return r;
	required = needs.n > 0;
	want_statistics(&needs);
	/* Nearly always they are all there already. */
	r = tree_read(c->dir, "cgroup.controllers", list, sizeof(list), e);
	if (r < 0)
		return in_context(e, r, "cgroup %s", c->path);
	drop_present(&needs, list);
	if (needs.n == 0)
		return 0;
	r = hand_down(t, "/", &needs, e);
	path = strdup(c->path);
	if (!path)
		return fail(e, ENOMEM, "enable controllers");
	for (char *slash = strchr(path + 1, '/'); r == 0 && needs.n > 0 && slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		r = hand_down(t, path, &needs, e);
		*slash = '/';
	}
	if (r < 0 && !required) {
		log_debug("no controllers for statistics: %s", e->text);
		*e = (struct berth_error){ 0 };
		r = 0;
	}
	return r;
}
