/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/cgroup/place.c and the parsing half of tree.c: paths and texts alone, nothing of this
 * machine.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cgroup/place.h"
#include "cgroup/tree.h"
#include "unit.h"

static const struct {
	const char *path, *id, *expected; /* NULL: refused */
} places[] = {
	{ NULL, "c1", "/base/berth-c1" },
	{ "", "c1", "/base/berth-c1" },
	{ "/a/b", "c1", "/a/b" },
	{ "//a/./b//c/", "c1", "/a/b/c" },
	{ "a/b", "c1", "/base/a/b" },
	{ "a:b", "c1", "/base/a:b" },
	{ "/x/a:b:c", "c1", "/x/a:b:c" },
	{ "/..", "c1", NULL },
	{ "/a/../b", "c1", NULL },
	{ "a/..", "c1", NULL },
	{ "/a..b/..c", "c1", "/a..b/..c" },
	{ "/", "c1", NULL },
	{ "/./", "c1", NULL },
	{ "/a\nb", "c1", NULL },
	{ "system.slice:berth:c1", "c1", NULL },
	{ ":berth:c1", "c1", NULL },
};

START_TEST(paths)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct cgroup_request r = { .path = places[i].path, .id = places[i].id };
		char *path = NULL;

		if (places[i].expected) {
			assert_ok(place_path(&r, "/base", &path, &error));
			ck_assert_str_eq(path, places[i].expected);
		} else {
			assert_fails(place_path(&r, "/base", &path, &error), EINVAL,
				     "linux.cgroupsPath");
			ck_assert_ptr_null(path);
		}
		free(path);
	}
}
END_TEST

START_TEST(too_long)
{
	char part[400], *path = NULL;
	struct cgroup_request r = { .path = part, .id = "c" };

	memset(part, 'x', sizeof(part));
	part[0] = '/';
	part[256] = '\0'; /* one part of 255 */
	assert_ok(place_path(&r, "/base", &path, &error));
	free(path);
	part[256] = 'x';
	part[257] = '\0';
	assert_fails(place_path(&r, "/base", &path, &error), ENAMETOOLONG, "255");
}
END_TEST

/* Up to 255 bytes, which runc takes, too. */
START_TEST(long_ids)
{
	char id[256], wanted[300];

	for (size_t length = 248; length <= 255; length++) {
		struct cgroup_request r = { .id = id };
		autofree char *path = NULL;

		memset(id, 'i', length);
		id[length] = '\0';
		(void)snprintf(wanted, sizeof(wanted), "/base/%s%s", length <= 249 ? "berth-" : "",
			       id);
		assert_ok(place_path(&r, "/base", &path, &error));
		ck_assert_str_eq(path, wanted);
	}
}
END_TEST

START_TEST(systemd_form_has_advice)
{
	struct cgroup_request r = { .path = "system.slice:berth:c1", .id = "c1" };
	char *path = NULL;

	assert_fails(place_path(&r, "/base", &path, &error), EINVAL, "--systemd-cgroup");
}
END_TEST

static const struct {
	const char *a, *b, *common;
} ancestors[] = {
	{ "/", "/a", "/" },        { "/a", "/b", "/" },
	{ "/a", "/ab", "/" },      { "/a/b", "/a/c", "/a" },
	{ "/a", "/a/b/c", "/a" },  { "/a/b", "/a/b", "/a/b" },
	{ "/a/bc", "/a/b", "/a" }, { "/a/b/c", "/a/b/d/e", "/a/b" },
};

START_TEST(common_ancestors)
{
	for (size_t i = 0; i < ARRAY_SIZE(ancestors); i++) {
		char *common = place_common_ancestor(ancestors[i].a, ancestors[i].b);
		char *swapped = place_common_ancestor(ancestors[i].b, ancestors[i].a);

		ck_assert_str_eq(common, ancestors[i].common);
		ck_assert_str_eq(swapped, ancestors[i].common);
		free(common);
		free(swapped);
	}
}
END_TEST

