/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "cmd/options.h"
#include "cmd/print.h"
#include "unit.h"

/* Each test runs in a process of its own, so these begin as they are here. */
static struct {
	bool detach, keep;
	const char *bundle, *pid_file;
	unsigned int fds, format;
	struct word_list env;
} got;

static const struct choice formats[] = { { "table", 7 }, { "json", 8 }, { NULL, 0 } };

static const struct option_row table[] = {
	FLAG("detach", 'd', &got.detach, "a flag"),
	FLAG("keep", 0, &got.keep, "another"),
	TEXT("bundle", 'b', "DIR", &got.bundle, "a text"),
	TEXT("pid-file", 0, "FILE", &got.pid_file, "another"),
	NUMBER("fds", 'n', "N", &got.fds, "a number"),
	CHOICE("format", 'f', formats, &got.format, "a choice"),
	LIST("env", 'e', "NAME=VALUE", &got.env, "a list"),
	OPTIONS_END,
};

static struct arguments args;

/* Parses the words of a line, at most twelve. */
static int parse_until(const char *line, int literal_after)
{
	static char words[256], *argv[13];
	int argc = 0;

	ck_assert_uint_lt(strlen(line), sizeof(words));
	strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
		ck_assert_int_lt(argc, 12);
		argv[argc++] = word;
	}
	return options_parse(table, argc, argv, literal_after, &args, &error);
}

static int parse(const char *line)
{
	return parse_until(line, 100);
}

static void assert_args(int n, const char *first, const char *last)
{
	ck_assert_int_eq(args.n, n);
	ck_assert_str_eq(args.v[0], first);
	ck_assert_str_eq(args.v[n - 1], last);
}

START_TEST(long_options)
{
	assert_ok(parse("--detach --bundle /x --pid-file=/y --fds 3 --format json id"));
	assert_args(1, "id", "id");
	ck_assert(got.detach && !got.keep);
	ck_assert_str_eq(got.bundle, "/x");
	ck_assert_str_eq(got.pid_file, "/y");
	ck_assert_uint_eq(got.fds, 3);
	ck_assert_uint_eq(got.format, 8);
}
END_TEST

START_TEST(lists_keep_every_value)
{
	assert_ok(parse("id"));
	ck_assert_ptr_null(got.env.v);
	assert_ok(parse("--env A=1 -e B=2 -eC=3 --env=D= id"));
	ck_assert_uint_eq(got.env.n, 4);
	ck_assert_str_eq(got.env.v[0], "A=1");
	ck_assert_str_eq(got.env.v[1], "B=2");
	ck_assert_str_eq(got.env.v[2], "C=3");
	ck_assert_str_eq(got.env.v[3], "D=");
	ck_assert_ptr_null(got.env.v[4]);
	free(got.env.v);
}
END_TEST

START_TEST(one_dash_as_go_has_it)
{
	assert_ok(parse("-detach -bundle /x -pid-file=/y -f=json id"));
	assert_args(1, "id", "id");
	ck_assert(got.detach);
	ck_assert_str_eq(got.bundle, "/x");
	ck_assert_str_eq(got.pid_file, "/y");
	ck_assert_uint_eq(got.format, 8);
}
END_TEST

START_TEST(letters_as_getopt_has_them)
{
	assert_ok(parse("-db /x -n12 -fjson id"));
	assert_args(1, "id", "id");
	ck_assert(got.detach);
	ck_assert_str_eq(got.bundle, "/x");
	ck_assert_uint_eq(got.fds, 12);
	ck_assert_uint_eq(got.format, 8);
}
END_TEST

START_TEST(flags_have_values)
{
	assert_ok(parse("--detach --keep=true --detach=false"));
	ck_assert(!got.detach && got.keep);
	assert_ok(parse("-d=TRUE --keep=0"));
	ck_assert(got.detach && !got.keep);
	assert_fails(parse("--keep=maybe"), EINVAL, "--keep is true or false, not \"maybe\"");
	assert_fails(parse("--keep="), EINVAL, "--keep is true or false");
}
END_TEST

START_TEST(order_is_free)
{
	assert_ok(parse("one --detach two -b x three"));
	assert_args(3, "one", "three");
	ck_assert_str_eq(args.v[1], "two");
	ck_assert(got.detach);
}
END_TEST

START_TEST(two_dashes_end_them)
{
	assert_ok(parse("one -- --detach -- -x"));
	assert_args(4, "one", "-x");
	ck_assert_str_eq(args.v[1], "--detach");
	ck_assert_str_eq(args.v[2], "--");
	ck_assert(!got.detach);
}
END_TEST

START_TEST(a_dash_is_an_argument)
{
	assert_ok(parse("- -d"));
	assert_args(1, "-", "-");
	ck_assert(got.detach);
}
END_TEST

START_TEST(literal_after_the_first)
{
	assert_ok(parse_until("-d id -o pid --keep", 1));
	assert_args(4, "id", "--keep");
	ck_assert(got.detach && !got.keep);
}
END_TEST

START_TEST(values_may_begin_with_a_dash)
{
	assert_ok(parse("--bundle --detach --pid-file=--x"));
	ck_assert_int_eq(args.n, 0);
	ck_assert_str_eq(got.bundle, "--detach");
	ck_assert_str_eq(got.pid_file, "--x");
	ck_assert(!got.detach);
}
END_TEST

START_TEST(last_one_wins)
{
	assert_ok(parse("--bundle a -b b --fds 1 --fds 2"));
	ck_assert_str_eq(got.bundle, "b");
	ck_assert_uint_eq(got.fds, 2);
	assert_ok(parse("--bundle="));
	ck_assert_ptr_null(got.bundle);
}
END_TEST

