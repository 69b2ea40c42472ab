/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <berth/config.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "oci/config.h"
#include "oci/spec.h"
#include "unit.h"

static void free_config(struct berth_config **c)
{
	berth_config_free(*c);
}

static void free_report(struct berth_report **r)
{
	berth_report_free(*r);
}

/* Decodes and checks as strictly as can be: not even a warning. */
static struct berth_config *load(const char *json)
{
	cleanup(free_report) struct berth_report *report = NULL;
	struct berth_config *c = NULL;
	int r = config_decode(json, strlen(json), "config.json", true, &c, &report, &error);

	ck_assert_msg(r == 0, "%s", error.text);
	for (size_t i = 0; i < report->n; i++) {
		autofree char *text = berth_finding_text(report, i);

		ck_abort_msg("%s", text);
	}
	return c;
}

START_TEST(privileged_passes_our_own_check)
{
	autofree char *json = NULL;
	cleanup(free_config) struct berth_config *c = NULL;

	assert_ok(berth_spec_json(false, &json, &error));
	c = load(json);
	ck_assert_str_eq(c->oci_version, "1.3.0");
	ck_assert_str_eq(c->hostname, "berth");
	ck_assert(c->process->terminal);
	ck_assert_str_eq(c->process->args.v[0], "sh");
	ck_assert(c->root->readonly);
	ck_assert_uint_eq(c->mounts.n, 7);
	ck_assert_uint_eq(c->lin->namespaces.n, 6);
	ck_assert_uint_eq(c->lin->resources->devices.n, 1);
	ck_assert_uint_eq(c->lin->masked_paths.n, 10);
	ck_assert_uint_eq(c->lin->readonly_paths.n, 5);
	ck_assert_uint_eq(c->lin->uids.n, 0);
	ck_assert_ptr_nonnull(strstr(json, "\n\t\"process\": {\n\t\t\"terminal\": true"));
}
END_TEST

START_TEST(rootless_maps_the_caller)
{
	autofree char *json = NULL;
	cleanup(free_config) struct berth_config *c = NULL;

	assert_ok(berth_spec_json(true, &json, &error));
	c = load(json);
	ck_assert(config_new_namespace(c, CLONE_NEWUSER));
	ck_assert(!config_namespace(c, CLONE_NEWNET));
	ck_assert_ptr_null(c->lin->resources);
	ck_assert_uint_eq(c->lin->uids.v[0].container_id, 0);
	ck_assert_uint_eq(c->lin->uids.v[0].host_id, geteuid());
	ck_assert_uint_eq(c->lin->uids.v[0].size, 1);
	ck_assert_uint_eq(c->lin->gids.v[0].host_id, getegid());
	ck_assert_uint_eq(c->mounts.n, 7);
	ck_assert_str_eq(c->mounts.v[5].destination, "/sys");
	ck_assert(c->mounts.v[5].recursive_bind);
}
END_TEST

/* The owner of the terminals is given only where the group is mapped. */
START_TEST(rootless_tty_group_follows_the_map)
{
	autofree char *json = NULL;
	cleanup(free_config) struct berth_config *c = NULL;
	uint32_t host_id;

	assert_ok(berth_spec_json(true, &json, &error));
	c = load(json);
	ck_assert_int_eq(strstr(json, "\"gid=5\"") != NULL,
			 idmap_to_host(&c->lin->gids, 5, &host_id));
}
END_TEST

static struct id_map maps[SPEC_MAPS_MAX];

/* The ranges that `text` grants to "me", 1000. */
static struct id_maps ranges(const char *text)
{
	struct id_maps m = { 1, maps };
	FILE *file = fmemopen((void *)text, strlen(text), "r");

	ck_assert_ptr_nonnull(file);
	maps[0] = (struct id_map){ 0, 1000, 1 };
	spec_add_ranges(file, "me", 1000, &m);
	(void)fclose(file);
	return m;
}

static void assert_range(size_t i, uint32_t container_id, uint32_t host_id, uint32_t size)
{
	ck_assert_uint_eq(maps[i].container_id, container_id);
	ck_assert_uint_eq(maps[i].host_id, host_id);
	ck_assert_uint_eq(maps[i].size, size);
}

START_TEST(ranges_by_name_and_by_number)
{
	ck_assert_uint_eq(ranges("you:1:5\nme:100000:65536\n1000:300000:10\n").n, 3);
	assert_range(1, 1, 100000, 65536);
	assert_range(2, 65537, 300000, 10);
	ck_assert_uint_eq(ranges("me:7:2").n, 2); /* no end of line */
}
END_TEST

START_TEST(ranges_that_are_none)
{
	static const char *const texts[] = {
		"x\n",
		"me\n",
		"me:\n",
		"me:1\n",
		"me::\n",
		"me:-1:5\n",
		"me:1:x\n",
		"me:1: 5\n",
		":1:5\n",
		"mee:1:5\n",
		"me:1:4294967296\n",
		"01000x:1:5\n",
		"\n\n::::\n",
		"me:5:0\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		ck_assert_msg(ranges(texts[i]).n == 1, "%s", texts[i]);
}
END_TEST

/* What the kernel would refuse as a whole is left out, so that the rest works. */
START_TEST(ranges_that_do_not_fit)
{
	ck_assert_uint_eq(ranges("me:1000:5\n").n, 1); /* holds the user's own id */
	ck_assert_uint_eq(ranges("me:990:11\n").n, 1);
	ck_assert_uint_eq(ranges("me:990:10\nme:1001:4\n").n, 3);
	ck_assert_uint_eq(ranges("me:2000:10\nme:2005:10\n").n, 2);
	ck_assert_uint_eq(ranges("me:4294967290:5\n").n, 2);
	ck_assert_uint_eq(ranges("me:4294967290:6\n").n, 1);
	ck_assert_uint_eq(ranges("me:2000:4294967295\n").n, 1);
}
END_TEST

START_TEST(no_more_ranges_than_the_kernel_takes)
{
	static char text[20 * 1000];
	size_t length = 0;

	for (int i = 0; i < 1000; i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "me:%d:1\n",
					   2000 + i);
	ck_assert_uint_eq(ranges(text).n, SPEC_MAPS_MAX);
}
END_TEST

UNIT_MAIN("spec", privileged_passes_our_own_check, rootless_maps_the_caller,
	  rootless_tty_group_follows_the_map, ranges_by_name_and_by_number, ranges_that_are_none,
	  ranges_that_do_not_fit, no_more_ranges_than_the_kernel_takes)
