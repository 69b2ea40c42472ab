/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict parsing of numbers from untrusted text.
 */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads the digits at *text, at least one, and moves past them. */
static int scan_digits(const char **text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	bool fits = true;
	const char *s = *text;

	if (!is_digit(*s))
		return -EINVAL;
	for (; is_digit(*s); s++) {
		if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value))
			fits = false;
	}
	*text = s;
	if (!fits || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

static int parse_digits(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;
	int r = scan_digits(&text, max, &value);

	if (*text != '\0')
		return -EINVAL;
	if (r < 0)
		return r;
	*ret = value;
	return 0;
}

int parse_u64(const char *text, uint64_t *ret)
{
	return parse_digits(text, UINT64_MAX, ret);
}

int parse_i64(const char *text, int64_t *ret)
{
	bool negative = text[0] == '-';
	uint64_t value = 0;
	int r = parse_digits(text + negative, (uint64_t)INT64_MAX + negative, &value);

	if (r < 0)
		return r;
	*ret = negative ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

int parse_u32(const char *text, uint32_t *ret)
{
	uint64_t value = 0;
	int r = parse_digits(text, UINT32_MAX, &value);

	if (r < 0)
		return r;
	*ret = (uint32_t)value;
	return 0;
}

int parse_int(const char *text, int *ret)
{
	uint64_t value = 0;
	int r = parse_digits(text, INT_MAX, &value);

	if (r < 0)
		return r;
	*ret = (int)value;
	return 0;
}

static void skip_spaces(const char **text)
{
	*text += strspn(*text, " ");
}

/* One item, "7" or "0-3", and the comma behind it if another follows. */
static int scan_range(const char **text, uint64_t max, uint64_t *ret_first, uint64_t *ret_last)
{
	int r;

	skip_spaces(text);
	r = scan_digits(text, max, ret_first);
	if (r < 0)
		return r;
	*ret_last = *ret_first;
	if (**text == '-') {
		(*text)++;
		r = scan_digits(text, max, ret_last);
		if (r < 0)
			return r;
		if (*ret_last < *ret_first)
			return -EINVAL;
	}
	skip_spaces(text);
	if (**text == '\0')
		return 0;
	if (**text != ',' || (*text)[1] == '\0')
		return -EINVAL;
	(*text)++;
	return 0;
}

int parse_list(const char *text, unsigned char *ret_mask, size_t bytes)
{
	uint64_t first = 0, last = 0;

	if (bytes == 0)
		return -ERANGE;
	/* Twice: nothing is set before all of it is known to be good. */
	const char *s = text;
	do {
		int r = scan_range(&s, bytes * CHAR_BIT - 1, &first, &last);
		if (r < 0)
			return r;
	} while (*s);

	for (size_t i = 0; i < bytes; i++)
		ret_mask[i] = 0;
	s = text;
	do {
		int r = scan_range(&s, bytes * CHAR_BIT - 1, &first, &last);
		if (r < 0)
			return r;
		for (uint64_t bit = first; bit <= last; bit++)
			ret_mask[bit / CHAR_BIT] |= (unsigned char)(1U << (bit % CHAR_BIT));
	} while (*s);
	return 0;
}
