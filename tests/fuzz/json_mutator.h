/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutations that keep a JSON text a JSON text, most of the time, so that the fuzzer gets past the
 * parser: values and members are exchanged, copied, left out, or replaced by one that a decoder has
 * to think about. For the targets whose input is a document.
 */
#ifndef JSON_MUTATOR_H
#define JSON_MUTATOR_H

#include <stdbool.h>

#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* A value, with its key if it is a member of an object. */
struct json_span {
	size_t key, value, end; /* key is value where there is none */
};

enum { SPANS_MAX = 1024, DEPTH_MAX = 64 };

struct json_spans {
	size_t n;
	struct json_span v[SPANS_MAX];
};

static const char *const thorny_values[] = {
	"null",
	"true",
	"0",
	"-0",
	"-1",
	"1e3",
	"1.5",
	"65536",
	"4294967295",
	"4294967296",
	"9223372036854775807",
	"-9223372036854775808",
	"18446744073709551615",
	"18446744073709551616",
	"\"\"",
	"\"/\"",
	"\"..\"",
	"\"\\u0000\"",
	"\"\\ud800\"",
	"\"\\n\"",
	"\"\xc3\xa9\"",
	"[]",
	"{}",
	"[[]]",
	"[null]",
	"{\"\":null}",
};

/* The end of the string that begins at `at`. */
static inline size_t json_string_end(const uint8_t *text, size_t size, size_t at)
{
	for (at++; at < size && text[at] != '"'; at++)
		at += text[at] == '\\';
	return at < size ? at + 1 : size;
}

/* Finds all values, the inner ones before those around them. What is no JSON is passed over. */
static inline void json_find_values(const uint8_t *text, size_t size, struct json_spans *ret)
{
	struct json_span open[DEPTH_MAX];
	size_t depth = 0, key = SIZE_MAX, at = 0;

	ret->n = 0;
	while (at < size && ret->n < SPANS_MAX) {
		struct json_span s = { key == SIZE_MAX ? at : key, at, at + 1 };

		if (strchr(" \t\r\n,:", text[at]) && text[at]) {
			at++;
			continue;
		}
		key = SIZE_MAX;
		if ((text[at] == '{' || text[at] == '[') && depth < DEPTH_MAX) {
			open[depth++] = s;
		} else if ((text[at] == '}' || text[at] == ']') && depth > 0) {
			s = open[--depth];
			s.end = at + 1;
			ret->v[ret->n++] = s;
		} else if (text[at] == '"') {
			size_t after = s.end = json_string_end(text, size, at);

			while (after < size && text[after] && strchr(" \t\r\n", text[after]))
				after++;
			if (after < size && text[after] == ':')
				key = at;
			else
				ret->v[ret->n++] = s;
		} else {
			while (s.end < size &&
			       !(text[s.end] && strchr(",:]}\"[{ \t\r\n", text[s.end])))
				s.end++;
			ret->v[ret->n++] = s;
		}
		at = s.end;
	}
}

/* Puts `insert` in the place of text[from..to); the old size where it does not fit. */
static inline size_t json_splice(uint8_t *text, size_t size, size_t max_size, size_t from,
				 size_t to, const uint8_t *insert, size_t length)
{
	if (size - (to - from) + length > max_size)
		return size;
	memmove(text + from + length, text + to, size - to);
	memcpy(text + from, insert, length);
	return size - (to - from) + length;
}

/* Leaves the value out, with its key and one comma beside it. */
static inline size_t json_leave_out(uint8_t *text, size_t size, const struct json_span *s)
{
	size_t from = s->key, to = s->end;

	if (to < size && text[to] == ',')
		to++;
	else if (from > 0 && text[from - 1] == ',')
		from--;
	return json_splice(text, size, size, from, to, text, 0);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static struct json_spans spans;
	static uint8_t copy[1 << 16];
	const struct json_span *a, *b;
	const char *thorn = thorny_values[(seed >> 8) % (sizeof(thorny_values) / sizeof(char *))];
	size_t length;

	json_find_values(data, size, &spans);
	if (spans.n == 0 || seed % 8 == 7)
		return LLVMFuzzerMutate(data, size, max_size);
	a = &spans.v[(seed >> 3) % spans.n];
	b = &spans.v[(seed >> 13) % spans.n];
	switch (seed % 8) {
	case 0:
	case 1: /* another value of the document */
		length = b->end - b->value;
		memcpy(copy, data + b->value, length < sizeof(copy) ? length : 0);
		return json_splice(data, size, max_size, a->value, a->end, copy,
				   length < sizeof(copy) ? length : 0);
	case 2:
	case 3:
		return json_splice(data, size, max_size, a->value, a->end, (const uint8_t *)thorn,
				   strlen(thorn));
	case 4:
		return json_leave_out(data, size, a);
	case 5: /* once more, or beside a stranger */
		length = b->end - b->key + 1;
		if (length >= sizeof(copy))
			return size;
		memcpy(copy, data + b->key, length - 1);
		copy[length - 1] = ',';
		return json_splice(data, size, max_size, a->key, a->key, copy, length);
	default: /* the bytes of one value */
		length = a->end - a->value;
		if (length >= sizeof(copy) / 2)
			return size;
		memcpy(copy, data + a->value, length);
		length = LLVMFuzzerMutate(copy, length, length + 16);
		return json_splice(data, size, max_size, a->value, a->end, copy, length);
	}
}

#endif
