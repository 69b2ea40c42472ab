/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Word tables, UTF-8 and growing text. The texts may come from anywhere, hostile file systems
 * included.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { LONGEST_NEAR = 64 }; /* longer words are not looked at for a near miss */

bool word_find(const struct word *table, const char *word, int64_t *ret_value)
{
	for (; table->word; table++) {
		if (text_equal(table->word, word)) {
			*ret_value = table->value;
			return true;
		}
	}
	return false;
}

const char *word_of(const struct word *table, int64_t value)
{
	for (; table->word; table++) {
		if (table->value == value)
			return table->word;
	}
	return NULL;
}

static int fold(char c)
{
	return c == '-' ? '_' : tolower((unsigned char)c);
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* How many letters must be put in, taken out or changed to make one of the other. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[LONGEST_NEAR + 1], n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t change = diagonal + (fold(a[i - 1]) != fold(b[j - 1]));

			diagonal = row[j];
			row[j] = least(row[j] + 1, row[j - 1] + 1, change);
		}
	}
	return row[n];
}

/* Whether `word` is what stands behind a '_' of `full`: SYS_ADMIN for CAP_SYS_ADMIN. */
static bool lacks_prefix(const char *word, const char *full)
{
	size_t n = strlen(word), m = strlen(full);

	return n >= 3 && m > n && fold(full[m - n - 1]) == '_' &&
	       edit_distance(word, full + m - n) == 0;
}

const char *word_near(const struct word *table, const char *word)
{
	size_t length = strlen(word);
	size_t best = length <= 2    ? 1
		      : length <= 4  ? 2
		      : length <= 12 ? 3
				     : 4; /* the first too far */
	const char *found = NULL;

	if (length == 0 || length > LONGEST_NEAR)
		return NULL;
	for (; table->word; table++) {
		if (strlen(table->word) > LONGEST_NEAR)
			continue;
		size_t distance =
			lacks_prefix(word, table->word) ? 0 : edit_distance(word, table->word);
		if (distance < best) {
			best = distance;
			found = table->word;
		}
	}
	return found;
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

size_t text_sequence(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	if (s[0] < 0x80)
		return s[0] != '\0';
	size_t n = s[0] >= 0xc2 && s[0] < 0xe0   ? 2
		   : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
		   : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
						 : 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Too long forms, UTF-16's surrogates, and what lies above U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

bool text_control(const char *text)
{
	unsigned char c = (unsigned char)text[0];

	return c < 0x20 || c == 0x7f || (c == 0xc2 && ((unsigned char)text[1] & 0xe0) == 0x80);
}

bool text_printable(const char *text)
{
	while (*text) {
		size_t n = text_sequence(text);

		if (n == 0 || text_control(text))
			return false;
		text += n;
	}
	return true;
}

char *text_printf(const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	return n < 0 ? NULL : text;
}

static unsigned int is_leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

void text_time(time_t time, char ret[TEXT_TIME])
{
	static const unsigned int month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned int days = (unsigned int)(time / 86400), seconds = (unsigned int)(time % 86400);
	unsigned int year = 1970, month = 0;

	for (; days >= 365 + is_leap(year); year++)
		days -= 365 + is_leap(year);
	for (; days >= month_days[month] + (month == 1 && is_leap(year)); month++)
		days -= month_days[month] + (month == 1 && is_leap(year));
	(void)snprintf(ret, TEXT_TIME, "%04u-%02u-%02uT%02u:%02u:%02u", year, month + 1, days + 1,
		       seconds / 3600, seconds / 60 % 60, seconds % 60);
}
