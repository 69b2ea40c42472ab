/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one may ask of containers without changing them: state, list, and the plan of one that does not exist yet. Takes no locks.
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

static int fill_state(const struct entry *en, struct kept_state *k, struct berth_error *e)
{
	const struct state_record *r = &en->record;
	autoclose int pidfd = -1;
	struct berth_annotation *annotations =
		arena_array(&k->arena, r->annotations.n + 1, sizeof(*annotations));
	int result = life_status(en, &k->state.status, &pidfd, e);

	if (result < 0)
		return result;
	for (size_t i = 0; annotations && i < r->annotations.n; i++) {
		annotations[i].key = arena_printf(&k->arena, "%s", r->annotations.v[i].key);
		annotations[i].value = arena_printf(&k->arena, "%s", r->annotations.v[i].value);
	}
	k->state.id = arena_printf(&k->arena, "%s", en->id);
	k->state.bundle = arena_printf(&k->arena, "%s", r->bundle ? r->bundle : "");
	k->state.rootfs = arena_printf(&k->arena, "%s", r->rootfs ? r->rootfs : "");
	k->state.created = arena_printf(&k->arena, "%s", r->created ? r->created : "");
	k->state.pid = k->state.status == BERTH_STOPPED ? 0 : (pid_t)r->pid;
	k->state.owner = (uid_t)r->owner;
	if (k->state.status == BERTH_STOPPED)
		life_find_oom(en, &k->state.oom);
	k->state.n_annotations = r->annotations.n;
	k->state.annotations = annotations;
	return annotations && k->state.id && k->state.bundle && k->state.rootfs && k->state.created
		       ? 0
		       : fail(e, ENOMEM, "state of %s", en->id);
}

int berth_state(const struct berth_runtime *rt, const char *id, struct berth_state **ret_state,
		struct berth_error *e)
{
	cleanup(entry_close) struct entry en = { .root = -1, .dir = -1 };
	struct kept_state *k;
	int r;

	r = entry_open(rt, id, &en, e);
	if (r < 0)
		return r;
	k = calloc(1, sizeof(*k));
	if (!k)
		return fail(e, ENOMEM, "state of %s", id);
	r = fill_state(&en, k, e);
	if (r < 0)
		berth_state_free(&k->state);
	else
		*ret_state = &k->state;
	return r;
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
		struct berth_state **v = reallocarray(list->v, larger, sizeof(*v));

		if (!v)
			return -ENOMEM;
		list->v = v;
		*size = larger;
	}
	list->v[list->n++] = state;
	return 0;
}

/* A list with one missing would read as if that were gone; so what cannot be read is an error, unless it was deleted meanwhile. */
static int list_one(const struct berth_runtime *rt, const struct dirent *file,
		    struct berth_states *list, size_t *size, struct berth_error *e)
{
	struct berth_error why = { 0 };
	struct berth_state *state = NULL;
	int r;

	if (store_check_id(file->d_name, &why) < 0 || file->d_type != DT_DIR)
		return 0;
	r = berth_state(rt, file->d_name, &state, &why);
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		*e = why;
		return r;
	}
	if (add_state(list, size, state) == 0)
		return 0;
	berth_state_free(state);
	return fail(e, ENOMEM, "list of containers");
}

int berth_list(const struct berth_runtime *rt, struct berth_states *ret, struct berth_error *e)
{
	struct berth_states list = { 0 };
	autoclosedir DIR *d = NULL;
	const struct dirent *file;
	size_t size = 0;
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
	while (r == 0 && (errno = 0, file = readdir(d)))
		r = list_one(rt, file, &list, &size, e);
	if (r == 0 && errno)
		r = fail(e, errno, "read the state directory");
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
