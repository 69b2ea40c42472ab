/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of intelRdt. No machine of ours has resctrl, so a plain directory stands in for it:
 * what is read and written there is what the kernel would be told. The files that the kernel would
 * put into a new class are put there by hand.
 */
#include "linux/rdt.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"

#include "unit.h"

static void put_class(const char *name, const char *schemata)
{
	char path[64];

	put_directory(name);
	(void)snprintf(path, sizeof(path), "%s/schemata", name);
	put_file(path, schemata);
	(void)snprintf(path, sizeof(path), "%s/tasks", name);
	put_file(path, "");
}

START_TEST(names)
{
	ck_assert_str_eq(rdt_group_name(&(struct rdt_spec){ 0 }, "id"), "id");
	ck_assert_str_eq(rdt_group_name(&(struct rdt_spec){ .clos_id = "x" }, "id"), "x");
	ck_assert_str_eq(rdt_group_name(&(struct rdt_spec){ .clos_id = "/" }, "id"), ".");
}
END_TEST

START_TEST(schemata_are_compared_by_value)
{
	static const char file[] = "    MB:0=100;1= 70\n    L3:0=0007f0;1=00001f\nL3CODE:0=3\n";
	static const struct {
		const char *line;
		bool same;
	} rows[] = {
		{ "L3:0=7f0;1=1f", true }, { "L3:0=7F0", true },    { "L3:1=1f;0=7f0", true },
		{ "L3: 0 = 7f0", true },   { "L3:0=7f1", false },   { "L3:0=7f0;2=1", false },
		{ "L3:", false },          { "L3:0=7f0;x", false }, { "L3", false },
		{ "MB:1=70", true },       { "MB:0=0100", true },   { "MB:0=64", false },
		{ "L3CODE:0=3", true },    { "L2:0=1", false },     { "L3DATA:0=3", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_msg(rdt_schema_matches(rows[i].line, file) == rows[i].same, "%s",
			      rows[i].line);
}
END_TEST

START_TEST(a_class_of_ones_own_is_made)
{
	struct rdt_spec r = { 0 };
	bool make = false;

	assert_ok(rdt_plan(scratch(), &r, "id", &make, &error));
	ck_assert(make);
	assert_ok(rdt_make(scratch(), &r, "id", &error));
	ck_assert(exists("id"));
	ck_assert_int_eq(count_names("id"), 0); /* nothing was written */
	assert_fails(rdt_plan(scratch(), &r, "id", &make, &error), EEXIST, "already");
	assert_ok(rdt_remove(scratch(), "id", &error));
	assert_ok(rdt_remove(scratch(), "id", &error));
	ck_assert(!exists("id"));
}
END_TEST

START_TEST(a_named_class_has_to_be_there_or_be_described)
{
	const char *lines[] = { "L2:0=3" };
	struct rdt_spec r = { .clos_id = "x" };
	bool make = true;

	assert_fails(rdt_plan(scratch(), &r, "id", &make, &error), ENOENT, "no class x");
	put_class("x", "L3:0=f\nMB:0=50\n");
	assert_ok(rdt_plan(scratch(), &r, "id", &make, &error));
	ck_assert(!make);

	r.l3_cache_schema = "L3:0=f";
	r.mem_bw_schema = "MB:0=50";
	assert_ok(rdt_plan(scratch(), &r, "id", &make, &error));
	ck_assert(!make);
	r.mem_bw_schema = "MB:0=60";
	assert_fails(rdt_plan(scratch(), &r, "id", &make, &error), EEXIST, "MB:0=60");
	r.mem_bw_schema = NULL;
	r.schemata = lines;
	r.n_schemata = 1;
	assert_fails(rdt_plan(scratch(), &r, "id", &make, &error), EEXIST, "L2:0=3");
	ck_assert_str_eq(get_file("x/schemata"), "L3:0=f\nMB:0=50\n");

	r.clos_id = "y";
	assert_ok(rdt_plan(scratch(), &r, "id", &make, &error));
	ck_assert(make);
}
END_TEST

/* Each line is a write of its own at the file's beginning: in a plain file the last one stands, and
 * a longer one before it shows its end. */
START_TEST(schemata_are_written_in_order)
{
	const char *lines[] = { "L2:0=3", "L" };
	struct rdt_spec r = { .clos_id = "x",
			      .l3_cache_schema = "L3:0=abcdef",
			      .mem_bw_schema = "MB:0=50",
			      .schemata = lines,
			      .n_schemata = 2 };

	put_class("x", "");
	assert_ok(rdt_write_schemata(scratch(), &r, "x", &error));
	ck_assert_str_eq(get_file("x/schemata"), "L\n:0=3\n\ndef\n");
}
END_TEST

START_TEST(what_cannot_be_written_leaves_no_class)
{
	struct rdt_spec r = { .clos_id = "x", .l3_cache_schema = "L3:0=f" };

	put_directory("info");
	put_file("info/last_cmd_status", "cbm out of range\n");
	/* The new directory has no such file. */
	assert_fails(rdt_make(scratch(), &r, "x", &error), ENOENT, "(cbm out of range)");
	ck_assert(!exists("x"));
}
END_TEST

START_TEST(processes_join_class_and_monitor)
{
	put_class("x", "");
	put_directory("x/mon_groups");
	assert_ok(rdt_make_monitor(scratch(), "x/mon_groups/id", &error));
	assert_fails(rdt_make_monitor(scratch(), "x/mon_groups/id", &error), EEXIST, "make class");
	put_file("x/mon_groups/id/tasks", "");
	assert_ok(rdt_join(scratch(), "x", "x/mon_groups/id", 4711, &error));
	ck_assert_str_eq(get_file("x/tasks"), "4711\n");
	ck_assert_str_eq(get_file("x/mon_groups/id/tasks"), "4711\n");
	put_file("tasks", "");
	assert_ok(rdt_join(scratch(), ".", NULL, 12, &error));
	ck_assert_str_eq(get_file("tasks"), "12\n");
}
END_TEST

START_TEST(without_resctrl)
{
	int fd = -1, r = rdt_open(&fd, &error);

	if (r == 0) /* a machine that has it */
		ck_assert_int_ge(fd, 0);
	else
		ck_assert_msg(r == -EOPNOTSUPP && strstr(error.text, "no resctrl file system"),
			      "%s", error.text);
}
END_TEST

UNIT_MAIN("rdt", names, schemata_are_compared_by_value, a_class_of_ones_own_is_made,
	  a_named_class_has_to_be_there_or_be_described, schemata_are_written_in_order,
	  what_cannot_be_written_leaves_no_class, processes_join_class_and_monitor, without_resctrl)
