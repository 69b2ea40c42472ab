/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions that change nothing: state, list, and the plan of a container that does not exist yet.
 * Takes no locks.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/fd.h"
#include "base/log.h"
#include "container/life.h"
#include "linux/capabilities.h"

/* The public part and the memory behind it. */
struct kept_state {
	struct berth_state state; /* first: berth_state_free() gets its address */
	struct arena arena;
};

/* The strings are the record's own: its arena goes over to the state. */
static int fill_state(struct entry *en, enum berth_status status, struct kept_state *k)
{
	const struct state_record *r = &en->record;
	struct berth_annotation *annotations =
		arena_array(&en->arena, r->annotations.n, sizeof(*annotations));
	const char *id = arena_copy(&en->arena, en->id, strlen(en->id));

	if (!annotations || !id)
		return -ENOMEM;
	for (size_t i = 0; i < r->annotations.n; i++)
		annotations[i] = (struct berth_annotation){ r->annotations.v[i].key,
							    r->annotations.v[i].value };
	k->state = (struct berth_state){
		.id = id,
		.status = status,
		.bundle = r->bundle ? r->bundle : "",
		.rootfs = r->rootfs ? r->rootfs : "",
		.created = r->created ? r->created : "",
		.pid = status == BERTH_STOPPED ? 0 : (pid_t)r->pid,
		.owner = (uid_t)r->owner,
		.n_annotations = r->annotations.n,
		.annotations = annotations,
	};
	if (status == BERTH_STOPPED)
		life_find_oom(en, &k->state.oom);
	k->arena = en->arena;
	en->arena = (struct arena){ 0 };
	return 0;
}

static int look_at(struct probe *p, struct entry *en, struct berth_state **ret,
		   struct berth_error *e)
{
	enum berth_status status = BERTH_STOPPED;
	struct kept_state *k;
	int r = life_look(p, en, &status, e);

	if (r < 0)
		return r;
	k = calloc(1, sizeof(*k));
	if (!k || fill_state(en, status, k) < 0) {
		free(k);
		return fail(e, ENOMEM, "state of %s", en->id);
	}
	*ret = &k->state;
	return 0;
}

int berth_state(const struct berth_runtime *rt, const char *id, struct berth_state **ret_state,
		struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	autoprobe struct probe p = { .proc = -1, .cgroups = -1 };
	int r = entry_open(rt, id, &en, e);

	return r < 0 ? r : look_at(&p, &en, ret_state, e);
}

void berth_state_free(struct berth_state *state)
{
	struct kept_state *k = (struct kept_state *)state;

	if (k)
		arena_free(&k->arena);
	free(k);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp((*(struct berth_state *const *)a)->id, (*(struct berth_state *const *)b)->id);
}

static int add_state(struct berth_states *list, size_t *size, struct berth_state *state)
{
	if (list->n == *size) {
		size_t larger = *size ? *size * 2 : 16;
		/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
		struct berth_state **v = reallocarray(list->v, larger, sizeof(*v));

		if (!v)
			return -ENOMEM;
		list->v = v;
		*size = larger;
	}
	list->v[list->n++] = state;
	return 0;
}

/* A list with one missing would read as if that were gone; so what cannot be read is an error,
 * unless it was deleted meanwhile, or is no container but a file. */
static int list_one(int root, const char *id, struct probe *p, struct berth_state **ret,
		    struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	struct berth_error why = { 0 };
	int r = entry_look(root, id, &en, &why);

	if (r == 0)
		r = look_at(p, &en, ret, &why);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r < 0)
		*e = why;
	return r;
}

/* Some file systems do not say what an entry is; then opening it tells. */
static bool may_be_directory(const struct dirent *file)
{
	return file->d_type == DT_DIR || file->d_type == DT_UNKNOWN;
}

static int list_all(DIR *d, struct berth_states *list, struct berth_error *e)
{
	autoprobe struct probe p = { .proc = -1, .cgroups = -1 };
	struct berth_error ignored;
	const struct dirent *file;
	size_t size = 0;

	while ((errno = 0, file = readdir(d))) {
		struct berth_state *state = NULL;
		int r;

		if (!may_be_directory(file) || store_check_id(file->d_name, &ignored) < 0)
			continue;
		r = list_one(dirfd(d), file->d_name, &p, &state, e);
		if (r < 0)
			return r;
		if (state && add_state(list, &size, state) < 0) {
			berth_state_free(state);
			return fail(e, ENOMEM, "list of containers");
		}
	}
	return errno ? fail(e, errno, "read the state directory") : 0;
}

int berth_list(const struct berth_runtime *rt, struct berth_states *ret, struct berth_error *e)
{
	struct berth_states list = { 0 };
	autoclosedir DIR *d = NULL;
	int root = -1, r;

	r = store_open_root(rt, false, &root, e);
	if (r == -ENOENT) {
		*e = (struct berth_error){ 0 };
		*ret = list;
		return 0;
	}
	if (r < 0)
		return r;
	d = fdopendir(root);
	if (!d) {
		close_fd(&root);
		return fail(e, errno, "read the state directory");
	}
	r = list_all(d, &list, e);
	if (r < 0) {
		berth_states_free(&list);
		return r;
	}
	if (list.n)
		qsort(list.v, list.n, sizeof(struct berth_state *), compare_ids);
	*ret = list;
	return 0;
}

void berth_states_free(struct berth_states *states)
{
	for (size_t i = 0; i < states->n; i++)
		berth_state_free(states->v[i]);
	free(states->v);
	*states = (struct berth_states){ 0 };
}

static const char *signal_text(const struct step *row)
{
	if (row->signal == NOBODY)
		return NULL;
	return row->signal == INIT ? "host -> init" : "init -> host";
}

int berth_plan(const struct berth_config *config, const struct berth_create *c,
	       void (*each)(const struct berth_step *step, void *data), void *data,
	       struct berth_error *e)
{
	struct start_request request = {
		.config = config,
		.create = c,
		.wait = true,
		.privileged = capability_held(CAP_SYS_ADMIN),
		.rootless = geteuid() != 0,
	};
	struct start s;

	(void)e;
	start_init(&s, &request, &start_plan);
	for (size_t i = 0; i < start_plan.n; i++) {
		const struct step *row = &start_plan.rows[i];
		struct berth_step step = {
			.name = row->name,
			.actor = actor_name(row->actor),
			.signal = signal_text(row),
			.what = row->what,
			.undone = row->undo != NULL,
		};

		if (step_wanted(row, &s))
			each(&step, data);
	}
	return 0;
}
