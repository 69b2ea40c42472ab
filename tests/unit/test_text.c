/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/text.h"
#include "unit.h"

static const struct word words[] = {
	{ "CAP_SYS_ADMIN", 21 }, { "CAP_KILL", 5 },  { "CAP_SETUID", 7 },
	{ "CAP_SETGID", 6 },     { "ro", 1 },        { "rw", 2 },
	{ "nosuid", 3 },         { "read-only", 1 }, { 0 },
};

START_TEST(finds_words)
{
	int64_t value = 99;

	ck_assert(word_find(words, "CAP_KILL", &value));
	ck_assert_int_eq(value, 5);
	ck_assert(!word_find(words, "cap_kill", &value));
	ck_assert(!word_find(words, "", &value));
	ck_assert(!word_find(words, "CAP_KIL", &value));
	ck_assert_int_eq(value, 5);
	ck_assert_str_eq(word_of(words, 1), "ro");
	ck_assert_str_eq(word_of(words, 7), "CAP_SETUID");
	ck_assert_ptr_null(word_of(words, 1000));
}
END_TEST

START_TEST(finds_what_was_meant)
{
	static const struct {
		const char *given, *meant;
	} rows[] = {
		{ "SYS_ADMIN", "CAP_SYS_ADMIN" },
		{ "cap-sys-admin", "CAP_SYS_ADMIN" },
		{ "CAP_SYSADMIN", "CAP_SYS_ADMIN" },
		{ "kill", "CAP_KILL" },
		{ "CAP_SETUID", "CAP_SETUID" },
		{ "CAP_SETUIDS", "CAP_SETUID" },
		{ "nosiud", "nosuid" },
		{ "no-suid", "nosuid" },
		{ "readonly", "read-only" },
		{ "RO", "ro" },
	};
	static const char *const far[] = {
		"", "x", "zz", "CAP_WHATEVER_IT_IS", "bind", "relatime"
	};
	char large[200];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *near = word_near(words, rows[i].given);
		ck_assert_msg(near && text_equal(near, rows[i].meant), "%s: %s", rows[i].given,
			      near);
	}
	for (size_t i = 0; i < ARRAY_SIZE(far); i++)
		ck_assert_msg(!word_near(words, far[i]), "%s: %s", far[i],
			      word_near(words, far[i]));
	memset(large, 'a', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	ck_assert_ptr_null(word_near(words, large));
}
END_TEST

START_TEST(starts)
{
	ck_assert(text_starts("abc", "ab"));
	ck_assert(text_starts("abc", ""));
	ck_assert(!text_starts("a", "ab"));
	ck_assert(!text_starts("xab", "ab"));
}
END_TEST

START_TEST(knows_utf8)
{
	static const struct {
		const char *bytes;
		size_t length;
	} rows[] = {
		{ "", 0 },
		{ "a", 1 },
		{ "\x7f", 1 },
		{ "\x80", 0 },
		{ "\xbf", 0 },
		{ "\xc0\x80", 0 },
		{ "\xc1\xbf", 0 },
		{ "\xc2\x80", 2 },
		{ "\xdf\xbf", 2 },
		{ "\xc3", 0 },
		{ "\xc3(", 0 },
		{ "\xe0\x9f\xbf", 0 },
		{ "\xe0\xa0\x80", 3 },
		{ "\xed\x9f\xbf", 3 },
		{ "\xed\xa0\x80", 0 },
		{ "\xef\xbf\xbf", 3 },
		{ "\xe2\x82", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 },
		{ "\xf0\x90\x80\x80", 4 },
		{ "\xf4\x8f\xbf\xbf", 4 },
		{ "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 },
		{ "\xf0\x90\x80", 0 },
		{ "\xff", 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		ck_assert_msg(text_sequence(rows[i].bytes) == rows[i].length, "row %zu", i);
}
END_TEST

START_TEST(knows_what_is_printable)
{
	ck_assert(text_printable(""));
	ck_assert(text_printable("a b~"));
	ck_assert(text_printable("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\xa2"));
	ck_assert(text_printable("\xc2\xa0"));
	ck_assert(!text_printable("a\n"));
	ck_assert(!text_printable("\x1b[0m"));
	ck_assert(!text_printable("\x7f"));
	ck_assert(!text_printable("a\xc2\x9b")); /* the one-byte CSI */
	ck_assert(!text_printable("a\xff"));
	ck_assert(!text_printable("a\xe2\x82"));
}
END_TEST

START_TEST(prints)
{
	char *text = text_printf("%s=%d", "a", 5);

	ck_assert_str_eq(text, "a=5");
	free(text);
}
END_TEST

UNIT_MAIN("text", finds_words, finds_what_was_meant, starts, knows_utf8, knows_what_is_printable,
	  prints)