START_TEST(bases)
{
	char *base = place_own_base("/user.slice/run-1.scope", false);

	ck_assert_str_eq(base, "/user.slice/run-1.scope");
	free(base);
	base = place_own_base("/user.slice/run-1.scope/" OWN_LEAF, false);
	ck_assert_str_eq(base, "/user.slice/run-1.scope");
	free(base);
	base = place_own_base("/user.slice/x.service/main", true);
	ck_assert_str_eq(base, "/user.slice/x.service");
	free(base);
	base = place_own_base("/", true);
	ck_assert_str_eq(base, "/");
	free(base);
}
END_TEST

#define V1   "36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices\n"
#define PART "41 31 0:38 /part /mnt/part rw,relatime shared:3 master:1 - cgroup2 cgroup2 rw\n"
#define ALL                                                                                \
	"42 31 0:38 / /mnt/with\\040blank\\011\\134 rw,nosuid shared:4 - cgroup2 cgroup2 " \
	"rw,nsdelegate\n"
#define LIE "43 31 0:39 / /mnt/lie rw - tmpfs cgroup2 rw\n"

static const struct {
	const char *text, *wanted, *point, *root;
} mountinfos[] = {
	{ "", NULL, NULL, NULL },
	{ V1 LIE, NULL, NULL, NULL },
	{ V1 PART LIE, NULL, "/mnt/part", "/part" },
	{ PART ALL LIE, NULL, "/mnt/with blank\t\\", "/" },
	{ ALL PART, NULL, "/mnt/with blank\t\\", "/" },
	{ ALL PART, "/mnt/part", "/mnt/part", "/part" },
	{ ALL PART, "/elsewhere", NULL, NULL },
	{ "42 31 0:38 / /a rw - cgroup2 c rw", NULL, "/a", "/" },
	{ "42 31 0:38 / /a\\x41 rw - cgroup2 c rw", NULL, "/a\\x41",
	  "/" }, /* no escape of the kernel's */
};

START_TEST(mountinfo)
{
	for (size_t i = 0; i < ARRAY_SIZE(mountinfos); i++) {
		char *point = NULL, *root = NULL;
		int r = tree_parse_mountinfo(mountinfos[i].text, mountinfos[i].wanted, &point,
					     &root);

		if (mountinfos[i].point) {
			ck_assert_int_eq(r, 0);
			ck_assert_str_eq(point, mountinfos[i].point);
			ck_assert_str_eq(root, mountinfos[i].root);
		} else {
			ck_assert_int_eq(r, -ENOENT);
		}
		free(point);
		free(root);
	}
}
END_TEST

START_TEST(own_cgroup)
{
	char *own = NULL;

	ck_assert_int_eq(tree_parse_own("9:name=systemd:/x\n1:cpu:/y\n0::/a/b\n", &own), 0);
	ck_assert_str_eq(own, "/a/b");
	free(own);
	ck_assert_int_eq(tree_parse_own("0::/\n", &own), 0);
	ck_assert_str_eq(own, "/");
	free(own);
	ck_assert_int_eq(tree_parse_own("1:cpu:/y\n10::/x\n", &own), -ENOENT);
}
END_TEST

START_TEST(words_and_keys)
{
	uint64_t v = 7;

	ck_assert(tree_has_word("cpu memory pids", "memory"));
	ck_assert(tree_has_word("cpu", "cpu"));
	ck_assert(!tree_has_word("cpuset memory", "cpu"));
	ck_assert(!tree_has_word("mycpu", "cpu"));
	ck_assert(!tree_has_word("", "cpu"));
	ck_assert(tree_keyed_value("populated 1\nfrozen 0\n", "frozen", &v));
	ck_assert_uint_eq(v, 0);
	ck_assert(tree_keyed_value("oom 1\noom_kill 18446744073709551615", "oom_kill", &v));
	ck_assert_uint_eq(v, UINT64_MAX);
	ck_assert(!tree_keyed_value("oom_kill 1\n", "oom", &v));
	ck_assert(!tree_keyed_value("oom x\n", "oom", &v));
	ck_assert(!tree_keyed_value("oom 99999999999999999999999999\n", "oom", &v));
	ck_assert_uint_eq(v, UINT64_MAX);
}
END_TEST

UNIT_MAIN("cgroup place", paths, too_long, long_ids, systemd_form_has_advice, common_ancestors,
	  bases, mountinfo, own_cgroup, words_and_keys)
