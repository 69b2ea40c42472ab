/* SPDX-License-Identifier: Apache-2.0 */
#include "base/number.h"
#include "base/text.h"
#include "unit.h"

/* What no parser takes. */
static const char *const junk[] = { "",    " ",   "1 ",      " 1",
				    "+1",  "0x1", "1x",      "--1",
				    "1-",  "-",   "1.0",     "1e3",
				    "\t1", "1\n", "a",       "99999999999999999999999x",
				    "/",   ":",   "\xd9\xa1" };

START_TEST(junk_is_refused)
{
	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		uint64_t u64 = 77;
		int64_t i64 = 77;
		uint32_t u32 = 77;
		int number = 77;

		ck_assert_msg(parse_u64(junk[i], &u64) == -EINVAL && u64 == 77, "%s", junk[i]);
		ck_assert_msg(parse_i64(junk[i], &i64) == -EINVAL && i64 == 77, "%s", junk[i]);
		ck_assert_msg(parse_u32(junk[i], &u32) == -EINVAL && u32 == 77, "%s", junk[i]);
		ck_assert_msg(parse_int(junk[i], &number) == -EINVAL && number == 77, "%s",
			      junk[i]);
	}
}
END_TEST

START_TEST(limits_of_u64)
{
	uint64_t n = 1;

	ck_assert_int_eq(parse_u64("0", &n), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(parse_u64("18446744073709551615", &n), 0);
	ck_assert_uint_eq(n, UINT64_MAX);
	ck_assert_int_eq(parse_u64("007", &n), 0);
	ck_assert_uint_eq(n, 7);
	ck_assert_int_eq(parse_u64("18446744073709551616", &n), -ERANGE);
	ck_assert_int_eq(parse_u64("36893488147419103232", &n), -ERANGE);
	ck_assert_int_eq(parse_u64("184467440737095516150", &n), -ERANGE);
	ck_assert_int_eq(parse_u64("-1", &n), -EINVAL);
	ck_assert_int_eq(parse_u64("-0", &n), -EINVAL);
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(limits_of_i64)
{
	int64_t n = 1;

	ck_assert_int_eq(parse_i64("9223372036854775807", &n), 0);
	ck_assert_int_eq(n, INT64_MAX);
	ck_assert_int_eq(parse_i64("-9223372036854775808", &n), 0);
	ck_assert_int_eq(n, INT64_MIN);
	ck_assert_int_eq(parse_i64("-1", &n), 0);
	ck_assert_int_eq(n, -1);
	ck_assert_int_eq(parse_i64("9223372036854775808", &n), -ERANGE);
	ck_assert_int_eq(parse_i64("-9223372036854775809", &n), -ERANGE);
	ck_assert_int_eq(n, -1);
}
END_TEST

START_TEST(limits_of_the_small)
{
	uint32_t u32 = 1;
	int number = 1;

	ck_assert_int_eq(parse_u32("4294967295", &u32), 0);
	ck_assert_uint_eq(u32, UINT32_MAX);
	ck_assert_int_eq(parse_u32("4294967296", &u32), -ERANGE);
	ck_assert_int_eq(parse_int("2147483647", &number), 0);
	ck_assert_int_eq(number, 2147483647);
	ck_assert_int_eq(parse_int("2147483648", &number), -ERANGE);
	ck_assert_int_eq(parse_int("-1", &number), -EINVAL);
}
END_TEST

START_TEST(lists)
{
	unsigned char mask[2] = { 0xff, 0xff };

	ck_assert_int_eq(parse_list("0-3,7", mask, 2), 0);
	ck_assert_uint_eq(mask[0], 0x8f);
	ck_assert_uint_eq(mask[1], 0);
	ck_assert_int_eq(parse_list("15", mask, 2), 0);
	ck_assert_uint_eq(mask[0], 0);
	ck_assert_uint_eq(mask[1], 0x80);
	ck_assert_int_eq(parse_list("7-8,7,0-0", mask, 2), 0);
	ck_assert_uint_eq(mask[0], 0x81);
	ck_assert_uint_eq(mask[1], 0x01);
	ck_assert_int_eq(parse_list(" 0-1 , 3, 8 ", mask, 2), 0);
	ck_assert_uint_eq(mask[0], 0x0b);
	ck_assert_uint_eq(mask[1], 0x01);
}
END_TEST

START_TEST(bad_lists)
{
	static const char *const bad[] = { "",    " ",    "1, ",     ",1",  "1, ,2", "1-",
					   "-1",  ",",    "1,",      "1 2", "3-1",   "1-2-3",
					   "all", "1 -2", "0-3:1/2", "1;2", "1\n",   "1,,2" };
	static const char *const large[] = { "16", "0-16", "0-99999999999999999999",
					     "18446744073709551615", "1,16" };
	unsigned char mask[2] = { 0x5a, 0xa5 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		ck_assert_msg(parse_list(bad[i], mask, 2) == -EINVAL, "\"%s\"", bad[i]);
	for (size_t i = 0; i < ARRAY_SIZE(large); i++)
		ck_assert_msg(parse_list(large[i], mask, 2) == -ERANGE, "\"%s\"", large[i]);
	ck_assert_int_eq(parse_list("0", mask, 0), -ERANGE);
	ck_assert_uint_eq(mask[0], 0x5a);
	ck_assert_uint_eq(mask[1], 0xa5);
}
END_TEST

UNIT_MAIN("number", junk_is_refused, limits_of_u64, limits_of_i64, limits_of_the_small, lists,
	  bad_lists)