START_TEST(help_stops)
{
	assert_ok(parse("one --help --bogus"));
	ck_assert(args.help);
	assert_ok(parse("-dh"));
	ck_assert(args.help && got.detach);
	assert_ok(parse("-help"));
	ck_assert(args.help);
	assert_ok(parse("-- --help"));
	ck_assert(!args.help);
}
END_TEST

START_TEST(missing_values)
{
	assert_fails(parse("id --bundle"), EINVAL, "--bundle needs a value");
	assert_fails(parse("id -db"), EINVAL, "--bundle needs a value");
	assert_fails(parse("-n"), EINVAL, "--fds needs a value");
}
END_TEST

START_TEST(numbers_are_strict)
{
	static const char *const bad[] = { "-1",  "+1",  "0x10", "1a",      "a",
					   "1.5", "1e3", "\t1",  "\xd9\xa1" };
	char line[64];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(line, sizeof(line), "--fds=%s", bad[i]);
		assert_fails(parse(line), EINVAL, "is not a number");
	}
	assert_fails(parse("--fds="), EINVAL, "\"\" is not a number");
	assert_fails(parse("--fds 2147483648"), ERANGE, "is too large");
	assert_fails(parse("--fds 99999999999999999999999"), ERANGE, "is too large");
	ck_assert_uint_eq(got.fds, 0);
	assert_ok(parse("--fds 2147483647"));
	ck_assert_uint_eq(got.fds, 2147483647);
}
END_TEST

START_TEST(choices_are_named)
{
	assert_fails(parse("--format xml"), EINVAL, "--format is table or json, not \"xml\"");
	assert_fails(parse("--format="), EINVAL, "not \"\"");
	assert_fails(parse("--format JSON"), EINVAL, "not \"JSON\"");
}
END_TEST

START_TEST(unknown_options)
{
	assert_fails(parse("--bogus"), EINVAL, "unknown option \"--bogus\"");
	assert_fails(parse("--bundel=/secret"), EINVAL,
		     "unknown option \"--bundel\" (did you mean --bundle?)");
	assert_fails(parse("--pidfile x"), EINVAL, "did you mean --pid-file?");
	assert_fails(parse("--det"), EINVAL, "did you mean --detach?");
	assert_fails(parse("-dx"), EINVAL, "unknown option \"-dx\"");
	assert_fails(parse("--"
			   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		     EINVAL, "unknown option");

	char word[] = "--x", *argv[] = { word };

	assert_fails(options_parse(NULL, 1, argv, 100, &args, &error), EINVAL,
		     "unknown option \"--x\"");
}
END_TEST

START_TEST(no_words)
{
	assert_ok(options_parse(table, 0, (char *[]){ NULL }, 100, &args, &error));
	ck_assert_int_eq(args.n, 0);
	ck_assert(!args.help);
}
END_TEST

START_TEST(distances)
{
	ck_assert_int_eq(word_distance("", ""), 0);
	ck_assert_int_eq(word_distance("abc", ""), 3);
	ck_assert_int_eq(word_distance("state", "STATE"), 0);
	ck_assert_int_eq(word_distance("satte", "state"), 1);
	ck_assert_int_eq(word_distance("kitten", "sitting"), 3);
	ck_assert_int_eq(word_distance("aaaaaaaaaaaaaaaaaaaaaaaaa", "a"), 99);
	ck_assert(word_is_near("craete", "create"));
	ck_assert(word_is_near("feat", "features"));
	ck_assert(!word_is_near("x", "run"));
	ck_assert(!word_is_near("state", "delete"));
}
END_TEST

/* What print_json() makes of the text, without the quotes. */
static const char *json_of(const char *text)
{
	static char buffer[256];
	FILE *f = fmemopen(buffer, sizeof(buffer), "w");

	ck_assert_ptr_nonnull(f);
	print_json(f, text);
	ck_assert_int_eq(fclose(f), 0);
	buffer[strlen(buffer) - 1] = '\0';
	return buffer + 1;
}

START_TEST(json_strings)
{
	ck_assert_str_eq(json_of("plain"), "plain");
	ck_assert_str_eq(json_of("a\"b\\c\n\x7f"), "a\\\"b\\\\c\\u000a\\u007f");
	ck_assert_str_eq(json_of("\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xa2"),
			 "\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xa2");
	/* Cut short, overlong, a surrogate, beyond U+10FFFF, a lone continuation. */
	ck_assert_str_eq(json_of("\xc3"), "\\ufffd");
	ck_assert_str_eq(json_of("\xc0\x80"), "\\ufffd\\ufffd");
	ck_assert_str_eq(json_of("\xed\xa0\x80"), "\\ufffd\\ufffd\\ufffd");
	ck_assert_str_eq(json_of("\xf4\x90\x80\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd");
	ck_assert_str_eq(json_of("\x80x"), "\\ufffdx");
	ck_assert_str_eq(json_of("\xf0\x9f\x9a"), "\\ufffd\\ufffd\\ufffd");
}
END_TEST

UNIT_MAIN("options", long_options, lists_keep_every_value, one_dash_as_go_has_it,
	  letters_as_getopt_has_them, flags_have_values, order_is_free, two_dashes_end_them,
	  a_dash_is_an_argument, literal_after_the_first, values_may_begin_with_a_dash,
	  last_one_wins, help_stops, missing_values, numbers_are_strict, choices_are_named,
	  unknown_options, no_words, distances, json_strings)
