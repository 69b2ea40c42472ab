/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "unit.h"

static void assert_json(struct json_writer *w, const char *expected)
{
	char *text = json_finish(w);

	ck_assert_ptr_nonnull(text);
	ck_assert_str_eq(text, expected);
	free(text);
}

static void write_sample(struct json_writer *w)
{
	json_object(w, NULL);
	json_string(w, "s", "v");
	json_array(w, "empty");
	json_end_array(w);
	json_object(w, "none");
	json_end_object(w);
	json_array(w, "list");
	json_u64(w, NULL, 18446744073709551615U);
	json_i64(w, NULL, INT64_MIN);
	json_object(w, NULL);
	json_bool(w, "yes", true);
	json_bool(w, "no", false);
	json_end_object(w);
	json_end_array(w);
	json_string(w, "null", NULL);
	json_raw(w, "raw", "{\"a\":[1]}");
	json_end_object(w);
}

START_TEST(one_line)
{
	struct json_writer w = { 0 };

	write_sample(&w);
	assert_json(&w, "{\"s\":\"v\",\"empty\":[],\"none\":{},\"list\":[18446744073709551615,-"
			"9223372036854775808,"
			"{\"yes\":true,\"no\":false}],\"null\":null,\"raw\":{\"a\":[1]}}");
}
END_TEST

START_TEST(indented)
{
	struct json_writer w = { .indent = 2 };

	write_sample(&w);
	assert_json(
		&w,
		"{\n  \"s\": \"v\",\n  \"empty\": [],\n  \"none\": {},\n  \"list\": [\n"
		"    18446744073709551615,\n    -9223372036854775808,\n    {\n      \"yes\": "
		"true,\n"
		"      \"no\": false\n    }\n  ],\n  \"null\": null,\n  \"raw\": {\"a\":[1]}\n}");
}
END_TEST

START_TEST(indented_by_tabs)
{
	struct json_writer w = { .indent = JSON_TABS };

	json_object(&w, NULL);
	json_array(&w, "a");
	json_u64(&w, NULL, 1);
	json_end_array(&w);
	json_end_object(&w);
	assert_json(&w, "{\n\t\"a\": [\n\t\t1\n\t]\n}");
}
END_TEST

START_TEST(lone_values)
{
	struct json_writer w = { .indent = 4 };

	json_string(&w, NULL, "x");
	assert_json(&w, "\"x\"");
	json_array(&w, NULL); /* finishing has made it ready again */
	json_end_array(&w);
	assert_json(&w, "[]");
	ck_assert_int_eq(w.indent, 4);
}
END_TEST

START_TEST(escapes)
{
	struct json_writer w = { 0 };

	json_object(&w, NULL);
	json_string(&w, "k\"\n", "\\ / \b\t\n\v\f\r\x1b\x01\x7f \xc2\x9b \xc3\xa9\xf0\x9f\x9a\xa2");
	json_string(&w, "bad", "a\xff\xc3(\xed\xa0\x80z\xe2\x82");
	json_end_object(&w);
	assert_json(&w,
		    "{\"k\\\"\\n\":\"\\\\ / \\b\\t\\n\\u000b\\f\\r\\u001b\\u0001\\u007f \\u009b "
		    "\xc3\xa9\xf0\x9f\x9a\xa2\",\"bad\":\"a\xef\xbf\xbd\xef\xbf\xbd("
		    "\xef\xbf\xbd\xef\xbf\xbd"
		    "\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd\"}");
}
END_TEST

START_TEST(doubles)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = {
		{ 0, "0" },           { 0.1, "0.1" },        { 1.5, "1.5" },
		{ -2, "-2" },         { 1e100, "1e+100" },   { 1.0 / 3, "0.33333333333333331" },
		{ INFINITY, "null" }, { -INFINITY, "null" }, { NAN, "null" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_writer w = { 0 };

		json_double(&w, NULL, rows[i].value);
		assert_json(&w, rows[i].text);
	}
}
END_TEST

START_TEST(long_texts)
{
	struct json_writer w = { 0 };

	json_array(&w, NULL);
	for (unsigned int i = 0; i < 5000; i++)
		json_u64(&w, NULL, i);
	json_end_array(&w);
	char *text = json_finish(&w);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(strlen(text), 1 + 10 * 2 + 90 * 3 + 900 * 4 + 4000 * 5);
	ck_assert_str_eq(text + strlen(text) - 11, ",4998,4999]");
	free(text);
}
END_TEST

UNIT_MAIN("json_writer", one_line, indented, indented_by_tabs, lone_values, escapes, doubles,
	  long_texts)
