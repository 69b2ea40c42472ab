/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "unit.h"

START_TEST(fail_gives_reason)
{
	assert_fails(fail(&error, EACCES, "make directory %s", "x"), EACCES, "");
	ck_assert_str_eq(error.text, "make directory x: Permission denied");
}
END_TEST

START_TEST(fail_knows_odd_numbers)
{
	assert_fails(fail(&error, 0, "read"), EIO, "read: Input/output error");
	assert_fails(fail(&error, -3, "read"), EIO, "read: Input/output error");
	assert_fails(fail(&error, 3999, "read"), 3999, "read: error 3999");
}
END_TEST

START_TEST(long_names_do_not_hide_the_reason)
{
	char name[4096];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_fails(fail(&error, ENAMETOOLONG, "open %s", name), ENAMETOOLONG,
		     "nnn: File name too long");
	ck_assert_uint_eq(strlen(error.text), BERTH_ERROR_TEXT - 1);
}
END_TEST

START_TEST(refuse_gives_no_reason)
{
	assert_fails(refuse(&error, EINVAL, "no %d", 7), EINVAL, "");
	ck_assert_str_eq(error.text, "no 7");
}
END_TEST

START_TEST(context_and_advice)
{
	(void)fail(&error, ENOSPC, "clone");
	advise(&error, "see %s", "limits");
	ck_assert_int_eq(in_context(&error, -ENOSPC, "step %d", 3), -ENOSPC);
	ck_assert_str_eq(error.text, "step 3: clone: No space left on device (see limits)");
	ck_assert_int_eq(error.code, ENOSPC);
}
END_TEST

START_TEST(arguments_may_be_the_old_text)
{
	(void)refuse(&error, EIO, "old");
	assert_fails(refuse(&error, EIO, "<%s>", error.text), EIO, "<old>");
	(void)in_context(&error, -EIO, "<%s>", error.text);
	ck_assert_str_eq(error.text, "<<old>>: <old>");
	advise(&error, "%s", error.text);
	ck_assert_str_eq(error.text, "<<old>>: <old> (<<old>>: <old>)");
}
END_TEST

/* A text that is too long loses its end, but no character is cut in two. */
START_TEST(long_text_is_cut_between_characters)
{
	static const char *const characters[] = { "a", "\xc3\xa9", "\xe2\x82\xac",
						  "\xf0\x9f\x9a\xa2" };

	for (size_t c = 0; c < 4; c++) {
		for (size_t shift = 0; shift < 4; shift++) {
			char text[2 * BERTH_ERROR_TEXT] = "";

			memset(text, 'x', shift);
			while (strlen(text) + 5 < sizeof(text))
				strcat(text, characters[c]);
			(void)refuse(&error, EIO, "%s", text);
			size_t length = strlen(error.text);
			ck_assert_uint_gt(length, BERTH_ERROR_TEXT - 5);
			ck_assert_uint_lt(length, BERTH_ERROR_TEXT);
			ck_assert_uint_eq((length - shift) % strlen(characters[c]), 0);
			ck_assert_int_eq(strncmp(error.text, text, length), 0);
			(void)in_context(&error, -EIO, "front");
			ck_assert_int_eq(strncmp(error.text, "front: ", 7), 0);
			ck_assert_uint_lt(strlen(error.text), BERTH_ERROR_TEXT);
			advise(&error, "nothing fits");
			ck_assert_uint_lt(strlen(error.text), BERTH_ERROR_TEXT);
		}
	}
}
END_TEST

UNIT_MAIN("error", fail_gives_reason, fail_knows_odd_numbers, long_names_do_not_hide_the_reason,
	  refuse_gives_no_reason, context_and_advice, arguments_may_be_the_old_text,
	  long_text_is_cut_between_characters)
