/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small things about strings: word tables and growing text.
 *
 * A word table is the one place where the words of a specification meet the values of the kernel.
 * The same table decodes, lists what is supported (berth features), prints (berth state) and finds
 * the nearest word for "did you mean".
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

struct word {
	const char *word; /* NULL ends a table */
	int64_t value;
};

/* Whether the word is in the table; sets *ret_value if so. */
bool word_find(const struct word *table, const char *word, int64_t *ret_value);
/* The first word of that value, or NULL. */
const char *word_of(const struct word *table, int64_t value);
/* The word that was probably meant (small edit distance, case and "-"/"_" folded), or NULL. */
const char *word_near(const struct word *table, const char *word);

static inline bool text_equal(const char *a, const char *b)
{
	return __builtin_strcmp(a, b) == 0;
}
bool text_starts(const char *text, const char *prefix);
/* Whether it is printable without surprises: valid UTF-8, no control characters. */
bool text_printable(const char *text);
/* The length of the valid UTF-8 sequence that the text begins with, 0 where there is none (or at
 * its end). */
size_t text_sequence(const char *text);
/* Whether the text begins with a control character (C0, DEL, or C1 in UTF-8). */
bool text_control(const char *text);
enum { TEXT_TIME = 48 };
/* "2026-01-31T23:59:59", in UTC. gmtime(3) would read /etc/localtime first. */
void text_time(time_t time, char ret[TEXT_TIME]);
/* printf into malloc'd memory; NULL without memory. */
char *text_printf(const char *fmt, ...) printf_like(1, 2) must_check;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
