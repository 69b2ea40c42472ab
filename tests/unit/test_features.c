/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <yajl/yajl_tree.h>

#include <berth/config.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "oci/check.h"
#include "unit.h"

static void free_tree(yajl_val *v)
{
	yajl_tree_free(*v);
}

static yajl_val features(void)
{
	autofree char *json = NULL;
	char problem[200] = "";
	yajl_val tree;

	assert_ok(berth_features_json(&json, &error));
	tree = yajl_tree_parse(json, problem, sizeof(problem));
	ck_assert_msg(tree != NULL, "%s", problem);
	return tree;
}

/* The value at "a.b.c", which has to be there. */
static yajl_val find(yajl_val tree, const char *path)
{
	autofree char *copy = strdup(path);
	char *rest = copy;

	for (const char *name = strsep(&rest, "."); name; name = strsep(&rest, ".")) {
		const char *step[] = { name, NULL };

		tree = yajl_tree_get(tree, step, yajl_t_any);
		ck_assert_msg(tree != NULL, "%s is not there", path);
	}
	return tree;
}

static bool is_on(yajl_val tree, const char *path)
{
	yajl_val v = find(tree, path);

	ck_assert_msg(YAJL_IS_TRUE(v) || YAJL_IS_FALSE(v), "%s is no truth value", path);
	return YAJL_IS_TRUE(v);
}

static bool lists(yajl_val tree, const char *path, const char *word)
{
	yajl_val v = find(tree, path);

	ck_assert_msg(YAJL_IS_ARRAY(v), "%s is no array", path);
	for (size_t i = 0; i < YAJL_GET_ARRAY(v)->len; i++)
		if (text_equal(YAJL_GET_STRING(YAJL_GET_ARRAY(v)->values[i]), word))
			return true;
	return false;
}

START_TEST(lists_what_is_decoded)
{
	cleanup(free_tree) yajl_val f = features();

	ck_assert_str_eq(YAJL_GET_STRING(find(f, "ociVersionMin")), "1.0.0");
	ck_assert_str_eq(YAJL_GET_STRING(find(f, "ociVersionMax")), "1.3.0");
	ck_assert(lists(f, "hooks", "prestart") && lists(f, "hooks", "poststop"));
	ck_assert(lists(f, "mountOptions", "rbind") && lists(f, "mountOptions", "ridmap"));
	ck_assert(lists(f, "linux.namespaces", "time"));
	ck_assert(lists(f, "linux.capabilities", "CAP_CHECKPOINT_RESTORE"));
	ck_assert(lists(f, "linux.seccomp.operators", "SCMP_CMP_MASKED_EQ"));
	ck_assert(lists(f, "linux.seccomp.actions", "SCMP_ACT_KILL_PROCESS"));
	ck_assert(lists(f, "linux.seccomp.archs", "SCMP_ARCH_AARCH64"));
	ck_assert(lists(f, "linux.seccomp.knownFlags", "SECCOMP_FILTER_FLAG_LOG"));
	ck_assert(lists(f, "linux.seccomp.supportedFlags", "SECCOMP_FILTER_FLAG_LOG"));
	ck_assert(is_on(f, "linux.cgroup.v2") && !is_on(f, "linux.cgroup.v1"));
	ck_assert(is_on(f, "linux.mountExtensions.idmap.enabled"));
	ck_assert(lists(f, "potentiallyUnsafeConfigAnnotations", "org.systemd.property."));
}
END_TEST

/* Nothing of the specification is refused, so all of it is claimed. */
START_TEST(claims_all)
{
	static const char *const rows[] = {
		"linux.apparmor.enabled",  "linux.selinux.enabled",     "linux.intelRdt.enabled",
		"linux.intelRdt.schemata", "linux.intelRdt.monitoring", "linux.netDevices.enabled"
	};
	const char *memory_policy[] = { "linux", "memoryPolicy", NULL };
	cleanup(free_tree) yajl_val f = features();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_msg(is_on(f, rows[i]), "%s", rows[i]);
	ck_assert(lists(f, "linux.seccomp.actions", "SCMP_ACT_NOTIFY"));
	ck_assert_ptr_nonnull(yajl_tree_get(f, memory_policy, yajl_t_any));
}
END_TEST

UNIT_MAIN("features", lists_what_is_decoded, claims_all)
