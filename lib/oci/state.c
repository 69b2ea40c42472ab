/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's state as JSON: for people and engines, for hooks, and the record that berth keeps
 * for itself. Trust: the record comes from a directory that only berth's user can write to, but is
 * decoded as strictly as a configuration. A damaged record is an error; berth does not guess.
 */
#include "oci/state.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json_writer.h"
#include "oci/json.h"
#include "oci/json_table.h"

const char *berth_status_text(enum berth_status status)
{
	switch (status) {
	case BERTH_CREATING:
		return "creating";
	case BERTH_CREATED:
		return "created";
	case BERTH_RUNNING:
		return "running";
	case BERTH_PAUSED:
		return "paused";
	case BERTH_STOPPED:
		return "stopped";
	}
	return "unknown";
}

static void write_annotations(struct json_writer *w, const struct key_values *a)
{
	json_object(w, "annotations");
	for (size_t i = 0; i < a->n; i++)
		json_string(w, a->v[i].key, a->v[i].value);
	json_end_object(w);
}

char *state_json(const char *id, enum berth_status status, pid_t pid, const char *bundle,
		 const struct key_values *annotations, bool pretty)
{
	struct json_writer w = { .indent = pretty ? 2 : 0 };

	json_object(&w, NULL);
	json_string(&w, "ociVersion", berth_spec_version());
	json_string(&w, "id", id);
	json_string(&w, "status", berth_status_text(status));
	if (pid > 0)
		json_i64(&w, "pid", pid);
	json_string(&w, "bundle", bundle);
	if (annotations && annotations->n)
		write_annotations(&w, annotations);
	json_end_object(&w);
	return json_finish(&w);
}

char *process_state_json(pid_t pid, const char *metadata, const char *state)
{
	struct json_writer w = { 0 };

	json_object(&w, NULL);
	json_string(&w, "ociVersion", berth_spec_version());
	json_array(&w, "fds");
	json_string(&w, NULL, "seccompFd");
	json_end_array(&w);
	json_i64(&w, "pid", pid);
	if (metadata)
		json_string(&w, "metadata", metadata);
	json_raw(&w, "state", state);
	json_end_object(&w);
	return json_finish(&w);
}

/* Why it died: not runc's, but the specification allows members of one's own. */
static void write_oom(struct json_writer *w, const struct berth_oom *oom)
{
	json_object(w, "oom");
	json_u64(w, "kills", oom->kills);
	if (oom->limit != UINT64_MAX)
		json_u64(w, "limit", oom->limit);
	if (oom->peak)
		json_u64(w, "peak", oom->peak);
	json_end_object(w);
}

/* Member for member what `runc state` prints, the empty owner included: engines and scripts
 * compare. */
char *berth_state_json(const struct berth_state *s)
{
	struct json_writer w = { .indent = 2 };

	json_object(&w, NULL);
	json_string(&w, "ociVersion", berth_spec_version());
	json_string(&w, "id", s->id);
	json_i64(&w, "pid", s->pid);
	json_string(&w, "status", berth_status_text(s->status));
	json_string(&w, "bundle", s->bundle);
	json_string(&w, "rootfs", s->rootfs);
	if (*s->created)
		json_string(&w, "created", s->created);
	if (s->n_annotations) {
		json_object(&w, "annotations");
		for (size_t i = 0; i < s->n_annotations; i++)
			json_string(&w, s->annotations[i].key, s->annotations[i].value);
		json_end_object(&w);
	}
	json_string(&w, "owner", "");
	if (s->oom.kills)
		write_oom(&w, &s->oom);
	json_end_object(&w);
	return json_finish(&w);
}

/* An absent string is an absent member. */
static void write_optional(struct json_writer *w, const char *key, const char *value)
{
	if (value)
		json_string(w, key, value);
}

char *state_record_json(const struct state_record *r)
{
	struct json_writer w = { 0 };

	json_object(&w, NULL);
	write_optional(&w, "id", r->id);
	write_optional(&w, "bundle", r->bundle);
	write_optional(&w, "rootfs", r->rootfs);
	write_optional(&w, "created", r->created);
	json_bool(&w, "creating", r->creating);
	json_bool(&w, "endsQuietly", r->ends_quietly);
	json_u64(&w, "owner", r->owner);
	json_u64(&w, "pid", r->pid);
	json_u64(&w, "startTime", r->start_time);
	write_optional(&w, "cgroup", r->cgroup);
	write_optional(&w, "unit", r->unit);
	if (r->memory_limit)
		json_u64(&w, "memoryLimit", r->memory_limit);
	write_optional(&w, "rdtGroup", r->rdt_group);
	write_optional(&w, "rdtMonitor", r->rdt_monitor);
	if (r->annotations.n)
		write_annotations(&w, &r->annotations);
	json_end_object(&w);
	return json_finish(&w);
}

/* Member for member what state_record_json() writes. */
static const struct json_row state_record_rows[] = {
	STRING(struct state_record, "id", id, REQUIRED),
	STRING(struct state_record, "bundle", bundle, 0),
	STRING(struct state_record, "rootfs", rootfs, 0),
	STRING(struct state_record, "created", created, 0),
	BOOL(struct state_record, "creating", creating, REQUIRED),
	BOOL(struct state_record, "endsQuietly", ends_quietly, 0),
	U64(struct state_record, "owner", owner, REQUIRED),
	U64(struct state_record, "pid", pid, REQUIRED),
	U64(struct state_record, "startTime", start_time, REQUIRED),
	STRING(struct state_record, "cgroup", cgroup, 0),
	STRING(struct state_record, "unit", unit, 0),
	U64(struct state_record, "memoryLimit", memory_limit, 0),
	STRING(struct state_record, "rdtGroup", rdt_group, 0),
	STRING(struct state_record, "rdtMonitor", rdt_monitor, 0),
	TEXTS(struct state_record, "annotations", annotations, struct key_value, 0),
};
JSON_TABLE(state_record, struct state_record, NULL);

int state_record_parse(const char *text, size_t length, struct arena *a, struct state_record *ret,
		       struct berth_error *e)
{
	struct state_record record = { 0 };
	struct json_request q = {
		.text = text,
		.length = length,
		.name = "state.json",
		.table = &state_record_table,
		.object = &record,
		.arena = a,
	};
	int r = json_decode(&q, NULL, e);

	if (r < 0)
		return r;
	*ret = record;
	return 0;
}
