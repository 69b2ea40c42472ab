/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings: places by pointer, what is dropped, how many are kept, and the reports made of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "oci/document.h"
#include "oci/json.h"
#include "oci/json_table.h"
#include "unit.h"

static struct document document;
static struct findings findings = { .document = &document };
static struct berth_report *report;

static void parse(const char *text)
{
	assert_ok(document_parse(&document, text, strlen(text), &findings));
	ck_assert_uint_eq(findings.n[BERTH_FINDING_ERROR], 0);
}

static void finish(void)
{
	assert_fails(findings_finish(&findings, "f", &report, &error), EINVAL, "f:");
	document_free(&document);
}

static const char *text_of(size_t i)
{
	static char copy[2048];
	autofree char *text = berth_finding_text(report, i);

	ck_assert_ptr_nonnull(text);
	(void)snprintf(copy, sizeof(copy), "%s", text);
	return copy;
}

START_TEST(places_by_pointer)
{
	parse("{\n\t\"a\": [1, {\"b/c\": 2, \"~\": 3}],\n\t\"d\": {}\n}\n");
	findings_add(&findings, BERTH_FINDING_ERROR, "/a/1/b~1c", "1");
	findings_add(&findings, BERTH_FINDING_ERROR, "/a/1/~0", "2");
	findings_add(&findings, BERTH_FINDING_ERROR, "/d/missing", "3");
	findings_add(&findings, BERTH_FINDING_ERROR, "/a/7", "4");
	findings_add(&findings, BERTH_FINDING_ERROR, "", "5");
	findings_add(&findings, BERTH_FINDING_WARNING, NULL, "6");
	finish();
	ck_assert_uint_eq(report->n, 6);
	ck_assert_uint_eq(report->n_errors, 5);
	ck_assert_str_eq(text_of(0), "f:1:1: 5");
	ck_assert_str_eq(text_of(1), "f:1:1: 6");
	ck_assert_str_eq(text_of(2), "f:2:7: /a/7: 4");
	ck_assert_str_eq(text_of(3), "f:2:19: /a/1/b~1c: 1");
	ck_assert_str_eq(text_of(4), "f:2:27: /a/1/~0: 2");
	ck_assert_str_eq(text_of(5), "f:3:7: /d/missing: 3");
	ck_assert_str_eq(error.text, "f:1:1: 5 (and 4 more)");
}
END_TEST

START_TEST(pointers_are_made)
{
	ck_assert_str_eq(findings_pointer(&findings, "/mounts/%d/%s", 3, "x"), "/mounts/3/x");
	ck_assert_str_eq(findings_member(&findings, "/a", "net/~\n"), "/a/net~1~0\\u000a");
	findings_drop(&findings);
}
END_TEST

START_TEST(part_of_a_document)
{
	findings.above = "/process";
	parse("{\"user\": {\"uid\": 1}}");
	finding_at(&findings, BERTH_FINDING_ERROR, &document.nodes[2], "1");
	findings_add(&findings, BERTH_FINDING_ERROR, "/process/user/uid", "2");
	finish();
	ck_assert_str_eq(text_of(0), "f:1:18: /user/uid: 1");
	ck_assert_str_eq(text_of(1), "f:1:18: /user/uid: 2");
}
END_TEST

/* After decoding, errors for what did not decode are dropped; warnings and other errors are not. */
START_TEST(errors_that_follow_are_dropped)
{
	parse("{\"a\": {\"b\": 1, \"c\": \"x\"}, \"ab\": 2}");
	finding_at(&findings, BERTH_FINDING_ERROR, &document.nodes[2], "b is wrong");
	finding_at(&findings, BERTH_FINDING_ERROR, &document.nodes[0], "something is missing");
	findings_end_decoding(&findings);
	ck_assert(findings_has_error(&findings, "/a/b"));
	ck_assert(findings_has_error(&findings, "/a"));
	ck_assert(findings_has_error(&findings, "/a/b/below"));
	ck_assert(!findings_has_error(&findings, "/a/c"));
	ck_assert(!findings_has_error(&findings, "/ab"));
	ck_assert(!findings_has_error(&findings, "/a/missing"));
	findings_add(&findings, BERTH_FINDING_ERROR, "/a", "dropped");
	findings_add(&findings, BERTH_FINDING_ERROR, "/a/b/below", "dropped");
	findings_add(&findings, BERTH_FINDING_WARNING, "/a/b", "kept");
	findings_add(&findings, BERTH_FINDING_ERROR, "/a/c", "kept");
	findings_add(&findings, BERTH_FINDING_ERROR, "/a/c", "kept, too");
	findings_add(&findings, BERTH_FINDING_ERROR, "/a/missing", "kept");
	finish();
	ck_assert_uint_eq(report->n_errors, 5);
	ck_assert_uint_eq(report->n, 6);
	for (size_t i = 0; i < report->n; i++)
		ck_assert_str_ne(report->findings[i].text, "dropped");
}
END_TEST

