/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "oci/state.h"
#include "unit.h"

static struct key_value annotation = { "a.b", "say \"hi\"" };
static const struct key_values annotations = { 1, &annotation };

START_TEST(hooks_get_one_line)
{
	autofree char *json = state_json("c1", BERTH_CREATED, 42, "/b", &annotations, false);

	ck_assert_str_eq(
		json, "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":\"created\",\"pid\":42,"
		      "\"bundle\":\"/b\",\"annotations\":{\"a.b\":\"say \\\"hi\\\"\"}}");
}
END_TEST

START_TEST(no_pid_and_no_annotations_are_left_out)
{
	const struct key_values none = { 0 };
	autofree char *json = state_json("c1", BERTH_STOPPED, 0, "/b", &none, false);

	ck_assert_str_eq(json, "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":\"stopped\","
			       "\"bundle\":\"/b\"}");
}
END_TEST

START_TEST(people_get_lines)
{
	autofree char *json = state_json("c1", BERTH_RUNNING, 7, "/b", NULL, true);

	ck_assert_str_eq(
		json,
		"{\n  \"ociVersion\": \"1.3.0\",\n  \"id\": \"c1\",\n  \"status\": \"running\",\n"
		"  \"pid\": 7,\n  \"bundle\": \"/b\"\n}");
}
END_TEST

/* Debian's runc 1.1.5 prints these members, in this order. */
START_TEST(state_is_shaped_like_runc_s)
{
	const struct berth_annotation a = { "a.b", "c" };
	struct berth_state s = { .id = "rt1",
				 .status = BERTH_CREATED,
				 .pid = 11874,
				 .bundle = "/tmp/b",
				 .rootfs = "/tmp/b/rootfs",
				 .created = "2026-11-22T09:32:45.694190797Z",
				 .n_annotations = 1,
				 .annotations = &a };
	autofree char *with = berth_state_json(&s);
	autofree char *without = NULL;

	ck_assert_str_eq(with, "{\n"
			       "  \"ociVersion\": \"1.3.0\",\n"
			       "  \"id\": \"rt1\",\n"
			       "  \"pid\": 11874,\n"
			       "  \"status\": \"created\",\n"
			       "  \"bundle\": \"/tmp/b\",\n"
			       "  \"rootfs\": \"/tmp/b/rootfs\",\n"
			       "  \"created\": \"2026-11-22T09:32:45.694190797Z\",\n"
			       "  \"annotations\": {\n"
			       "    \"a.b\": \"c\"\n"
			       "  },\n"
			       "  \"owner\": \"\"\n"
			       "}");
	s.n_annotations = 0;
	s.pid = 0;
	s.status = BERTH_PAUSED;
	without = berth_state_json(&s);
	ck_assert_ptr_null(strstr(without, "annotations"));
	ck_assert_ptr_nonnull(strstr(without, "\"pid\": 0,\n  \"status\": \"paused\""));
}
END_TEST

static void free_arena(struct arena *a)
{
	arena_free(a);
}

static void assert_same_text(const char *a, const char *b)
{
	ck_assert_pstr_eq(a, b);
}

static void assert_same_record(const struct state_record *a, const struct state_record *b)
{
	assert_same_text(a->id, b->id);
	assert_same_text(a->bundle, b->bundle);
	assert_same_text(a->rootfs, b->rootfs);
	assert_same_text(a->created, b->created);
	assert_same_text(a->cgroup, b->cgroup);
	assert_same_text(a->unit, b->unit);
	ck_assert_uint_eq(a->memory_limit, b->memory_limit);
	ck_assert_int_eq(a->creating, b->creating);
	ck_assert_int_eq(a->ends_quietly, b->ends_quietly);
	ck_assert_uint_eq(a->owner, b->owner);
	ck_assert_uint_eq(a->pid, b->pid);
	ck_assert_uint_eq(a->start_time, b->start_time);
	ck_assert_uint_eq(a->annotations.n, b->annotations.n);
	for (size_t i = 0; i < a->annotations.n; i++) {
		assert_same_text(a->annotations.v[i].key, b->annotations.v[i].key);
		assert_same_text(a->annotations.v[i].value, b->annotations.v[i].value);
	}
}

static void assert_round_trip(const struct state_record *r)
{
	cleanup(free_arena) struct arena arena = { 0 };
	autofree char *json = state_record_json(r);
	struct state_record back = { 0 };

	assert_ok(state_record_parse(json, strlen(json), &arena, &back, &error));
	assert_same_record(r, &back);
}

START_TEST(record_comes_back_as_it_went)
{
	const struct state_record full = {
		.id = "c\"1",
		.bundle = "/b\n",
		.rootfs = "/b/rootfs",
		.created = "2026-11-22T09:32:45.694190797Z",
		.creating = true,
		.ends_quietly = true,
		.owner = UINT32_MAX,
		.pid = 4194304,
		.start_time = UINT64_MAX,
		.cgroup = "/x/y",
		.unit = "berth-c1.scope",
		.memory_limit = UINT64_MAX,
		.annotations = annotations,
	};
	const struct state_record bare = { .id = "c1" };

	assert_round_trip(&full);
	assert_round_trip(&bare);
}
END_TEST

START_TEST(damaged_record_is_an_error)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{}",
		"{\"id\":7}",
		"{\"id\":\"c1\",\"pid\":-1}",
		"{\"id\":\"c1\",\"startTime\":18446744073709551616}",
		"{\"id\":\"c1\",\"creating\":1}",
		"{\"id\":\"c1\",\"id\":\"c2\"}",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		cleanup(free_arena) struct arena arena = { 0 };
		struct state_record r = { .id = "untouched" };

		assert_fails(state_record_parse(texts[i], strlen(texts[i]), &arena, &r, &error),
			     EINVAL, "");
		ck_assert_str_eq(r.id, "untouched");
	}
}
END_TEST

START_TEST(every_status_has_a_word)
{
	ck_assert_str_eq(berth_status_text(BERTH_CREATING), "creating");
	ck_assert_str_eq(berth_status_text(BERTH_CREATED), "created");
	ck_assert_str_eq(berth_status_text(BERTH_RUNNING), "running");
	ck_assert_str_eq(berth_status_text(BERTH_PAUSED), "paused");
	ck_assert_str_eq(berth_status_text(BERTH_STOPPED), "stopped");
}
END_TEST

UNIT_MAIN("state", hooks_get_one_line, no_pid_and_no_annotations_are_left_out, people_get_lines,
	  state_is_shaped_like_runc_s, record_comes_back_as_it_went, damaged_record_is_an_error,
	  every_status_has_a_word)