START_TEST(a_hundred_are_kept)
{
	parse("{\"a\": 1}");
	for (int i = 0; i < 150; i++)
		finding_at(&findings, BERTH_FINDING_WARNING, &document.nodes[1], "%d", i);
	for (int i = 0; i < 101; i++)
		finding_at(&findings, BERTH_FINDING_ERROR, &document.nodes[0], "%d", i);
	finish();
	ck_assert_uint_eq(report->n, 202);
	ck_assert_uint_eq(report->n_errors, 101);
	ck_assert_str_eq(text_of(99), "f:1:1: 99");
	ck_assert_str_eq(text_of(100), "f:1:7: /a: 0");
	ck_assert_str_eq(text_of(200), "f: and 1 more error");
	ck_assert_str_eq(text_of(201), "f: and 50 more warnings");
}
END_TEST

START_TEST(text_is_one_clean_line)
{
	char longer[2000] = "";

	parse("{\"a\": 1}");
	memset(longer, 'y', sizeof(longer) - 1);
	finding_at(&findings, BERTH_FINDING_ERROR, &document.nodes[0],
		   "a\n\x1b[31m\x7f\xc2\x9b\xc3\xa4");
	finding_at(&findings, BERTH_FINDING_ERROR, &document.nodes[1], "%s", longer);
	finish();
	ck_assert_str_eq(report->findings[0].text, "a\\u000a\\u001b[31m\\u007f\\u009b\xc3\xa4");
	ck_assert_uint_eq(strlen(report->findings[1].text), 483);
	ck_assert_str_eq(report->findings[1].text + 480, "...");
}
END_TEST

START_TEST(no_errors_no_failure)
{
	parse("{\"a\": 1}");
	finding_at(&findings, BERTH_FINDING_WARNING, &document.nodes[1], "w");
	assert_ok(findings_finish(&findings, "f", &report, &error));
	ck_assert_uint_eq(report->n, 1);
	ck_assert_uint_eq(report->n_errors, 0);
	berth_report_free(report);
	berth_report_free(NULL);
	document_free(&document);
}
END_TEST

/* A table of somebody else's, for another document. */
struct thing {
	const char *name;
	uint64_t count;
	bool has_size;
	uint32_t size;
	struct key_values tags;
};
static const struct json_row thing_rows[] = {
	STRING(struct thing, "name", name, REQUIRED),
	U64(struct thing, "count", count, 0),
	U32_IF(struct thing, "size", size, has_size, 0),
	TEXTS(struct thing, "tags", tags, struct key_value, 0),
};
JSON_TABLE(thing, struct thing, NULL);

START_TEST(tables_of_others)
{
	const char *good = "{\"name\":\"n\",\"count\":18446744073709551615,\"tags\":{\"a\":\"b\"}}";
	const char *bad = "{\"nam\":\"n\",\"size\":-1}";
	struct arena arena = { 0 };
	struct thing thing = { 0 };

	assert_ok(json_decode(&(struct json_request){ good, strlen(good), "t", NULL, &thing_table,
						      &thing, &arena, true, NULL, NULL },
			      NULL, &error));
	ck_assert_str_eq(thing.name, "n");
	ck_assert_uint_eq(thing.count, UINT64_MAX);
	ck_assert(!thing.has_size);
	ck_assert_str_eq(thing.tags.v[0].value, "b");
	assert_fails(json_decode(&(struct json_request){ bad, strlen(bad), "t", NULL, &thing_table,
							 &thing, &arena, true, NULL, NULL },
				 &report, &error),
		     EINVAL, "t:1:1: the required property \"name\" is missing (and 2 more)");
	ck_assert_str_eq(text_of(1), "t:1:2: /nam: unknown property \"nam\" (did you mean name?)");
	ck_assert_str_eq(text_of(2), "t:1:19: /size: expected 0 to 4294967295, got -1");
	arena_free(&arena);
}
END_TEST

UNIT_MAIN("findings", places_by_pointer, pointers_are_made, part_of_a_document,
	  errors_that_follow_are_dropped, a_hundred_are_kept, text_is_one_clean_line,
	  no_errors_no_failure, tables_of_others)
